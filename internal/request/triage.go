package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// TriageInput is the judgement of a request.
type TriageInput struct {
	ServiceRequestID string
	Urgency          Urgency
	Risk             Risk
	Class            access.Class
	Category         *string
	Note             *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Triage judges urgency, risk and class. The class is never less strict than the
// recipient's. What is or becomes protected is a protection officer's:
// OFFICER_REQUIRED.
func (s *Service) Triage(ctx context.Context, a access.Actor, in TriageInput) (*View, []usecase.Notice, error) {
	var w words
	v, err := s.do(ctx, a, change{
		step: StepTriage, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			w = words{}
			if in.Category != nil {
				w.category(*in.Category, "category")
				r.Category = *in.Category
			}
			w.free(&r.Private.Note, in.Note, 2000, false, "note")
			class, err := s.floor(ctx, r, in.Class)
			w.keep(err)
			if w.err != nil {
				return w.err
			}
			r.Urgency, r.Risk, r.Header.Class, r.TriagedAt = in.Urgency, in.Risk, class, now
			return s.officer(a, r)
		},
	})
	return v, w.notices, err
}

// floor lifts a class to that of the recipient.
func (s *Service) floor(ctx context.Context, r *Request, class access.Class) (access.Class, error) {
	if r.Header.Subject == "" {
		return class, nil
	}
	rcp, err := s.nouns.Recipients.Load(ctx, r.Header.Subject)
	if err != nil {
		return class, err
	}
	return access.Stricter(class, rcp.Header.Class), nil
}

// officer refuses a guarded request to everybody but a protection officer of its area.
func (s *Service) officer(a access.Actor, r *Request) error {
	rel := s.Sight(a).Relations(&r.Header)
	for _, g := range a.Grants {
		if g.Role == access.ProtectionOfficer && g.Covers(r.Place) {
			return nil
		}
	}
	if !r.Guarded() || rel.Has(access.ToSystem) {
		return nil
	}
	return fault.New(fault.CodeOfficerRequired, fault.At("input", "class"))
}
