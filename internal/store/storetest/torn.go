package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var tornCases = map[string]func(*testing.T, Engine){
	"an error never rests on two moments":    tornError,
	"nor does a unit without writes":         tornAnswer,
	"nor does a guarded search":              tornSearch,
	"a unit torn for ever is unavailable":    tornForEver,
	"an error after steady reads runs once":  steadyError,
	"an error after a deletion in its midst": tornDeletion,
}

// seesaw holds a pair of which exactly one is up at any moment.
func seesaw(t *testing.T, e Engine) *bench {
	t.Helper()
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)), thing("thg_b", ranked(0)))
	return b
}

// tip turns the seesaw, as somebody else would: outside of the unit under way.
func (b *bench) tip(up, down string) {
	b.t.Helper()
	done := make(chan error, 1)
	go func() {
		done <- b.Tx(b.ctx, func(ctx context.Context) error {
			return errors.Join(b.change(ctx, down, ranked(0)), b.change(ctx, up, ranked(1)))
		})
	}()
	if err := <-done; err != nil {
		b.t.Fatal(err)
	}
}

// weigh reads both ends, with something in between.
func (b *bench) weigh(ctx context.Context, between func()) (int64, error) {
	a, err := b.things.Get(ctx, "thg_a")
	if err != nil {
		return 0, err
	}
	between()
	o, err := b.things.Get(ctx, "thg_b")
	if err != nil {
		return 0, err
	}
	return a.Rank + o.Rank, nil
}

// firstOnly runs fn the first time only.
func firstOnly(fn func()) func() {
	done := false
	return func() {
		if !done {
			done = true
			fn()
		}
	}
}

func tornError(t *testing.T, e Engine) {
	b := seesaw(t, e)
	runs, between := 0, firstOnly(func() { b.tip("thg_b", "thg_a") })
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		runs++
		sum, err := b.weigh(ctx, between)
		if err == nil && sum != 1 {
			return fault.New(fault.CodeStockShort) // what was never so
		}
		return err
	})
	if want(t, err, ""); runs != 2 {
		t.Errorf("%d runs, want 2", runs)
	}
}

func tornAnswer(t *testing.T, e Engine) {
	b := seesaw(t, e)
	sum, between := int64(0), firstOnly(func() { b.tip("thg_b", "thg_a") })
	b.tx(func(ctx context.Context) (err error) {
		sum, err = b.weigh(ctx, between)
		return err
	})
	if sum != 1 {
		t.Errorf("both ends weigh %d together", sum)
	}
}

func tornSearch(t *testing.T, e Engine) {
	b := seesaw(t, e)
	between, found, rank := firstOnly(func() { b.tip("thg_b", "thg_a") }), "", int64(0)
	b.tx(func(ctx context.Context) error {
		p, err := b.things.Find(ctx, store.Query{Where: store.Is("station", "sta_a"), Sort: "rank", Desc: true, Limit: 1, Guard: store.GuardName("thing", "sta_a")})
		if err != nil {
			return err
		}
		between()
		x, err := b.things.Get(ctx, p.Items[0].ID)
		if err == nil {
			found, rank = x.ID, x.Rank
		}
		return err
	})
	if rank != 1 {
		t.Errorf("the search found %s, which is down", found)
	}
}

func tornForEver(t *testing.T, e Engine) {
	b := seesaw(t, e)
	ends := [2]string{"thg_b", "thg_a"}
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		_, err := b.weigh(ctx, func() { b.tip(ends[0], ends[1]) })
		ends[0], ends[1] = ends[1], ends[0]
		return errors.Join(err, fault.New(fault.CodeStockShort))
	})
	want(t, err, fault.CodeUnavailable)
}

func steadyError(t *testing.T, e Engine) {
	b := seesaw(t, e)
	runs := 0
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		runs++
		_, err := b.weigh(ctx, func() {})
		return errors.Join(err, fault.New(fault.CodeStockShort))
	})
	if want(t, err, fault.CodeStockShort); runs != 1 {
		t.Errorf("%d runs", runs)
	}
}

func tornDeletion(t *testing.T, e Engine) {
	b := seesaw(t, e)
	between := firstOnly(func() {
		done := make(chan error, 1)
		go func() {
			done <- b.Tx(b.ctx, func(ctx context.Context) error {
				return errors.Join(b.things.Delete(ctx, "thg_b", note("removed")), b.things.Delete(ctx, "thg_a", note("removed")))
			})
		}()
		want(t, <-done, "")
	})
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		_, err := b.things.Get(ctx, "thg_a")
		if err != nil {
			return errOwn // both are gone: true
		}
		between()
		_, err = b.things.Get(ctx, "thg_b")
		return err
	})
	wantIs(t, err, errOwn)
}
