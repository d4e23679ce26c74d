package feed_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
)

func station(id string) func(*thing) { return func(x *thing) { x.Station = id } }

func class(c access.Class) func(*thing) { return func(x *thing) { x.Class = c } }

func touch(x *thing) { x.N++ }

func TestEnteredChangedLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.live(w.member("acc_1", coord))
	w.put("a", touch)
	w.put("b", station("sta_2")) // never seen
	w.put("a", touch)
	w.put("b", touch)
	w.put("a", class(access.Protected))
	w.put("a", station("sta_2"))
	w.put("a", touch)
	w.put("b", station("sta_1"))
	w.tx(func(ctx context.Context) error { return w.things.Delete(ctx, "b", store.Note{Kind: "thing.removed"}) })
	w.want(s, "entered a 4", "changed a 4", "changed a 2", "left a", "entered b 4", "left b")
}

func TestOwnFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord, access.Grant{ID: "g", Role: access.Volunteer, Scope: "vol_1", Area: "1302"})
	m.Nouns[0].Where = store.Is("kind", "MEAL")
	meals := w.live(m)
	m.Nouns[0].Where = store.Is("station", "sta_2") // a station is shown from LIMITED on
	there := w.live(m)
	coarse := store.Both(store.Is("station", "sta_2"), store.Is("class", string(access.Restricted)))
	m.Nouns[0].Coarse = &coarse
	roughly := w.live(m)
	m.Nouns[0].Where, m.Nouns[0].Coarse, m.ID = store.All(), nil, "a"
	one := w.live(m)
	kind := func(k string) func(*thing) { return func(x *thing) { x.Kind = k } }
	w.put("a", kind("MEAL"))
	w.put("a", kind("RIDE"))
	w.put("c", func(x *thing) { x.State, x.Station, x.Class = "MATCHING", "sta_2", access.Restricted }) // offered, blind
	w.put("c", class(access.Public))                                                                    // offered, limited
	w.put("a", kind("MEAL"))
	w.want(meals, "entered a 4", "left a", "entered a 4")
	w.want(there, "entered c 2")
	w.want(roughly, "entered c 1", "changed c 2")
	w.want(one, "entered a 4", "changed a 4", "changed a 4")
}

func TestResume(t *testing.T) {
	t.Parallel()
	for name, ring := range map[string]int{"from memory": 2048, "from the log": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *feed.Config) { c.Ring = ring })
			m := w.member("acc_1", coord)
			m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
			for range 3 {
				w.put("a", touch)
				w.put("b", station("sta_2"))
			}
			w.settle()
			s := w.subscribe(m)
			m.After = w.want(s, "entered a 4", "changed a 4")
			w.want(s, "changed a 4", "checkpoint")
			w.put("a", touch)
			w.want(s, "changed a 4")
			s.Close()
			again := w.subscribe(m)
			w.want(again, "changed a 4", "changed a 4", "checkpoint")
		})
	}
}

func TestResumeUnderTodaysRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
	w.put("sealed", touch)
	w.put("sealed", class(access.Sealed))
	w.put("moved", touch)
	w.put("moved", station("sta_2"))
	w.put("removed", touch)
	w.tx(func(ctx context.Context) error {
		return w.things.Delete(ctx, "removed", store.Note{Kind: "thing.removed"})
	})
	w.put("was_sealed", class(access.Sealed))
	w.put("was_sealed", class(access.Public))
	s := w.subscribe(m)
	w.want(s, "entered sealed 1", "changed sealed 1", // what was open then is read through today's seal
		"left moved", "left removed", "entered was_sealed 1", "changed was_sealed 4", "checkpoint")
	w.grant("acc_1", func(a *account) { a.Grants = []access.Grant{other} })
	w.wantEnd(s, feed.ErrRevoked)
	later := w.subscribe(m)
	w.want(later, "entered moved 4", "checkpoint") // and by another's rights, another past
}

