package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var logCases = map[string]func(*testing.T, Engine){
	"one entry a change, dense and in order": denseLog,
	"time never goes back":                   timeNeverGoesBack,
	"an entry carries what routes":           entryCarries,
	"history and states of the past":         history,
	"personal parts are erased alone":        erased,
	"log queries":                            logQueries,
	"a reader sees each entry once":          readerSeesEach,
}

// logIsDense checks that the log has n entries, numbered 1 to n, in time's order.
func (b *bench) logIsDense(n int) {
	b.t.Helper()
	end, _, err := b.LogEnd(b.ctx)
	if err != nil || end != int64(n) {
		b.t.Fatalf("the log ends at %d, want %d: %v", end, n, err)
	}
	last := time.Time{}
	seq := int64(0)
	for seq < end {
		list := b.entries(store.LogQuery{After: seq})
		if len(list) == 0 {
			b.t.Fatalf("nothing behind %d of %d", seq, end)
		}
		for _, e := range list {
			if e.Seq != seq+1 || e.At.Before(last) {
				b.t.Fatalf("entry %d at %v behind %d at %v", e.Seq, e.At, seq, last)
			}
			seq, last = e.Seq, e.At
		}
	}
}

func denseLog(t *testing.T, e Engine) {
	b := fresh(t, e)
	fns := make([]func() error, 8)
	for i := range fns {
		fns[i] = func() error {
			for k := range 6 { // of each code only one is taken: the others are refused within batches
				err := b.insert(thing(fmt.Sprintf("thg_%d_%d", i, k), coded(fmt.Sprintf("c%d", k))))
				if err != nil && fault.CodeOf(err) != fault.CodeDuplicate {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	b.logIsDense(6)
	b.tx(func(ctx context.Context) error { return b.things.Insert(ctx, thing("thg_draft"), store.Note{}) })
	b.logIsDense(6)
}

func timeNeverGoesBack(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a"))
	b.clock.Advance(-time.Hour)
	b.add(thing("thg_b"))
	b.clock.Advance(2 * time.Hour)
	b.add(thing("thg_c"))
	b.logIsDense(3)
	list := b.entries(store.LogQuery{})
	if !list[1].At.Equal(list[0].At) || !list[2].At.Equal(start.Add(time.Hour).Truncate(time.Millisecond)) {
		t.Errorf("stamped %v, %v, %v", list[0].At, list[1].At, list[2].At)
	}
	if _, at, err := b.LogEnd(b.ctx); err != nil || !at.Equal(list[2].At) {
		t.Errorf("end at %v: %v", at, err)
	}
}

func entryCarries(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1), party("p1"), func(x *Thing) { x.Words, x.Title = []string{"密"}, "密" }))
	n := store.Note{Kind: "thing.moved", Actor: "acc_1", Via: "graphql", OnBehalf: "rcp_1", Reason: "说明", Root: "req_1"}
	b.tx(func(ctx context.Context) error {
		x, err := b.things.Get(ctx, "thg_a")
		if err != nil {
			return err
		}
		x.Station, x.Parties = "sta_b", []string{"p1", "p2"}
		return b.things.Replace(ctx, x, n)
	})
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_a", n) })
	list := b.entries(store.LogQuery{})
	created, moved, removed := list[0], list[1], list[2]
	d := b.things.Definition()
	at := func(v store.Values, name string) string { return fmt.Sprint(v[d.Position(name)]) }
	if created.Before != nil || at(created.After, "station") != "sta_a" || removed.After != nil || at(removed.Before, "station") != "sta_b" {
		t.Errorf("before and after: %v %v %v", created.Before, created.After, removed.After)
	}
	if at(moved.Before, "parties")+at(moved.After, "parties") != "[p1][p1 p2]" || at(moved.After, "words") != "[]" || at(moved.After, "title") != "" {
		t.Errorf("routing fields: %v %v", moved.Before, moved.After)
	}
	if moved.Kind != n.Kind || moved.Actor != n.Actor || moved.Via != n.Via || moved.OnBehalf != n.OnBehalf || moved.Reason != n.Reason || moved.Root != n.Root {
		t.Errorf("who and why: %+v", moved)
	}
	if moved.Noun != "thing" || moved.ID != "thg_a" || moved.Version != 2 || moved.Revision != created.Revision+1 || moved.Shape != 1 {
		t.Errorf("what: %+v", moved)
	}
}

func history(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)), thing("thg_b"))
	for i := range 3 {
		b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(int64(i+2))) })
	}
	b.tx(func(ctx context.Context) error { return b.things.Delete(ctx, "thg_a", note("removed")) })
	var got []string
	versions, err := b.things.History(b.ctx, "thg_a", 0, false, 10)
	want(t, err, "")
	for _, v := range versions {
		if v.After == nil {
			got = append(got, "gone")
			continue
		}
		got = append(got, fmt.Sprintf("%d:v%d", v.After.Rank, v.After.Version))
	}
	if strings.Join(got, " ") != "1:v1 2:v2 3:v3 4:v4 gone" {
		t.Errorf("history: %v", got)
	}
	newest, err := b.things.History(b.ctx, "thg_a", versions[1].Entry.Seq, true, 2)
	if err != nil || len(newest) != 2 || newest[0].After != nil || newest[1].After.Rank != 4 {
		t.Errorf("newest first: %v %v", newest, err)
	}
	x, err := b.things.AsOf(b.ctx, "thg_a", versions[2].Entry.Seq)
	if err != nil || x.Rank != 3 || x.Revision != versions[2].Entry.Revision {
		t.Errorf("as of: %+v %v", x, err)
	}
	_, err = b.things.AsOf(b.ctx, "thg_a", versions[4].Entry.Seq)
	want(t, err, fault.CodeNotFound)
	_, err = b.things.AsOf(b.ctx, "thg_none", 99)
	want(t, err, fault.CodeNotFound)
}

