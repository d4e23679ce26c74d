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

// Change is a change of a resource; nil leaves as it is, an empty text or list and a
// minimum of 0 empty.
type Change struct {
	CharityResourceID string
	Title             *string
	Description       *string
	Quantity          *measure.Quantity
	Minimum           *measure.Quantity
	Window            *measure.Window
	ExpiresOn         *usecase.Date
	Batch             *string
	AreaID            *string
	Location          *usecase.GeoPoint
	Eligibility       []string
	Capacity          *Capacity
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Change changes what is offered. OUT_OF_RANGE for less than what is held, promised
// and given.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, step{
		act: ActChange, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "resource.changed",
		rule: func(ctx context.Context, r *Resource, now time.Time) (err error) {
			if err := in.batched(r); err != nil {
				return err
			}
			if in.Quantity != nil {
				if err := r.amount(*in.Quantity, now); err != nil {
					return err
				}
			}
			notices, err = r.fill(words{
				title: in.Title, description: in.Description, minimum: in.Minimum, window: in.Window, expiresOn: in.ExpiresOn,
				batch: in.Batch, location: in.Location, eligibility: in.Eligibility, capacity: in.Capacity,
			}, usecase.DateOf(now))
			if err != nil || in.AreaID == nil {
				return err
			}
			return s.settleIn(ctx, r, *in.AreaID)
		},
	})
	return v, notices, err
}

// batched refuses to change what the resource's batches say.
func (in Change) batched(r *Resource) error {
	if len(r.Batches) == 0 {
		return nil
	}
	for field, said := range map[string]bool{"quantity": in.Quantity != nil, "expiresOn": in.ExpiresOn != nil, "batch": in.Batch != nil} {
		if said {
			return fault.New(fault.CodeInvalid, fault.At("input", field), fault.P("rule", "BATCHES"))
		}
	}
	return nil
}

func (r *Resource) amount(q measure.Quantity, now time.Time) error {
	if err := q.Check("input", "quantity"); err != nil {
		return err
	}
	if err := q.Same(r.Unit(), "input", "quantity"); err != nil {
		return err
	}
	return fault.Under(r.resize(q.Value, now), "input", "quantity", "value")
}

// Publish is a resource to put on offer.
type Publish struct {
	CharityResourceID string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Publish puts a resource on offer: from now on it can be matched.
// ORGANISATION_NOT_ADMITTED when its owner may not take part, RESOURCE_UNAVAILABLE
// when it has ended.
func (s *Service) Publish(ctx context.Context, a access.Actor, in Publish) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, step{
		act: ActPublish, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "resource.published",
		rule: func(ctx context.Context, r *Resource, now time.Time) error {
			owner, err := s.organisations.Load(ctx, r.Owner)
			if err != nil {
				return err
			}
			if err := owner.CanTakePart(); err != nil {
				return err
			}
			r.ConfirmedAt = now
			r.settle()
			return r.lasting(now)
		},
	})
	return v, nil, err
}

func (r *Resource) lasting(now time.Time) error {
	if r.ended(now) {
		return fault.New(fault.CodeResourceUnavailable, fault.P("state", string(Expired)))
	}
	return nil
}

// Pause is a resource to take out of matching.
type Pause struct {
	CharityResourceID string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Pause takes a resource out of matching for a time; what is held stays held.
func (s *Service) Pause(ctx context.Context, a access.Actor, in Pause) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, step{
		act: ActPause, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "resource.paused",
	})
	return v, nil, err
}

// Withdraw is a resource to take back.
type Withdraw struct {
	CharityResourceID string
	Reason            string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Withdraw takes a resource back for good: open proposals end, and what is held or
// promised of it and not on its way yet is released in the same unit.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, in Withdraw) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReleaseReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, step{
		act: ActWithdraw, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "resource.withdrawn", reason: in.Reason,
		rule: func(_ context.Context, r *Resource, _ time.Time) error {
			r.drop()
			return nil
		},
		then: func(ctx context.Context, id string, a access.Actor) error {
			return s.release(ctx, id, withdrawnReason, a)
		},
	})
	return v, nil, err
}

// rights names the action that each step asks for.
var rights = map[Action]access.Action{
	ActChange: "resource.change", ActPublish: "resource.publish", ActPause: "resource.change", ActWithdraw: "resource.withdraw",
	ActConfirm: "resource.change", ActRecall: "resource.recall", ActReceive: "resource.change", ActRecallBatch: "resource.recall",
}

// step is one step of a resource's life.
type step struct {
	act           Action
	id            string
	expected      int64
	key           *string
	input         any
	event, reason string
	rule          func(ctx context.Context, r *Resource, now time.Time) error
	then          func(ctx context.Context, id string, a access.Actor) error // runs when the resource is saved
}

// step runs the one order of every step: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, st step) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(st.id, prefix, "input", "charityResourceId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "resource."+string(st.act), usecase.Or(st.key, ""), st.input, func(ctx context.Context) ([]string, error) {
		r, err := s.rows.Get(ctx, st.id)
		if err != nil {
			return nil, err
		}
		if err := s.Sight(a).May(rights[st.act], &r.Header); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(r, st.expected); err != nil {
			return nil, err
		}
		return []string{r.ID}, s.apply(ctx, a, r, st, now)
	})
	v, _, err := s.answer(ctx, a, ids, nil, err)
	return v, err
}

func (s *Service) apply(ctx context.Context, a access.Actor, r *Resource, st step, now time.Time) error {
	if err := r.take(st.act, s.allowed(a, r, now), now); err != nil {
		return err
	}
	if st.rule != nil {
		if err := st.rule(ctx, r, now); err != nil {
			return err
		}
	}
	r.purge(now)
	if err := s.rows.Replace(ctx, r, usecase.Note(a, st.event, r.ID, st.reason)); err != nil {
		return err
	}
	if st.then == nil {
		return nil
	}
	return st.then(ctx, r.ID, a)
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}
