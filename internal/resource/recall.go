package resource

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Recall is goods or things lent to call back, all of them.
type Recall struct {
	CharityResourceID string
	Reason            string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Recall calls a resource back: nothing of it may be given any more, open proposals end,
// and what is held or promised of it and not on its way yet is released in the same unit.
func (s *Service) Recall(ctx context.Context, a access.Actor, in Recall) (*View, error) {
	if err := usecase.InList(codes.RecallReason, in.Reason, "input", "reason"); err != nil {
		return nil, err
	}
	return s.step(ctx, a, step{
		act: ActRecall, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "resource.recalled", reason: in.Reason,
		rule: func(_ context.Context, r *Resource, _ time.Time) error {
			r.drop()
			return nil
		},
		then: func(ctx context.Context, id string, a access.Actor) error {
			return s.release(ctx, id, recalledReason, a)
		},
	})
}
