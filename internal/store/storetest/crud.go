package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var crudCases = map[string]func(*testing.T, Engine){
	"insert, read, replace, touch, delete": lifeOfAThing,
	"what is not there":                    notThere,
	"expected version":                     expectedVersion,
	"an id again":                          anIDAgain,
	"values come back as they went in":     roundTrip,
	"ids differ by case":                   idsDifferByCase,
	"forty thousand ids":                   fortyThousand,
}

func lifeOfAThing(t *testing.T, e Engine) {
	b := fresh(t, e)
	a := thing("thg_a", ranked(3))
	b.add(a)
	got := b.get("thg_a")
	if got.Version != 1 || got.Rank != 3 || !got.CreatedAt.Equal(start.Truncate(time.Millisecond)) || got.CreatedAt.Location() != time.UTC {
		t.Fatalf("after insert: %+v", got.Head)
	}
	before := got.Revision
	b.clock.Advance(time.Hour)
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(4)) })
	got = b.get("thg_a")
	if got.Version != 2 || got.Revision != before+1 || got.Rank != 4 || got.UpdatedAt.Sub(got.CreatedAt) != time.Hour {
		t.Fatalf("after replace: %+v", got.Head)
	}
	b.tx(func(ctx context.Context) error {
		x, err := b.things.Get(ctx, "thg_a")
		if err != nil {
			return err
		}
		x.Parties = []string{"lead:wrk_1"}
		return b.things.Touch(ctx, x, store.Note{})
	})
	if got = b.get("thg_a"); got.Version != 2 || got.Revision != before+2 {
		t.Fatalf("after touch: %+v", got.Head)
	}
	shown := got.Shown()
	b.tx(func(ctx context.Context) error {
		x, err := b.things.Get(ctx, "thg_a")
		if err != nil {
			return err
		}
		return b.things.Hush(ctx, x, note("hushed"))
	})
	if was := got; b.get("thg_a").Revision != before+3 || b.get("thg_a").Version != 2 || b.get("thg_a").Shown() != shown || !b.get("thg_a").UpdatedAt.Equal(was.UpdatedAt) {
		t.Fatalf("after hush: %+v", b.get("thg_a").Head)
	}
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_a", note("removed")) })
	_, err := b.things.Get(b.ctx, "thg_a")
	want(t, err, fault.CodeNotFound)
	if n := b.tally("thing"); n != 0 {
		t.Errorf("counted %d after deleting", n)
	}
}

func notThere(t *testing.T, e Engine) {
	b := fresh(t, e)
	_, err := b.things.Get(b.ctx, "thg_none")
	want(t, err, fault.CodeNotFound)
	many, err := b.things.GetMany(b.ctx, nil)
	if err != nil || len(many) != 0 {
		t.Fatalf("none of none: %v %v", many, err)
	}
	err = b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Replace(ctx, thing("thg_none"), note("x")) })
	want(t, err, fault.CodeNotFound)
	err = b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Delete(ctx, "thg_none", note("x")) })
	want(t, err, fault.CodeNotFound)
	if b.tally("nothing") != 0 {
		t.Error("an absent counter is not 0")
	}
	if seq, _, err := b.LogEnd(b.ctx); err != nil || seq != 0 {
		t.Errorf("end of an empty log: %d %v", seq, err)
	}
}

func expectedVersion(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a"))
	if _, err := b.things.GetAt(b.ctx, "thg_a", 1); err != nil {
		t.Fatal(err)
	}
	_, err := b.things.GetAt(b.ctx, "thg_a", 7)
	want(t, err, fault.CodeConflict)
	f, _ := fault.As(err)
	if fmt.Sprint(f.Params["expectedVersion"], f.Params["actualVersion"]) != "7 1" {
		t.Errorf("both versions are told: %v", f.Params)
	}
}

