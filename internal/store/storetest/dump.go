package storetest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var dumpCases = map[string]func(*testing.T, Engine){
	"a dump restored is the same store":        dumpAndRestore,
	"a restored store goes on where it stood":  restoredGoesOn,
	"a dump is of one moment":                  dumpOfOneMoment,
	"a store that is not empty is left alone":  restoreNeedsEmpty,
	"a damaged dump leaves nothing to be read": damagedDump,
}

// lived is a store to which everything happened that leaves a trace.
func lived(t *testing.T, e Engine) *bench {
	b := fresh(t, e)
	b.add(dozen()...)
	b.add(thing("thg_x", coded("c"), func(x *Thing) {
		x.Subject, x.Ward = "sub_1", "sub_2"
		x.Private, x.WardNote = Private{Name: "莫𡐓村"}, Private{Phone: []string{"1"}}
	}), thing("thg_gone", coded("free")))
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_x", ranked(7)) })
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_gone", note("removed")) })
	b.tx(func(ctx context.Context) error { return b.Erase(ctx, "sub_2") })
	_, _, err := b.once.Do(b.ctx, "key", "hash", func(context.Context) ([]string, error) { return []string{"thg_x"}, nil })
	want(t, err, "")
	return b
}

func (b *bench) dump() ([]byte, store.Manifest) {
	b.t.Helper()
	var file bytes.Buffer
	m, err := b.Dump(b.ctx, &file)
	want(b.t, err, "")
	return file.Bytes(), m
}

func (b *bench) restore(file []byte) (store.Manifest, error) {
	d, err := store.ReadDump(bytes.NewReader(file))
	if err != nil {
		return store.Manifest{}, err
	}
	return b.Restore(b.ctx, d)
}

// restored is another store made of a dump, opened anew.
func restored(t *testing.T, e Engine, file []byte) *bench {
	t.Helper()
	place := e.Fresh(t)
	b := openAt(t, place, nil)
	_, err := b.restore(file)
	want(t, err, "")
	want(t, b.Close(), "")
	return openAt(t, place, nil)
}

func dumpAndRestore(t *testing.T, e Engine) {
	b := lived(t, e)
	file, m := b.dump()
	if m.Counts["thing"] != 13 || m.Counts["entry"] != 16 || m.Seq != 16 || m.Counts["receipt"] != 1 {
		t.Errorf("manifest %+v", m)
	}
	c := restored(t, e, file)
	again, n := c.dump()
	if n.Digest != m.Digest || !maps.Equal(n.Counts, m.Counts) || !bytes.Equal(file, again) {
		t.Errorf("dumped again it is another: %+v and %+v", m, n)
	}
	if b.Code() != c.Code() || b.tally("thing") != c.tally("thing") || c.tally("thing") != 13 {
		t.Errorf("code %s, %d things", c.Code(), c.tally("thing"))
	}
	for _, q := range []store.LogQuery{{}, {Noun: "thing", ID: "thg_x"}, {After: 3, Desc: true}} {
		if was, is := canonical(b.entries(q)), canonical(c.entries(q)); was != is {
			t.Errorf("log %+v:\n%s\n%s", q, was, is)
		}
	}
	if e := c.entries(store.LogQuery{Noun: "thing", ID: "thg_x"})[0]; !e.Erased() || len(e.Parts) != 1 || e.Parts[0].Subject != "sub_1" {
		t.Errorf("parts %+v", e.Parts)
	}
	if was, is := canonical(b.page(store.Query{Sort: "rank"}).Items), canonical(c.page(store.Query{Sort: "rank"}).Items); was != is {
		t.Errorf("by rank:\n%s\n%s", was, is)
	}
	if p := c.page(store.Query{Where: store.Holds("parties", "p2"), Sort: "rank"}); fmt.Sprint(idsOf(p.Items)) != "[thg_02 thg_06 thg_10]" {
		t.Errorf("by an array: %v", idsOf(p.Items))
	}
}

func restoredGoesOn(t *testing.T, e Engine) {
	b := lived(t, e)
	file, _ := b.dump()
	c := restored(t, e, file)
	wantDuplicate(t, c.insert(thing("thg_y", coded("c"))), "code")
	want(t, c.insert(thing("thg_z", coded("free"))), "")
	_, again, err := c.once.Do(c.ctx, "key", "hash", func(context.Context) ([]string, error) { return nil, errOwn })
	if err != nil || !again {
		t.Errorf("a receipt was lost: %v", err)
	}
	last := c.entries(store.LogQuery{Desc: true, Limit: 1})[0]
	if last.Seq != 17 {
		t.Errorf("the next entry has the sequence %d", last.Seq)
	}
	want(t, b.insert(thing("thg_gone")), "")
	want(t, c.insert(thing("thg_gone")), "")
	if was, is := b.get("thg_gone").Revision, c.get("thg_gone").Revision; is < was {
		t.Errorf("an id that comes again has the revision %d, where it had %d", is, was)
	}
}

func dumpOfOneMoment(t *testing.T, e Engine) {
	var slow *slowDump
	b := openAt(t, e.Fresh(t), func(a store.Adapter) store.Adapter {
		slow = &slowDump{Adapter: a}
		return slow
	})
	b.add(dozen()...)
	slow.during = func() { want(t, b.insert(thing("thg_late")), "") }
	file, m := b.dump()
	if b.get("thg_late").Version != 1 || slow.during != nil {
		t.Error("nothing was written meanwhile")
	}
	c := restored(t, e, file)
	if list := c.entries(store.LogQuery{After: 12}); m.Seq != 12 || len(list) != 0 || len(c.page(store.Query{}).Items) != 12 {
		t.Errorf("after the mark %d the log goes on: %v", m.Seq, list)
	}
}

// slowDump is an adapter during whose dump something happens.
type slowDump struct {
	store.Adapter
	during func()
}

// Dump passes on, and lets it happen behind the mark.
func (s *slowDump) Dump(ctx context.Context, fn func(*store.Item) error) error {
	return s.Adapter.Dump(ctx, func(i *store.Item) error {
		if s.during != nil {
			s.during()
			s.during = nil
		}
		return fn(i)
	})
}

func restoreNeedsEmpty(t *testing.T, e Engine) {
	b := lived(t, e)
	file, _ := b.dump()
	c := fresh(t, e)
	c.add(thing("thg_own"))
	_, err := c.restore(file)
	want(t, err, fault.CodeStoreNotEmpty)
	if c.get("thg_own").Version != 1 || len(c.entries(store.LogQuery{})) != 1 {
		t.Error("the store was changed")
	}
}

func damagedDump(t *testing.T, e Engine) {
	b := lived(t, e)
	file, _ := b.dump()
	for name, bad := range map[string][]byte{
		"cut":   file[:len(file)-30],
		"half":  file[:len(file)/2],
		"other": []byte("PK\x03\x04 something else"),
		"more":  append(bytes.Clone(file), file...),
	} {
		place := e.Fresh(t)
		c := openAt(t, place, nil)
		if _, err := c.restore(bad); fault.CodeOf(err) != fault.CodeDumpInvalid {
			t.Errorf("%s: %v", name, err)
		}
		want(t, c.Close(), "")
		db := store.New(place(), store.Options{})
		things := store.Register(db, thingSpec())
		if err := db.Start(t.Context()); err != nil {
			want(t, err, fault.CodeConfiguration) // it says that a restore did not end
			continue
		}
		if p, err := things.Find(t.Context(), store.Query{}); err != nil || len(p.Items) != 0 {
			t.Errorf("%s: %d things are left: %v", name, len(p.Items), err)
		}
		want(t, db.Close(), "")
	}
}
