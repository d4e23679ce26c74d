package feed_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/stream"
)

// taker notes what it is handed.
type taker struct {
	items chan stream.Item
	over  chan error
	again chan struct{}
	busy  atomic.Bool
	taken atomic.Int32 // how often it was handed something
}

func newTaker() *taker {
	return &taker{items: make(chan stream.Item, 64), over: make(chan error, 1), again: make(chan struct{}, 1)}
}

// Room is always there.
func (k *taker) Room(context.Context) error { return nil }

// Ready is always.
func (k *taker) Ready() bool { return !k.busy.Load() }

// Again follows anew once there is room.
func (k *taker) Again() { k.again <- struct{}{} }

// Take notes.
func (k *taker) Take(items []stream.Item) {
	k.taken.Add(1)
	for _, it := range items {
		k.items <- it
	}
}

// Over notes.
func (k *taker) Over(err error) { k.over <- err }

func (k *taker) next(t *testing.T) (stream.Item, feed.Event) {
	t.Helper()
	select {
	case it := <-k.items:
		return it, *it.Event.(*feed.Event)
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was handed over")
	}
	panic("unreachable")
}

func (k *taker) ids(t *testing.T, n int) string {
	t.Helper()
	var out []string
	for range n {
		_, ev := k.next(t)
		out = append(out, fmt.Sprint(ev.Kind, ev.ID))
	}
	return strings.Join(out, " ")
}

func (w *world) follow(m feed.Member) (*feed.Subscription, *taker) {
	w.t.Helper()
	sub, err := w.hub.Subscribe(w.t.Context(), m)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(sub.Close)
	k := newTaker()
	if err := sub.Follow(w.t.Context(), k); err != nil {
		w.t.Fatal(err)
	}
	return sub, k
}

// The hub goes on where the past ends: nothing is handed over twice or left out.
func TestWhoFollowsIsHandedThePastAndWhatComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	_, first := w.follow(m)
	it, ev := first.next(t)
	if ev.Kind != feed.Checkpoint || it.Cursor == "" {
		t.Fatalf("the past ends with %+v", ev)
	}
	w.put("a", func(*thing) {})
	w.put("b", func(*thing) {})
	if got := first.ids(t, 2); got != "2a 2b" {
		t.Errorf("handed over %s", got)
	}
	m.After = it.Cursor
	_, second := w.follow(m)
	w.put("a", func(x *thing) { x.N++ })
	if got := second.ids(t, 4); got != "2a 2b 5 1a" {
		t.Errorf("who resumes is handed %s", got)
	}
	if got := first.ids(t, 1); got != "1a" {
		t.Errorf("the other is handed %s", got)
	}
}

// Who has no room for what comes is taken out of the hub's hands, follows again when it has,
// and gets each once.
func TestWhoIsNotReadyGoesOnAtItsOwnPace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub, k := w.follow(w.member("acc_1", coord))
	k.next(t)
	w.put("a", func(*thing) {})
	if got := k.ids(t, 1); got != "2a" {
		t.Fatalf("handed over %s", got)
	}
	k.busy.Store(true)
	w.put("b", func(*thing) {})
	<-k.again
	w.put("c", func(*thing) {}) // while nobody follows
	w.settle()
	k.busy.Store(false)
	if err := sub.Follow(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	w.put("d", func(*thing) {})
	if got := k.ids(t, 4); got != "2b 2c 5 2d" {
		t.Errorf("handed over %s", got)
	}
}

// Items look alike to those who may see the same of a row, and to no others.
func TestLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	near, twin := w.member("acc_1", coord), w.member("acc_2", coord)
	far := w.member("acc_3", access.Grant{ID: "g", Role: access.Volunteer, Scope: "vol_1", Area: "1302"})
	var takers []*taker
	for _, m := range []feed.Member{near, twin, far} {
		_, k := w.follow(m)
		k.next(t)
		takers = append(takers, k)
	}
	w.put("a", func(x *thing) { x.State = "MATCHING" })
	a, ev := takers[0].next(t)
	b, _ := takers[1].next(t)
	c, stranger := takers[2].next(t)
	if a.Look != b.Look || a.Cursor != b.Cursor {
		t.Error("the same for two with the same rights looks different")
	}
	if a.Look == c.Look || ev.Mask <= stranger.Mask {
		t.Error("a stranger is shown what the station is")
	}
	if ev.Reader.ID == "acc_1" || len(ev.Reader.Grants) != 1 || len(stranger.Reader.Grants) != 0 {
		t.Errorf("made for %+v and %+v", ev.Reader, stranger.Reader)
	}
	// What somebody sees for having entered it is nobody else's look.
	w.put("b", func(x *thing) { x.State, x.Parties = "MATCHING", []string{access.PartyCreator.Of("acc_3")} })
	mine, own := takers[2].next(t)
	theirs, _ := takers[1].next(t)
	if own.Mask <= stranger.Mask || mine.Look == theirs.Look {
		t.Errorf("who entered it sees %v", own.Mask)
	}
}

func TestWhoFollowsIsToldTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, k := w.follow(w.member("acc_1", coord))
	k.next(t)
	w.put("a", func(*thing) {})
	k.next(t)
	w.grant("acc_1", func(a *account) { a.Grants = nil })
	if err := <-k.over; !errors.Is(err, feed.ErrRevoked) {
		t.Errorf("told %v", err)
	}
	<-w.revoked
	w.put("a", func(x *thing) { x.N++ })
	sub, other := w.follow(w.member("acc_2", coord))
	if len(k.items) > 0 {
		t.Error("something came behind the end")
	}
	sub.Close() // of one's own will: there is nobody to tell
	if len(other.over) > 0 {
		t.Errorf("told %v", <-other.over)
	}
}

func TestWhoFollowsHearsOfASilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, k := w.follow(w.member("acc_1", coord))
	k.next(t)
	for range 40 { // each round of the hub's poll
		w.clock.Advance(time.Second)
	}
	if _, ev := k.next(t); ev.Kind != feed.Checkpoint {
		t.Errorf("handed %+v", ev)
	}
}

// A mirror that has no room when its rights change is told of that later: nothing in the log
// makes the gap again.
func TestAGapOutlastsThatThereIsNoRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	m.Mirror = true
	sub, k := w.follow(m)
	k.next(t)
	k.busy.Store(true)
	w.grant("acc_1", func(a *account) { a.Grants = append(a.Grants, other) })
	<-k.again
	k.busy.Store(false)
	if err := sub.Follow(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if _, ev := k.next(t); ev.Kind != feed.Gap || ev.Reason != feed.RightsChanged {
		t.Errorf("handed %+v", ev)
	}
}

// A row that names somebody and is hidden from them is nothing to them: they are handed
// nothing because of it, not even nothing at all.
func TestWhoIsBarredIsHandedNothingAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m, peer := w.member("acc_1", coord), w.member("acc_2", coord)
	m.Nouns = []feed.Interest{feed.Protected(kinds[1])}
	peer.Nouns = m.Nouns
	_, k := w.follow(m)
	_, other := w.follow(peer)
	k.next(t)
	other.next(t)
	w.put("a", func(x *thing) { x.Barred = []string{"acc_1"} })
	other.next(t)
	w.settle()
	w.settle()
	if n := k.taken.Load(); n != 1 {
		t.Errorf("handed something %d times, want the first checkpoint alone", n)
	}
}
