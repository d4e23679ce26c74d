package account

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Disable takes an account's sign-in away.
type Disable struct {
	AccountID       string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Enable gives it back.
type Enable struct {
	AccountID       string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Disable ends an account's sessions and lets its grants sleep. Errors:
// CODE_UNKNOWN for the reason, FORBIDDEN unless the actor administers the place of
// every standing grant, LAST_ADMIN, TRANSITION_NOT_ALLOWED when it is disabled already.
func (s *Service) Disable(ctx context.Context, a access.Actor, in Disable) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.SanctionReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.turn(ctx, a, turn{
		op: "account.disable", id: in.AccountID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		from: Active, to: Disabled, event: "account.disabled", reason: in.Reason,
	})
}

// Enable lets a disabled account sign in again, with the grants that still stand.
// Errors as of Disable.
func (s *Service) Enable(ctx context.Context, a access.Actor, in Enable) (*View, []usecase.Notice, error) {
	return s.turn(ctx, a, turn{
		op: "account.enable", id: in.AccountID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		from: Disabled, to: Active, event: "account.enabled",
	})
}

// turn is a change of state.
type turn struct {
	op, id        string
	expected      int64
	key           *string
	input         any
	from, to      State
	event, reason string
}

func (s *Service) turn(ctx context.Context, a access.Actor, t turn) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(t.id, prefix, "input", "accountId"); err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, t.op, usecase.Or(t.key, ""), t.input, func(ctx context.Context) ([]string, error) {
		row, err := s.visible(ctx, a, t.id)
		if err != nil {
			return nil, err
		}
		for i := range row.Grants {
			if !row.Grants[i].stands(now) {
				continue
			}
			if err := a.MayAt("account.disable", row.Grants[i].Code); err != nil {
				return nil, err
			}
		}
		if err := a.MayAt("account.disable", ""); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(row, t.expected); err != nil {
			return nil, err
		}
		if row.State != t.from {
			back := map[State]string{Active: "disable", Disabled: "enable"}[row.State]
			return nil, fault.New(fault.CodeTransition, fault.P("from", string(row.State)), fault.P("allowed", []string{back}))
		}
		if err := s.leavesAdmin(ctx, row, func(*Grant) bool { return t.to == Disabled }, now, "input", "accountId"); err != nil {
			return nil, err
		}
		row.State = t.to
		if err := s.rows.Replace(ctx, row, usecase.Note(a, t.event, row.ID, t.reason)); err != nil {
			return nil, err
		}
		_, err = s.endAll(ctx, a, row.ID, but(""), now)
		return []string{row.ID}, err
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}
