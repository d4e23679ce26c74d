package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var queryCases = map[string]func(*testing.T, Engine){
	"every operator":                   everyOperator,
	"pages forwards and backwards":     pages,
	"ties are broken by id":            ties,
	"branches are merged, each once":   branches,
	"bounds on the sort key":           boundsOnTheSortKey,
	"a check in Go keeps paging right": keeping,
	"more scopes than branches":        manyScopes,
	"bad pages and filters":            badQueries,
}

func dozen() []*Thing {
	var out []*Thing
	for i := range 12 {
		out = append(out, thing(fmt.Sprintf("thg_%02d", i), func(t *Thing) {
			t.Station, t.State = []string{"sta_a", "sta_b", "sta_c"}[i%3], []State{"OPEN", "DONE"}[i%2]
			t.Rank, t.Weight, t.Title = int64(i/2), float64(i)/4, []string{"送餐", "送药", "陪同", "维修"}[i%4]
			t.Parties = []string{fmt.Sprintf("p%d", i%4), fmt.Sprintf("q%d", i%3)}
			t.Words = []string{"送", t.Title}
		}))
	}
	return out
}

func everyOperator(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(dozen()...)
	for _, c := range []struct {
		where store.Filter
		sort  string
		want  []int
	}{
		{store.All(), "", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{store.None(), "rank", nil},
		{store.Is("station", "sta_b"), "rank", []int{1, 4, 7, 10}},
		{store.Is("station", "STA_B"), "rank", nil},
		{store.Both(store.Is("station", "sta_a"), store.Is("state", State("DONE"))), "rank", []int{3, 9}},
		{store.Both(store.Is("station", "sta_a"), store.AnyOf("rank", int64(0), int64(3), int64(99))), "rank", []int{0, 6}},
		{store.Both(store.Is("station", "sta_a"), store.AtLeast("weight", 1.5)), "rank", []int{6, 9}},
		{store.Both(store.Is("station", "sta_a"), store.Below("weight", 1.5)), "rank", []int{0, 3}},
		{store.AtLeast("rank", int64(4)), "rank", []int{8, 9, 10, 11}},
		{store.Both(store.AtLeast("rank", 2), store.Below("rank", 3)), "rank", []int{4, 5}},
		{store.Both(store.AtLeast("rank", 3), store.Below("rank", 3)), "rank", nil},
		{store.Holds("parties", "p1"), "rank", []int{1, 5, 9}},
		{store.Both(store.Holds("parties", "p1"), store.Holds("parties", "q2")), "rank", []int{5}},
		{store.Both(store.Holds("parties", "p1"), store.Misses("parties", "q2")), "rank", []int{1, 9}},
		{store.Both(store.Is("station", "sta_b"), store.Holds("parties", "p3")), "rank", []int{7}},
		{store.Holds("words", "送药"), "", []int{1, 5, 9}},
		{store.Starts("title", "送"), "title", []int{1, 5, 9, 0, 4, 8}},
		{store.Starts("title", ""), "rank", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{store.Both(store.Is("station", "sta_a"), store.Either(store.Is("state", "DONE"), store.Is("rank", 0))), "rank", []int{0, 3, 9}},
	} {
		page, err := b.things.Find(b.ctx, store.Query{Where: c.where, Sort: c.sort, Limit: 50})
		if err != nil {
			t.Errorf("%s: %v", c.where, err)
			continue
		}
		var ids []string
		for _, i := range c.want {
			ids = append(ids, fmt.Sprintf("thg_%02d", i))
		}
		if got := idsOf(page.Items); c.sort == "title" && !slices.Equal(sorted(got), sorted(ids)) || c.sort != "title" && !slices.Equal(got, ids) {
			t.Errorf("%s by %q: got %v, want %v", c.where, c.sort, got, ids)
		}
		b.compiledAgrees(c.where, page.Items)
	}
}

// compiledAgrees checks that the closure of a filter answers as the engine did.
func (b *bench) compiledAgrees(where store.Filter, found []*Thing) {
	b.t.Helper()
	match, err := b.things.Definition().Compile(where, false)
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := b.things.Find(b.ctx, store.Query{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, x := range all.Items {
		in := slices.ContainsFunc(found, func(f *Thing) bool { return f.ID == x.ID })
		if match(b.things.Values(x)) != in {
			b.t.Errorf("%s: the closure and the engine disagree about %s", where, x.ID)
		}
	}
}

func pages(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(dozen()...)
	for _, sort := range []string{"", "rank", "weight", "title"} {
		for _, desc := range []bool{false, true} {
			whole := b.page(store.Query{Sort: sort, Desc: desc, Limit: 50})
			if whole.HasNext || whole.HasPrev || len(whole.Items) != 12 {
				t.Fatalf("the whole by %q: %d rows, next %v, before %v", sort, len(whole.Items), whole.HasNext, whole.HasPrev)
			}
			all := idsOf(whole.Items)
			b.leafForward(store.Query{Sort: sort, Desc: desc, Limit: 5}, all)
			b.leafBack(store.Query{Sort: sort, Desc: desc, Limit: 5, FromEnd: true}, all)
			between := b.page(store.Query{Sort: sort, Desc: desc, Limit: 50, After: &whole.Pos[2], Before: &whole.Pos[7]})
			if got := idsOf(between.Items); !slices.Equal(got, all[3:7]) {
				t.Errorf("between two cursors by %q: %v, want %v", sort, got, all[3:7])
			}
		}
	}
	exact := b.page(store.Query{Sort: "rank", Limit: 12})
	if exact.HasNext {
		t.Error("a full last page has no next")
	}
}

func (b *bench) page(q store.Query) store.Page[Thing] {
	b.t.Helper()
	p, err := b.things.Find(b.ctx, q)
	if err != nil {
		b.t.Fatalf("find: %v", err)
	}
	return p
}

func (b *bench) leafForward(q store.Query, all []string) {
	b.t.Helper()
	var got []string
	for {
		p := b.page(q)
		got = append(got, idsOf(p.Items)...)
		if p.HasPrev != (q.After != nil) {
			b.t.Errorf("page after %v: HasPrev %v", q.After, p.HasPrev)
		}
		if !p.HasNext {
			break
		}
		q.After = p.Last
	}
	if !slices.Equal(got, all) {
		b.t.Errorf("forwards by %q: %v, want %v", q.Sort, got, all)
	}
}

func (b *bench) leafBack(q store.Query, all []string) {
	b.t.Helper()
	var got []string
	for {
		p := b.page(q)
		got = append(idsOf(p.Items), got...)
		if p.HasNext != (q.Before != nil) {
			b.t.Errorf("page before %v: HasNext %v", q.Before, p.HasNext)
		}
		if !p.HasPrev {
			break
		}
		q.Before = &p.Pos[0]
	}
	if !slices.Equal(got, all) {
		b.t.Errorf("backwards by %q: %v, want %v", q.Sort, got, all)
	}
}

func ties(t *testing.T, e Engine) {
	b := fresh(t, e)
	var list []*Thing
	for i := range 90 {
		list = append(list, thing(fmt.Sprintf("thg_%02d", (i*37)%90), ranked(int64(i/80)), party("p")))
	}
	b.add(list...)
	for _, where := range []store.Filter{store.All(), store.Is("station", "sta_a"), store.Holds("parties", "p")} {
		for _, desc := range []bool{false, true} {
			q := store.Query{Where: where, Sort: "rank", Desc: desc, Limit: 90}
			all := idsOf(b.page(q).Items)
			if len(all) != 90 || len(slices.Compact(sorted(all))) != 90 {
				t.Fatalf("%d rows of 90", len(all))
			}
			q.Limit = 7
			b.leafForward(q, all)
			q.FromEnd = true
			b.leafBack(q, all)
		}
	}
}

func branches(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(dozen()...)
	where := store.Either(store.Is("station", "sta_a"), store.Holds("parties", "p1"), store.Holds("parties", "q0"),
		store.Both(store.Is("station", "sta_b"), store.Is("state", "OPEN")))
	all := idsOf(b.page(store.Query{Where: where, Sort: "rank", Limit: 50}).Items)
	if fmt.Sprint(all) != "[thg_00 thg_01 thg_03 thg_04 thg_05 thg_06 thg_09 thg_10]" {
		t.Fatalf("union: %v", all)
	}
	for limit := range 4 {
		b.leafForward(store.Query{Where: where, Sort: "rank", Limit: limit + 1}, all)
		b.leafBack(store.Query{Where: where, Sort: "rank", Limit: limit + 1, FromEnd: true}, all)
	}
	slices.Reverse(all)
	b.leafForward(store.Query{Where: where, Sort: "rank", Desc: true, Limit: 3}, all)
}

func boundsOnTheSortKey(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(dozen()...)
	where := store.Both(store.Is("station", "sta_a"), store.AtLeast("rank", 1), store.Below("rank", 4))
	for _, desc := range []bool{false, true} {
		q := store.Query{Where: where, Sort: "rank", Desc: desc, Limit: 50}
		all := idsOf(b.page(q).Items)
		if fmt.Sprint(sorted(all)) != "[thg_03 thg_06]" {
			t.Fatalf("within bounds: %v", all)
		}
		q.Limit = 1
		b.leafForward(q, all)
		for _, at := range []store.Pos{{Key: int64(-5), ID: "x"}, {Key: int64(1), ID: "thg_03"}, {Key: int64(4), ID: ""}, {Key: int64(9), ID: "x"}} {
			q.After = &at
			b.page(q) // a cursor outside of the bounds is no error
		}
	}
}

func keeping(t *testing.T, e Engine) {
	b := fresh(t, e)
	var list []*Thing
	for i := range 200 {
		list = append(list, thing(fmt.Sprintf("thg_%03d", i), ranked(int64(i))))
	}
	b.add(list...)
	rare := func(x *Thing) bool { return x.Rank%50 == 49 }
	q := store.Query{Where: store.Is("station", "sta_a"), Sort: "rank", Limit: 3}
	p, err := b.things.Find(b.ctx, q, rare)
	if err != nil || fmt.Sprint(idsOf(p.Items)) != "[thg_049 thg_099 thg_149]" || !p.HasNext {
		t.Fatalf("first: %v %v %v", idsOf(p.Items), p.HasNext, err)
	}
	q.After = p.Last
	p, err = b.things.Find(b.ctx, q, rare)
	if err != nil || fmt.Sprint(idsOf(p.Items)) != "[thg_199]" || p.HasNext {
		t.Fatalf("second: %v %v %v", idsOf(p.Items), p.HasNext, err)
	}
}

func manyScopes(t *testing.T, e Engine) {
	b := fresh(t, e)
	var list []*Thing
	var scopes []store.Filter
	for i := range 40 {
		name := fmt.Sprintf("sta_%02d", i)
		list = append(list, thing("thg_"+name, station(name), ranked(int64(100-i))), thing("oth_"+name, station("else_"+name), ranked(int64(i))))
		scopes = append(scopes, store.Is("station", name))
	}
	b.add(list...)
	q := store.Query{Where: store.Either(scopes...), Sort: "rank", Limit: 50}
	all := idsOf(b.page(q).Items)
	if len(all) != 40 || all[0] != "thg_sta_39" {
		t.Fatalf("forty scopes: %v", all)
	}
	q.Limit = 7
	b.leafForward(q, all)
	q.FromEnd = true
	b.leafBack(q, all)
}

func badQueries(t *testing.T, e Engine) {
	b := fresh(t, e)
	for _, limit := range []int{-1, 1001} {
		_, err := b.things.Find(b.ctx, store.Query{Limit: limit})
		want(t, err, fault.CodePageInvalid)
	}
	_, err := b.things.Find(b.ctx, store.Query{Sort: "code"})
	want(t, err, fault.CodeFilterUnsupported)
	for _, bad := range []store.Filter{store.Is("nothing", 1), store.Is("rank", "text"), store.Is("parties", "p"), store.Holds("station", "s")} {
		if _, err := b.things.Find(b.ctx, store.Query{Where: bad}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
