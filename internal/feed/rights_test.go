package feed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

func TestRevocationTakesEffectInSequence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		revoke func(*account)
		told   string
	}{
		"a grant is taken back": {func(a *account) { a.Grants = nil }, "acc_1/"},
		"a grant moves":         {func(a *account) { a.Grants = []access.Grant{other} }, "acc_1/"},
		"the session ends":      {func(a *account) { a.Session = "ses_acc_1" }, "acc_1/ses_acc_1"},
		"the account ends":      {func(a *account) { a.Gone = true }, "acc_1/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			reading, waiting := w.live(w.member("acc_1", coord)), w.live(w.member("acc_1", coord))
			bystander := w.live(w.member("acc_2", coord))
			w.put("a", touch)
			w.want(reading, "entered a 4")
			w.grant("acc_1", c.revoke)
			w.put("a", touch)
			w.want(bystander, "entered a 4", "changed a 4") // the hub is past the revocation
			w.wantEnd(reading, feed.ErrRevoked)
			w.wantEnd(waiting, feed.ErrRevoked) // "entered a" was queued and is dropped
			if told := <-w.revoked; told != c.told {
				t.Errorf("told %q, want %q", told, c.told)
			}
		})
	}
}

func TestWhatDoesNotRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.live(w.member("acc_1", coord))
	w.grant("acc_1", func(a *account) { a.Session = "ses_another" })
	w.grant("acc_1", func(a *account) { a.Session = "" })
	w.put("b", station("sta_2"))
	w.grant("acc_1", func(a *account) { a.Grants = []access.Grant{coord, other} }) // more, not less
	w.put("b", touch)
	w.want(s, "changed b 4") // the new right holds from its entry on
	if got := s.Actor(); got.ID != "acc_1" || len(got.Grants) != 2 {
		t.Errorf("the actor is %+v", got)
	}
}

func TestAGrantRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	short := coord
	short.Until = start.Add(time.Minute)
	s, other := w.live(w.member("acc_1", short)), w.live(w.member("acc_2", coord))
	w.put("a", touch)
	w.want(s, "entered a 4")
	w.clock.Advance(time.Minute)
	w.put("a", touch) // its end has no entry of its own yet
	for show(mustNext(t, w, other)) != "changed a 4" {
	}
	for {
		e, err := w.next(s)
		if err == nil && e.Kind == feed.Checkpoint {
			continue // of the minute's silence
		}
		if !errors.Is(err, feed.ErrRevoked) {
			t.Fatalf("%q, %v", show(e), err)
		}
		return
	}
}

