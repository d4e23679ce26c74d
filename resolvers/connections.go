package resolvers

import (
	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

func accounts(p usecase.Page[*account.View]) *graph.AccountConnection {
	return &graph.AccountConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *account.View) graph.AccountEdge { return graph.AccountEdge{Cursor: c, Node: n} }),
	}
}

func allocations(p usecase.Page[*allocation.View]) *graph.AllocationConnection {
	return &graph.AllocationConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *allocation.View) graph.AllocationEdge {
			return graph.AllocationEdge{Cursor: c, Node: n}
		}),
	}
}

func assignments(p usecase.Page[*assignment.View]) *graph.AssignmentConnection {
	return &graph.AssignmentConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *assignment.View) graph.AssignmentEdge {
			return graph.AssignmentEdge{Cursor: c, Node: n}
		}),
	}
}

func attempts(p usecase.Page[*account.AttemptView]) *graph.SignInAttemptConnection {
	return &graph.SignInAttemptConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *account.AttemptView) graph.SignInAttemptEdge {
			return graph.SignInAttemptEdge{Cursor: c, Node: n}
		}),
	}
}

func openSessions(p usecase.Page[*account.OpenSessionView]) *graph.OpenSessionConnection {
	return &graph.OpenSessionConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *account.OpenSessionView) graph.OpenSessionEdge {
			return graph.OpenSessionEdge{Cursor: c, Node: n}
		}),
	}
}

func claims(p usecase.Page[*claim.View]) *graph.ClaimConnection {
	return &graph.ClaimConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *claim.View) graph.ClaimEdge { return graph.ClaimEdge{Cursor: c, Node: n} }),
	}
}

func communities(p usecase.Page[*community.View]) *graph.CommunityConnection {
	return &graph.CommunityConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: measured(p, func(c string, n *community.View, m *int) graph.CommunityEdge {
			return graph.CommunityEdge{Cursor: c, Node: n, DistanceMetres: m}
		}),
	}
}

func divisions(p usecase.Page[*division.View]) *graph.DivisionConnection {
	return &graph.DivisionConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *division.View) graph.DivisionEdge { return graph.DivisionEdge{Cursor: c, Node: n} }),
	}
}

func matchProposals(p usecase.Page[*matching.View]) *graph.MatchProposalConnection {
	return &graph.MatchProposalConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *matching.View) graph.MatchProposalEdge {
			return graph.MatchProposalEdge{Cursor: c, Node: n}
		}),
	}
}

func organisations(p usecase.Page[*organisation.View]) *graph.OrganisationConnection {
	return &graph.OrganisationConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *organisation.View) graph.OrganisationEdge {
			return graph.OrganisationEdge{Cursor: c, Node: n}
		}),
	}
}

func policies(p usecase.Page[*policy.View]) *graph.MatchingPolicyConnection {
	return &graph.MatchingPolicyConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *policy.View) graph.MatchingPolicyEdge {
			return graph.MatchingPolicyEdge{Cursor: c, Node: n}
		}),
	}
}

func offers(p usecase.Page[*offer.View]) *graph.OfferConnection {
	return &graph.OfferConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *offer.View) graph.OfferEdge { return graph.OfferEdge{Cursor: c, Node: n} }),
	}
}

func posts(p usecase.Page[*post.View]) *graph.PostConnection {
	return &graph.PostConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *post.View) graph.PostEdge { return graph.PostEdge{Cursor: c, Node: n} }),
	}
}

func recipients(p usecase.Page[*recipient.View]) *graph.RecipientConnection {
	return &graph.RecipientConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *recipient.View) graph.RecipientEdge { return graph.RecipientEdge{Cursor: c, Node: n} }),
	}
}

func charityResources(p usecase.Page[*resource.View]) *graph.CharityResourceConnection {
	return &graph.CharityResourceConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: measured(p, func(c string, n *resource.View, m *int) graph.CharityResourceEdge {
			return graph.CharityResourceEdge{Cursor: c, Node: n, DistanceMetres: m}
		}),
	}
}

func socialWorkers(p usecase.Page[*socialworker.View]) *graph.SocialWorkerConnection {
	return &graph.SocialWorkerConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *socialworker.View) graph.SocialWorkerEdge {
			return graph.SocialWorkerEdge{Cursor: c, Node: n}
		}),
	}
}

func stations(p usecase.Page[*station.View]) *graph.StationConnection {
	return &graph.StationConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: measured(p, func(c string, n *station.View, m *int) graph.StationEdge {
			return graph.StationEdge{Cursor: c, Node: n, DistanceMetres: m}
		}),
	}
}

func teams(p usecase.Page[*team.View]) *graph.VolunteerTeamConnection {
	return &graph.VolunteerTeamConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: edges(p, func(c string, n *team.View) graph.VolunteerTeamEdge {
			return graph.VolunteerTeamEdge{Cursor: c, Node: n}
		}),
	}
}

func volunteers(p usecase.Page[*volunteer.View]) *graph.VolunteerConnection {
	return &graph.VolunteerConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total,
		Edges: measured(p, func(c string, n *volunteer.View, m *int) graph.VolunteerEdge {
			return graph.VolunteerEdge{Cursor: c, Node: n, DistanceMetres: m}
		}),
	}
}

func requests(p usecase.Page[*request.View], feedCursor string) *graph.ServiceRequestConnection {
	return &graph.ServiceRequestConnection{
		Nodes: nodes(p), PageInfo: info(p), TotalCount: p.Total, FeedCursor: feedCursor,
		Edges: edges(p, func(c string, n *request.View) graph.ServiceRequestEdge {
			return graph.ServiceRequestEdge{Cursor: c, Node: n}
		}),
	}
}
