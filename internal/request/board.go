package request

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/usecase"
)

// LeadAppointInput names the social worker who leads.
type LeadAppointInput struct {
	ServiceRequestID string
	SocialWorkerID   string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// LeadAppoint names who leads. An earlier lead loses access with this unit.
func (s *Service) LeadAppoint(ctx context.Context, a access.Actor, in LeadAppointInput) (*View, []usecase.Notice, error) {
	if err := usecase.ID(in.SocialWorkerID, "wrk", "input", "socialWorkerId"); err != nil {
		return nil, nil, err
	}
	v, err := s.do(ctx, a, change{
		step: StepLead, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			wrk, err := s.nouns.Workers.Load(ctx, in.SocialWorkerID)
			if err != nil {
				return fault.Under(err, "input", "socialWorkerId")
			}
			if err := canLead(wrk, r); err != nil {
				return err
			}
			if err := s.follow(ctx, a, r, r.Lead, false); err != nil {
				return err
			}
			if err := s.follow(ctx, a, r, in.SocialWorkerID, true); err != nil {
				return err
			}
			r.Header.Unrelate(access.PartyLead, r.Lead)
			r.Header.Relate(access.PartyLead, in.SocialWorkerID)
			r.Lead, r.LeadSince = in.SocialWorkerID, now
			return nil
		},
		then: func(ctx context.Context, r *Request, _ time.Time) (string, error) { return "", s.rehead(ctx, a, r) },
	})
	return v, nil, err
}

// canLead asks for a social worker at work who is not barred from the request, whose post is at the request's station or
// at one whose area holds the request's place.
func canLead(w *socialworker.SocialWorker, r *Request) error {
	h, post := &w.Header, ""
	for _, code := range []string{h.City, h.County, h.Town, h.Community} {
		if code != "" {
			post = code
		}
	}
	if slices.Contains(r.Header.Barred, w.ID) {
		return fault.New(fault.CodeInvalid, fault.At("input", "socialWorkerId"), fault.P("rule", "ELIGIBILITY"))
	}
	if !w.Active() {
		return fault.New(fault.CodeInvalid, fault.At("input", "socialWorkerId"), fault.P("rule", "ACTIVE"))
	}
	if h.Station != r.Header.Station && (post == "" || !strings.HasPrefix(r.Place, post)) {
		return fault.New(fault.CodeInvalid, fault.At("input", "socialWorkerId"), fault.P("rule", "AREA"))
	}
	return nil
}

// ArrangeInput goes ahead with what is there.
type ArrangeInput struct {
	ServiceRequestID string
	Reason           *string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Arrange goes ahead although not all is covered: something must be, and a reason
// is needed (COVERAGE_INCOMPLETE). Full coverage arranges by itself.
func (s *Service) Arrange(ctx context.Context, a access.Actor, in ArrangeInput) (*View, []usecase.Notice, error) {
	if in.Reason != nil {
		if err := usecase.InList(codes.PartialReason, *in.Reason, "input", "reason"); err != nil {
			return nil, nil, err
		}
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepArrange, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: usecase.Or(in.Reason, ""),
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			if c := r.Coverage(now); c == None || (c == Partial && in.Reason == nil) {
				w.keep(fault.New(fault.CodeCoverageIncomplete, fault.At("input", "reason")))
			}
			r.Partial = r.Coverage(now) != Full
			r.because(codes.PartialReason, usecase.Or(in.Reason, ""))
			return w.err
		},
	})
	return v, w.notices, err
}

// HoldInput puts a request on hold.
type HoldInput struct {
	ServiceRequestID string
	ResumeOn         usecase.Date
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Hold puts a request on hold until a later day; what is held or promised for it
// is released in the same unit.
func (s *Service) Hold(ctx context.Context, a access.Actor, in HoldInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.HoldReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	resume, err := in.ResumeOn.Start()
	if now := s.core.Time(); err != nil || !resume.After(now) || resume.After(now.AddDate(1, 0, 0)) {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "resumeOn"), fault.P("rule", "WITHIN_A_YEAR"))
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepHold, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(_ context.Context, r *Request, _ time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			r.HeldFrom, r.ResumeOn = r.State(), in.ResumeOn
			r.because(codes.HoldReason, in.Reason)
			return w.err
		},
		then: func(ctx context.Context, r *Request, _ time.Time) (string, error) {
			r.DueAt = resume
			return "", s.release(ctx, a, r, "", "REQUEST_ENDED")
		},
	})
	return v, w.notices, err
}

// ResumeInput takes a request off hold.
type ResumeInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Resume takes a request off hold: back to where it was, or to matching when what
// was promised has to be found again.
func (s *Service) Resume(ctx context.Context, a access.Actor, in ResumeInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepResume, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		then: func(_ context.Context, r *Request, now time.Time) (string, error) {
			r.resume(now)
			return "", nil
		},
	})
	return v, nil, err
}

// resume goes back to where the request was held.
func (r *Request) resume(now time.Time) {
	back := r.HeldFrom
	if back == Arranged || (back == InService && r.Coverage(now) != Full) {
		back = Matching
	}
	r.Header.State, r.HeldFrom, r.ResumeOn, r.Partial = string(back), "", "", false
	r.waitAgain(now)
}

// CancelInput ends an open request.
type CancelInput struct {
	ServiceRequestID string
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Cancel ends an open request; proposals, holds and assignments are released in
// the same unit.
func (s *Service) Cancel(ctx context.Context, a access.Actor, in CancelInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.CancelReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepCancel, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			return w.err
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			if err := s.idle(ctx, r); err != nil {
				return "", err
			}
			return "", s.cancelled(ctx, a, r, in.Reason, now)
		},
	})
	if err == nil && v.Recurrence != nil && v.Recurrence.EndedAt == nil {
		w.notices = append(w.notices, usecase.Notice{Code: "SERIES_GOES_ON", Path: []string{"input", "serviceRequestId"}})
	}
	return v, w.notices, err
}

// cancelled does what follows when a request was cancelled.
func (s *Service) cancelled(ctx context.Context, a access.Actor, r *Request, reason string, now time.Time) error {
	r.because(codes.CancelReason, reason)
	r.EndedAt = now
	if r.Series != nil && r.Series.Next.IsZero() { // it has not begun, and will not without a first
		r.stopSeries(now)
	}
	if r.Referral.pending() {
		r.answered(ReferralWithdrawn, now)
	}
	if err := s.follow(ctx, a, r, r.Lead, false); err != nil {
		return err
	}
	return s.release(ctx, a, r, "", "REQUEST_ENDED")
}
