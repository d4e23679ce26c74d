package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

// ReferralState says what became of a referral.
type ReferralState string

// The states of a referral.
const (
	ReferralPending   ReferralState = "PENDING"
	ReferralAccepted  ReferralState = "ACCEPTED"
	ReferralDeclined  ReferralState = "DECLINED"
	ReferralWithdrawn ReferralState = "WITHDRAWN"
)

// Referral is how a request was passed on to another station, the last time.
type Referral struct {
	From       string        `bson:"from"`
	To         string        `bson:"to"`
	At         time.Time     `bson:"at"`
	Reason     string        `bson:"reason"` // code of REFERRAL_REASON
	Basis      string        `bson:"basis"`  // lawful basis; "" for a consent
	State      ReferralState `bson:"state"`
	AnsweredAt time.Time     `bson:"answered"`
}

// pending reports whether a receiver has to answer.
func (f *Referral) pending() bool { return f != nil && f.State == ReferralPending }

// accepted reports whether the request came to its station by the referral.
func (r *Request) accepted() bool { return r.Taken != "" && r.Taken == r.Header.Station }

// ReferInput passes a request on to another station.
type ReferInput struct {
	ServiceRequestID string
	StationID        string
	Reason           string
	Note             *string
	LawfulBasis      *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Refer asks another station to take a triaged request over. Passing a person's need on
// is disclosing it: it rests on a consent to be referred or another lawful basis
// (CONSENT_REQUIRED). Until the receiver accepts, it sees what is needed and not of whom.
// A guarded request stays in its county, whose officers answer for it.
func (s *Service) Refer(ctx context.Context, a access.Actor, in ReferInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReferralReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	if in.LawfulBasis != nil {
		if err := usecase.InList(codes.LawfulBasis, *in.LawfulBasis, "input", "lawfulBasis"); err != nil {
			return nil, nil, err
		}
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepRefer, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			w = words{}
			to, err := s.receiver(ctx, r, in.StationID)
			if err != nil {
				return fault.Under(err, "input", "stationId")
			}
			f := &Referral{From: r.Header.Station, To: to.ID, At: now, Reason: in.Reason, Basis: usecase.Or(in.LawfulBasis, ""), State: ReferralPending}
			if err := s.disclosable(ctx, r, f, now); err != nil {
				return fault.Under(err, "input", "lawfulBasis")
			}
			if r.Referral != nil { // who referred it to here knows nothing of the next way
				r.Header.Unrelate(access.PartyReferred, r.Referral.From)
			}
			r.Header.Relate(access.PartyReferred, to.ID)
			r.Referral, r.Private.ReasonNote = f, ""
			r.because(codes.ReferralReason, in.Reason)
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			return w.err
		},
	})
	return v, w.notices, err
}

// receiver is a station that can take the request over.
func (s *Service) receiver(ctx context.Context, r *Request, id string) (*station.Station, error) {
	st, err := s.nouns.Stations.Named(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case st.ID == r.Header.Station:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "ANOTHER_STATION"))
	case st.State != station.Operating:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "STATION_OPERATING"))
	case st.Kind == station.Volunteer, st.Kind == station.MinorsProtection && !r.Guarded(): // nobody there sees it
		err = fault.New(fault.CodeInvalid, fault.P("rule", "KIND"))
	case r.Guarded() && len(st.Code()) >= 6 && st.Code()[:6] != r.Header.County:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "AREA"))
	}
	return st, err
}

// disclosable asks what a referral rests on today.
func (s *Service) disclosable(ctx context.Context, r *Request, f *Referral, now time.Time) error {
	if r.Header.Subject == "" || f.Basis != "" {
		return nil
	}
	id, err := s.nouns.Recipients.ActiveConsent(ctx, r.Header.Subject, "REFERRAL", now)
	if err == nil && id == "" {
		err = fault.New(fault.CodeConsentRequired)
	}
	return err
}

