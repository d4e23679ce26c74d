package feed

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// Subscription is one member's feed.
type Subscription struct {
	hub     *Hub
	account string // whose it is, from the beginning

	// Guarded by hub.mu.
	wake    chan struct{} // something may have changed; nil while the hub hands over
	detach  func() bool
	session string
	grants  []access.Grant
	acts    []string
	as      *access.Actor // all of who it is, where that is asked for; else nil
	view    *view         // all that see what it sees share it
	next    *Subscription // of the same account
	at      int           // in view.members
	from    int           // what of view.batch is to be handed to it
	apart   bool          // it is handed what is in queue, and not view.batch
	differs int64         // the last entry that was something else to it than to its view
	joined  bool          // the rights are known
	live    bool          // the hub itself brings the entries after pos
	rights  int           // grows with every change of rights
	pos     int64
	target  int64 // where the log ended when the member came: up to there is past
	queue   []stream.Item
	err     error
	handed  int64           // up to there the receiver has what is its
	to      stream.Receiver // takes what comes, once it has all that is past

	quietSince time.Time // of the reader: when it was last handed something
}

// Follow hands over the member's events. Past entries come first: each only if visible by
// its own state and by the row's present one, with the stricter mask, under the rights of
// this moment. A checkpoint says that the past is done, and from then on that 30 s were
// silent. Then the hub goes on handing over what comes, on its own goroutine, while the
// receiver is ready. Errors: ErrRevoked, ErrSlow, ErrStopped, ctx's, or what Room says. It is
// stream.Source; one goroutine at a time calls it.
func (s *Subscription) Follow(ctx context.Context, to stream.Receiver) (err error) {
	s.release()
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	for {
		if err := to.Room(ctx); err != nil {
			return err
		}
		items, state, err := s.take(few, to)
		if err != nil {
			return err
		}
		switch state {
		case taken:
			to.Take(items)
		case behind:
			err = s.catchUp(ctx)
		case idle:
			err = s.sleep(ctx)
		case over:
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
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
		s.detach = nil
	}
}

// release takes the subscription out of the hands of the ctx that it was made in, which knows
// more of a request than an idle reader is to hold.
func (s *Subscription) release() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.detach != nil {
		s.detach()
		s.detach = nil
	}
}

type state uint8

const (
	taken  state = iota // events were taken
	behind              // entries have to be fetched
	idle                // nothing to do
	over                // the hub has taken over
)

// few is how many events are handed over between two questions for room.
const few = 8

// take is at most n of what there is. Once nothing is left of the past the hub hands over
// to the receiver, if it is ready, what comes.
func (s *Subscription) take(n int, to stream.Receiver) ([]stream.Item, state, error) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case s.err != nil:
		return nil, taken, s.err
	case len(s.queue) > 0:
		n = min(n, len(s.queue))
		items := s.queue[:n:n]
		s.queue = s.queue[n:]
		s.quietSince = h.now()
		return items, taken, nil
	case !s.live && s.pos < h.seq:
		return nil, behind, nil
	case !s.live && s.pos < s.target:
		return nil, idle, nil // the hub has not come so far yet
	case !s.live:
		s.live = true
	case s.pos <= h.seq && to.Ready():
		s.handed = s.position()
		s.giveTo(to)
		return nil, over, nil
	case !s.quiet(h.now()):
		return nil, idle, nil
	}
	s.quietSince = h.now()
	return []stream.Item{h.item(s.checkpoint(s.quietSince))}, taken, nil
}

// fallBack takes the subscription back from the hub's hands: its receiver is to fetch at its
// own pace what it has not been handed; hub.mu is held.
func (s *Subscription) fallBack() {
	s.takeBack()
	s.live, s.pos, s.wake = false, s.handed, make(chan struct{}, 1)
	s.queue = slices.DeleteFunc(s.queue, func(it stream.Item) bool { // nothing in the log tells of a gap
		return it.Event.(*Event).Kind != Gap
	})
}

// position is up to where the log has been looked at for the member; hub.mu is held.
func (s *Subscription) position() int64 {
	if s.live {
		return max(s.pos, s.hub.seq)
	}
	return s.pos
}

// quiet reports whether a checkpoint is due; hub.mu is held.
func (s *Subscription) quiet(now time.Time) bool {
	return !now.Before(s.quietSince.Add(s.hub.cfg.Idle))
}

// markAt is the mark of the entry at a place, if it is at hand; hub.mu is held.
func (s *Subscription) markAt(seq int64) int64 {
	if seq == s.hub.seq {
		return s.hub.mark
	}
	return 0
}

