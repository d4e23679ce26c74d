package storetest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var raceCases = map[string]func(*testing.T, Engine){
	"no update is lost":               lostUpdate,
	"no write skew":                   writeSkew,
	"no phantom past a guard":         phantom,
	"a guarded search is repeatable":  guardedTwice,
	"an absent object is asserted":    absentAsserted,
	"counters add up":                 countersAddUp,
	"two processes on one store":      twoProcesses,
	"a stale unit sees the new state": staleRunsAgain,
}

// together runs the functions at once and returns their errors.
func together(fns ...func() error) []error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = fn() })
	}
	wg.Wait()
	return errs
}

// meeting makes n goroutines wait for one another, once each.
func meeting(n int) func() {
	var left atomic.Int64
	left.Store(int64(n))
	open := make(chan struct{})
	return func() {
		if left.Add(-1) == 0 {
			close(open)
		}
		<-open
	}
}

func lostUpdate(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a"))
	const writers, each = 8, 12
	fns := make([]func() error, writers)
	for i := range fns {
		fns[i] = func() error {
			for range each {
				if err := b.Tx(b.ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", func(x *Thing) { x.Rank++ }) }); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	if got := b.get("thg_a"); got.Rank != writers*each || got.Version != writers*each+1 {
		t.Errorf("%d of %d increments", got.Rank, writers*each)
	}
}

// writeSkew is two on call who both leave because the other one stays.
func writeSkew(t *testing.T, e Engine) {
	b := fresh(t, e)
	for round := range 8 {
		one, two := fmt.Sprintf("thg_%d_1", round), fmt.Sprintf("thg_%d_2", round)
		b.add(thing(one, ranked(1)), thing(two, ranked(1)))
		meet := meeting(2)
		leave := func(me, other string) func() error {
			first := true
			return func() error {
				return b.Tx(b.ctx, func(ctx context.Context) error {
					o, err := b.things.Get(ctx, other)
					if err != nil {
						return err
					}
					if first {
						first = false
						meet() // both have read: now both would leave
					}
					if o.Rank == 0 {
						return nil
					}
					return b.change(ctx, me, ranked(0))
				})
			}
		}
		for _, err := range together(leave(one, two), leave(two, one)) {
			want(t, err, "")
		}
		if b.get(one).Rank+b.get(two).Rank != 1 {
			t.Fatalf("round %d: %d on call", round, b.get(one).Rank+b.get(two).Rank)
		}
	}
}

// book takes the room if a search finds it free.
func (b *bench) book(room, id, guard string, meet func()) func() error {
	first := true
	return func() error {
		return b.Tx(b.ctx, func(ctx context.Context) error {
			p, err := b.things.Find(ctx, store.Query{Where: store.Is("station", room), Sort: "rank", Guard: guard})
			if err != nil {
				return err
			}
			if first {
				first = false
				meet()
			}
			if len(p.Items) > 0 {
				return fault.New(fault.CodeStockShort)
			}
			return b.things.Insert(ctx, thing(id, station(room)), note("booked"))
		})
	}
}

func phantom(t *testing.T, e Engine) {
	b := fresh(t, e)
	for round := range 6 {
		for _, guarded := range []bool{true, false} {
			room, guard := fmt.Sprintf("room_%d_%v", round, guarded), ""
			if guarded {
				guard = store.GuardName("thing", room)
			}
			meet := meeting(3)
			together(b.book(room, "thg_1"+room, guard, meet), b.book(room, "thg_2"+room, guard, meet), b.book(room, "thg_3"+room, guard, meet))
			n := len(b.page(store.Query{Where: store.Is("station", room)}).Items)
			if guarded && n != 1 {
				t.Fatalf("%d bookings of one room behind a guard", n)
			}
			if !guarded && n != 3 {
				t.Fatalf("%d bookings without a guard: the case would not notice a missing one", n)
			}
		}
	}
}

// guardedTwice asks the same twice in a unit, and another unit books in between: under
// a guard both answers are the same, and the unit runs again on the new one.
func guardedTwice(t *testing.T, e Engine) {
	b := fresh(t, e)
	const room = "room_twice"
	ask := store.Query{Where: store.Is("station", room), Sort: "rank", Guard: store.GuardName("thing", room)}
	var found []string
	unit := func(between func()) error {
		return b.Tx(b.ctx, func(ctx context.Context) error {
			for i := range 2 {
				p, err := b.things.Find(ctx, ask)
				if err != nil {
					return err
				}
				found = append(found, strconv.Itoa(len(p.Items)))
				if i == 0 && len(found) == 1 {
					between()
				}
			}
			return b.things.Insert(ctx, thing("thg_mine", station("room_other")), note("booked"))
		})
	}
	want(t, unit(func() {
		for _, err := range together(func() error { // another goroutine: a unit inside a unit is refused
			return b.Tx(b.ctx, func(ctx context.Context) error {
				return b.things.Insert(ctx, thing("thg_other", station(room)), note("booked"))
			})
		}) {
			want(t, err, "")
		}
	}), "")
	if got := strings.Join(found, " "); got != "0 0 1 1" {
		t.Errorf("found %s", got)
	}
}

func absentAsserted(t *testing.T, e Engine) {
	b := fresh(t, e)
	meet := meeting(2)
	claim := func(who string) func() error {
		first := true
		return func() error {
			return b.Tx(b.ctx, func(ctx context.Context) error {
				_, err := b.things.Get(ctx, "thg_only")
				if first {
					first = false
					meet()
				}
				if err == nil {
					return errOwn
				}
				return b.things.Insert(ctx, thing("thg_only", func(x *Thing) { x.Title = who }), note("added"))
			})
		}
	}
	errs := together(claim("one"), claim("two"))
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("exactly one creates it: %v", errs)
	}
}

func countersAddUp(t *testing.T, e Engine) {
	b := fresh(t, e)
	fns := make([]func() error, 6)
	for i := range fns {
		fns[i] = func() error {
			for k := range 5 {
				id := fmt.Sprintf("thg_%d_%d", i, k)
				if err := b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing(id), note("added")) }); err != nil {
					return err
				}
				if k == 0 {
					continue
				}
				if err := b.Tx(b.ctx, func(ctx context.Context) error { return b.change(ctx, id, station("sta_b")) }); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	if b.tally("thing") != 30 || b.tally("thing:sta_a") != 6 || b.tally("thing:sta_b") != 24 {
		t.Errorf("counted %d, %d, %d", b.tally("thing"), b.tally("thing:sta_a"), b.tally("thing:sta_b"))
	}
}

func staleRunsAgain(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	runs := 0
	b.tx(func(ctx context.Context) error {
		runs++
		x, err := b.things.Get(ctx, "thg_a")
		if err != nil {
			return err
		}
		if runs == 1 {
			overtake := make(chan error)
			go func() {
				overtake <- b.Tx(b.ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(10)) })
			}()
			if err := <-overtake; err != nil {
				return err
			}
		}
		x.Rank++
		return b.things.Replace(ctx, x, note("changed"))
	})
	if got := b.get("thg_a"); runs != 2 || got.Rank != 11 {
		t.Errorf("%d runs, rank %d", runs, got.Rank)
	}
}

func twoProcesses(t *testing.T, e Engine) {
	place := e.Fresh(t)
	one := openAt(t, place, nil)
	if !e.Shared {
		other := store.New(place(), store.Options{})
		err := other.Start(one.ctx)
		want(t, err, fault.CodeStoreLocked)
		want(t, other.Close(), "")
		return
	}
	two := openAt(t, place, nil)
	one.add(thing("thg_a"))
	add := func(b *bench) func() error {
		return func() error {
			for range 15 {
				if err := b.Tx(b.ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", func(x *Thing) { x.Rank++ }) }); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(add(one), add(two), add(one), add(two)) {
		want(t, err, "")
	}
	if one.get("thg_a").Rank != 60 || two.get("thg_a").Rank != 60 {
		t.Errorf("%d of 60 increments", one.get("thg_a").Rank)
	}
	one.logIsDense(61)
	ring, release := one.Bell()
	defer release()
	two.tx(func(ctx context.Context) error { return two.change(ctx, "thg_a", ranked(0)) })
	<-ring // the other process's commit is heard
}
