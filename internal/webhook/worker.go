package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

// Bounds of the worker.
const (
	parallel  = 16               // attempts of one webhook at a time
	batchSize = 64               // events of one step
	lease     = time.Minute      // how long a process that died holds a webhook
	lastStart = 40 * time.Second // into the lease: no attempt begins later, so that all end within it
	pollEvery = 5 * time.Second
)

// Render shows objects as an actor sees them now, as JSON in the API's form, by id;
// what is hidden or gone is not in the map.
type Render func(ctx context.Context, a access.Actor, ids []string) (map[string]json.RawMessage, error)

// Worker delivers the webhooks of one store. Any number of processes may each run
// one: a webhook is delivered by one of them at a time.
type Worker struct {
	s      *Service
	hub    *feed.Hub
	render Render
	log    *slog.Logger
	clock  clock.Clock
	chance func() float64
	me     string
}

// WorkerConfig is what a worker works with; Hub and Render are needed.
type WorkerConfig struct {
	Hub    *feed.Hub
	Render Render
	Log    *slog.Logger   // silent
	Clock  clock.Clock    // the machine's
	Chance func() float64 // in [0, 1), spreads the pauses; a half
}

// NewWorker makes a worker of the service's webhooks.
func (s *Service) NewWorker(c WorkerConfig) *Worker {
	w := &Worker{s: s, hub: c.Hub, render: c.Render, log: c.Log, clock: c.Clock, chance: c.Chance, me: rand.Text()}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.clock == nil {
		w.clock = clock.System()
	}
	if w.chance == nil {
		w.chance = func() float64 { return 0.5 }
	}
	return w
}

// Run delivers until ctx ends and returns when no attempt is under way. Each webhook
// has a goroutine of its own: a slow target holds up nobody else.
func (w *Worker) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	running := map[string]chan struct{}{} // rung when there may be something to do
	ended := make(chan string)
	ring, release := w.s.core.DB.Bell()
	defer release()
	for {
		ids, err := w.active(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "webhooks: reading", "cause", err.Error())
		}
		for _, id := range ids {
			if running[id] == nil {
				bell := make(chan struct{}, 1)
				running[id] = bell
				all.Go(func() {
					w.drive(ctx, id, bell)
					select {
					case ended <- id:
					case <-ctx.Done():
					}
				})
			}
		}
		for _, bell := range running {
			nudge(bell)
		}
		if err := w.pause(ctx, ring, pollEvery, func() { w.forget(running, ended) }); err != nil {
			return err
		}
	}
}

// forget drops the goroutines that have ended.
func (w *Worker) forget(running map[string]chan struct{}, ended <-chan string) {
	for {
		select {
		case id := <-ended:
			delete(running, id)
		default:
			return
		}
	}
}

func nudge(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// pause waits for a ring or a time, then calls then.
func (w *Worker) pause(ctx context.Context, ring <-chan struct{}, d time.Duration, then func()) error {
	over := make(chan struct{})
	timer := w.clock.AfterFunc(d, func() { close(over) })
	defer timer.Stop()
	select {
	case <-ring:
	case <-over:
	case <-ctx.Done():
		return ctx.Err()
	}
	then()
	return nil
}

// drive steps one webhook for as long as it is active.
func (w *Worker) drive(ctx context.Context, id string, bell <-chan struct{}) {
	for {
		next, err := w.Step(ctx, id)
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "webhook: step", "webhook", id, "cause", err.Error())
			next = w.clock.Now().Add(pollEvery)
		}
		if next.IsZero() || ctx.Err() != nil {
			return
		}
		if d := next.Sub(w.clock.Now()); d > 0 {
			if w.pause(ctx, bell, d, func() {}) != nil {
				return
			}
		}
	}
}

// active lists the webhooks to be delivered.
func (w *Worker) active(ctx context.Context) (ids []string, err error) {
	err = w.s.rows.Each(ctx, store.Query{Where: store.Is("state", Active)}, func(h *Webhook) error {
		ids = append(ids, h.ID)
		return nil
	})
	return ids, err
}

// take takes or prolongs the lease of a webhook; false while another process has it.
func (w *Worker) take(ctx context.Context, id string) (h *Webhook, r *run, mine bool, err error) {
	now := w.clock.Now().UTC().Truncate(time.Millisecond)
	err = w.s.core.DB.Tx(ctx, func(ctx context.Context) error {
		mine = false
		var err error
		if h, err = w.s.rows.Get(ctx, id); err != nil {
			return err
		}
		if r, err = w.s.runs.Get(ctx, id); err != nil {
			return err
		}
		// A lease that ends later than any could comes from a clock that was set back.
		held := r.Holder != "" && r.Holder != w.me && now.Before(r.Until) && r.Until.Sub(now) <= lease
		if held || h.State != Active {
			return nil
		}
		mine, r.Holder, r.Until = true, w.me, now.Add(lease)
		return w.s.runs.Replace(ctx, r, store.Note{})
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil, false, nil // deleted
	}
	return h, r, mine, err
}
