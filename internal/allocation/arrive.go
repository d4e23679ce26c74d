package allocation

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/usecase"
)

// DeliverInput says what arrived, nil meaning all that was not lost, and what was lost
// on its way and why.
type DeliverInput struct {
	AllocationID    string
	Delivered       *measure.Quantity
	Lost            *measure.Quantity
	LossReason      *string
	Note            *string
	ExpectedVersion *int64
	Fence           *int
	IdempotencyKey  *string `json:"-"`
}

// Deliver says what arrived; what neither arrived nor was lost goes back to the stock.
// Never by the owner alone. What was called back after it was sent gives the notice
// GOODS_RECALLED: it must not be used.
func (s *Service) Deliver(ctx context.Context, a access.Actor, in DeliverInput) (*View, []usecase.Notice, error) {
	reason, err := in.loss()
	if err != nil {
		return nil, nil, err
	}
	note, notices, err := usecase.FreeText(usecase.Or(in.Note, ""), 500, false, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	v, _, err := s.do(ctx, a, command{
		step: Deliver, id: in.AllocationID, expected: in.ExpectedVersion, fence: in.Fence, key: in.IdempotencyKey, input: in, reason: reason,
		rule: func(l *Allocation, _ *request.Request, res *resource.Resource, now time.Time) error {
			lost, err := l.part(in.Lost, 0, 1, l.Quantity.Value, "lost")
			if err != nil {
				return err
			}
			arrived, err := l.part(in.Delivered, l.Quantity.Value-lost, 0, l.Quantity.Value-lost, "delivered")
			if err != nil {
				return err
			}
			l.Arrived, l.Lost, l.DeliveredAt, l.Reason, l.Private.Note = arrived, lost, now, reason, note
			return res.Consume(l.ID, arrived, lost)
		},
	})
	if err != nil {
		return nil, notices, err
	}
	told, err := s.calledBack(ctx, in.AllocationID)
	return v, append(notices, told...), err
}

// calledBack is the notice of what arrived although it was called back.
func (s *Service) calledBack(ctx context.Context, id string) ([]usecase.Notice, error) {
	l, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	res, err := s.resources.Load(ctx, l.Resource)
	if err != nil || l.Arrived == 0 || !res.CalledBack(l.Parts) {
		return nil, err
	}
	return []usecase.Notice{{Code: "GOODS_RECALLED", Path: []string{"input", "allocationId"}}}, nil
}

// loss is why something was lost: a loss and its reason are said together.
func (in DeliverInput) loss() (string, error) {
	switch {
	case in.Lost == nil && in.LossReason == nil:
		return "", nil
	case in.Lost == nil:
		return "", fault.New(fault.CodeRequired, fault.At("input", "lost"))
	case in.LossReason == nil:
		return "", fault.New(fault.CodeRequired, fault.At("input", "lossReason"))
	}
	return *in.LossReason, usecase.InList(codes.LossReason, *in.LossReason, "input", "lossReason")
}

// part is a quantity of the allocation within bounds, or the standard when none is
// said: UNIT_MISMATCH, OUT_OF_RANGE.
func (l *Allocation) part(q *measure.Quantity, standard, least, most int64, field string) (int64, error) {
	if q == nil {
		return standard, nil
	}
	if err := q.Same(l.Quantity.Unit, "input", field); err != nil {
		return 0, err
	}
	if q.Value < least || q.Value > most {
		return 0, fault.New(fault.CodeOutOfRange, fault.At("input", field, "value"), fault.P("min", least), fault.P("max", most))
	}
	return q.Value, nil
}

// ReturnInput says that nothing arrived and what came back; nil means all of it.
type ReturnInput struct {
	AllocationID    string
	Reason          string
	Returned        *measure.Quantity
	Note            *string
	ExpectedVersion *int64
	Fence           *int
	IdempotencyKey  *string `json:"-"`
}

// ReturnOne says that what was sent came back: it is free again in the stock, never more
// than was taken; what did not come back is lost. The line opens again.
func (s *Service) ReturnOne(ctx context.Context, a access.Actor, in ReturnInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReturnReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.miss(ctx, a, Return, in.Note, command{id: in.AllocationID, expected: in.ExpectedVersion, fence: in.Fence, key: in.IdempotencyKey, input: in, reason: in.Reason},
		func(l *Allocation) (lost int64, err error) {
			back, err := l.part(in.Returned, l.Quantity.Value, 1, l.Quantity.Value, "returned")
			return l.Quantity.Value - back, err
		})
}

// LoseInput says that nothing arrived and nothing came back.
type LoseInput struct {
	AllocationID    string
	Reason          string
	Note            *string
	ExpectedVersion *int64
	Fence           *int
	IdempotencyKey  *string `json:"-"`
}

// LoseOne says that what was sent is lost: the stock does not get it back. The line
// opens again.
func (s *Service) LoseOne(ctx context.Context, a access.Actor, in LoseInput) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.LossReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.miss(ctx, a, Lose, in.Note, command{id: in.AllocationID, expected: in.ExpectedVersion, fence: in.Fence, key: in.IdempotencyKey, input: in, reason: in.Reason},
		func(l *Allocation) (int64, error) { return l.Quantity.Value, nil })
}

// miss runs a step of something that did not arrive; lost says how much of it is gone.
func (s *Service) miss(ctx context.Context, a access.Actor, step Step, said *string, c command, lost func(*Allocation) (int64, error)) (*View, []usecase.Notice, error) {
	note, notices, err := usecase.FreeText(usecase.Or(said, ""), 500, false, "input", "note")
	if err != nil {
		return nil, nil, err
	}
	c.step = step
	c.rule = func(l *Allocation, _ *request.Request, res *resource.Resource, _ time.Time) error {
		n, err := lost(l)
		if err != nil {
			return err
		}
		l.Lost, l.Reason, l.Private.Note = n, c.reason, note
		return res.Consume(l.ID, 0, n)
	}
	v, _, err := s.do(ctx, a, c)
	return v, notices, err
}
