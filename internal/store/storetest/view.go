package storetest

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var viewCases = map[string]func(*testing.T, Engine){
	"a view sees one moment": oneMoment,
	"a view is no unit":      viewIsNoUnit,
}

func oneMoment(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)), thing("thg_b", ranked(2)))
	err := b.View(b.ctx, func(ctx context.Context) error {
		for round := range 3 { // commits between the view's reads
			b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(int64(50+round))) })
			if round == 0 {
				b.add(thing("thg_c"))
				b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_b", note("removed")) })
			}
			b.viewIsOld(ctx)
		}
		return errOwn
	})
	wantIs(t, err, errOwn)
	if b.get("thg_a").Rank != 52 || len(b.page(store.Query{}).Items) != 2 {
		t.Error("after the view the new state is seen")
	}
}

func (b *bench) viewIsOld(ctx context.Context) {
	b.t.Helper()
	x, err := b.things.Get(ctx, "thg_a")
	if err != nil || x.Rank != 1 {
		b.t.Errorf("get in the view: %+v %v", x, err)
	}
	p, err := b.things.Find(ctx, store.Query{Sort: "rank"})
	if err != nil || len(p.Items) != 2 || p.Items[0].Rank != 1 {
		b.t.Errorf("find in the view: %v %v", idsOf(p.Items), err)
	}
	list, err := b.Log(ctx, store.LogQuery{})
	end, _, err2 := b.LogEnd(ctx)
	if err != nil || err2 != nil || len(list) != 2 || end != 2 {
		b.t.Errorf("log in the view: %d, end %d: %v %v", len(list), end, err, err2)
	}
	m, err := b.Tally(ctx, "thing")
	if err != nil || m["thing"] != 2 {
		b.t.Errorf("tally in the view: %v %v", m, err)
	}
}

func viewIsNoUnit(t *testing.T, e Engine) {
	b := fresh(t, e)
	err := b.View(b.ctx, func(ctx context.Context) error {
		return b.Tx(ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing("thg_a"), note("added")) })
	})
	wantIs(t, err, store.ErrViewInUnit)
	err = b.Tx(b.ctx, func(ctx context.Context) error { return b.View(ctx, func(context.Context) error { return nil }) })
	wantIs(t, err, store.ErrViewInUnit)
	_, err = b.things.Get(b.ctx, "thg_a")
	want(t, err, fault.CodeNotFound)
}
