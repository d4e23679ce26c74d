package account

import (
	"context"
	"errors"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// tidyBatch bounds the work of one Tidy.
const tidyBatch = 200

// Tidy ends the grants whose time is over, each account with an entry of its own so
// that open sockets obey it, and removes what its time is over for: expired sessions and codes,
// tries to sign in older than KeepAttempts. A timer calls it; no right depends on it, as grants and sessions are judged by the clock.
func (s *Service) Tidy(ctx context.Context) (changed int, err error) {
	now := s.core.Time()
	due := store.Both(store.AtLeast("next", 1), store.Below("next", now.UnixMilli()+1))
	page, err := s.rows.Find(ctx, store.Query{Where: due, Sort: "next", Limit: tidyBatch})
	if err != nil {
		return 0, err
	}
	var errs []error // one bad row stops nobody else's turn
	for _, found := range page.Items {
		err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
			row, err := s.rows.Get(ctx, found.ID)
			if err != nil || !row.lapse(now) {
				return err
			}
			return s.rows.Replace(ctx, row, usecase.Note(access.System("timer"), "account.lapsed", row.ID, ""))
		})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		changed++
	}
	gone, err := s.sweep(ctx)
	return changed + gone, errors.Join(append(errs, err)...)
}

// sweep removes the rows of expired sessions and of tries that are old enough.
func (s *Service) sweep(ctx context.Context) (gone int, err error) {
	now := s.core.Time()
	gone, err = sweep(ctx, s.core.DB, s.sessions, "expires", now, func(row *Session) bool { return row.Expires.Before(now) })
	if err != nil {
		return gone, err
	}
	old := now.Add(-KeepAttempts)
	more, err := sweep(ctx, s.core.DB, s.attempts, "created", old, func(row *attempt) bool { return row.CreatedAt.Before(old) })
	if err != nil {
		return gone + more, err
	}
	over, err := sweep(ctx, s.core.DB, s.tickets, "expires", now, func(row *ticket) bool { return row.Expires.Before(now) })
	return gone + more + over, err
}

// sweep removes the rows whose moment lies before another and that are still due
// when the unit reads them; at most tidyBatch.
func sweep[T any](ctx context.Context, db *store.DB, rows *store.Collection[T], field string, before time.Time, due func(*T) bool) (gone int, err error) {
	page, err := rows.Find(ctx, store.Query{Where: store.Below(field, before.UnixMilli()), Sort: field, Limit: tidyBatch})
	if err != nil || len(page.Pos) == 0 {
		return 0, err
	}
	err = db.Tx(ctx, func(ctx context.Context) error {
		gone = 0
		for _, at := range page.Pos {
			found, err := rows.GetMany(ctx, []string{at.ID})
			if err != nil {
				return err
			}
			if found[at.ID] == nil || !due(found[at.ID]) {
				continue
			}
			if err := rows.Delete(ctx, at.ID, store.Note{}); err != nil {
				return err
			}
			gone++
		}
		return nil
	})
	return gone, err
}