func mustNext(t *testing.T, w *world, s *feed.Subscription) feed.Event {
	t.Helper()
	e, err := w.next(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A right that is revoked while Subscribe reads it must not be missed: the
// stale answer is thrown away.
func TestRevokedWhileSubscribing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	watcher := w.live(w.member("acc_2", coord))
	calls := 0
	m.Rights = func(ctx context.Context) (access.Actor, error) {
		calls++
		stale, err := w.actor(ctx, "acc_1")
		if calls == 1 {
			w.grant("acc_1", func(a *account) { a.Grants = nil })
			w.put("a", touch)
			w.want(watcher, "entered a 4") // the hub has applied the revocation
		}
		return stale, err
	}
	s := w.subscribe(m)
	w.put("a", touch)
	w.want(watcher, "changed a 4")
	w.want(s, "checkpoint")
	if calls != 2 {
		t.Errorf("rights were read %d times, want twice", calls)
	}
	w.clock.Advance(time.Minute)
	w.want(s, "checkpoint") // nothing of a came
}

// Readers resume again and again while others commit: together their events are
// exactly the log's, each once and in order.
func TestNothingMissedDoubledOrSwapped(t *testing.T) {
	t.Parallel()
	for name, ring := range map[string]int{"from memory": 4096, "from the log": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *feed.Config) { c.Ring = ring })
			m := w.member("acc_1", coord)
			m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
			const writers, each = 4, 100
			var busy sync.WaitGroup
			for i := range writers {
				busy.Go(func() {
					for range each {
						w.put(fmt.Sprint("mine", i), touch)
						w.put(fmt.Sprint("theirs", i), station("sta_2"))
					}
				})
			}
			got := readAll(t, w, m, writers*each)
			busy.Wait()
			var want []int64
			for after := int64(0); ; {
				entries, err := w.db.Log(t.Context(), store.LogQuery{After: after, Limit: 500})
				if err != nil || len(entries) == 0 {
					break
				}
				for _, e := range entries {
					after = e.Seq
					if e.Noun == "thing" && e.After[5] == "sta_1" {
						want = append(want, e.Seq)
					}
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// readAll reads n events in pieces of seven, resuming with the last cursor.
func readAll(t *testing.T, w *world, m feed.Member, n int) (seqs []int64) {
	t.Helper()
	for len(seqs) < n {
		s := w.subscribe(m)
		for range 7 {
			e, err := w.next(s)
			if err != nil {
				t.Fatal(err)
			}
			m.After = e.Cursor
			if e.Entry != nil {
				seqs = append(seqs, e.Seq)
			}
			if len(seqs) == n {
				break
			}
		}
		s.Close()
	}
	return seqs
}

// TestRoutingIsTheRule: for any grants and any change, live and resumed, the
// event is what access says of the row before and after.
func TestRoutingIsTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		id, acc := fmt.Sprint("row", n), fmt.Sprint("acc_p", n)
		grants := rapid.SliceOfN(rapid.Custom(anyGrant), 0, 3).Draw(r, "grants")
		states := rapid.SliceOfN(rapid.Custom(anyHeader), 1, 4).Draw(r, "states")
		m := w.member(acc, grants...)
		m.ID = id
		sight := access.See(access.Actor{ID: acc, Grants: grants}, noun)
		m.After, _ = w.hub.Cursor(t.Context(), m.Actor)
		live := w.live(m)
		var before *access.Header
		var wantLive, wantPast []string
		last := sight.Of(&states[len(states)-1])
		for _, h := range states {
			w.put(id, func(x *thing) { x.Header = h })
			now, was := sight.Of(&h), access.Hidden
			if before != nil {
				was = sight.Of(before)
			}
			kind := map[[2]bool]string{{false, true}: "entered", {true, true}: "changed", {true, false}: "left"}[[2]bool{was > 0, now > 0}]
			switch {
			case kind == "left":
				wantLive, wantPast = append(wantLive, "left "+id), append(wantPast, "left "+id)
			case kind != "":
				wantLive = append(wantLive, fmt.Sprintf("%s %s %d", kind, id, now))
				if min(now, last) > 0 {
					wantPast = append(wantPast, fmt.Sprintf("%s %s %d", kind, id, min(now, last)))
				}
			}
			before = &h
		}
		w.want(live, wantLive...)
		past := w.subscribe(m)
		w.want(past, append(wantPast, "checkpoint")...)
		past.Close()
		live.Close()
	})
}

func anyGrant(r *rapid.T) access.Grant {
	role := rapid.SampledFrom(access.Roles).Draw(r, "role")
	return access.Grant{
		ID: "g", Role: role, Scope: rapid.SampledFrom([]string{"sta_1", "sta_2", "vol_1", "rcp_1"}).Draw(r, "scope"),
		Area: rapid.SampledFrom([]string{"13", "1302", "130202", "1303"}).Draw(r, "area"),
	}
}

func anyHeader(r *rapid.T) access.Header {
	h := access.Header{
		Class: rapid.SampledFrom(access.Classes).Draw(r, "class"), State: rapid.SampledFrom([]string{"OPEN", "MATCHING"}).Draw(r, "state"),
		Station: rapid.SampledFrom([]string{"sta_1", "sta_2"}).Draw(r, "station"), Subject: "rcp_1",
	}
	h.Place(rapid.SampledFrom([]string{"130202001", "130303001", ""}).Draw(r, "place"))
	if rapid.Bool().Draw(r, "helps") {
		h.Relate(access.PartyHelp, "vol_1")
	}
	if rapid.Bool().Draw(r, "barred") {
		h.Barred = []string{"vol_1"}
	}
	return h
}