// TestThePastGoesByTheStricterClass: what is shown of a row by its class is shown by the
// class that it has now, and a filter finds nothing that only the old class told.
func TestThePastGoesByTheStricterClass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", access.Grant{ID: "g", Role: access.Volunteer, Scope: "vol_1", Area: "1302"})
	m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
	offered := func(x *thing) { x.State, x.Kind, x.Class = "MATCHING", "MEAL", access.Restricted }
	w.put("a", offered)
	w.put("b", offered)
	w.put("b", func(x *thing) { x.Kind, x.Class = "CONFIDENTIAL", access.Protected })
	w.put("a", touch)
	classes := func(m feed.Member) (got []string) {
		s := w.subscribe(m)
		for {
			e, err := w.next(s)
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == feed.Checkpoint {
				return got
			}
			got = append(got, show(e)+" "+string(e.Class))
		}
	}
	if got, want := classes(m), []string{"entered a 1 RESTRICTED", "entered b 1 PROTECTED", "changed b 1 PROTECTED", "changed a 1 RESTRICTED"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	m.Nouns[0].Where = store.Is("kind", "MEAL")
	if got, want := classes(m), []string{"entered a 1 RESTRICTED", "left b ", "changed a 1 RESTRICTED"}; !slices.Equal(got, want) {
		t.Errorf("by a filter: got %q, want %q", got, want)
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *feed.Config) { c.Window = 5 })
	m := w.member("acc_1", coord)
	old, _ := w.hub.Cursor(t.Context(), m.Actor)
	foreign, _ := seal.New([]byte("another key of thirty-two bytes!"))
	for name, cursor := range map[string]string{
		"altered": old[:len(old)-1] + "_", "no cursor": "hello", "of another key": foreign.Seal("feed", []byte("ts:0")),
		"of another purpose": w.box.Seal("list", []byte("ts:0")), "of another store": w.box.Seal("feed", []byte("xx:0")),
		"of the future": w.box.Seal("feed", []byte("ts:2")), "negative": w.box.Seal("feed", []byte("ts:-1")), "no number": w.box.Seal("feed", []byte("ts:")),
	} {
		m.After = cursor
		if _, err := w.hub.Subscribe(t.Context(), m); fault.CodeOf(err) != fault.CodeCursorInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	m.After = old
	for range 5 {
		w.put("a", touch)
	}
	w.want(w.subscribe(m), "entered a 4", "changed a 4", "changed a 4", "changed a 4", "changed a 4", "checkpoint")
	w.clock.Advance(time.Hour)
	w.put("a", touch)
	s := w.subscribe(m)
	e, err := w.next(s)
	if err != nil || e.Kind != feed.Gap || !e.KeptSince.Equal(start) {
		t.Fatalf("%+v, %v; want a gap, kept since %v", e, err, start)
	}
	w.want(s, "checkpoint")
	w.put("a", touch)
	w.want(s, "changed a 4")
	m.After = e.Cursor
	w.want(w.subscribe(m), "changed a 4", "checkpoint")
}

func TestNobodyAndBadFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	nobody := m
	nobody.Actor = access.Nobody()
	if _, err := w.hub.Subscribe(t.Context(), nobody); fault.CodeOf(err) != fault.CodeUnauthenticated {
		t.Errorf("nobody: %v", err)
	}
	for name, where := range map[string]store.Filter{"not routing": store.Is("n", 1), "unknown": store.Is("x", 1)} {
		bad := m
		if bad.Nouns = []feed.Interest{{Noun: noun.Name, Access: &noun, Where: where}}; true {
			if _, err := w.hub.Subscribe(t.Context(), bad); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	}
	m.Rights = func(context.Context) (access.Actor, error) { return access.Actor{}, fault.New(fault.CodeSessionEnded) }
	if _, err := w.hub.Subscribe(t.Context(), m); fault.CodeOf(err) != fault.CodeSessionEnded {
		t.Errorf("rights that can't be read: %v", err)
	}
}

func TestSlowMemberIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *feed.Config) { c.Queue = 8 })
	slow, quick := w.live(w.member("acc_1", coord)), w.live(w.member("acc_2", coord))
	for i := range 20 {
		w.put("a", touch)
		w.want(quick, map[bool]string{true: "entered a 4", false: "changed a 4"}[i == 0])
	}
	w.wantEnd(slow, feed.ErrSlow)
	var closer interface{ SocketClose() (int, string) }
	if !errors.As(feed.ErrSlow, &closer) {
		t.Fatal("does not close sockets")
	}
	if code, _ := closer.SocketClose(); code != 1013 {
		t.Errorf("closes with %d", code)
	}
}

func TestALongPastIsNoSlowness(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *feed.Config) { c.Queue, c.Ring = 8, 16 })
	m := w.member("acc_1", coord)
	m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
	for range 300 {
		w.put("a", touch)
	}
	s := w.subscribe(m)
	w.want(s, "entered a 4")
	for range 299 {
		w.want(s, "changed a 4")
	}
	w.want(s, "checkpoint")
}

func TestCheckpoints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	s := w.live(m)
	w.put("b", station("sta_2"))
	w.put("b", touch)
	w.settle()
	got := make(chan feed.Event)
	go func() {
		for range 2 {
			e, _ := w.next(s)
			got <- e
		}
	}()
	for w.clock.Waiting() < 2 { // the hub's poll and the reader's silence
		<-time.After(time.Millisecond)
	}
	w.clock.Advance(30*time.Second - time.Millisecond)
	select {
	case e := <-got:
		t.Fatalf("%q before the 30 s are over", show(e))
	case <-time.After(10 * time.Millisecond):
	}
	w.clock.Advance(time.Millisecond)
	e := <-got
	if show(e) != "checkpoint" || !e.At.Equal(start.Add(30*time.Second)) {
		t.Fatalf("%q at %v", show(e), e.At)
	}
	w.put("a", touch)
	if e := <-got; show(e) != "entered a 4" {
		t.Fatalf("got %q", show(e))
	}
	m.After = e.Cursor // a quiet time is no gap, and nothing is repeated
	w.want(w.subscribe(m), "entered a 4", "checkpoint")
}

func TestStopAndClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := w.hub.Subscribe(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		_, err = w.next(s)
	}
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("after its ctx ended: %v", err)
	}
	s.Close()
	stopped := feed.New(w.db, feed.Config{Box: w.box})
	done, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- stopped.Run(done) }()
	last, err := stopped.Subscribe(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	w.want(last, "checkpoint")
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	w.wantEnd(last, feed.ErrStopped)
	if _, err := stopped.Subscribe(t.Context(), m); !errors.Is(err, feed.ErrStopped) {
		t.Errorf("after the end: %v", err)
	}
}
