package account

import (
	"context"
	"errors"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Tidy ends the grants whose time is over, each account with an entry of its own so
// that open sockets obey it, and removes what its time is over for: expired sessions and
// codes, tries to sign in older than KeepAttempts. A timer calls it; no right depends on
// it, as grants and sessions are judged by the clock. It returns how many rows changed.
func (s *Service) Tidy(ctx context.Context) (changed int, err error) {
	now := s.core.Time()
	due := store.Query{Where: store.Both(store.AtLeast("next", 1), store.Below("next", now.UnixMilli()+1)), Sort: "next"}
	changed, err = usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, row *Account) (bool, error) {
		if !row.lapse(now) {
			return false, nil
		}
		return true, s.rows.Replace(ctx, row, usecase.Note(access.System("timer"), "account.lapsed", row.ID, ""))
	})
	errs := []error{err}
	old := now.Add(-KeepAttempts)
	for _, step := range []func() (int, error){
		func() (int, error) {
			return remove(ctx, s.core, s.sessions, "expires", now, func(row *Session) bool { return row.Expires.Before(now) })
		},
		func() (int, error) {
			return remove(ctx, s.core, s.attempts, "created", old, func(row *attempt) bool { return row.CreatedAt.Before(old) })
		},
		func() (int, error) {
			return remove(ctx, s.core, s.tickets, "expires", now, func(row *ticket) bool { return row.Expires.Before(now) })
		},
	} {
		gone, err := step()
		changed, errs = changed+gone, append(errs, err)
	}
	return changed, errors.Join(errs...)
}

// remove deletes the rows whose moment lies before another and that are still due when
// they are read again.
func remove[T any, P store.Stored[T]](ctx context.Context, c *usecase.Core, rows *store.Collection[T], field string, before time.Time, due func(*T) bool) (int, error) {
	q := store.Query{Where: store.Below(field, before.UnixMilli()), Sort: field}
	return usecase.Sweep[T, P](ctx, c, rows, q, func(ctx context.Context, row *T) (bool, error) {
		if !due(row) {
			return false, nil
		}
		return true, rows.Delete(ctx, P(row).StoreHead().ID, store.Note{})
	})
}
