package matching

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Times of a proposal and of the hold that acceptance makes.
const (
	proposalLife = 48 * time.Hour
	holdLife     = 24 * time.Hour
	maxLife      = 7 * 24 * time.Hour
)

// ProposeInput is a proposal to make.
type ProposeInput struct {
	NeedLineID        string
	CharityResourceID string
	Quantity          measure.Quantity
	Window            *measure.Window
	Note              *string
	Lasts             *time.Duration
	WithinNeed        bool    // refuse more than what is neither promised nor proposed: LINE_COVERED
	IdempotencyKey    *string `json:"-"`
	Turn              string  `json:"-"` // "<offer>/<day>": the platform proposes by this word of the owner's
}

// Propose puts a resource to a need line of a request in matching. The station
// (a protection officer for guarded requests) asks the owner, or the owner offers
// to the station. The policy's hard rules must hold; its reasons are kept.
func (s *Service) Propose(ctx context.Context, a access.Actor, in ProposeInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	note, notices, lasts, err := in.check()
	if err != nil {
		return nil, nil, err
	}
	now, id := s.core.Time(), s.core.DB.NewID("mat")
	ids, err := s.core.Run(ctx, a, "proposal.PROPOSE", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{id}, s.propose(ctx, a, id, in, note, now.Add(lasts), now)
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}

// propose makes a proposal of an input that was checked, inside a unit.
func (s *Service) propose(ctx context.Context, a access.Actor, id string, in ProposeInput, note string, expires, now time.Time) error {
	r, line, err := s.requests.LoadLine(ctx, in.NeedLineID)
	if err != nil {
		return fault.Under(err)
	}
	if err := s.requests.May(a, r, request.StepPropose); err != nil {
		return err
	}
	p, err := s.weigh(ctx, a, in, r, line, now)
	if err != nil {
		return err
	}
	p.ID, p.Private.Note, p.ExpiresAt, p.Turn = id, note, expires, in.Turn
	return s.put(ctx, a, p, r)
}

func (in ProposeInput) check() (note string, notices []usecase.Notice, lasts time.Duration, err error) {
	if err := usecase.ID(in.CharityResourceID, "res", "input", "charityResourceId"); err != nil {
		return "", nil, 0, err
	}
	if err := in.Quantity.Check("input", "quantity"); err != nil {
		return "", nil, 0, err
	}
	if in.Window != nil {
		if err := in.Window.Check("input", "window"); err != nil {
			return "", nil, 0, err
		}
	}
	if lasts, err = life(in.Lasts, proposalLife, "lasts"); err != nil {
		return "", nil, 0, err
	}
	note, notices, err = usecase.FreeText(usecase.Or(in.Note, ""), 500, false, "input", "note")
	return note, notices, lasts, err
}

// life is a duration asked for, within bounds, or the default.
func life(asked *time.Duration, standard time.Duration, field string) (time.Duration, error) {
	if asked == nil {
		return standard, nil
	}
	if *asked < time.Minute || *asked > maxLife {
		return 0, fault.New(fault.CodeOutOfRange, fault.At("input", field), fault.P("min", "PT1M"), fault.P("max", "P7D"))
	}
	return *asked, nil
}

// weigh finds the resource, its owner and the side, and lets the policy judge.
func (s *Service) weigh(ctx context.Context, a access.Actor, in ProposeInput, r *request.Request, line *request.Line, now time.Time) (*Proposal, error) {
	if _, err := s.resources.Get(ctx, a, in.CharityResourceID); err != nil {
		return nil, fault.Under(err, "input", "charityResourceId")
	}
	res, err := s.resources.Load(ctx, in.CharityResourceID)
	if err != nil {
		return nil, err
	}
	side, err := s.side(a, r, res.Owner)
	if err != nil {
		return nil, err
	}
	owner, err := s.organisations.Load(ctx, res.Owner)
	if err != nil {
		return nil, err
	}
	if err := res.Available(now); err != nil {
		return nil, fault.Under(err, "input", "charityResourceId")
	}
	group, err := s.requests.Group(ctx, r)
	if err != nil {
		return nil, err
	}
	if in.WithinNeed {
		open, err := s.of(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		asked := waiting{}
		for _, p := range open {
			if p.Line == line.ID && p.Now(now) == Proposed {
				asked[p.Owner] += p.Quantity.Value
			}
		}
		missing := asked.on(line).Wanted(res.Owner, now)
		if in.Quantity.Value > missing {
			return nil, request.Covered(missing, in.Quantity.Value, "input", "quantity", "value")
		}
	}
	served, err := s.served(ctx, r, res, side)
	if err != nil {
		return nil, err
	}
	by, err := s.judge(ctx, r)
	if err != nil {
		return nil, err
	}
	known := records{}
	if by.weighsOwner() {
		if err := s.learn(ctx, known, []string{res.Owner}); err != nil {
			return nil, err
		}
	}
	reasons, score, err := pair{
		by:      by,
		request: r, line: line, resource: res, owner: owner, quantity: in.Quantity, window: in.Window, group: group, now: now,
		served: served, stale: s.resources.Stale(res, now), record: known[res.Owner],
	}.judge()
	if err != nil {
		return nil, err
	}
	p := &Proposal{
		Side: side, Request: r.ID, Line: line.ID, Resource: res.ID, Owner: res.Owner, Quantity: in.Quantity,
		Window: in.Window, Reasons: reasons, Score: score, Policy: by.label, PolicyID: by.id,
	}
	p.Header.State = string(Proposed)
	return p, nil
}

// served reports whether the recipient was given of the resource before. The owner hears
// nothing of it for a guarded request: it would tell who the recipient is.
func (s *Service) served(ctx context.Context, r *request.Request, res *resource.Resource, side Side) (bool, error) {
	if !res.Known() || (side != Station && r.Guarded()) {
		return false, nil
	}
	all, err := s.allocations.Served(ctx, r.Header.Subject)
	return all[res.ID], err
}

// put saves the proposal and lets the owner see the request, blinded.
func (s *Service) put(ctx context.Context, a access.Actor, p *Proposal, r *request.Request) error {
	p.head(r)
	if err := s.rows.Insert(ctx, p, usecase.Note(a, "proposal.proposed", r.ID, "")); err != nil {
		return err
	}
	if !r.Header.Relate(access.PartyAsked, p.Owner) {
		return nil
	}
	return s.requests.Keep(ctx, a, r, "", "request.proposed", "")
}

// Expire ends proposals that were not answered in time, the longest overdue first. The
// system calls it; it returns how many ended and what went wrong with the others.
func (s *Service) Expire(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("expires", now.Add(time.Millisecond)), Sort: "expires"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, p *Proposal) (bool, error) {
		if p.State() != Proposed || p.Now(now) != Expired {
			return false, nil
		}
		p.Header.State, p.DecidedAt = string(Expired), now
		p.Reason, p.ReasonList = "NO_REPLY", string(codes.MatchDeclineReason)
		return true, s.leave(ctx, a, p, "proposal.expired", p.Reason)
	})
}

// leave saves a proposal that came to nothing and ends the owner's sight.
func (s *Service) leave(ctx context.Context, a access.Actor, p *Proposal, kind, reason string) error {
	if err := s.rows.Replace(ctx, p, usecase.Note(a, kind, p.Request, reason)); err != nil {
		return err
	}
	r, err := s.requests.Load(ctx, p.Request)
	if err != nil {
		return err
	}
	if err := s.answered(ctx, r, p); err != nil {
		return err
	}
	return s.requests.Keep(ctx, a, r, "", "request.answered", "")
}
