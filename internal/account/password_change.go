package account

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// PasswordChange is the password one has and the one wanted.
type PasswordChange struct {
	CurrentPassword string `json:"-"`
	NewPassword     string `json:"-"`
}

// PasswordChange changes the actor's own password and ends its other sessions.
// SIGN_IN_FAILED for a wrong current one, paced like a sign-in; PASSWORD_WEAK,
// INVALID (ANOTHER_PASSWORD) for the one that it has.
func (s *Service) PasswordChange(ctx context.Context, a access.Actor, in PasswordChange) (*View, []usecase.Notice, error) {
	if !a.SignedIn() || a.IsSystem() {
		return nil, nil, fault.New(fault.CodeUnauthenticated)
	}
	row, err := s.rows.Get(ctx, a.ID)
	if err != nil {
		return nil, nil, err
	}
	if err := checkPassword(in.NewPassword, row.Person.Name, "input", "newPassword"); err != nil {
		return nil, nil, err
	}
	_, _, refund, err := s.authenticate(ctx, row.Person.Name, in.CurrentPassword)
	if fault.CodeOf(err) == fault.CodeSignInFailed {
		return nil, nil, fault.New(fault.CodeSignInFailed, fault.At("input", "currentPassword"))
	}
	if err != nil {
		return nil, nil, err
	}
	if in.NewPassword == in.CurrentPassword { // asked last: only who knows it is told so
		refund()
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "newPassword"), fault.P("rule", "ANOTHER_PASSWORD"))
	}
	hash, err := s.hasher.hash(ctx, in.NewPassword)
	if err != nil {
		return nil, nil, err
	}
	if err := s.rekey(ctx, a, hash); err != nil {
		return nil, nil, err
	}
	refund()
	v, err := s.Get(ctx, a, a.ID)
	return v, nil, err
}

func (s *Service) rekey(ctx context.Context, a access.Actor, hash string) error {
	now := s.core.Time()
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		row, err := s.rows.Get(ctx, a.ID)
		if err != nil {
			return err
		}
		c, err := s.credentials.Get(ctx, a.ID)
		if err != nil {
			return err
		}
		c.Hash = hash
		if err := s.credentials.Replace(ctx, c, store.Note{}); err != nil {
			return err
		}
		if err := s.rows.Touch(ctx, row, usecase.Note(a, "account.rekeyed", row.ID, "")); err != nil {
			return err
		}
		_, err = s.endAll(ctx, a, a.ID, but(a.Session), now)
		return err
	})
}
