package account

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// tidyBatch bounds the work of one Tidy.
const tidyBatch = 200

// Tidy ends the grants whose time is over, each account with an entry of its own so
// that open sockets obey it, and removes the rows of expired sessions. A timer calls
// it; no right depends on it, as grants and sessions are judged by the clock.
func (s *Service) Tidy(ctx context.Context) (changed int, err error) {
	now := s.core.Time()
	due := store.Both(store.AtLeast("next", 1), store.Below("next", now.UnixMilli()+1))
	page, err := s.rows.Find(ctx, store.Query{Where: due, Sort: "next", Limit: tidyBatch})
	if err != nil {
		return 0, err
	}
	for _, found := range page.Items {
		err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
			row, err := s.rows.Get(ctx, found.ID)
			if err != nil || !row.lapse(now) {
				return err
			}
			return s.rows.Replace(ctx, row, usecase.Note(access.System("timer"), "account.lapsed", row.ID, ""))
		})
		if err != nil {
			return changed, err
		}
		changed++
	}
	gone, err := s.sweep(ctx)
	return changed + gone, err
}

func (s *Service) sweep(ctx context.Context) (gone int, err error) {
	now := s.core.Time()
	page, err := s.sessions.Find(ctx, store.Query{Where: store.Below("expires", now.UnixMilli()), Sort: "expires", Limit: tidyBatch})
	if err != nil || len(page.Items) == 0 {
		return 0, err
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		gone = 0
		for _, found := range page.Items {
			row, err := s.sessions.GetMany(ctx, []string{found.ID})
			if err != nil {
				return err
			}
			if row[found.ID] == nil || !row[found.ID].Expires.Before(now) {
				continue
			}
			if err := s.sessions.Delete(ctx, found.ID, store.Note{}); err != nil {
				return err
			}
			gone++
		}
		return nil
	})
	return gone, err
}
