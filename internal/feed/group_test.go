package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

// kinds are what the noun of things can be: some may be kept from a row, and rows may be
// parts of others.
var kinds = []access.Noun{
	{Name: "thing", Offered: []string{"MATCHING"}},
	{Name: "thing", Offered: []string{"MATCHING"}, Screened: true},
	{Name: "thing", Offered: []string{"MATCHING"}, Screened: true, Copied: true},
}

// filters are what members ask for, and the mask that shows it: none, BLIND, FULL.
var filters = []store.Filter{{}, {}, store.Is("kind", "x"), store.Is("subject", "rcp_1")}

// someGrant draws from few, so that members share rights and rows are near them.
func someGrant(t *rapid.T) access.Grant {
	return rapid.SampledFrom([]access.Grant{
		coord, other,
		{ID: "grt_3", Role: access.Volunteer, Scope: "vol_1", Area: "1302"},
		{ID: "grt_4", Role: access.Volunteer, Scope: "vol_2", Area: "1302"},
		{ID: "grt_5", Role: access.Supervisor, Scope: "div_1", Area: "1302"},
		{ID: "grt_6", Role: access.Resident, Scope: "rcp_1", Area: "1302"},
	}).Draw(t, "grant")
}

// someRights draws grants, some of which end soon, and whom an account was.
func someRights(t *rapid.T, now time.Time) (grants []access.Grant, acts []string) {
	for range rapid.IntRange(0, 2).Draw(t, "grants") {
		g := someGrant(t)
		if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			g.Until = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "after")) * step)
		}
		grants = append(grants, g)
	}
	if rapid.IntRange(0, 2).Draw(t, "was somebody") == 0 {
		acts = []string{"wrk_1"}
	}
	return grants, acts
}

// step is how long a drawn world waits now and then.
const step = 5 * time.Second

// anyChange makes a row one that concerns some of the members by their accounts.
func anyChange(t *rapid.T, round int) func(*thing) {
	h := access.Header{
		City: "1302", Class: rapid.SampledFrom(access.Classes).Draw(t, "class"), State: rapid.SampledFrom([]string{"OPEN", "MATCHING"}).Draw(t, "state"),
		Station: rapid.SampledFrom([]string{"sta_1", "sta_2", "sta_3"}).Draw(t, "station"),
		Subject: rapid.SampledFrom([]string{"rcp_1", "rcp_2"}).Draw(t, "subject"),
	}
	who := []string{"vol_1", "vol_2", "rcp_1", "wrk_1"}
	for i := range 4 {
		who = append(who, accountOf(round, i))
	}
	for range rapid.IntRange(0, 3).Draw(t, "parties") {
		h.Relate(rapid.SampledFrom([]access.Party{access.PartyCreator, access.PartyCreator, access.PartyHelp, access.PartyRecipient}).Draw(t, "party"), rapid.SampledFrom(who).Draw(t, "who"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "barred") {
		h.Barred = append(h.Barred, rapid.SampledFrom(who).Draw(t, "bars"))
	}
	kind := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind")
	return func(x *thing) { x.Header, x.Kind = h, kind; x.N++ }
}

// Members with the same rights are decided for together, and those whom a row names by their
// account alone. What each is handed is what its rule shows it when it is asked by itself,
// whoever else there is, whoever reads at its own pace, whosever rights grow on the way, and
// until the first of its grants has run out.
func TestTogetherAsAlone(t *testing.T) {
	t.Parallel()
	w, round := newWorld(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		noun := rapid.SampledFrom(kinds).Draw(rt, "noun")
		var readers []reader
		for i := range rapid.IntRange(2, 7).Draw(rt, "members") {
			id := accountOf(round, i%4) // some have two subscriptions
			if i < 4 {
				w.grant(id, func(a *account) { a.Grants, a.Acts = someRights(rt, w.clock.Now()) })
			}
			m := feed.Member{
				Actor: access.Actor{ID: id}, Nouns: []feed.Interest{feed.Protected(noun)},
				Mirror: rapid.IntRange(0, 4).Draw(rt, "mirror") == 0, Personal: rapid.IntRange(0, 3).Draw(rt, "personal") == 0,
				Rights: func(ctx context.Context) (access.Actor, error) { return w.actor(ctx, id) },
			}
			m.Nouns[0].Where = rapid.SampledFrom(filters).Draw(rt, "filter")
			if like := rapid.Bool().Draw(rt, "as the first"); like && i > 0 { // but that rights end otherwise
				first := readers[0].Member
				m.Nouns, m.Mirror, m.Personal = first.Nouns, first.Mirror, first.Personal
				if i < 4 {
					w.grant(id, func(a *account) { a.Grants, a.Acts = w.ending(rt, accountOf(round, 0)) })
				}
			} else if rapid.IntRange(0, 3).Draw(rt, "in parts") == 0 {
				m.Nouns[0].Parts, m.Nouns[0].PartOf = parts, "kind"
			}
			readers = append(readers, reader{Member: m})
		}
		w.settle()
		from, _, err := w.db.LogEnd(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		for i := range readers {
			r := &readers[i]
			if rapid.IntRange(0, 3).Draw(rt, "own pace") == 0 {
				r.sub = w.live(r.Member)
			} else {
				r.sub, r.taker = w.follow(r.Member)
				r.next(t)
			}
			if r.Actor, err = w.actor(t.Context(), r.Actor.ID); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 3).Draw(rt, "commits") {
			changes, grown := map[string]func(*thing){}, map[string]access.Grant{}
			for range rapid.IntRange(1, 5).Draw(rt, "rows") {
				changes[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "row")] = anyChange(rt, round)
			}
			if rapid.Bool().Draw(rt, "time passes") {
				w.clock.Advance(step)
			} else if rapid.Bool().Draw(rt, "rights grow") {
				grown[accountOf(round, rapid.IntRange(0, 1).Draw(rt, "whose"))] = someGrant(rt)
			}
			w.together(round, rapid.SampledFrom([]string{"thing.changed", "thing.related"}).Draw(rt, "what"), changes, grown)
			w.settle()
			w.settle() // it is read after all before it has been handed over
		}
		entries, err := w.db.Log(t.Context(), store.LogQuery{After: from, Limit: 200})
		if err != nil {
			rt.Fatal(err)
		}
		for _, r := range readers {
			want, ended := r.alone(t, w, entries)
			if got := r.handed(rt); !slices.Equal(got, want) {
				rt.Fatalf("%+v is handed\n%q, alone\n%q", r.Actor, got, want)
			}
			if r.ended() != ended {
				rt.Fatalf("%+v has ended: %t, want %t", r.Actor, !ended, ended)
			}
			r.sub.Close()
		}
		if n := w.hub.Views(); n != 0 {
			rt.Fatalf("%d views are kept of nobody", n)
		}
	})
}

// ending is an account's rights, some of which end at another time.
func (w *world) ending(t *rapid.T, id string) (grants []access.Grant, acts []string) {
	a, err := w.actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range a.Grants {
		g.Until = time.Time{}
		if rapid.Bool().Draw(t, "ends too") {
			g.Until = w.clock.Now().Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "after")) * step)
		}
		grants = append(grants, g)
	}
	return grants, a.Acts
}

