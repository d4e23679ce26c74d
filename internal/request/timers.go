package request

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Times after which the platform itself takes a step (domain.md §3b), for requests of
// normal urgency: see wait for the others.
const (
	matchLife  = 2 * day // for supply to be found, then the level above is told
	returnLife = 7 * day // to complete what was given back, whatever the urgency
)

// timer is when the platform takes a step by itself; what it does not wait for stands
// behind all others.
func timer(r *Request) any {
	if _, ok := r.elapses(); ok && !r.DueAt.IsZero() {
		return r.DueAt
	}
	return int64(math.MaxInt64)
}

// elapses is the step that follows when the time of the present state is over.
func (r *Request) elapses() (Step, bool) {
	switch r.State() {
	case OnHold:
		return StepResume, true
	case Returned:
		return StepCancel, true
	case Referred:
		return systemSilent, !r.Escalated
	case Delivered:
		if !r.Reminded && !r.Disputed {
			return systemRemind, true
		}
	default:
	}
	return systemEscalate, !r.Escalated && slices.Contains(awaited, r.State())
}

// Elapse takes the steps that time takes, the longest due first: a request on hold goes
// on at its day, one given back and not completed is cancelled after 7 days, who has not
// confirmed a delivery is reminded, and one with whom nothing else happened in time is
// flagged for the level above. What waits for working days of a year without data stays as
// it is, and is told once as HOLIDAYS_UNKNOWN with how many wait. The system calls it; it
// returns how many requests moved and what went wrong with the others.
func (s *Service) Elapse(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("timer", now.Add(time.Millisecond)), Sort: "timer"}
	unknown := map[string]error{} // by request: a unit may run again
	moved, err := usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, r *Request) (bool, error) {
		delete(unknown, r.ID)
		if r.Wait != nil && !now.Before(r.DueAt) {
			if unknown[r.ID] = r.count(); unknown[r.ID] != nil {
				return false, nil
			}
			delete(unknown, r.ID)
			if now.Before(r.DueAt) {
				return true, s.rows.Touch(ctx, r, usecase.Note(a, "request.counted", r.ID, ""))
			}
		}
		step, ok := r.elapses()
		if !ok || r.DueAt.IsZero() || now.Before(r.DueAt) {
			return false, nil
		}
		return true, s.apply(ctx, a, r, s.elapsed(a, step), now)
	})
	for _, why := range unknown { // of all the same: an operator reads it once a turn
		return moved, errors.Join(err, fmt.Errorf("%d requests wait for a calendar: %w", len(unknown), why))
	}
	return moved, err
}

// elapsed is a step that nobody took, as a change.
func (s *Service) elapsed(a access.Actor, step Step) change {
	c := change{step: step}
	switch step {
	case StepResume:
		c.then = func(_ context.Context, r *Request, now time.Time) (string, error) {
			r.resume(now)
			return "", nil
		}
	case StepCancel:
		c.reason = notCompleted
		c.then = func(ctx context.Context, r *Request, now time.Time) (string, error) {
			return "", s.cancelled(ctx, a, r, notCompleted, now)
		}
	case systemRemind:
		c.touch = true
	case systemEscalate, systemSilent:
		c.touch = true // nobody's edit: who is at work on it keeps their version
		c.then = func(_ context.Context, r *Request, _ time.Time) (string, error) {
			r.Escalated = true
			return "", nil
		}
	}
	return c
}

// notCompleted is why a request that was given back ends by itself.
const notCompleted = "NOT_COMPLETED"
