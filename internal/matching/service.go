package matching

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Service is the use cases of proposals.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[Proposal]
	requests      *request.Service
	resources     *resource.Service
	organisations *organisation.Service
	allocations   *allocation.Service
	volunteers    *volunteer.Service
	divisions     *division.Service
	policies      *policy.Service
	stations      *station.Service
	helpers       Helpers
}

// Nouns are the services that matching reads.
type Nouns struct {
	Requests      *request.Service
	Resources     *resource.Service
	Organisations *organisation.Service
	Allocations   *allocation.Service
	Volunteers    *volunteer.Service
	Divisions     *division.Service
	Policies      *policy.Service
	Stations      *station.Service
}

// New registers the noun; call it before the store starts, and Assist before the first
// question for volunteers.
func New(core *usecase.Core, n Nouns) *Service {
	s := &Service{
		core: core, rows: store.Register(core.DB, spec()),
		requests: n.Requests, resources: n.Resources, organisations: n.Organisations, allocations: n.Allocations, volunteers: n.Volunteers, divisions: n.Divisions, policies: n.Policies, stations: n.Stations,
	}
	n.Requests.Attach(s)
	n.Resources.OnWithdraw(s.withdrawn)
	return s
}

// Assist says who knows what volunteers have promised. Call it while wiring.
func (s *Service) Assist(h Helpers) { s.helpers = h }

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Proposal] { return s.rows }

// side is the side on which an actor stands towards a request and a resource:
// FORBIDDEN for neither.
func (s *Service) side(a access.Actor, r *request.Request, owner string) (Side, error) {
	rel := s.requests.Sight(a).Relations(&r.Header)
	switch {
	case a.IsSystem():
		return Station, nil
	case rel.Has(access.ToProtected), !r.Guarded() && rel.Has(access.ToStation):
		return Station, nil
	case a.Is(access.Partner, owner):
		return Owner, nil
	case r.Guarded() && rel.Has(access.ToStation):
		return "", fault.New(fault.CodeOfficerRequired)
	}
	return "", fault.New(fault.CodeForbidden)
}

// of reads the open proposals of a request inside a unit, guarded against new ones.
func (s *Service) of(ctx context.Context, requestID string) ([]*Proposal, error) {
	var out []*Proposal
	q := store.Query{Where: store.Is("request", requestID), Sort: "created", Guard: store.GuardName("proposal", requestID)}
	err := s.rows.Each(ctx, q, func(found *Proposal) error {
		if found.State() != Proposed {
			return nil
		}
		p, err := s.rows.Get(ctx, found.ID)
		if err == nil && p.State() == Proposed {
			out = append(out, p)
		}
		return err
	})
	return out, err
}

// answered ends the asked owner's sight of a request unless another proposal or a claim
// of theirs is still open there.
func (s *Service) answered(ctx context.Context, r *request.Request, gone *Proposal) error {
	if r.ClaimedBy(gone.Owner) {
		return nil
	}
	left, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, p := range left {
		if p.ID != gone.ID && p.Owner == gone.Owner {
			return nil
		}
	}
	r.Header.Unrelate(access.PartyAsked, gone.Owner)
	return nil
}

// Asked reports, inside a unit, whether an owner has an open proposal on a request.
func (s *Service) Asked(ctx context.Context, requestID, owner string) (bool, error) {
	open, err := s.of(ctx, requestID)
	return slices.ContainsFunc(open, func(p *Proposal) bool { return p.Owner == owner }), err
}

// Release supersedes the open proposals of a request that ends, or of one line.
func (s *Service) Release(ctx context.Context, a access.Actor, r *request.Request, lineID, reason string) error {
	return s.supersede(ctx, a, r, s.core.Time(), reason, func(p *Proposal) bool { return lineID == "" || p.Line == lineID })
}

// Dismiss supersedes the open proposals of these owners.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, r *request.Request, ids []string, reason string) (kind string, err error) {
	err = s.supersede(ctx, a, r, s.core.Time(), reason, func(p *Proposal) bool {
		theirs := slices.Contains(ids, p.Owner)
		if theirs {
			kind = "request.answered"
		}
		return theirs
	})
	return kind, err
}

func (s *Service) supersede(ctx context.Context, a access.Actor, r *request.Request, now time.Time, reason string, which func(*Proposal) bool) error {
	open, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, p := range open {
		if !which(p) {
			continue
		}
		p.overtake(reason, now)
		if err := s.rows.Replace(ctx, p, usecase.Note(a, "proposal.superseded", r.ID, reason)); err != nil {
			return err
		}
		if err := s.answered(ctx, r, p); err != nil {
			return err
		}
	}
	return nil
}

// withdrawn supersedes the open proposals of a resource that is withdrawn, or whose
// owner is stopped, in its unit.
func (s *Service) withdrawn(ctx context.Context, resourceID, reason string, a access.Actor) error {
	return s.overtake(ctx, a, store.Query{Where: store.Is("resource", resourceID), Sort: "created", Guard: store.GuardName("proposal", resourceID)}, reason)
}

// overtake supersedes the open proposals of a query, for a reason of RELEASE_REASON.
func (s *Service) overtake(ctx context.Context, a access.Actor, which store.Query, reason string) error {
	now := s.core.Time()
	return s.rows.Each(ctx, which, func(found *Proposal) error {
		if found.State() != Proposed {
			return nil
		}
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil || p.State() != Proposed {
			return err
		}
		p.overtake(reason, now)
		return s.leave(ctx, a, p, "proposal.superseded", reason)
	})
}

// Idle has nothing to say: a proposal is never under way.
func (s *Service) Idle(context.Context, *request.Request) error { return nil }

// Settle has nothing to do: a closed request has no open proposals that matter.
func (s *Service) Settle(ctx context.Context, a access.Actor, r *request.Request) error {
	return s.Release(ctx, a, r, "", "REQUEST_ENDED")
}

// Rehead copies a changed header of the request to its proposals.
func (s *Service) Rehead(ctx context.Context, a access.Actor, r *request.Request) error {
	q := store.Query{Where: store.Is("request", r.ID), Sort: "created", Guard: store.GuardName("proposal", r.ID)}
	return s.rows.Each(ctx, q, func(found *Proposal) error {
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		was := p.Header
		p.head(r)
		return usecase.Relate(ctx, s.rows, p, &p.Header, &was, usecase.Note(a, "proposal.related", r.ID, ""))
	})
}

// Parts answers none: a proposal alone is no participation.
func (s *Service) Parts(context.Context, *request.Request) ([]request.Participation, error) {
	return nil, nil
}

// OpenOf counts the proposals of a resource or an owner that wait for an answer, inside a
// unit guarded against new ones; field names which.
func (s *Service) OpenOf(ctx context.Context, field, id string) (int, error) {
	where := store.Both(store.Is(field, id), store.Is("state", string(Proposed)))
	return usecase.Count(ctx, s.rows, store.Query{Where: where, Sort: "created", Guard: store.GuardName("proposal", id)})
}