// parts follows a row as if it were two of one kind.
func parts(v store.Values) map[string]string {
	kind := fmt.Sprint(v[len(access.HeaderFields())])
	return map[string]string{"1" + kind: kind, "2": kind}
}

// alone is what a reader is to be handed, decided for it alone, until it ends. Who reads at
// its own pace is handed nothing once it has ended.
func (r *reader) alone(t *testing.T, w *world, entries []*store.Entry) (want []string, ended bool) {
	t.Helper()
	for _, e := range entries {
		if now, about, _ := w.rights(e); about && now.Account == r.Actor.ID {
			r.Actor.Grants = now.Grants
		}
		if len(r.Actor.Live(e.At).Grants) < len(r.Actor.Grants) {
			if r.taker == nil {
				want = nil
			}
			return want, true
		}
		events, err := w.hub.Alone(r.Member, r.Actor, e)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			want = append(want, short(ev))
		}
	}
	return want, false
}

type reader struct {
	feed.Member
	*taker // nil of who reads at its own pace
	sub    *feed.Subscription
}

// handed is all that came and is no checkpoint or gap.
func (r *reader) handed(t *rapid.T) (out []string) {
	items := r.sub.Queued()
	if r.taker != nil {
		items = nil
		for len(r.items) > 0 {
			items = append(items, <-r.items)
		}
	}
	for _, it := range items {
		if ev := *it.Event.(*feed.Event); ev.Kind != feed.Checkpoint && ev.Kind != feed.Gap {
			out = append(out, short(ev))
			if it.Look != ev.Look() {
				t.Fatalf("%+v has another's look", ev)
			}
		}
	}
	return out
}

// ended reports whether the reader has been told that a right has ended.
func (r *reader) ended() bool {
	if r.taker != nil {
		return len(r.over) > 0
	}
	return errors.Is(r.sub.Err(), feed.ErrRevoked)
}

func accountOf(round, i int) string { return fmt.Sprint("acc_", round, "_", i) }

// short is what a member is told, but not by which cursor.
func short(ev feed.Event) string {
	return fmt.Sprint(ev.Seq, ev.Kind, ev.ID, ev.Part, ev.Mask, ev.Class, ev.Reader.Rights())
}

