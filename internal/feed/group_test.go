package feed_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// screened is a noun from which somebody may be kept.
var screened = access.Noun{Name: "thing", Offered: []string{"MATCHING"}, Screened: true}

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

// anyChange makes a row one that concerns some of the members by their accounts.
func anyChange(t *rapid.T, round int) func(*thing) {
	h := access.Header{
		City: "1302", Class: rapid.SampledFrom(access.Classes).Draw(t, "class"), State: rapid.SampledFrom([]string{"OPEN", "MATCHING"}).Draw(t, "state"),
		Station: rapid.SampledFrom([]string{"sta_1", "sta_2", "sta_3"}).Draw(t, "station"),
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
// whoever else there is, whoever reads at its own pace, and whosever rights grow on the way.
func TestTogetherAsAlone(t *testing.T) {
	t.Parallel()
	w, round := newWorld(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		var readers []reader
		for i := range rapid.IntRange(2, 7).Draw(rt, "members") {
			var grants []access.Grant
			for range rapid.IntRange(0, 2).Draw(rt, "grants") {
				grants = append(grants, someGrant(rt))
			}
			id := accountOf(round, i%4) // some have two subscriptions
			if i < 4 {
				w.grant(id, func(a *account) { a.Grants = grants })
			}
			m := feed.Member{
				Actor: access.Actor{ID: id}, Nouns: []feed.Interest{feed.Protected(screened)}, Mirror: rapid.IntRange(0, 4).Draw(rt, "mirror") == 0,
				Rights: func(ctx context.Context) (access.Actor, error) { return w.actor(ctx, id) },
			}
			if rapid.IntRange(0, 2).Draw(rt, "filters") == 0 {
				m.Nouns[0].Where = store.Is("kind", "x")
			}
			readers = append(readers, reader{Member: m})
		}
		w.settle()
		from, _, _ := w.db.LogEnd(t.Context())
		rights := map[string][]access.Grant{}
		for i := range readers {
			r := &readers[i]
			if rapid.IntRange(0, 3).Draw(rt, "own pace") == 0 {
				r.sub = w.live(r.Member)
			} else {
				r.sub, r.taker = w.follow(r.Member)
				r.next(t)
			}
			rights[r.Actor.ID] = r.sub.Actor().Grants
		}
		for range rapid.IntRange(1, 3).Draw(rt, "commits") {
			changes, grown := map[string]func(*thing){}, map[string]access.Grant{}
			for range rapid.IntRange(1, 5).Draw(rt, "rows") {
				changes[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "row")] = anyChange(rt, round)
			}
			if rapid.Bool().Draw(rt, "rights grow") {
				grown[accountOf(round, rapid.IntRange(0, 1).Draw(rt, "whose"))] = someGrant(rt)
			}
			w.together(round, changes, grown)
		}
		w.settle()
		entries, err := w.db.Log(t.Context(), store.LogQuery{After: from, Limit: 200})
		if err != nil {
			rt.Fatal(err)
		}
		for _, r := range readers {
			want, grants := []string{}, rights[r.Actor.ID]
			for _, e := range entries {
				if now, about, _ := w.rights(e); about && now.Account == r.Actor.ID {
					grants = now.Grants
				}
				events, err := w.hub.Alone(r.Member, access.Actor{ID: r.Actor.ID, Grants: grants}, e)
				if err != nil {
					rt.Fatal(err)
				}
				for _, ev := range events {
					want = append(want, short(ev))
				}
			}
			got := []string{}
			for _, it := range r.handed() {
				if ev := *it.Event.(*feed.Event); ev.Kind != feed.Checkpoint && ev.Kind != feed.Gap {
					got = append(got, short(ev))
					if it.Look != ev.Look() {
						rt.Fatalf("%+v has another's look", ev)
					}
				}
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("%s with %v is handed\n%q, alone\n%q", r.Actor.ID, grants, got, want)
			}
			r.sub.Close()
		}
		if n := w.hub.Views(); n != 0 {
			rt.Fatalf("%d views are kept of nobody", n)
		}
	})
}

type reader struct {
	feed.Member
	*taker // nil of who reads at its own pace
	sub    *feed.Subscription
}

// handed is all that came.
func (r *reader) handed() (out []stream.Item) {
	if r.taker == nil {
		return r.sub.Queued()
	}
	for len(r.items) > 0 {
		out = append(out, <-r.items)
	}
	return out
}

func accountOf(round, i int) string { return fmt.Sprint("acc_", round, "_", i) }

// short is what a member is told, but not by which cursor.
func short(ev feed.Event) string {
	return fmt.Sprint(ev.Seq, ev.Kind, ev.ID, ev.Mask, ev.Class, ev.Reader.Rights())
}

// together changes rows and adds grants in one unit, so that they are handed over at once.
func (w *world) together(round int, changes map[string]func(*thing), grown map[string]access.Grant) {
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
				err = w.things.Replace(ctx, x, store.Note{Kind: "thing.changed"})
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
