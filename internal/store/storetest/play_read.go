package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// find asks a random query of the offered ones and compares one page.
func (p *play) find() {
	q, many := p.query()
	all := p.model.find(q)
	q.Limit = 1 + p.rng.IntN(8)
	from := 0
	if len(all) > 0 && p.rng.IntN(3) > 0 {
		from = p.rng.IntN(len(all))
		at := &store.Pos{Key: keyOf(q.Sort, all[from]), ID: all[from].ID}
		if q.FromEnd = p.rng.IntN(2) == 0; q.FromEnd {
			q.Before = at
		} else {
			q.After, from = at, from+1
		}
	}
	wanted, more := all[from:], false
	if q.FromEnd {
		wanted = all[:from]
	}
	if len(wanted) > q.Limit {
		more = true
		if q.FromEnd {
			wanted = wanted[len(wanted)-q.Limit:]
		} else {
			wanted = wanted[:q.Limit]
		}
	}
	page, err := p.things.Find(p.ctx, q)
	if err != nil {
		p.t.Errorf("find %+v: %v", q, err)
		return
	}
	p.sameThings(fmt.Sprintf("find %s by %q desc %v from %+v before %+v", q.Where, q.Sort, q.Desc, q.After, q.Before), page.Items, wanted)
	got := page.HasNext
	if q.FromEnd {
		got = page.HasPrev
	}
	if got != more && (!many || more) { // a check in Go may promise a page that turns out empty
		p.t.Errorf("find %s: more %v, the model says %v", q.Where, got, more)
	}
	p.say("find "+q.Where.String()+" "+q.Sort, canonicalThings(page.Items))
}

// query makes a query that the noun offers; many tells that its alternatives are
// too many for walks of their own.
func (p *play) query() (q store.Query, many bool) {
	q.Desc = p.rng.IntN(2) == 0
	station, party := store.Is("station", pick(p, "sta_a", "sta_b", "sta_x")), store.Holds("parties", pick(p, "p1", "p2", "p3"))
	switch p.rng.IntN(9) {
	case 0:
		q.Where, q.Sort = store.All(), pick(p, "", "rank", "weight", "title")
	case 1:
		q.Where, q.Sort = station, pick(p, "", "rank", "due")
	case 2:
		q.Where, q.Sort = store.Both(station, store.Is("state", pick(p, "OPEN", "open"))), pick(p, "", "rank", "due")
	case 3:
		q.Where, q.Sort = party, "rank"
	case 4:
		q.Where, q.Sort = store.Both(station, party), "rank"
	case 5:
		q.Where = store.Both(store.Holds("words", "送"), store.Holds("words", pick(p, "餐", "送餐", "x")))
	case 6:
		q.Where, q.Sort = store.Either(station, party, store.Both(store.Is("station", "sta_c"), store.Is("state", "DONE"))), "rank"
	case 7:
		q.Where, q.Sort, many = store.Either(append(scopes(20), station, party)...), pick(p, "", "rank"), true
	default:
		q.Where, q.Sort = store.Both(store.AtLeast("rank", int64(p.rng.IntN(7)-3)), store.Below("rank", int64(p.rng.IntN(7)-3))), "rank"
	}
	if p.rng.IntN(2) == 0 && !many {
		q.Where = store.Both(q.Where, p.residual())
	}
	return q, many
}

func scopes(n int) []store.Filter {
	out := make([]store.Filter, n)
	for i := range out {
		out[i] = store.Is("station", fmt.Sprint("sta_none", i))
	}
	return out
}

func (p *play) residual() store.Filter {
	return pick(p,
		store.AnyOf("rank", int64(-1), int64(0), int64(2)), store.AtLeast("weight", 0.125), store.Below("rank", int64(1)),
		store.Starts("title", pick(p, "送", "a", "陪同", "", "a\"")), store.Misses("parties", "p2"), store.Holds("words", "药"),
		store.Is("title", pick(p, "", "ab", "a\"b'c\\")), store.AtLeast("due", start), store.AnyOf[string]("state"),
		store.Misses("words", "nowhere"))
}

func (p *play) getMany() {
	ids := []string{p.id(), p.id(), p.id(), "THG_1", "thg_x"}
	got, err := p.things.GetMany(p.ctx, ids)
	if err != nil {
		p.t.Error(err)
	}
	for _, id := range ids {
		x, there := p.model.things[id]
		if (got[id] != nil) != there || there && canonical(got[id]) != canonical(&x) {
			p.t.Errorf("get %s: %s, the model has %v %s", id, canonical(got[id]), there, canonical(&x))
		}
		p.say("get "+id, canonical(got[id]))
	}
}

