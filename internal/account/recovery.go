package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// printedCodes is how many recovery codes an account prints at a time.
const printedCodes = 8

// RecoveryIssue asks for a recovery code for somebody else's account.
type RecoveryIssue struct{ AccountID string }

// RecoveryCodesPrint asks for recovery codes of one's own.
type RecoveryCodesPrint struct{ ReplaceOld bool }

// PasswordReset sets a new password without the current one: with a recovery code, or
// with a phone and the code that came to it.
type PasswordReset struct {
	RecoveryCode *string `json:"-"`
	Phone        *string `json:"-"`
	PhoneCode    *string `json:"-"`
	NewPassword  string  `json:"-"`
}

// RecoveryIssue makes a one-time recovery code for an account, good for a day; an
// earlier one ends. It is logged, and its use ends all sessions and stands in the
// owner's sign-in history. Errors: FORBIDDEN unless the actor administers the place
// of every standing grant, and for oneself.
func (s *Service) RecoveryIssue(ctx context.Context, a access.Actor, in RecoveryIssue) (*OneTimeCode, error) {
	return s.hand(ctx, a, in.AccountID, "account.recover", issued, "account.recovery_issued", issuedFor)
}

// RecoveryCodesPrint makes eight recovery codes of the actor's own; each sets a new
// password once. Earlier ones end, if the actor says so: DUPLICATE otherwise.
// SIGN_IN_AGAIN for a session older than 10 minutes.
func (s *Service) RecoveryCodesPrint(ctx context.Context, a access.Actor, in RecoveryCodesPrint) ([]string, error) {
	if !a.SignedIn() || a.IsSystem() {
		return nil, fault.New(fault.CodeUnauthenticated)
	}
	now := s.core.Time()
	codes, tickets := make([]string, printedCodes), make([]*ticket, printedCodes)
	for i := range codes {
		codes[i] = newCode()
		tickets[i] = &ticket{
			Head: store.Head{ID: s.ticketID(printed, plainCode(codes[i]))}, Kind: printed, Account: a.ID, Expires: now.Add(printedFor),
		}
	}
	err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.fresh(ctx, a, now); err != nil {
			return err
		}
		left, err := s.printedLeft(ctx, a.ID)
		if err != nil {
			return err
		}
		if left > 0 && !in.ReplaceOld {
			return fault.New(fault.CodeDuplicate, fault.At("input", "replaceOld"), fault.P("field", "recoveryCodes"))
		}
		if err := s.tear(ctx, a.ID, printed); err != nil {
			return err
		}
		for _, t := range tickets {
			if err := s.put(ctx, t); err != nil {
				return err
			}
		}
		return s.noted(ctx, a, a.ID, "account.recovery_printed")
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

func (s *Service) printedLeft(ctx context.Context, accountID string) (int, error) {
	q := store.Query{
		Where: store.Both(store.Is("holder", accountID), store.Is("kind", printed)), Guard: store.GuardName("ticket", accountID), Limit: printedCodes,
	}
	page, err := s.tickets.Find(ctx, q)
	return len(page.Items), err
}

// PasswordReset sets the new password, uses the proof up, and ends all sessions of the
// account; it opens none. Errors: INVALID unless exactly one proof is given,
// PASSWORD_WEAK, ONE_TIME_CODE_INVALID for a proof that is wrong, old or used and for
// an account that may not sign in; RATE_LIMITED.
func (s *Service) PasswordReset(ctx context.Context, in PasswordReset) error {
	byPhone := in.Phone != nil && in.PhoneCode != nil
	if (in.RecoveryCode != nil) == byPhone || (in.Phone != nil) != (in.PhoneCode != nil) {
		return fault.New(fault.CodeInvalid, fault.At("input"), fault.P("rule", "ONE_PROOF"))
	}
	if err := checkPassword(in.NewPassword, "", "input", "newPassword"); err != nil {
		return err
	}
	now := s.core.Time()
	t, holder, refund, err := s.proof(ctx, in, now)
	if err != nil {
		return err
	}
	// The slow part is the same whether or not the proof is good.
	hash, err := s.hasher.hash(ctx, in.NewPassword)
	if err != nil {
		return err
	}
	err = fault.New(fault.CodeOneTimeCode, fault.At("input"))
	if t != nil && t.Account != "" {
		err = s.reset(ctx, t, in.NewPassword, hash, now)
	}
	if fault.CodeOf(err) == fault.CodeOneTimeCode {
		if booked := s.failed(ctx, holder, ByRecovery); fault.CodeOf(booked) != fault.CodeSignInFailed {
			return booked
		}
	}
	if err == nil {
		refund()
	}
	return err
}

// proof reads what is shown for a new password; nil for what does not count.
func (s *Service) proof(ctx context.Context, in PasswordReset, now time.Time) (t *ticket, holder string, refund func(), err error) {
	if in.RecoveryCode == nil {
		return s.phoneGuess(ctx, *in.Phone, *in.PhoneCode, now)
	}
	if refund, err = s.pace("", AddressOf(ctx)); err != nil {
		return nil, "", nil, err
	}
	if t, err = s.shown(ctx, s.ticketID(issued, plainCode(*in.RecoveryCode)), now); t != nil {
		holder = t.Account
	}
	return t, holder, refund, err
}

// reset is the unit of a new password.
func (s *Service) reset(ctx context.Context, t *ticket, password, hash string, now time.Time) error {
	a, tried := access.Actor{ID: t.Account, Via: "recovery"}, s.attempted(ctx, t.Account, ByRecovery, true)
	return s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.burn(ctx, t, now); err != nil {
			return err
		}
		row, err := s.rows.Get(ctx, t.Account)
		if err != nil {
			return err
		}
		if row.State != Active {
			return fault.New(fault.CodeOneTimeCode, fault.At("input"))
		}
		if err := checkPassword(password, row.Person.Name, "input", "newPassword"); err != nil {
			return err
		}
		c, err := s.credentials.Get(ctx, row.ID)
		if err != nil {
			return err
		}
		c.Hash = hash
		if err := s.credentials.Replace(ctx, c, store.Note{}); err != nil {
			return err
		}
		if err := s.tear(ctx, row.ID, issued); err != nil { // the other one of a pair
			return err
		}
		if err := s.rows.Touch(ctx, row, usecase.Note(a, "account.recovered", row.ID, "")); err != nil {
			return err
		}
		if _, err := s.endAll(ctx, a, row.ID, but(""), now); err != nil {
			return err
		}
		return s.book(ctx, tried)
	})
}
