package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// reopenLife is how long after its end a closed request may be opened again
// (domain.md §3b, 19); later a new one is written.
const reopenLife = 30 * day

// ReopenInput opens a closed request again.
type ReopenInput struct {
	ServiceRequestID string
	Reason           *string
	Note             *string
	LawfulBasis      *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Reopen opens a closed request again, to be judged anew: the recipient's side once
// without a reason (REOPEN_SPENT the next time), the station and a supervisor above
// with one; within 30 days, then REOPEN_OVER. It rests on a consent in force or another
// lawful basis, as a submission does (CONSENT_REQUIRED), and goes to the station that is
// responsible today. Who led goes on leading if they still may. What was served stays on
// record; matching needs a need line that still misses something.
func (s *Service) Reopen(ctx context.Context, a access.Actor, in ReopenInput) (*View, []usecase.Notice, error) {
	reason := usecase.Or(in.Reason, "")
	if in.Reason != nil {
		if err := usecase.InList(codes.ReopenReason, reason, "input", "reason"); err != nil {
			return nil, nil, err
		}
	}
	if in.LawfulBasis != nil {
		if err := usecase.InList(codes.LawfulBasis, *in.LawfulBasis, "input", "lawfulBasis"); err != nil {
			return nil, nil, err
		}
	}
	var w words
	var was [2]string // station and lead
	v, err := s.do(ctx, a, change{
		step: StepReopen, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: reason,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			free, err := r.reopenable(s.Sight(a).Relations(&r.Header), now)
			if err != nil {
				return err
			}
			if !free && reason == "" {
				return fault.New(fault.CodeRequired, fault.At("input", "reason"))
			}
			w, was = words{}, [2]string{r.Header.Station, r.Lead}
			r.reopen(free, reason)
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			w.keep(s.rests(ctx, a, r, in.LawfulBasis, now))
			return w.err
		},
		then: func(ctx context.Context, r *Request, _ time.Time) (string, error) {
			if err := s.lead(ctx, a, r); err != nil || was == [2]string{r.Header.Station, r.Lead} {
				return "", err
			}
			return "", s.rehead(ctx, a, r)
		},
	})
	return v, w.notices, err
}

// reopenable asks whether who stands so to the request may still open it again, and
// whether freely.
func (r *Request) reopenable(rel access.Relations, now time.Time) (free bool, err error) {
	if until := r.EndedAt.Add(reopenLife); !now.Before(until) {
		return false, fault.New(fault.CodeReopenOver, fault.At("input", "serviceRequestId"), fault.P("until", usecase.DateOf(until)))
	}
	asking := rel&access.Rel(access.ToSelf, access.ToWard) != 0
	if asking && !r.ReopenedFreely {
		return true, nil
	}
	if rel&access.Rel(access.ToStation, access.ToProtected, access.ToSupervised, access.ToSystem) == 0 {
		return false, fault.New(fault.CodeReopenSpent, fault.At("input", "serviceRequestId"))
	}
	return false, nil
}

// reopen takes back what the end said: it is open and unconfirmed again. What happened
// stands in the log.
func (r *Request) reopen(free bool, reason string) {
	r.ReopenedFreely = r.ReopenedFreely || free
	r.because(codes.ReopenReason, reason)
	r.Private.ReasonNote, r.Private.Said, r.Private.Witness = "", "", ""
	r.Confirmed, r.Parts, r.Partial, r.Escalated = nil, nil, false, false
	r.TriagedAt, r.AcceptedAt, r.DeliveredAt, r.EndedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
}

// rests finds what a request rests on today and which station it belongs to.
func (s *Service) rests(ctx context.Context, a access.Actor, r *Request, lawful *string, now time.Time) error {
	if lawful == nil && r.Basis != "" {
		lawful = &r.Basis
	}
	err := s.basis(ctx, r, SubmitInput{LawfulBasis: lawful}, now)
	switch code := fault.CodeOf(err); code { //nolint:exhaustive // all others have their place
	case fault.CodeConsentRequired, fault.CodeNotFound: // nothing else was asked about the person
		return fault.New(code, fault.At("input", "serviceRequestId"))
	}
	if err != nil {
		return err
	}
	r.Missing = nil
	return s.deliverTo(ctx, a, r, now)
}

// lead lets who led go on leading, or leaves the request without a lead if they may not.
func (s *Service) lead(ctx context.Context, a access.Actor, r *Request) error {
	if r.Lead == "" {
		return nil
	}
	wrk, err := s.nouns.Workers.Load(ctx, r.Lead)
	if err != nil {
		return err
	}
	if canLead(wrk, r) == nil {
		return s.follow(ctx, a, r, r.Lead, true)
	}
	if err := s.follow(ctx, a, r, r.Lead, false); err != nil {
		return err
	}
	r.Header.Unrelate(access.PartyLead, r.Lead)
	r.Lead, r.LeadSince = "", time.Time{}
	return nil
}
