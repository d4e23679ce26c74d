package allocation

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Lapse releases holds whose time is over, the longest overdue first: the stock is free
// again on paper as it was in fact, the line opens, and a request that was arranged by
// the hold goes back to matching. The system calls it; it returns how many were released
// and what went wrong with the others.
func (s *Service) Lapse(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("lapses", now.Add(time.Millisecond)), Sort: "lapses"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, l *Allocation) (bool, error) {
		if !l.Lapsed(now) {
			return false, nil
		}
		r, err := s.requests.Load(ctx, l.Request)
		if err != nil {
			return false, err
		}
		if err := s.free(ctx, a, l, "HOLD_LAPSED"); err != nil {
			return false, err
		}
		return true, s.carry(ctx, a, l, r, Release, now)
	})
}