func erased(t *testing.T, e Engine) {
	b := fresh(t, e)
	about := func(id, subject, ward string) *Thing {
		return thing(id, func(x *Thing) {
			x.Subject, x.Ward, x.Private.Name, x.WardNote.Name, x.Title = subject, ward, "name of "+subject, "note on "+ward, "public"
		})
	}
	b.add(about("thg_a", "rcp_1", "rcp_2"), about("thg_b", "rcp_2", ""), about("thg_c", "rcp_3", "rcp_1"))
	before := b.entries(store.LogQuery{})
	if bodyHas(before[0].Body, "name of") || bodyHas(before[0].Body, "note on") || len(before[0].Parts) != 2 {
		t.Fatalf("the public part carries personal data: %s", before[0].Body)
	}
	b.tx(func(ctx context.Context) error { return b.Erase(ctx, "rcp_1") })
	after := b.entries(store.LogQuery{})
	if len(after) != 3 || !after[0].Erased() || after[1].Erased() || !after[2].Erased() {
		t.Fatalf("erased: %v", after)
	}
	for i := range after {
		if canonical(after[i].Body) != canonical(before[i].Body) || after[i].Seq != before[i].Seq || len(after[i].Subjects) != len(before[i].Subjects) {
			t.Errorf("entry %d is no longer what it was", i)
		}
		for _, p := range after[i].Parts {
			if p.Subject == "rcp_1" || bodyHas(p.Body, "rcp_1") {
				t.Errorf("entry %d still tells of rcp_1", i)
			}
		}
	}
	past, err := b.things.Past(after[0])
	if err != nil || past.Private.Name != "" || past.WardNote.Name != "note on rcp_2" || past.Title != "public" {
		t.Errorf("the entry reads as %+v, %v", past, err)
	}
	if whole, err := b.things.Past(after[1]); err != nil || whole.Private.Name != "name of rcp_2" {
		t.Errorf("another subject's entry: %+v %v", whole, err)
	}
	b.logIsDense(3)
}

func bodyHas(raw bson.Raw, text string) bool { return strings.Contains(string(raw), text) }

func logQueries(t *testing.T, e Engine) {
	b := fresh(t, e)
	for i := range 9 {
		n := note("added")
		n.Root = []string{"", "req_1", "req_2"}[i%3]
		b.tx(func(ctx context.Context) error { return b.things.Insert(ctx, thing(fmt.Sprintf("thg_%d", i)), n) })
	}
	for _, c := range []struct {
		q    store.LogQuery
		want string
	}{
		{store.LogQuery{After: 3, Limit: 2}, "[4 5]"},
		{store.LogQuery{Until: 4, Desc: true, Limit: 2}, "[4 3]"},
		{store.LogQuery{Root: "req_1"}, "[2 5 8]"},
		{store.LogQuery{Root: "req_1", After: 2, Until: 7}, "[5]"},
		{store.LogQuery{Noun: "thing", ID: "thg_4"}, "[5]"},
		{store.LogQuery{Noun: "thing", After: 7}, "[8 9]"},
		{store.LogQuery{Noun: "other"}, "[]"},
		{store.LogQuery{After: 99}, "[]"},
	} {
		seqs := []int64{}
		for _, entry := range b.entries(c.q) {
			seqs = append(seqs, entry.Seq)
		}
		if fmt.Sprint(seqs) != c.want {
			t.Errorf("%+v: %v, want %s", c.q, seqs, c.want)
		}
	}
}

func readerSeesEach(t *testing.T, e Engine) {
	b := fresh(t, e)
	const writers, each = 6, 15
	read := make(chan error, 1)
	go func() { read <- follow(b.DB, writers*each) }()
	fns := make([]func() error, writers)
	for i := range fns {
		fns[i] = func() error {
			for k := range each {
				if err := b.insert(thing(fmt.Sprintf("thg_%d_%d", i, k))); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

// follow reads the log as the feed does, by bell and sequence, until it has seen n
// entries; it fails at the first gap, repeat or step back.
func follow(db *store.DB, n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	ring, release := db.Bell()
	defer release()
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	for seq := int64(0); seq < int64(n); {
		list, err := db.Log(ctx, store.LogQuery{After: seq})
		if err != nil && fault.KindOf(err) != fault.Unavailable {
			return err
		}
		for _, e := range list {
			if e.Seq != seq+1 {
				return fmt.Errorf("read entry %d behind %d", e.Seq, seq)
			}
			seq = e.Seq
		}
		if len(list) > 0 {
			continue
		}
		select {
		case <-ring:
		case <-poll.C:
		case <-ctx.Done():
			return fmt.Errorf("read %d of %d: %w", seq, n, ctx.Err())
		}
	}
	return nil
}
