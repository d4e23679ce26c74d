package request

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Times of an appeal (domain.md §3b, 6): how long after a decline the asking side may
// appeal, by the calendar, and how long the level above has to settle it.
const (
	appealLife  = 15 * day
	appealTried = 5 * day
)

// AppealState says what became of an appeal.
type AppealState string

// The states of an appeal.
const (
	AppealPending AppealState = "PENDING"
	AppealUpheld  AppealState = "UPHELD"
	AppealRefused AppealState = "REFUSED"
)

// Appeal is how the asking side appealed against the last decline.
type Appeal struct {
	By        string      `bson:"by"` // account
	At        time.Time   `bson:"at"`
	Reason    string      `bson:"reason"` // code of APPEAL_REASON
	State     AppealState `bson:"state"`
	SettledAt time.Time   `bson:"settled"`
	Refusal   string      `bson:"refusal"` // code of APPEAL_REFUSAL; "" unless refused
}

func (p *Appeal) pending() bool { return p != nil && p.State == AppealPending }

// AppealInput appeals against a decline.
type AppealInput struct {
	ServiceRequestID string
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Appeal asks the level above to look at a decline, within 15 days of it (APPEAL_OVER) and
// once (ALREADY_DECIDED); one that is not settled in time is flagged for that level.
func (s *Service) Appeal(ctx context.Context, a access.Actor, in AppealInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.AppealReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepAppeal, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.Appeal, in.Note, 1000, false, "note")
			w.keep(r.appealable(now))
			r.Appeal = &Appeal{By: a.ID, At: now, Reason: in.Reason, State: AppealPending}
			return w.err
		},
	})
	return v, w.notices, err
}

// appealable asks whether a decline may still be appealed against.
func (r *Request) appealable(now time.Time) error {
	until := r.EndedAt.Add(appealLife)
	switch {
	case r.Appeal != nil:
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "serviceRequestId"), fault.P("state", string(r.Appeal.State)))
	case !now.Before(until):
		return fault.New(fault.CodeAppealOver, fault.At("input", "serviceRequestId"), fault.P("until", usecase.DateOf(until)))
	}
	return nil
}

// AppealSettleInput settles an appeal: with a reason it is refused, without one upheld.
type AppealSettleInput struct {
	ServiceRequestID string
	Refusal          *string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// AppealSettle settles an appeal at the level above: upheld, the request goes back to the
// station that is responsible today, to be judged on from TRIAGED; refused, it stays
// DECLINED. Never by who declined it or appealed (SECOND_PERSON_REQUIRED). Going on rests
// on a consent in force or the lawful basis that it had (CONSENT_REQUIRED).
func (s *Service) AppealSettle(ctx context.Context, a access.Actor, in AppealSettleInput) (*View, []usecase.Notice, error) {
	refusal := usecase.Or(in.Refusal, "")
	if in.Refusal != nil {
		if err := usecase.InList(codes.AppealRefusal, refusal, "input", "refusal"); err != nil {
			return nil, nil, err
		}
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepAppealSettle, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: refusal,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			w = words{}
			w.free(&r.Private.ReasonNote, in.Note, 1000, false, "note")
			w.keep(r.settle(a.ID, refusal, now))
			if refusal == "" && w.err == nil {
				w.keep(s.rests(ctx, a, r, nil, now))
			}
			return w.err
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			if refusal != "" {
				return "", nil
			}
			return s.upheld(ctx, a, r, now)
		},
	})
	return v, w.notices, err
}

// settle decides a pending appeal.
func (r *Request) settle(by, refusal string, now time.Time) error {
	switch {
	case r.Appeal == nil:
		return fault.New(fault.CodeInvalid, fault.At("input", "serviceRequestId"), fault.P("rule", "APPEALED"))
	case !r.Appeal.pending():
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "serviceRequestId"), fault.P("state", string(r.Appeal.State)))
	case by == r.Appeal.By || slices.Contains(r.DeclinedBy, by):
		return fault.New(fault.CodeSecondPersonRequired, fault.At("input", "serviceRequestId"))
	}
	p := *r.Appeal // the stored one is shared with whoever read it
	p.SettledAt, p.Refusal, p.State = now, refusal, AppealRefused
	if refusal == "" {
		p.State = AppealUpheld
	}
	r.Appeal, r.Escalated = &p, false
	r.wait(0, now)
	return nil
}

// upheld goes on with a request whose decline did not stand.
func (s *Service) upheld(ctx context.Context, a access.Actor, r *Request, now time.Time) (string, error) {
	kind, err := s.next(ctx, a, r, StepAppealSettle, "", systemUphold, now)
	if err != nil {
		return "", err
	}
	r.EndedAt, r.Reason, r.ReasonList = time.Time{}, "", ""
	if err := s.lead(ctx, a, r); err != nil {
		return "", err
	}
	if err := s.host(ctx, a, r, r.accepted()); err != nil {
		return "", err
	}
	return kind, s.rehead(ctx, a, r)
}

// AppealView is an appeal as one reader may see it.
type AppealView struct {
	At        time.Time
	Reason    codes.Code
	Note      *string
	State     AppealState
	SettledAt *time.Time
	Refusal   *codes.Code
}

// appeal is the view of an appeal, without its words.
func (r *Request) appeal() *AppealView {
	p := r.Appeal
	return &AppealView{
		At: p.At, Reason: codes.Code{List: codes.AppealReason, ID: p.Reason}, State: p.State,
		SettledAt: usecase.Moment(p.SettledAt), Refusal: codes.Of(codes.AppealRefusal, p.Refusal),
	}
}

// judges reports whether these relations settle the appeal against the decline of a request
// that is not guarded: a supervisor, who sees no more than LIMITED of it otherwise. Nobody
// can judge words that they may not read (docs/adr/0003).
func (r *Request) judges(rel access.Relations) bool {
	return r.Appeal != nil && rel.Has(access.ToSupervised) && !r.Guarded()
}

// judged reports whether the request still stands as the decline or the upheld appeal left
// it, so that its words are those that an appeal is judged by. What comes later is no matter
// of the appeal.
func (r *Request) judged() bool {
	return r.State() == Declined || r.State() == Triaged && r.Appeal.State == AppealUpheld
}