func anIDAgain(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a"))
	err := b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing("thg_a"), note("added")) })
	want(t, err, fault.CodeDuplicate)
	old := b.get("thg_a").Revision
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_a", note("removed")) })
	b.add(thing("thg_a", ranked(9)))
	again := b.get("thg_a")
	if again.Revision <= old || again.Rank != 9 {
		t.Errorf("revision %d after %d: who read the old one would not notice", again.Revision, old)
	}
	b.tx(func(ctx context.Context) error {
		if err := b.things.Delete(ctx, "thg_a", note("removed")); err != nil {
			return err
		}
		return b.things.Insert(ctx, thing("thg_a", ranked(10)), note("added"))
	})
	if now := b.get("thg_a"); now.Revision <= again.Revision || now.Version <= again.Version || now.Rank != 10 {
		t.Errorf("deleted and inserted in one unit: %+v after %+v", now.Head, again.Head)
	}
	b.tx(func(ctx context.Context) error {
		if err := b.things.Insert(ctx, thing("thg_b"), note("added")); err != nil {
			return err
		}
		return b.things.Delete(ctx, "thg_b", note("removed"))
	})
	_, err = b.things.Get(b.ctx, "thg_b")
	want(t, err, fault.CodeNotFound)
}

func roundTrip(t *testing.T, e Engine) {
	b := fresh(t, e)
	full := thing("thg_full", func(x *Thing) {
		x.Title, x.Weight, x.Rank, x.Urgent = "为老人送餐 – “今天” 🥣\n\t'\"\\", 0.1+0.2, -1<<62, true
		x.Due, x.Parties, x.Words = start, []string{"b", "a", "b", ""}, []string{"送", "餐"}
		x.Private = Private{Name: "王", Phone: []string{}}
	})
	empty := thing("thg_empty", func(x *Thing) { x.Parties, x.Words = []string{}, nil })
	b.add(full, empty)
	got := b.get("thg_full")
	if got.Due.Nanosecond() != 891_000_000 || got.Due.Location() != time.UTC {
		t.Errorf("times are UTC milliseconds: %v", got.Due)
	}
	full.Due, full.Revision, full.CreatedAt, full.UpdatedAt = got.Due, got.Revision, got.CreatedAt, got.UpdatedAt
	if canonical(got) != canonical(full) {
		t.Errorf("got  %s\nwant %s", canonical(got), canonical(full))
	}
	other := b.get("thg_empty")
	if other.Parties == nil || other.Words != nil || other.Private.Phone != nil || got.Private.Phone == nil {
		t.Errorf("nil and empty are told apart: %#v %#v", other.Parties, other.Words)
	}
	page, err := b.things.Find(b.ctx, store.Query{Where: store.Both(store.Is("station", "sta_a"), store.Is("title", full.Title))})
	if err != nil || len(page.Items) != 1 || canonical(page.Items[0]) != canonical(got) {
		t.Errorf("found by its title: %v %v", page.Items, err)
	}
}

func idsDifferByCase(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)), thing("thg_A", ranked(2)))
	if b.get("thg_a").Rank != 1 || b.get("thg_A").Rank != 2 {
		t.Error("ids that differ by case are two")
	}
	_, err := b.things.Get(b.ctx, "THG_A")
	want(t, err, fault.CodeNotFound)
	page, err := b.things.Find(b.ctx, store.Query{})
	if err != nil || fmt.Sprint(idsOf(page.Items)) != "[thg_A thg_a]" {
		t.Errorf("ordered by bytes: %v %v", idsOf(page.Items), err)
	}
}

func fortyThousand(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_00007", ranked(7)), thing("thg_39999", ranked(8)))
	ids, ranks := make([]string, 40_000), make([]int64, 40_000)
	for i := range ids {
		ids[i], ranks[i] = fmt.Sprintf("thg_%05d", i), int64(i)+8
	}
	many, err := b.things.GetMany(b.ctx, ids)
	if err != nil || len(many) != 2 {
		t.Fatalf("got %d of 2: %v", len(many), err)
	}
	page, err := b.things.Find(b.ctx, store.Query{Where: store.Both(store.Is("station", "sta_a"), store.AnyOf("rank", ranks...)), Sort: "rank"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Rank != 8 {
		t.Fatalf("one rank of forty thousand: %v %v", idsOf(page.Items), err)
	}
}
