package socialworker

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of a social worker; nil leaves as it is, "" or an empty list
// empties.
type Change struct {
	SocialWorkerID  string
	Name            *string
	Phone           *string
	EmployerID      *string
	StationID       *string
	PracticeFields  []string
	Skills          []string
	Certificate     *CertificateInput
	Active          *bool
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what is known of a social worker. They themselves may change their
// telephone and fields of practice.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, step{
		op: "worker.change", id: in.SocialWorkerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "worker.changed",
		rule: func(ctx context.Context, w *SocialWorker) error {
			if !in.own() && !s.Sight(a).Relations(&w.Header).Has(access.ToAdmin) && !a.Is(access.Coordinator, w.Header.Station) && !a.IsSystem() {
				return fault.New(fault.CodeForbidden)
			}
			if in.StationID != nil {
				if err := s.post(ctx, a, w, *in.StationID); err != nil {
					return err
				}
			}
			if err := s.employ(ctx, a, w, in.EmployerID); err != nil {
				return err
			}
			if in.Active != nil {
				w.activate(*in.Active)
			}
			return w.fill(words{in.Name, in.Phone, in.PracticeFields, in.Skills, in.Certificate})
		},
	})
}

// own reports whether the change touches only what they may change themselves.
func (in Change) own() bool {
	return in.Name == nil && in.EmployerID == nil && in.StationID == nil && in.Skills == nil && in.Certificate == nil && in.Active == nil
}

// Certify says that a certificate was checked and registered.
type Certify struct {
	SocialWorkerID  string
	RegisteredOn    usecase.Date
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Certify registers the certificate for three years from a day that is not in the
// future. REQUIRED when there is none; TRANSITION_NOT_ALLOWED when it was revoked.
func (s *Service) Certify(ctx context.Context, a access.Actor, in Certify) (*View, []usecase.Notice, error) {
	if _, err := in.RegisteredOn.Start(); err != nil {
		return nil, nil, fault.Under(err, "input", "registeredOn")
	}
	today := usecase.DateOf(s.core.Time())
	if in.RegisteredOn > today {
		return nil, nil, fault.New(fault.CodeOutOfRange, fault.At("input", "registeredOn"), fault.P("min", ""), fault.P("max", string(today)))
	}
	return s.step(ctx, a, step{
		op: "worker.certify", id: in.SocialWorkerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "worker.certified",
		rule: func(_ context.Context, w *SocialWorker) error {
			switch {
			case w.Certificate.Level == "":
				return fault.New(fault.CodeRequired, fault.At("input", "certificate"))
			case w.Certificate.State == Revoked:
				return fault.New(fault.CodeTransition, fault.P("from", string(Revoked)), fault.P("allowed", []string{}))
			}
			w.Certificate.State, w.Certificate.RegisteredOn = Registered, in.RegisteredOn
			return nil
		},
	})
}

// step is one change of a social worker; its op is also the action asked for.
type step struct {
	op, id, event string
	expected      int64
	key           *string
	input         any
	rule          func(ctx context.Context, w *SocialWorker) error
}

// step runs the one order of every change: load, may, version, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, st step) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(st.id, prefix, "input", "socialWorkerId"); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, st.op, usecase.Or(st.key, ""), st.input, func(ctx context.Context) ([]string, error) {
		w, err := s.rows.Get(ctx, st.id)
		if err != nil {
			return nil, err
		}
		if err := s.Sight(a).May(access.Action(st.op), &w.Header); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(w, st.expected); err != nil {
			return nil, err
		}
		if err := st.rule(ctx, w); err != nil {
			return nil, err
		}
		return []string{w.ID}, s.rows.Replace(ctx, w, usecase.Note(a, st.event, w.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}
