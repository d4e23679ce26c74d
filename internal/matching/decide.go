package matching

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// AcceptInput is a proposal to accept.
type AcceptInput struct {
	MatchProposalID string
	HoldFor         *time.Duration
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Accept accepts a proposal by the side that was asked: the quantity is held from
// now for a time, in one unit, so that the same stock is never given twice. Open
// proposals for the line that can no longer be met are superseded. LINE_COVERED when the
// line misses less than was proposed, TRANSITION_NOT_ALLOWED when the request no longer
// waits for matches, ORGANISATION_NOT_ADMITTED when the owner may not take part any more.
func (s *Service) Accept(ctx context.Context, a access.Actor, in AcceptInput) (*View, *allocation.View, error) {
	lasts, err := life(in.HoldFor, holdLife, "holdFor")
	if err != nil {
		return nil, nil, err
	}
	alc := s.core.DB.NewID("alc")
	v, err := s.answer(ctx, a, Accept, in.MatchProposalID, in.ExpectedVersion, in.IdempotencyKey, in,
		func(ctx context.Context, p *Proposal, r *request.Request, now time.Time) error {
			if err := p.decide(Accepted, now); err != nil {
				return err
			}
			return s.take(ctx, a, p, r, alc, now.Add(lasts), now)
		})
	if err != nil {
		return nil, nil, err
	}
	return v, v.Allocation, nil
}

// take holds the stock and carries the promise into the request. The resource is
// the hot row: everything that needs a search is done before it is read, so that
// others who take from it are kept waiting as short as can be.
func (s *Service) take(ctx context.Context, a access.Actor, p *Proposal, r *request.Request, alc string, until, now time.Time) error {
	line := r.Line(p.Line)
	if slices.Contains(r.Header.Barred, p.Owner) { // no more is told than that the pair does not fit
		return unfit("ELIGIBILITY", "matchProposalId")
	}
	if !r.State().Allows(request.StepPropose) {
		return fault.New(fault.CodeTransition, fault.At("input", "matchProposalId"), fault.P("from", r.Header.State), fault.P("allowed", []string{string(Decline), string(Withdraw)}))
	}
	missing := int64(0)
	if line != nil {
		missing = line.Missing(now)
	}
	if p.Quantity.Value > missing {
		return request.Covered(missing, p.Quantity.Value, "input", "matchProposalId")
	}
	owner, err := s.organisations.Load(ctx, p.Owner) // asserted at the commit, as it stands here
	if err != nil {
		return err
	}
	if err := owner.CanTakePart(); err != nil {
		return fault.Under(err, "input", "matchProposalId")
	}
	if err := s.answered(ctx, r, p); err != nil {
		return err
	}
	left := missing - p.Quantity.Value
	err = s.supersede(ctx, a, r, now, "", func(o *Proposal) bool { return o.ID != p.ID && o.Line == p.Line && o.Quantity.Value > left })
	if err != nil {
		return err
	}
	res, err := s.resources.Load(ctx, p.Resource)
	if err != nil {
		return err
	}
	take := allocation.Take{Line: p.Line, Proposal: p.ID, Quantity: p.Quantity, Window: p.Window, At: begins(p.Window, line.WindowOr(r), now), Until: until}
	l, event, err := s.allocations.Hold(ctx, a, alc, r, res, take, now)
	if err != nil {
		return err
	}
	p.Allocation = l.ID
	if err := s.rows.Replace(ctx, p, usecase.Note(a, "proposal.accepted", r.ID, "")); err != nil {
		return err
	}
	r.Header.Relate(access.PartySupply, p.Owner)
	return s.requests.Keep(ctx, a, r, event, "request.covered", "")
}

// EndInput declines or withdraws a proposal.
type EndInput struct {
	MatchProposalID string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Decline says no, by the side that was asked.
func (s *Service) Decline(ctx context.Context, a access.Actor, in EndInput) (*View, []usecase.Notice, error) {
	return s.end(ctx, a, in, Decline, Declined, codes.MatchDeclineReason, "proposal.declined")
}

// Withdraw takes a proposal back, by the side that made it.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, in EndInput) (*View, []usecase.Notice, error) {
	return s.end(ctx, a, in, Withdraw, Withdrawn, codes.ReleaseReason, "proposal.withdrawn")
}

func (s *Service) end(ctx context.Context, a access.Actor, in EndInput, step Step, to State, list codes.List, kind string) (*View, []usecase.Notice, error) {
	if err := usecase.InList(list, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.answer(ctx, a, step, in.MatchProposalID, in.ExpectedVersion, in.IdempotencyKey, in,
		func(ctx context.Context, p *Proposal, _ *request.Request, now time.Time) error {
			if err := p.decide(to, now); err != nil {
				return err
			}
			p.Reason, p.ReasonList = in.Reason, string(list)
			return s.leave(ctx, a, p, kind, in.Reason)
		})
	return v, nil, err
}

// answer runs a step on a proposal: load → side → version → rule, in one unit.
func (s *Service) answer(ctx context.Context, a access.Actor, step Step, id string, expected int64, key *string, input any, rule func(context.Context, *Proposal, *request.Request, time.Time) error) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(id, "mat", "input", "matchProposalId"); err != nil {
		return nil, err
	}
	found, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "proposal."+string(step), usecase.Or(key, ""), input, func(ctx context.Context) ([]string, error) {
		// The request first: what has decided it meanwhile then shows in the proposal, and
		// who comes second hears ALREADY_DECIDED, not what the winner left of the line.
		r, err := s.requests.Load(ctx, found.Request)
		if err != nil {
			return nil, err
		}
		p, err := s.rows.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := s.may(a, p, r, step); err != nil {
			return nil, err
		}
		if p.Now(now) == Proposed { // a decided one says so, whatever the version
			if err := s.rows.Expect(p, expected); err != nil {
				return nil, err
			}
		}
		return []string{p.ID}, rule(ctx, p, r, now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// may: the side that was asked answers, the side that proposed withdraws.
func (s *Service) may(a access.Actor, p *Proposal, r *request.Request, step Step) error {
	if access.See(a, Noun).Of(&p.Header) == access.Hidden {
		return fault.New(fault.CodeNotFound)
	}
	side, err := s.side(a, r, p.Owner)
	if err != nil {
		return err
	}
	if (side == p.Side) != (step == Withdraw) {
		return fault.New(fault.CodeForbidden)
	}
	return nil
}
