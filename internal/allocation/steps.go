package allocation

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/usecase"
)

// StepInput is a step that needs nothing but the allocation: commit, settle.
type StepInput struct {
	AllocationID    string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Commit promises what is held, for good. A hold whose time is over is promised too if
// its line still misses the quantity and the stock still has it, else HOLD_LAPSED.
func (s *Service) Commit(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.do(ctx, a, command{
		step: Commit, id: in.AllocationID, expected: &in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(l *Allocation, r *request.Request, res *resource.Resource, now time.Time) error {
			if !now.Before(l.Until) && missing(r, l.Line, now) < l.Quantity.Value {
				return fault.New(fault.CodeHoldLapsed, fault.At("input", "allocationId"))
			}
			if err := res.Commit(l.hold(), now); err != nil {
				return err
			}
			l.Until, l.Parts = time.Time{}, res.Parts(l.ID)
			return nil
		},
	})
}

// missing is what a line of the request still needs, nothing for one that is gone.
func missing(r *request.Request, lineID string, now time.Time) int64 {
	if line := r.Line(lineID); line != nil {
		return line.Missing(now)
	}
	return 0
}

// DispatchInput sends an allocation. As all steps on its way it rests on the version that
// was seen, on the fence that is held, or on both.
type DispatchInput struct {
	AllocationID    string
	ExpectedVersion *int64
	Fence           *int
	IdempotencyKey  *string `json:"-"`
}

// Dispatch sends it on its way, or opens the door; the request is in service from then on.
func (s *Service) Dispatch(ctx context.Context, a access.Actor, in DispatchInput) (*View, []usecase.Notice, error) {
	return s.do(ctx, a, command{
		step: Dispatch, id: in.AllocationID, expected: in.ExpectedVersion, fence: in.Fence, key: in.IdempotencyKey, input: in,
		rule: func(l *Allocation, _ *request.Request, res *resource.Resource, now time.Time) error {
			l.DispatchedAt = now
			res.Send(l.ID)
			return nil
		},
	})
}

// SettleOne settles the books of what was delivered.
func (s *Service) SettleOne(ctx context.Context, a access.Actor, in StepInput) (*View, []usecase.Notice, error) {
	return s.do(ctx, a, command{
		step: Settle, id: in.AllocationID, expected: &in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(*Allocation, *request.Request, *resource.Resource, time.Time) error { return nil },
	})
}

// ReleaseInput gives an allocation back.
type ReleaseInput struct {
	AllocationID    string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// ReleaseOne gives it back to the stock before it is on its way; the line opens again.
func (s *Service) ReleaseOne(ctx context.Context, a access.Actor, in ReleaseInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReleaseReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.do(ctx, a, command{
		step: Release, id: in.AllocationID, expected: &in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason,
		rule: func(l *Allocation, _ *request.Request, res *resource.Resource, _ time.Time) error {
			l.Reason = in.Reason
			res.Release(l.ID)
			return nil
		},
	})
}