func (p *play) readLog() {
	q := store.LogQuery{Desc: p.rng.IntN(2) == 0, Limit: 1 + p.rng.IntN(9)}
	if p.rng.IntN(2) == 0 {
		q.After = int64(p.rng.IntN(len(p.model.log) + 2))
	}
	switch p.rng.IntN(4) {
	case 0:
		q.Root = pick(p, "req_1", "req_2", "req_none")
	case 1:
		q.Noun, q.ID = "thing", p.id()
	case 2:
		q.Until = q.After + int64(p.rng.IntN(9))
	}
	got := p.entries(q)
	wanted := p.model.entries(q)
	if len(got) != len(wanted) {
		p.t.Errorf("log %+v: %d entries, the model has %d", q, len(got), len(wanted))
		return
	}
	for i, e := range got {
		p.sameEntry(e, wanted[i])
		p.say("entry", []any{e.Seq, e.At, e.Kind, e.ID, e.Root, e.Version, e.Revision, []any(e.Before), []any(e.After), e.Body, len(e.Parts), e.Subjects})
	}
}

// entries answers a log query; the numbers are places in the log, from 1.
func (m *model) entries(q store.LogQuery) (out []int) {
	for i, e := range m.log {
		seq := int64(i + 1)
		if seq > q.After && (q.Until == 0 || seq <= q.Until) && (q.ID == "" || e.id == q.ID) && (q.Root == "" || e.root == q.Root) {
			out = append(out, i+1)
		}
	}
	if q.Desc {
		slices.Reverse(out)
	}
	return out[:min(len(out), q.Limit)]
}

func (p *play) sameEntry(got *store.Entry, seq int) {
	p.t.Helper()
	e := p.model.log[seq-1]
	if got.Seq != int64(seq) || got.Kind != e.kind || got.ID != e.id || got.Root != e.root || !got.At.Equal(e.at) || !slices.Equal(got.Subjects, e.subjects) {
		p.t.Errorf("entry %d: %+v, the model has %+v", seq, got, e)
	}
	past, err := p.things.Past(got)
	if err != nil {
		p.t.Error(err)
	}
	want := e.past()
	if (past == nil) != (want == nil) {
		p.t.Errorf("entry %d left %v, the model has %v", seq, past, want)
	} else if past != nil {
		past.Revision, want.Revision = 0, 0
		p.sameThings(fmt.Sprintf("state after entry %d", seq), []*Thing{past}, []*Thing{want})
	}
	if lost := slices.ContainsFunc(e.subjects, func(s string) bool { return e.erased[s] }); got.Erased() != lost {
		p.t.Errorf("entry %d erased: %v, the model says %v", seq, got.Erased(), lost)
	}
}

func (p *play) asOf() {
	id, seq := p.id(), p.rng.IntN(len(p.model.log)+1)+1
	var want *Thing
	for _, e := range p.model.log[:min(seq, len(p.model.log))] {
		if e.id == id {
			want = e.past()
		}
	}
	got, err := p.things.AsOf(p.ctx, id, int64(seq))
	if (err == nil) != (want != nil) || err != nil && fault.CodeOf(err) != fault.CodeNotFound {
		p.t.Errorf("%s as of %d: %v, the model has %v", id, seq, err, want)
		return
	}
	if want != nil {
		p.say("as of", canonical(got))
		got.Revision, want.Revision = 0, 0
		p.sameThings("as of", []*Thing{got}, []*Thing{want})
	}
}

func (p *play) counters() {
	wanted := map[string]int64{"thing": int64(len(p.model.things)), "thing:sta_a": 0, "thing:sta_b": 0, "thing:sta_c": 0, "thing:none": 0}
	for _, x := range p.model.things {
		wanted["thing:"+x.Station]++
	}
	var names []string
	for name := range wanted {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	got, err := p.Tally(p.ctx, names...)
	if err != nil {
		p.t.Error(err)
	}
	for _, name := range names {
		if got[name] != wanted[name] {
			p.t.Errorf("tally %s: %d, the model has %d", name, got[name], wanted[name])
		}
		p.say("tally "+name, got[name])
	}
}
