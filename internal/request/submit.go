package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

// SubmitInput is a request to hand in.
type SubmitInput struct {
	ServiceRequestID string
	ConsentID        *string
	LawfulBasis      *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Submit hands a draft or a completed return to the station of its community. A
// request for a person rests on a consent in force or another lawful basis (PIPL
// art. 13): CONSENT_REQUIRED. The likely duplicates are a hint, as far as the actor may see
// them, and never block.
func (s *Service) Submit(ctx context.Context, a access.Actor, in SubmitInput) (*View, []Duplicate, []usecase.Notice, error) {
	if in.LawfulBasis != nil {
		if err := usecase.InList(codes.LawfulBasis, *in.LawfulBasis, "input", "lawfulBasis"); err != nil {
			return nil, nil, nil, err
		}
	}
	v, err := s.do(ctx, a, change{
		step: StepSubmit, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			if err := s.basis(ctx, r, in, now); err != nil {
				return err
			}
			r.keep()
			r.Missing = nil
			return s.deliverTo(ctx, a, r, now)
		},
	})
	if err != nil {
		return nil, nil, nil, err
	}
	like := s.hints(ctx, a, v.ID)
	var notices []usecase.Notice
	if len(like) > 0 {
		notices = []usecase.Notice{{Code: "POSSIBLE_DUPLICATE", Path: []string{"input", "serviceRequestId"}}}
	}
	return v, like, notices, nil
}

// hints are the likely duplicates of a request that has been handed in, which stays so:
// none when they can't be read.
func (s *Service) hints(ctx context.Context, a access.Actor, id string) []Duplicate {
	r, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil
	}
	like, err := s.duplicates(ctx, a, r)
	if err != nil {
		return nil
	}
	return like
}

// basis finds what the request rests on.
func (s *Service) basis(ctx context.Context, r *Request, in SubmitInput, now time.Time) error {
	r.Basis = usecase.Or(in.LawfulBasis, "")
	if r.Header.Subject == "" {
		return nil
	}
	rcp, err := s.nouns.Recipients.Load(ctx, r.Header.Subject)
	if err != nil {
		return err
	}
	if rcp.Erased() { // a returned request of theirs may be left
		return fault.New(fault.CodeNotFound, fault.At("input", "recipientId"))
	}
	if r.Basis != "" {
		return nil
	}
	id, err := s.nouns.Recipients.ActiveConsent(ctx, r.Header.Subject, "SERVICE", now)
	if err != nil {
		return err
	}
	if id == "" || (in.ConsentID != nil && *in.ConsentID != id) {
		return fault.New(fault.CodeConsentRequired, fault.At("input", "consentId"))
	}
	r.Consent = id
	return nil
}

// deliverTo puts the request on the board of the station that is responsible. One that
// took it over and has it no more ceases to see the recipient.
func (s *Service) deliverTo(ctx context.Context, a access.Actor, r *Request, now time.Time) error {
	if _, err := s.nouns.Communities.InUse(ctx, community.ID(r.Place)); err != nil {
		return fault.Under(err, "input", "serviceRequestId")
	}
	sta, err := s.responsible(ctx, r)
	if err != nil {
		return err
	}
	if sta.ID != r.Header.Station && r.accepted() && r.State() != Closed { // a closed one has ceased to
		if err := s.host(ctx, a, r, false); err != nil {
			return err
		}
	}
	r.Header.Station = sta.ID
	r.Header.Place(r.Place)
	if r.SubmittedAt.IsZero() {
		r.SubmittedAt = now
	}
	return nil
}

// responsible is the station that a request belongs to: the one of its community, or the
// one that took it over, if it comes back there before it was closed.
func (s *Service) responsible(ctx context.Context, r *Request) (*station.Station, error) {
	if r.State() != Closed && r.accepted() {
		if sta, err := s.nouns.Stations.Load(ctx, r.Header.Station); err != nil || sta.State == station.Operating {
			return sta, err
		}
	}
	return s.nouns.Stations.For(ctx, r.Place, station.SocialWork)
}