// ReferralAcceptInput takes a referred request over.
type ReferralAcceptInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// ReferralAccept takes a request over: it belongs to the receiving station from now on,
// with its history and all that belongs to it, to be judged on from TRIAGED. Who led goes
// on if they may at the new station. CONSENT_REQUIRED when the consent has ended since.
func (s *Service) ReferralAccept(ctx context.Context, a access.Actor, in ReferralAcceptInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepReferralAccept, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			_, err := s.receiver(ctx, r, r.Referral.To)
			if err == nil {
				err = s.disclosable(ctx, r, r.Referral, now)
			}
			return fault.Under(err, "input", "serviceRequestId")
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			if err := s.host(ctx, a, r, false); err != nil {
				return "", err
			}
			f := r.answered(ReferralAccepted, now)
			r.Header.Station, r.Taken = f.To, f.To
			r.Header.Relate(access.PartyReferred, f.From)
			r.forgetReason()
			if err := s.lead(ctx, a, r); err != nil {
				return "", err
			}
			if err := s.host(ctx, a, r, true); err != nil {
				return "", err
			}
			return "", s.rehead(ctx, a, r)
		},
	})
	return v, nil, err
}

// answered ends a pending referral; it returns it as it is now.
func (r *Request) answered(st ReferralState, now time.Time) *Referral {
	f := *r.Referral // the stored one is shared with whoever read it
	f.State, f.AnsweredAt = st, now
	r.Referral = &f
	r.Header.Unrelate(access.PartyReferred, f.To)
	return r.Referral
}

// takeBack ends a pending referral as if it had not been.
func (r *Request) takeBack(now time.Time) {
	r.answered(ReferralWithdrawn, now)
	r.forgetReason()
}

// forgetReason forgets why the request was referred.
func (r *Request) forgetReason() { r.Reason, r.ReasonList, r.Private.ReasonNote = "", "", "" }

// stayHome takes a referral back that may not be accepted any more, since the request has
// become guarded and would leave its county: its receiver could not even decline it.
func (s *Service) stayHome(ctx context.Context, r *Request) error {
	if !r.Guarded() || !r.Referral.pending() {
		return nil
	}
	_, err := s.receiver(ctx, r, r.Referral.To)
	if fault.CodeOf(err) != fault.CodeInvalid {
		return err
	}
	now := s.core.Time()
	r.takeBack(now)
	_, err = r.take(StepReferralWithdraw, now)
	return err
}

// host lets the station see a recipient whom another station looks after, while it
// handles a request of theirs, or ends that.
func (s *Service) host(ctx context.Context, a access.Actor, r *Request, on bool) error {
	if r.Header.Subject == "" || !r.accepted() {
		return nil
	}
	if !on {
		still := false
		err := s.ofSubject(ctx, r.Header.Subject, func(_ context.Context, o *Request) error {
			still = still || (o.ID != r.ID && o.Header.Station == r.Header.Station && o.accepted() && o.State().Open())
			return nil
		})
		if err != nil || still {
			return err
		}
	}
	return s.nouns.Recipients.Host(ctx, a, r.Header.Subject, r.Header.Station, on)
}

// ReferralDeclineInput sends a referred request back.
type ReferralDeclineInput struct {
	ServiceRequestID string
	Reason           string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// ReferralDecline sends a request back to the station that referred it, with a reason.
// The receiver sees it no more: the answer has no request then.
func (s *Service) ReferralDecline(ctx context.Context, a access.Actor, in ReferralDeclineInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.DeclineReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	var w words
	v, err := s.do(ctx, a, change{
		step: StepReferralDecline, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in, reason: in.Reason, leaves: true,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			w = words{}
			r.Private.ReasonNote = ""
			w.free(&r.Private.ReasonNote, in.Note, 500, false, "note")
			r.answered(ReferralDeclined, now)
			r.because(codes.DeclineReason, in.Reason)
			return w.err
		},
	})
	return v, w.notices, err
}

// ReferralWithdrawInput takes a referral back.
type ReferralWithdrawInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// ReferralWithdraw takes a request back that the receiver has not answered yet.
func (s *Service) ReferralWithdraw(ctx context.Context, a access.Actor, in ReferralWithdrawInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepReferralWithdraw, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(_ context.Context, r *Request, now time.Time) error {
			r.takeBack(now)
			return nil
		},
	})
	return v, nil, err
}

// ReferralView is a referral as one reader may see it.
type ReferralView struct {
	From, To   *station.View
	At         time.Time
	Reason     codes.Code
	State      ReferralState
	AnsweredAt *time.Time
}

// referral is the view of the last referral, for who may know the stations.
func (f *refs) referral(r *Request) *ReferralView {
	x := r.Referral
	if x == nil {
		return nil
	}
	return &ReferralView{
		From: f.sta[x.From], To: f.sta[x.To], At: x.At, Reason: codes.Code{List: codes.ReferralReason, ID: x.Reason},
		State: x.State, AnsweredAt: usecase.Moment(x.AnsweredAt),
	}
}
