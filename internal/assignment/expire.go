package assignment

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Expire ends offers that were not answered in time, the longest overdue first: the line
// opens again and the volunteer's sight of the request ends, as when they decline. The
// system calls it; it returns how many ended and what went wrong with the others.
func (s *Service) Expire(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("lapses", now.Add(time.Millisecond)), Sort: "lapses"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, g *Assignment) (bool, error) {
		if g.State() != Offered || g.Now(now) != Expired {
			return false, nil
		}
		r, err := s.requests.Load(ctx, g.Request)
		if err != nil {
			return false, err
		}
		g.Header.State = string(Expired)
		g.drop("NO_REPLY", codes.MatchDeclineReason)
		return true, s.ended(ctx, a, g, r, "assignment.expired", "NO_REPLY", now)
	})
}
