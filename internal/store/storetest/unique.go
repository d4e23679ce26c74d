package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var uniqueCases = map[string]func(*testing.T, Engine){
	"a unique value is taken once":       takenOnce,
	"a unique value is freed":            freed,
	"unique values change hands at once": swapped,
	"one winner among many":              oneWinner,
	"two of one unit":                    twoOfOneUnit,
}

func wantDuplicate(t *testing.T, err error, field string) {
	t.Helper()
	want(t, err, fault.CodeDuplicate)
	if f, _ := fault.As(err); f.Params["field"] != field {
		t.Errorf("the field that is double: %v, want %s", f.Params, field)
	}
}

func (b *bench) insert(x *Thing) error {
	return b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Insert(ctx, x, note("added")) })
}

func takenOnce(t *testing.T, e Engine) {
	b := fresh(t, e)
	want(t, b.insert(thing("thg_a", coded("91130200"))), "")
	wantDuplicate(t, b.insert(thing("thg_b", coded("91130200"))), "code")
	want(t, b.insert(thing("thg_c", coded("91130200x"))), "")
	want(t, b.insert(thing("thg_d", coded("91130200X"))), "") // by bytes
	want(t, b.insert(thing("thg_e")), "")                     // an empty value binds nobody
	want(t, b.insert(thing("thg_f")), "")
	badge := func(x *Thing) { x.Badge = "7" }
	want(t, b.insert(thing("thg_g", badge)), "")
	wantDuplicate(t, b.insert(thing("thg_h", badge)), "station")
	want(t, b.insert(thing("thg_i", badge, station("sta_b"))), "")
	if n := b.tally("thing"); n != 7 || len(b.entries(store.LogQuery{})) != 7 {
		t.Errorf("%d counted, %d entries of 7 saved", n, len(b.entries(store.LogQuery{})))
	}
}

func freed(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", coded("c1")))
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", coded("c2")) })
	want(t, b.insert(thing("thg_b", coded("c1"))), "")
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_b", note("removed")) })
	want(t, b.insert(thing("thg_c", coded("c1"))), "")
	b.tx(func(ctx context.Context) error { // freed and taken in one unit
		if err := b.things.Delete(ctx, "thg_c", note("removed")); err != nil {
			return err
		}
		return b.things.Insert(ctx, thing("thg_d", coded("c1")), note("added"))
	})
	wantDuplicate(t, b.insert(thing("thg_e", coded("c1"))), "code")
	b.tx(func(ctx context.Context) error { // there and back: nothing changes
		if err := b.change(ctx, "thg_a", coded("c9")); err != nil {
			return err
		}
		return b.change(ctx, "thg_a", coded("c2"))
	})
	wantDuplicate(t, b.insert(thing("thg_e", coded("c2"))), "code")
	want(t, b.insert(thing("thg_e", coded("c9"))), "")
}

func swapped(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", coded("c1")), thing("thg_b", coded("c2")), thing("thg_c", coded("c3")))
	b.tx(func(ctx context.Context) error {
		for id, code := range map[string]string{"thg_a": "c2", "thg_b": "c3", "thg_c": "c1"} {
			if err := b.change(ctx, id, coded(code)); err != nil {
				return err
			}
		}
		return nil
	})
	for i, code := range []string{"c1", "c2", "c3"} {
		wantDuplicate(t, b.insert(thing("thg_x", coded(code))), "code")
		_ = i
	}
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_a", note("removed")) })
	want(t, b.insert(thing("thg_x", coded("c2"))), "")
	wantDuplicate(t, b.insert(thing("thg_y", coded("c1"))), "code")
}

func oneWinner(t *testing.T, e Engine) {
	b := fresh(t, e)
	fns := make([]func() error, 10)
	for i := range fns {
		fns[i] = func() error { return b.insert(thing(fmt.Sprintf("thg_%d", i), coded("only"))) }
	}
	won := 0
	for _, err := range together(fns...) {
		if err == nil {
			won++
			continue
		}
		wantDuplicate(t, err, "code")
	}
	if won != 1 {
		t.Errorf("%d winners", won)
	}
	b.logIsDense(1)
}

func twoOfOneUnit(t *testing.T, e Engine) {
	b := fresh(t, e)
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		if err := b.things.Insert(ctx, thing("thg_a", coded("c1")), note("added")); err != nil {
			return err
		}
		return b.things.Insert(ctx, thing("thg_b", coded("c1")), note("added"))
	})
	wantDuplicate(t, err, "code")
}
