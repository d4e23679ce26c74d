package resource

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Receive is a batch of goods that came in; it came today unless said.
type Receive struct {
	CharityResourceID string
	Lot               *string
	ReceivedOn        *usecase.Date
	ExpiresOn         *usecase.Date
	Quantity          measure.Quantity
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Receive adds a batch to the stock of goods. What was offered before without batches
// becomes the first of them.
func (s *Service) Receive(ctx context.Context, a access.Actor, in Receive) (*View, []usecase.Notice, error) {
	b, notices, err := in.batch(usecase.DateOf(s.core.Time()))
	if err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, step{
		act: ActReceive, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "resource.received",
		rule: func(_ context.Context, r *Resource, _ time.Time) error {
			if err := in.Quantity.Same(r.Unit(), "input", "quantity"); err != nil {
				return err
			}
			return r.receive(b)
		},
	})
	return v, notices, err
}

// batch checks all of a batch that does not need its resource.
func (in Receive) batch(today usecase.Date) (b Batch, notices []usecase.Notice, err error) {
	if err := in.Quantity.Check("input", "quantity"); err != nil {
		return b, nil, err
	}
	b = Batch{ReceivedOn: usecase.Or(in.ReceivedOn, today), Received: in.Quantity.Value}
	if b.Lot, notices, err = usecase.FreeText(usecase.Or(in.Lot, ""), maxBatch, false, "input", "lot"); err != nil {
		return b, nil, err
	}
	if err := came(b.ReceivedOn, today); err != nil {
		return b, nil, fault.Under(err, "input", "receivedOn")
	}
	b.ExpiresOn = usecase.Or(in.ExpiresOn, "")
	b.ExpiresAt, err = lastDay(b.ExpiresOn, today)
	return b, notices, err
}

// came refuses a day of arrival that is none or lies ahead.
func came(on, today usecase.Date) error {
	if _, err := on.Start(); err != nil {
		return err
	}
	if on > today {
		return fault.New(fault.CodeInvalid, fault.P("rule", "NOT_IN_THE_FUTURE"))
	}
	return nil
}

// BatchRecall is a batch to call back.
type BatchRecall struct {
	CharityResourceID string
	BatchID           string
	Reason            string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// RecallBatch calls a batch back: nothing of it may be given any more. What was held or
// promised and not sent is found anew of other batches as far as they go; whoever took of
// the resource is told in the same unit.
func (s *Service) RecallBatch(ctx context.Context, a access.Actor, in BatchRecall) (*View, error) {
	if err := usecase.InList(codes.RecallReason, in.Reason, "input", "reason"); err != nil {
		return nil, err
	}
	if err := usecase.ID(in.BatchID, batchPrefix, "input", "batchId"); err != nil {
		return nil, err
	}
	var changed []Hold
	return s.step(ctx, a, step{
		act: ActRecallBatch, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "resource.batch_recalled", reason: in.Reason,
		rule: func(_ context.Context, r *Resource, now time.Time) (err error) {
			changed, err = r.callBack(in.BatchID, in.Reason, now)
			return err
		},
		then: func(ctx context.Context, _ string, a access.Actor) error {
			for _, fn := range s.moved {
				if err := fn(ctx, changed, recalledReason, a); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