// together changes rows and adds grants in one unit, so that they are handed over at once.
func (w *world) together(round int, what string, changes map[string]func(*thing), grown map[string]access.Grant) {
	w.tx(func(ctx context.Context) error {
		for _, id := range []string{"a", "b", accountOf(round, 0), accountOf(round, 1), "c"} {
			if g, there := grown[id]; there {
				a, err := w.accounts.Get(ctx, id)
				if err != nil {
					return err
				}
				a.Grants = append(a.Grants, g)
				if err := w.accounts.Replace(ctx, a, store.Note{Kind: "account.changed"}); err != nil {
					return err
				}
			}
			change, there := changes[id]
			if !there {
				continue
			}
			id = fmt.Sprint("row_", round, id)
			m, err := w.things.GetMany(ctx, []string{id})
			if err != nil {
				return err
			}
			x, old := m[id]
			if !old {
				x = &thing{Head: store.Head{ID: id}}
			}
			if change(x); old {
				err = w.things.Replace(ctx, x, store.Note{Kind: what})
			} else {
				err = w.things.Insert(ctx, x, store.Note{Kind: "thing.added"})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Views are shared by those who follow the same with the same rights until the same moment.
func TestWhoSharesAView(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ends := coord
	ends.ID, ends.Until = "grt_9", w.clock.Now().AddDate(1, 0, 0)
	same := coord
	same.ID = "grt_8"
	w.member("acc_1", coord)
	w.member("acc_2", same)
	w.member("acc_3", ends)
	w.member("acc_4", coord, other)
	parts := func(of string) func(*feed.Member) {
		return func(m *feed.Member) {
			m.Nouns[0].Parts, m.Nouns[0].PartOf = func(store.Values) map[string]string { return nil }, of
		}
	}
	plain := func(*feed.Member) {}
	for name, c := range map[string]struct {
		a, b      string
		alike     func(*feed.Member)
		different func(*feed.Member)
		views     int // that can be shared
	}{
		"equal rights":             {"acc_1", "acc_2", plain, plain, 1},
		"one account":              {"acc_1", "acc_1", plain, plain, 1},
		"more rights":              {"acc_1", "acc_4", plain, plain, 2},
		"rights that end":          {"acc_1", "acc_3", plain, plain, 2},
		"another filter":           {"acc_1", "acc_2", plain, func(m *feed.Member) { m.Nouns[0].Where = store.Is("kind", "x") }, 2},
		"the same filter":          {"acc_1", "acc_2", func(m *feed.Member) { m.Nouns[0].Where = store.Is("kind", "x") }, plain, 1},
		"one row":                  {"acc_1", "acc_2", plain, func(m *feed.Member) { m.ID = "a" }, 2},
		"the same parts":           {"acc_1", "acc_2", parts("kind"), plain, 1},
		"other parts":              {"acc_1", "acc_2", plain, parts("kind"), 2},
		"parts that say not which": {"acc_1", "acc_2", parts(""), plain, 0},
		"mirrors":                  {"acc_1", "acc_2", func(m *feed.Member) { m.Mirror = true }, plain, 0},
		"for itself":               {"acc_1", "acc_2", plain, func(m *feed.Member) { m.Personal = true }, 2},
	} {
		var subs []*feed.Subscription
		for i, id := range []string{c.a, c.b} {
			m := feed.Member{
				Actor: access.Actor{ID: id}, Nouns: []feed.Interest{feed.Protected(noun)},
				Rights: func(ctx context.Context) (access.Actor, error) { return w.actor(ctx, id) },
			}
			if c.alike(&m); i > 0 {
				c.different(&m)
			}
			s, err := w.hub.Subscribe(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			subs = append(subs, s)
		}
		if n := w.hub.Views(); n != c.views {
			t.Errorf("%s: %d views, want %d", name, n, c.views)
		}
		for _, s := range subs {
			s.Close()
		}
		if n := w.hub.Views(); n != 0 {
			t.Errorf("%s: %d views are left", name, n)
		}
	}
}

// What an entry is to somebody whom it names is decided once for all subscriptions to the same,
// for each of an account's own and for no other account.
func TestWhoIsNamedIsDecidedForOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var takers []*taker
	for _, id := range []string{"acc_1", "acc_2"} {
		m := w.member(id, other)
		for _, where := range []store.Filter{{}, {}, {}, store.Is("kind", "x")} {
			m.Nouns = []feed.Interest{feed.Protected(noun)}
			m.Nouns[0].Where = where
			_, k := w.follow(m)
			k.next(t)
			takers = append(takers, k)
		}
		w.subscribe(m)
	}
	w.put("a", func(x *thing) { x.Kind = "x"; x.Relate(access.PartyCreator, "acc_1") })
	for _, k := range takers[:4] {
		if got := k.ids(t, 1); got != "2a" {
			t.Errorf("handed %s", got)
		}
	}
	if n := w.hub.Decided(); n != 2 {
		t.Errorf("decided %d times, want for two filters", n)
	}
	w.settle()
	for _, k := range takers[4:] {
		if len(k.items) > 0 {
			t.Error("handed what another entered")
		}
	}
}