// checkpoint is one; hub.mu is held.
func (s *Subscription) checkpoint(now time.Time) Event {
	seq := max(s.pos, s.hub.seq)
	return s.view.told(Event{Kind: Checkpoint, Seq: seq, mark: s.markAt(seq), At: now})
}

// push queues what the hub brings this member alone, for the reader or the next handing over;
// hub.mu is held.
func (s *Subscription) push(it stream.Item) {
	if s.to == nil {
		s.nudge()
	} else {
		s.split()
	}
	s.queue = append(s.queue, it)
}

// sleep waits until something may have changed, at most until a checkpoint is due.
func (s *Subscription) sleep(ctx context.Context) error {
	s.hub.mu.Lock()
	wake, due := s.wake, s.quietSince.Add(s.hub.cfg.Idle)
	s.hub.mu.Unlock()
	timer := s.hub.cfg.Clock.AfterFunc(due.Sub(s.hub.now()), func() { nudge(wake) })
	defer timer.Stop()
	select {
	case <-wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nudge wakes who reads; hub.mu is held.
func (s *Subscription) nudge() { nudge(s.wake) }

func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}: // never to nil
	default:
	}
}

// offer brings one entry to a member whom the hub does not hand over to; hub.mu is held.
func (s *Subscription) offer(e *store.Entry, named bool) {
	switch {
	case !s.joined:
	case s.view.over(e):
		s.end(ErrRevoked)
	case !s.live:
		s.nudge()
	case e.Seq <= s.pos:
		s.nudge() // once the hub has come so far, it can hand over
	default:
		s.pos = e.Seq
		items := s.items(e, named)
		if len(items) > 0 && len(s.queue) >= s.hub.cfg.Queue {
			s.end(ErrSlow)
			return
		}
		for _, it := range items {
			s.push(it)
		}
	}
}

// items are what an entry that is being routed is to the member; hub.mu is held.
func (s *Subscription) items(e *store.Entry, named bool) []stream.Item {
	if !named || s.view.mirror {
		return s.hub.tell(s.view, e)
	}
	key := mine{s.account, s.view}
	out, decided := s.hub.mine[key]
	if !decided {
		for _, ev := range s.own().route(nil, e) {
			out = append(out, s.hub.shared(ev))
		}
		s.hub.mine[key] = out
	}
	return out
}

// adopt applies a change of rights; hub.mu is held. It reports whether it ended
// the subscription.
func (s *Subscription) adopt(r Rights) bool {
	s.rights++
	switch {
	case s.err != nil:
		return false
	case r.Session != "":
		if r.Session != s.session {
			return false
		}
	case !r.Ended && !s.joined:
		return false // join reads the rights again
	case !r.Ended && !lost(s.grants, r.Grants):
		s.grants = access.Actor{Grants: r.Grants}.Live(s.hub.now()).Grants
		before := s.view.print
		if s.see(s.view.following); s.view.print != before {
			s.tellRights()
		}
		return false
	}
	s.end(ErrRevoked)
	return true
}

// tellRights queues the gap that a change of rights makes; hub.mu is held.
func (s *Subscription) tellRights() {
	if s.view.mirror {
		s.push(s.hub.item(s.view.told(Event{Kind: Gap, Reason: RightsChanged, Seq: s.position(), mark: s.markAt(s.position()), At: s.hub.now()})))
	}
}

// end drops what is queued and wakes the reader; hub.mu is held.
func (s *Subscription) end(err error) {
	if s.err == nil {
		s.err, s.queue = err, nil
		s.hub.leave(s)
		if s.to != nil && !errors.Is(err, context.Canceled) {
			s.hub.over = append(s.hub.over, s)
		}
		s.nudge()
	}
}

// Actor is the member with the rights that its events are routed by now.
func (s *Subscription) Actor() access.Actor {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.actor()
}

// be makes the member an actor; hub.mu is held, unless nobody knows it yet.
func (s *Subscription) be(a access.Actor, personal bool) {
	s.session, s.grants, s.acts, s.as = a.Session, a.Grants, a.Acts, nil
	if personal || a.IsSystem() {
		s.as = &a
	}
}

// actor is the member, as far as it is known; hub.mu is held.
func (s *Subscription) actor() access.Actor {
	a := access.Actor{ID: s.account, Session: s.session, Acts: s.acts}
	if s.as != nil {
		a = *s.as
	}
	a.Grants = s.grants
	return a
}
