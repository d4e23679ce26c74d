package resource

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Gone is told, inside the unit of work, that a resource gives nothing any more, and
// why (RELEASE_REASON): open proposals end, and what is held or promised of it and not
// on its way yet is to be released. The resource is saved by then; load it to change
// it. An error stops the whole.
type Gone func(ctx context.Context, resourceID, reason string, a access.Actor) error

// Moved is told, inside the unit of work, which holds were changed by the resource itself,
// and why (RELEASE_REASON): moved to other batches, made smaller, or with a value of 0
// ended. The resource is saved by then.
type Moved func(ctx context.Context, changed []Hold, reason string, a access.Actor) error

// Why what was promised of a resource that is withdrawn or called back is released.
const (
	withdrawnReason = "RESOURCE_WITHDRAWN"
	recalledReason  = "RECALLED"
)

// Service is the use cases of charity resources.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[Resource]
	divisions     *division.Service
	organisations *organisation.Service
	stations      *station.Service
	staleAfter    time.Duration
	gone          []Gone
	moved         []Moved
}

// New registers the noun; call it before the store starts. What a stopped
// organisation offers is paused in the unit that stops it.
func New(core *usecase.Core, divisions *division.Service, organisations *organisation.Service, stations *station.Service) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions, organisations: organisations, stations: stations, staleAfter: StaleAfter}
	organisations.OnStop(s.stopped)
	return s
}

// KeepFresh sets after how long without the owner's word an offer is stale. Call it while
// wiring.
func (s *Service) KeepFresh(d time.Duration) { s.staleAfter = d }

// OnWithdraw adds a package that has to release what was taken of a resource when it
// is withdrawn or its owner is stopped. Call it while wiring.
func (s *Service) OnWithdraw(fn Gone) { s.gone = append(s.gone, fn) }

// OnMove adds a package that keeps what holds say. Call it while wiring.
func (s *Service) OnMove(fn Moved) { s.moved = append(s.moved, fn) }

// Load reads a resource unmasked, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Resource, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Save keeps a changed stock, inside the caller's unit: the version that people see
// stays. Lapsed holds are dropped.
func (s *Service) Save(ctx context.Context, r *Resource, n store.Note) error {
	r.purge(s.core.Time())
	return s.rows.Touch(ctx, r, n)
}

// Sight is the actor's view of resources.
func (s *Service) Sight(a access.Actor) *access.Sight { return access.See(a, Noun) }

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Resource] { return s.rows }

// release tells all who took of a resource.
func (s *Service) release(ctx context.Context, id, reason string, a access.Actor) error {
	for _, fn := range s.gone {
		if err := fn(ctx, id, reason, a); err != nil {
			return err
		}
	}
	return nil
}

// stopped takes back all that a barred organisation offers, pauses what a suspended one
// does, and releases what was taken of it: also of what it had paused or withdrawn
// itself, which may have kept promises.
func (s *Service) stopped(ctx context.Context, a access.Actor, o *organisation.Organisation) error {
	return s.rows.Each(ctx, store.Query{Where: store.Is("owner", o.ID), Sort: "created", Guard: guard(o.ID)}, func(found *Resource) error {
		r, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		reason := o.Released()
		if event := r.stop(o.Admission() == organisation.Barred); event != "" {
			if err := s.rows.Replace(ctx, r, usecase.Note(a, event, r.ID, reason)); err != nil {
				return err
			}
		}
		return s.release(ctx, r.ID, reason, a)
	})
}

// Expire says of what has ended that it has: at most 500 a call. The system calls
// it; it returns how many there were.
func (s *Service) Expire(ctx context.Context, a access.Actor) (n int, err error) {
	now := s.core.Time()
	for _, state := range []State{Published, Paused} {
		q := store.Query{Where: store.Both(store.Is("state", string(state)), store.Below("ends", now.Add(time.Millisecond))), Sort: "created", Limit: 250}
		page, err := s.rows.Find(ctx, q)
		if err != nil {
			return n, err
		}
		for _, found := range page.Items {
			err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
				r, err := s.rows.Get(ctx, found.ID)
				if err != nil || r.Now(now) == r.State() {
					return err
				}
				r.Header.State = string(Expired)
				return s.rows.Touch(ctx, r, usecase.Note(a, "resource.expired", r.ID, ""))
			})
			if err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
