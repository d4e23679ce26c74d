package offer

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// StepInput is a step that needs nothing but the offer: submit, publish, pause, resume.
type StepInput struct {
	OfferID         string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Submit hands a draft to the station to be looked at.
func (s *Service) Submit(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.plain(ctx, a, ActSubmit, in, func(_ context.Context, o *Offer, _ time.Time) error {
		o.SubmittedBy, o.Returned = a.ID, ""
		return nil
	})
}

// Publish lets an offer hold: from now on the platform proposes by it. It takes another
// person than the one who handed it in (SECOND_PERSON_REQUIRED), and an owner who may take
// part (ORGANISATION_NOT_ADMITTED).
func (s *Service) Publish(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.plain(ctx, a, ActPublish, in, func(ctx context.Context, o *Offer, _ time.Time) error {
		if a.ID == o.SubmittedBy {
			return fault.New(fault.CodeSecondPersonRequired)
		}
		return s.admitted(ctx, o)
	})
}

// Pause lets an offer rest: nothing new is proposed by it.
func (s *Service) Pause(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.plain(ctx, a, ActPause, in, nil)
}

// Resume lets an offer hold again that rested or had been used up.
func (s *Service) Resume(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.plain(ctx, a, ActResume, in, func(ctx context.Context, o *Offer, _ time.Time) error { return s.admitted(ctx, o) })
}

func (s *Service) admitted(ctx context.Context, o *Offer) error {
	owner, err := s.Organisations.Load(ctx, o.Owner)
	if err != nil {
		return err
	}
	return owner.CanTakePart()
}

// ReturnInput gives an offer back to be mended.
type ReturnInput struct {
	OfferID         string
	Note            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Return gives an offer back to its owner, with what is to be mended.
func (s *Service) Return(ctx context.Context, a access.Actor, in ReturnInput) (*View, []usecase.Notice, error) {
	note, notices, err := usecase.FreeText(in.Note, maxNote, true, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		act: ActReturn, id: in.OfferID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, o *Offer, _ time.Time) error { o.Returned = note; return nil },
	})
	return v, notices, err
}

// WithdrawInput takes an offer back.
type WithdrawInput struct {
	OfferID         string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Withdraw takes an offer back for good: what it has proposed and nobody has answered ends
// in the same unit; what was accepted stays promised.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, in WithdrawInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReleaseReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		act: ActWithdraw, id: in.OfferID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason,
		rule: func(ctx context.Context, o *Offer, _ time.Time) error {
			o.Reason = in.Reason
			return s.Matching.TakeBack(ctx, a, o.ID, in.Reason)
		},
	})
	return v, nil, err
}

func (s *Service) plain(ctx context.Context, a access.Actor, act Action, in StepInput, rule func(context.Context, *Offer, time.Time) error) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, command{act: act, id: in.OfferID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, rule: rule})
	return v, nil, err
}

// command is one person's step on one offer.
type command struct {
	act      Action
	id       string
	expected int64
	key      *string
	input    any
	reason   string
	rule     func(ctx context.Context, o *Offer, now time.Time) error // nil for none
}

// step runs the one order of every step: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "offerId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "offer."+string(c.act), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		o, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		sight := access.See(a, Noun)
		if err := sight.May(right(c.act), &o.Header); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(o, c.expected); err != nil {
			return nil, err
		}
		event, err := o.take(c.act, allowed(sight, o, now), now)
		if err != nil {
			return nil, err
		}
		if c.rule != nil {
			if err := c.rule(ctx, o, now); err != nil {
				return nil, err
			}
		}
		return []string{o.ID}, s.rows.Replace(ctx, o, usecase.Note(a, event, o.ID, c.reason))
	})
	v, _, err := s.answer(ctx, a, ids, nil, err)
	return v, err
}

// right is the right that a step asks for.
func right(act Action) access.Action {
	for _, t := range life {
		if t.act == act {
			return t.may
		}
	}
	panic("offer: no row for step " + string(act))
}
