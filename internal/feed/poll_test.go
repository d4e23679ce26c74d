package feed_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

// deaf is an engine of which the hub can't read the log for a while; those who
// resume, and name where to stop, can.
type deaf struct {
	store.Adapter
	failing atomic.Bool
	asked   chan struct{}
}

func (d *deaf) Log(ctx context.Context, q store.LogQuery) ([]*store.Entry, error) {
	if d.failing.Load() && q.Until == 0 {
		select {
		case d.asked <- struct{}{}:
		default:
		}
		return nil, fault.New(fault.CodeUnavailable)
	}
	return d.Adapter.Log(ctx, q)
}

func newDeafWorld(t *testing.T, configure ...func(*feed.Config)) (*world, *deaf) {
	engine := &deaf{asked: make(chan struct{}, 1)}
	w := newWorldOn(t, func(a store.Adapter) store.Adapter {
		engine.Adapter = a
		return engine
	}, configure...)
	return w, engine
}

// A member who starts now, while the hub lags behind, gets nothing of before.
func TestNowIsTheEndOfTheLog(t *testing.T) {
	t.Parallel()
	w, engine := newDeafWorld(t)
	m := w.member("acc_1", coord)
	w.live(m)
	engine.failing.Store(true)
	w.put("before", touch)
	s := w.live(m)
	engine.failing.Store(false)
	w.put("after", touch)
	w.want(s, "entered after 4")
}

// Who resumes never reads ahead of the hub: between lies a revocation.
func TestResumingDoesNotOvertakeARevocation(t *testing.T) {
	t.Parallel()
	w, engine := newDeafWorld(t, func(c *feed.Config) { c.Ring = 1 })
	m := w.member("acc_1", coord)
	m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
	for range 3 {
		w.put("a", touch)
	}
	w.settle()
	s := w.subscribe(m)
	engine.failing.Store(true)
	w.grant("acc_1", func(a *account) { a.Grants = nil })
	w.put("a", touch)
	w.want(s, "entered a 4", "changed a 4", "changed a 4", "checkpoint")
	engine.failing.Store(false)
	w.put("b", touch)
	w.wantEnd(s, feed.ErrRevoked)
}

func TestPollMakesUpForWhatTheBellDidNotBring(t *testing.T) {
	t.Parallel()
	w, engine := newDeafWorld(t)
	s := w.live(w.member("acc_1", coord))
	engine.failing.Store(true)
	w.put("a", touch)
	<-engine.asked // the ring came, and was of no use
	engine.failing.Store(false)
	got := make(chan string)
	go func() {
		e, _ := w.next(s)
		got <- show(e)
	}()
	for {
		select {
		case e := <-got:
			if e != "entered a 4" {
				t.Fatalf("got %q", e)
			}
			return
		case <-time.After(time.Millisecond):
			if w.clock.Waiting() == 2 { // the hub's poll and the reader's silence
				w.clock.Advance(time.Second)
			}
		}
	}
}
