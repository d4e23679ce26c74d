package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var unitCases = map[string]func(*testing.T, Engine){
	"a unit sees its own writes":            ownWrites,
	"an error writes nothing":               errorRollsBack,
	"a panic writes nothing and goes on up": panicRollsBack,
	"an inner unit joins":                   innerJoins,
	"an inner failure dooms the outer":      innerDooms,
	"hooks run after the commit":            hooks,
	"a fresh context inside a unit":         freshContext,
	"a unit after its end":                  afterItsEnd,
	"writes outside of a unit":              outsideOfAUnit,
}

var errOwn = errors.New("the case's own error")

func ownWrites(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.tx(func(ctx context.Context) error {
		if err := b.things.Insert(ctx, thing("thg_a", ranked(1)), note("added")); err != nil {
			return err
		}
		if err := b.change(ctx, "thg_a", ranked(2)); err != nil {
			return err
		}
		x, err := b.things.Get(ctx, "thg_a")
		if err != nil || x.Rank != 2 || x.Version != 2 {
			t.Errorf("inside: %+v %v", x, err)
		}
		if _, err := b.things.Get(b.ctx, "thg_a"); fault.CodeOf(err) != fault.CodeNotFound {
			t.Errorf("outside before the commit: %v", err)
		}
		x.Rank = 77 // a caller's own copy: not saved
		return nil
	})
	if got := b.get("thg_a"); got.Rank != 2 || got.Version != 2 {
		t.Errorf("after: %+v", got)
	}
	if list := b.entries(store.LogQuery{}); len(list) != 2 || list[1].Version != 2 {
		t.Errorf("both changes are in the log: %v", list)
	}
}

func errorRollsBack(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		store.After(ctx, func() { t.Error("a hook ran") })
		if err := b.change(ctx, "thg_a", ranked(2)); err != nil {
			return err
		}
		if err := b.things.Insert(ctx, thing("thg_b"), note("added")); err != nil {
			return err
		}
		return errOwn
	})
	wantIs(t, err, errOwn)
	b.untouched()
}

// untouched checks that only thg_a with rank 1 and its one entry are there.
func (b *bench) untouched() {
	b.t.Helper()
	if b.get("thg_a").Rank != 1 {
		b.t.Error("thg_a was changed")
	}
	if _, err := b.things.Get(b.ctx, "thg_b"); fault.CodeOf(err) != fault.CodeNotFound {
		b.t.Error("thg_b was saved")
	}
	if n := len(b.entries(store.LogQuery{})); n != 1 || b.tally("thing") != 1 {
		b.t.Errorf("%d entries, %d counted", n, b.tally("thing"))
	}
}

func panicRollsBack(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	func() {
		defer func() {
			if r := recover(); fmt.Sprint(r) != "the case's panic" {
				t.Errorf("recovered %v", r)
			}
		}()
		_ = b.Tx(b.ctx, func(ctx context.Context) error {
			if err := b.change(ctx, "thg_a", ranked(2)); err != nil {
				return err
			}
			panic("the case's panic")
		})
	}()
	b.untouched()
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(5)) }) // nothing is left locked
}

func innerJoins(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.tx(func(ctx context.Context) error {
		if err := b.things.Insert(ctx, thing("thg_a"), note("added")); err != nil {
			return err
		}
		return b.Tx(ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(8)) })
	})
	if b.get("thg_a").Rank != 8 {
		t.Error("the inner unit's write is not there")
	}
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		if err := b.Tx(ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(9)) }); err != nil {
			return err
		}
		return errOwn
	})
	wantIs(t, err, errOwn)
	if b.get("thg_a").Rank != 8 {
		t.Error("the inner unit was saved without the outer")
	}
}

func innerDooms(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	for name, inner := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return errOwn },
		"panic": func(context.Context) error { panic("inner") },
	} {
		err := b.Tx(b.ctx, func(ctx context.Context) error {
			if err := b.change(ctx, "thg_a", ranked(2)); err != nil {
				return err
			}
			func() {
				defer func() { _ = recover() }()
				_ = b.Tx(ctx, inner) // swallowed
			}()
			return nil
		})
		if err == nil {
			t.Errorf("a swallowed inner %s: the outer was committed", name)
		}
		wantIs(t, err, store.ErrDoomed)
		b.untouched()
	}
}

func hooks(t *testing.T, e Engine) {
	b := fresh(t, e)
	var order []string
	b.tx(func(ctx context.Context) error {
		order = order[:0]
		store.After(ctx, func() {
			if b.get("thg_a").ID == "" {
				t.Error("the hook ran before the commit")
			}
			order = append(order, "one")
			b.add(thing("thg_hook")) // a hook may begin a unit
		})
		store.After(ctx, func() { order = append(order, "two") })
		return b.things.Insert(ctx, thing("thg_a"), note("added"))
	})
	if fmt.Sprint(order) != "[one two]" {
		t.Errorf("hooks: %v", order)
	}
	b.get("thg_hook")
	ran := false
	store.After(b.ctx, func() { ran = true })
	if !ran {
		t.Error("outside of a unit a hook runs at once")
	}
}

func freshContext(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	err := b.Tx(b.ctx, func(context.Context) error {
		return b.Tx(context.Background(), func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(2)) })
	})
	wantIs(t, err, store.ErrFreshContext)
	b.untouched()
	err = b.Tx(b.ctx, func(context.Context) error {
		return b.things.Insert(context.Background(), thing("thg_b"), note("added"))
	})
	wantIs(t, err, store.ErrOutsideUnit)
	b.untouched()
}

func afterItsEnd(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	var kept context.Context //nolint:containedctx // what the case is about
	b.tx(func(ctx context.Context) error { kept = ctx; return nil })
	_, err := b.things.Get(kept, "thg_a")
	wantIs(t, err, store.ErrOver)
	_, err = b.things.Find(kept, store.Query{})
	wantIs(t, err, store.ErrOver)
	wantIs(t, b.things.Insert(kept, thing("thg_b"), note("added")), store.ErrOver)
	wantIs(t, b.Tx(kept, func(context.Context) error { return nil }), store.ErrOver)
	wantIs(t, b.Erase(kept, "rcp_1"), store.ErrOver)
	b.untouched()
}

func outsideOfAUnit(t *testing.T, e Engine) {
	b := fresh(t, e)
	wantIs(t, b.things.Insert(b.ctx, thing("thg_a"), note("added")), store.ErrOutsideUnit)
	wantIs(t, b.things.Replace(b.ctx, thing("thg_a"), note("added")), store.ErrOutsideUnit)
	wantIs(t, b.things.Delete(b.ctx, "thg_a", note("added")), store.ErrOutsideUnit)
	wantIs(t, b.Erase(b.ctx, "rcp_1"), store.ErrOutsideUnit)
}
