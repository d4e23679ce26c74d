package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// watching is one noun that a caller watches.
type watching[V, E any] struct {
	rows  feed.Interest
	views func(ctx context.Context, a access.Actor, ids []string) (map[string]*V, error)
	// dress gives an event of a row the form of the API; of one that left there is no view.
	dress func(feed.Event, *V) E
}

// watch subscribes the caller to rows of one noun, each shown as it stands when its event
// is read: what was hidden since is passed over, and that it left is still to come.
func watch[V, E any](ctx context.Context, r *Resolver, m feed.Member, w watching[V, E]) (<-chan E, error) {
	m.Nouns = []feed.Interest{w.rows}
	return subscribe(ctx, r, m, true, func(ctx context.Context, a access.Actor, ev feed.Event) (out E, err error) {
		if ev.Kind == feed.Left {
			return w.dress(ev, nil), nil
		}
		views, err := w.views(ctx, a, []string{ev.ID})
		if v := views[ev.ID]; v != nil {
			out = w.dress(ev, v)
		}
		return out, err
	})
}

func (r *Resolver) proposalFeed(ctx context.Context, organisationID, after *string) (<-chan graph.ProposalFeedEvent, error) {
	rows := feed.Protected(matching.Noun)
	if organisationID != nil {
		if err := usecase.ID(*organisationID, "org", "organisationId"); err != nil {
			return nil, err
		}
		rows.Where = store.Is("owner", *organisationID)
	}
	m, err := r.member(ctx, after)
	if err != nil {
		return nil, err
	}
	return watch(ctx, r, m, watching[matching.View, graph.ProposalFeedEvent]{rows, r.P.Matching.Views, func(ev feed.Event, v *matching.View) graph.ProposalFeedEvent {
		if v == nil {
			return graph.ProposalLeft{Cursor: ev.Cursor, MatchProposalID: ev.ID}
		}
		e := graph.ProposalChanged{Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.At, MatchProposal: v}
		if ev.Kind == feed.Entered {
			return graph.ProposalEntered(e)
		}
		return e
	}})
}

func (r *Resolver) capacityChanges(ctx context.Context, kinds []resource.Kind, divisions []string, after *string) (<-chan graph.CapacityEvent, error) {
	rows := feed.Protected(resource.Noun)
	var err error
	if rows.Where, err = resource.Following(kinds, divisions); err != nil {
		return nil, err
	}
	m, err := r.member(ctx, after)
	if err != nil {
		return nil, err
	}
	return watch(ctx, r, m, watching[resource.View, graph.CapacityEvent]{rows, r.P.Resources.Views, func(ev feed.Event, v *resource.View) graph.CapacityEvent {
		if v == nil {
			return graph.CapacityLeft{Cursor: ev.Cursor, CharityResourceID: ev.ID}
		}
		e := graph.CapacityChanged{Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.At, CharityResource: v}
		if ev.Kind == feed.Entered {
			return graph.CapacityEntered(e)
		}
		return e
	}})
}

// assignmentFeed is of the caller as the volunteers that it is: FORBIDDEN for who is none.
func (r *Resolver) assignmentFeed(ctx context.Context, after *string) (<-chan graph.AssignmentFeedEvent, error) {
	m, err := r.member(ctx, after)
	if err != nil {
		return nil, err
	}
	var own []store.Filter
	for _, id := range m.Actor.Scopes(access.Volunteer) {
		own = append(own, store.Holds("parties", access.PartySelf.Of(id)))
	}
	if len(own) == 0 {
		return nil, fault.New(fault.CodeForbidden)
	}
	rows := feed.Protected(assignment.Noun)
	rows.Where = store.Either(own...)
	return watch(ctx, r, m, watching[assignment.View, graph.AssignmentFeedEvent]{rows, r.P.Assignments.Views, func(ev feed.Event, v *assignment.View) graph.AssignmentFeedEvent {
		if v == nil {
			return graph.AssignmentLeft{Cursor: ev.Cursor, AssignmentID: ev.ID}
		}
		e := graph.AssignmentChanged{Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.At, Assignment: v}
		if ev.Kind == feed.Entered {
			return graph.AssignmentEntered(e)
		}
		return e
	}})
}
