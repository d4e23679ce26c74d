package feed

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// Subscription is one member's feed. Next is for one goroutine at a time.
type Subscription struct {
	hub    *Hub
	member Member
	wake   chan struct{} // something may have changed

	// Guarded by hub.mu.
	detach func() bool
	actor  access.Actor
	view   view
	joined bool // the rights are known
	live   bool // the hub itself brings the entries after pos
	rights int  // grows with every change of rights
	pos    int64
	target int64  // where the log ended when the member came: up to there is past
	held   string // print of the rights that the member's cursor came from
	queue  []Event
	err    error

	quietSince time.Time // of the reader: when it was last handed something
}

// Next waits for the next event. Past entries come first: each only if visible
// by its own state and by the row's present one, with the stricter mask, under
// the rights of this moment. A checkpoint says that the past is done, and from
// then on that 30 s were silent. Errors: ErrRevoked, ErrSlow, ErrStopped, or ctx's.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Event{}, err
		}
		ev, state, err := s.take()
		if err != nil {
			return Event{}, err
		}
		switch state {
		case taken:
			ev.Cursor = s.hub.seal(ev.Seq, ev.print)
			s.quietSince = s.hub.now()
			return ev, nil
		case behind:
			if err := s.catchUp(ctx); err != nil {
				return Event{}, err
			}
		case idle:
			if err := s.sleep(ctx); err != nil {
				return Event{}, err
			}
		}
	}
}

// Close leaves the hub. It may be called more than once.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.end(context.Canceled)
	if s.detach != nil {
		s.detach()
	}
}

type state uint8

const (
	taken  state = iota // an event was taken
	behind              // entries have to be fetched
	idle                // nothing to do
)

func (s *Subscription) take() (Event, state, error) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	checkpoint := Event{Kind: Checkpoint, Seq: max(s.pos, h.seq), At: h.now(), print: s.view.print}
	switch {
	case s.err != nil:
		return Event{}, taken, s.err
	case len(s.queue) > 0:
		ev := s.queue[0]
		s.queue = s.queue[1:]
		return ev, taken, nil
	case !s.live && s.pos < h.seq:
		return Event{}, behind, nil
	case !s.live && s.pos < s.target:
		return Event{}, idle, nil // the hub has not come so far yet
	case !s.live:
		s.live = true
		return checkpoint, taken, nil
	case !h.now().Before(s.quietSince.Add(h.cfg.Idle)):
		return checkpoint, taken, nil
	}
	return Event{}, idle, nil
}

// sleep waits until something may have changed, at most until a checkpoint is due.
func (s *Subscription) sleep(ctx context.Context) error {
	due := s.quietSince.Add(s.hub.cfg.Idle)
	timer := s.hub.cfg.Clock.AfterFunc(due.Sub(s.hub.now()), s.nudge)
	defer timer.Stop()
	select {
	case <-s.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Subscription) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// offer is the hub's: it brings one entry; hub.mu is held.
func (s *Subscription) offer(e *store.Entry) {
	if s.err != nil || !s.joined {
		return
	}
	if !s.view.until.IsZero() && !e.At.Before(s.view.until) {
		s.end(ErrRevoked) // a grant ran out; its entry is still to come
		return
	}
	if !s.live {
		s.nudge()
		return
	}
	if e.Seq <= s.pos {
		return
	}
	s.pos = e.Seq
	events := s.view.route(e)
	if len(events) == 0 {
		return
	}
	if len(s.queue) >= s.hub.cfg.Queue {
		s.end(ErrSlow)
		return
	}
	s.queue = append(s.queue, events...)
	s.nudge()
}

// adopt applies a change of rights; hub.mu is held. It reports whether it ended
// the subscription.
func (s *Subscription) adopt(r Rights) bool {
	s.rights++
	switch {
	case s.err != nil:
		return false
	case r.Session != "":
		if r.Session != s.actor.Session {
			return false
		}
	case !r.Ended && !s.joined:
		return false // join reads the rights again
	case !r.Ended && !lost(s.actor.Grants, r.Grants):
		s.actor.Grants = r.Grants
		s.actor = s.actor.Live(s.hub.now())
		before := s.view.print
		if s.view = s.view.under(s.actor); s.view.print != before {
			s.tellRights()
		}
		return false
	}
	s.end(ErrRevoked)
	return true
}

// tellRights queues the gap that a change of rights makes; hub.mu is held.
func (s *Subscription) tellRights() {
	if s.member.Mirror {
		s.queue = append(s.queue, Event{Kind: Gap, Reason: RightsChanged, Seq: s.pos, At: s.hub.now(), print: s.view.print})
		s.nudge()
	}
}

// end drops what is queued and wakes the reader; hub.mu is held.
func (s *Subscription) end(err error) {
	if s.err == nil {
		s.err, s.queue = err, nil
		delete(s.hub.members, s)
		s.nudge()
	}
}

// Actor is the member with the rights that its events are routed by now.
func (s *Subscription) Actor() access.Actor {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.actor
}
