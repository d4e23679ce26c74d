package recipient

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Reclassify is a change of how widely a person's matters may be known.
type Reclassify struct {
	RecipientID     string
	Class           access.Class
	Note            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// strictness orders the classes.
func strictness(c access.Class) int { return slices.Index(access.Classes, c) }

// Reclassify changes a person's class and lifts that of what belongs to them, in
// one unit. A station may lift a class; lowering one is a protection officer's:
// OFFICER_REQUIRED. Who no longer sees the person gets no view back.
func (s *Service) Reclassify(ctx context.Context, a access.Actor, in Reclassify) (*View, []usecase.Notice, error) {
	note, notices, err := usecase.FreeText(in.Note, 500, true, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	becomes, err := class(in.Class)
	if err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		action: "recipient.classify", event: "recipient.reclassified", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, r *Recipient) error {
			if strictness(becomes) < strictness(r.Header.Class) && !officer(a, r) {
				return fault.New(fault.CodeOfficerRequired, fault.At("input", "class"))
			}
			r.Header.Class, r.Private.ClassNote = becomes, note
			if err := s.followHeader(ctx, r, a); err != nil {
				return err
			}
			for _, fn := range s.reclassified {
				if err := fn(ctx, r.ID, becomes, a); err != nil {
					return err
				}
			}
			return nil
		},
	})
	return v, notices, err
}

// Erase is a person to erase.
type Erase struct {
	RecipientID     string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Erase erases a person's data here, in what belongs to them and in the log; the
// entries stay, readable without it, with the ground of the erasure: a code, as the
// log outlives the person (PIPL art. 47; CODE_UNKNOWN for none of ERASURE_REASON).
// Consents end with it. It can't be undone.
func (s *Service) Erase(ctx context.Context, a access.Actor, in Erase) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ErasureReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	v, err := s.step(ctx, a, command{
		action: "recipient.erase", event: "recipient.erased", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		reason: in.Reason,
		rule: func(ctx context.Context, r *Recipient) error {
			r.Private, r.Header.State = Private{}, stateErased
			if err := s.eraseConsents(ctx, a, r, now); err != nil {
				return err
			}
			for _, fn := range s.erasing {
				if err := fn(ctx, r.ID, a); err != nil {
					return err
				}
			}
			return s.core.DB.Erase(ctx, r.ID)
		},
	})
	return v, nil, err
}
