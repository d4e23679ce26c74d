package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// AcceptInput is a request to take on.
type AcceptInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Accept takes a triaged request on and starts matching in the same unit, by the matching
// policy that is in force at its place: it stays so until it is accepted anew. It needs
// at least one need line with unit and window that still misses something:
// NEED_LINE_REQUIRED.
func (s *Service) Accept(ctx context.Context, a access.Actor, in AcceptInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepAccept, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			if !r.ready(now) {
				return fault.New(fault.CodeNeedLineRequired, fault.At("input", "serviceRequestId"))
			}
			judge, err := s.nouns.Policies.For(ctx, r.Place)
			if err != nil {
				return err
			}
			r.AcceptedAt, r.PolicyID, r.Policy = now, judge.ID, judge.Label
			if x := r.Series; x != nil { // from now on the others appear
				goesOn := *x
				goesOn.Next = now
				r.Series = &goesOn
			}
			return nil
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			return s.next(ctx, a, r, StepAccept, "", systemMatch, now)
		},
	})
	return v, nil, err
}

// next takes the step that follows from one just taken, in the same unit. Two steps,
// two entries: the first is the actor's and is saved here, the second is answered to
// be told by the caller.
func (s *Service) next(ctx context.Context, a access.Actor, r *Request, taken Step, reason string, follows Step, now time.Time) (string, error) {
	if err := s.rows.Replace(ctx, r, usecase.Note(a, transition(taken).Event, r.ID, reason)); err != nil {
		return "", err
	}
	return r.take(follows, now)
}

// ready reports whether there is a line with a window that still misses something: that
// of a request opened again may all have been served.
func (r *Request) ready(now time.Time) bool {
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Missing(now) > 0 && l.WindowOr(r) != nil {
			return true
		}
	}
	return false
}

// ReturnInput is a request to give back.
type ReturnInput struct {
	ServiceRequestID string
	Missing          []string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// maxMissing bounds what a return may ask for.
const maxMissing = 10

// Return gives a request back to be completed and says what is missing.
func (s *Service) Return(ctx context.Context, a access.Actor, in ReturnInput) (*View, []usecase.Notice, error) {
	var w words
	switch {
	case len(in.Missing) == 0:
		return nil, nil, fault.New(fault.CodeRequired, fault.At("input", "missing"))
	case len(in.Missing) > maxMissing:
		return nil, nil, fault.New(fault.CodeTooMany, fault.At("input", "missing"), fault.P("max", maxMissing))
	}
	w.codes(codes.ReturnItem, in.Missing, "missing")
	if w.err != nil {
		return nil, nil, w.err
	}
	v, err := s.do(ctx, a, change{
		step: StepReturn, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, _ time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			r.Missing = in.Missing
			return w.err
		},
		then: func(_ context.Context, r *Request, now time.Time) (string, error) {
			r.DueAt = now.Add(returnLife) // the asking side's time: urgency does not shorten it
			return "", nil
		},
	})
	return v, w.notices, err
}

// DeclineInput is a request to decline.
type DeclineInput struct {
	ServiceRequestID string
	Reason           string
	Alternative      string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Decline declines with a reason and an alternative. For a guarded request the
// first call only proposes it, and another person's call decides:
// SECOND_PERSON_REQUIRED when the proposer calls again, INVALID when the second one
// gives another reason.
func (s *Service) Decline(ctx context.Context, a access.Actor, in DeclineInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.DeclineReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	c := change{step: StepDecline, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason}
	c.rule = func(ctx context.Context, r *Request, now time.Time) error {
		w = words{}
		w.free(&r.Private.ReasonNote, &in.Alternative, 500, true, "alternative")
		if r.Guarded() && r.DeclineBy == a.ID {
			w.keep(fault.New(fault.CodeSecondPersonRequired, fault.At("input", "serviceRequestId")))
		}
		if r.DeclineBy != "" && r.Reason != in.Reason {
			w.keep(fault.New(fault.CodeInvalid, fault.At("input", "reason"), fault.P("rule", "SAME_REASON"), fault.P("reason", r.Reason)))
		}
		r.because(codes.DeclineReason, in.Reason)
		return w.err
	}
	c.then = func(ctx context.Context, r *Request, now time.Time) (string, error) {
		if r.Guarded() && r.DeclineBy == "" {
			r.DeclineBy, r.Header.State = a.ID, string(Triaged)
			r.wait(day, now)
			return "request.decline.proposed", nil
		}
		r.DeclinedBy, r.Appeal, r.Private.Appeal = []string{a.ID}, nil, ""
		if r.DeclineBy != "" {
			r.DeclinedBy = append(r.DeclinedBy, r.DeclineBy)
		}
		r.DeclineBy, r.EndedAt = "", now
		return "", s.follow(ctx, a, r, r.Lead, false)
	}
	v, err := s.do(ctx, a, c)
	return v, w.notices, err
}

// because keeps the reason and the list it is from.
func (r *Request) because(list codes.List, reason string) {
	r.Reason, r.ReasonList = reason, string(list)
}
