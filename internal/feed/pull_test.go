package feed_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// mirror is another system that keeps a copy of what one account sees, by the rules
// that docs/webhooks.md gives it.
type mirror struct {
	w      *world
	member feed.Member
	held   map[string]int64 // revision by id
	cursor string
	gaps   int
}

func (x *mirror) pull(limit int) bool {
	x.w.t.Helper()
	m := x.member
	m.After = x.cursor
	b, err := x.w.hub.Pull(x.w.t.Context(), m, limit)
	if err != nil {
		x.w.t.Fatal(err)
	}
	if len(b.Events) > limit {
		x.w.t.Fatalf("%d events of at most %d", len(b.Events), limit)
	}
	for _, e := range b.Events {
		switch e.Kind {
		case feed.Gap:
			x.held, x.cursor = map[string]int64{}, ""
			x.gaps++
			return true
		case feed.Left:
			delete(x.held, e.ID)
		case feed.Changed, feed.Entered:
			x.held[e.ID] = e.Entry.Revision
		case feed.Checkpoint:
			x.w.t.Fatal("a pull brings no checkpoints")
		}
	}
	x.cursor = b.Cursor
	return b.More
}

// visible is what lists and node show the account now.
func (x *mirror) visible() map[string]int64 {
	x.w.t.Helper()
	a, err := x.w.actor(x.w.t.Context(), x.member.Actor.ID)
	if err != nil {
		x.w.t.Fatal(err)
	}
	sight, out := access.See(a.Live(x.w.clock.Now()), noun), map[string]int64{}
	for i := range 12 {
		m, err := x.w.things.GetMany(x.w.t.Context(), []string{fmt.Sprint("thg_", i)})
		if err != nil {
			x.w.t.Fatal(err)
		}
		for id, row := range m {
			if sight.Of(&row.Header) > access.Hidden {
				out[id] = row.Revision
			}
		}
	}
	return out
}

// remove takes a row away for good.
func (w *world) remove(id string) {
	w.tx(func(ctx context.Context) error {
		m, err := w.things.GetMany(ctx, []string{id})
		if err != nil || m[id] == nil {
			return err
		}
		return w.things.Delete(ctx, id, store.Note{Kind: "thing.removed"})
	})
}

// TestMirrorsConverge: whatever happens to rows and rights, a copy kept by pulling
// ends as what its account sees.
func TestMirrorsConverge(t *testing.T) {
	t.Parallel()
	for name, engine := range map[string]func(store.Adapter) store.Adapter{
		"sqlite": func(a store.Adapter) store.Adapter { return a },
		"mongo":  func(store.Adapter) store.Adapter { return mongo.New(mongo.Config{URI: mongotest.URI(t)}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			play(newWorldOn(t, engine), rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func play(w *world, random *rand.Rand) {
	rights := []access.Grant{
		coord, other,
		{ID: "g3", Role: access.ProtectionOfficer, Scope: "sta_1", Area: "1302"},
		{ID: "g4", Role: access.Volunteer, Scope: "vol_1", Area: "1302"},
		{ID: "g5", Role: access.Supervisor, Scope: "div_1302", Area: "1302"},
	}
	mirrors := make([]*mirror, 3)
	for i := range mirrors {
		mirrors[i] = &mirror{w: w, member: w.member(fmt.Sprint("acc_m", i), rights[i]), held: map[string]int64{}}
	}
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	change := func(x *thing) {
		x.Class = access.Classes[random.IntN(len(access.Classes))]
		x.Station, x.State, x.City = pick("sta_1", "sta_2"), pick("OPEN", "MATCHING"), pick("1302", "1303")
		x.Parties = []string{access.PartyHelp.Of(pick("vol_1", "vol_2"))}
	}
	for range 400 {
		id := fmt.Sprint("thg_", random.IntN(12))
		switch n := random.IntN(20); {
		case n < 10:
			w.put(id, change)
		case n < 12:
			w.remove(id)
		case n == 12: // rights come and go
			some := rights[random.IntN(len(rights)):]
			w.grant(mirrors[random.IntN(3)].member.Actor.ID, func(a *account) { a.Grants = some[:random.IntN(len(some)+1)] })
		default:
			mirrors[random.IntN(3)].pull(1 + random.IntN(9))
		}
	}
	for _, x := range mirrors {
		for x.pull(7) {
		}
		if want := x.visible(); !maps.Equal(x.held, want) {
			w.t.Errorf("%s holds %v, sees %v", x.member.Actor.ID, x.held, want)
		}
	}
	if mirrors[0].gaps+mirrors[1].gaps+mirrors[2].gaps == 0 {
		w.t.Error("no rights changed between two pulls: the play is too tame")
	}
}

func TestPullRefusesNobodyAndForeignCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	nobody := m
	nobody.Actor = access.Nobody()
	if _, err := w.hub.Pull(t.Context(), nobody, 5); fault.CodeOf(err) != fault.CodeUnauthenticated {
		t.Errorf("nobody: %v", err)
	}
	m.After = w.box.Seal("feed", []byte("xx:0"))
	if _, err := w.hub.Pull(t.Context(), m, 5); fault.CodeOf(err) != fault.CodeCursorInvalid {
		t.Errorf("another store's cursor: %v", err)
	}
}

// TestAMirrorIsToldOfItsRights: live and on coming back, and only who asks for it.
func TestAMirrorIsToldOfItsRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	m.Mirror = true
	s := w.live(m)
	w.put("a", touch)
	cursor := w.want(s, "entered a 4")
	w.grant("acc_1", func(a *account) { a.Grants = []access.Grant{coord, other} })
	told := w.want(s, "gap")
	m.After = cursor
	w.want(w.subscribe(m), "gap", "checkpoint")
	m.After = told
	w.want(w.subscribe(m), "checkpoint")
	m.After, m.Mirror = cursor, false
	w.want(w.subscribe(m), "checkpoint")
}

// A grant that comes between the list and the subscription makes no entry of the rows
// that it opens: the list's cursor tells the mirror to read anew.
func TestACursorBesideAListCarriesItsRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.member("acc_1", coord)
	m.Mirror = true
	listed, err := m.Rights(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.After, err = w.hub.Cursor(t.Context(), listed); err != nil {
		t.Fatal(err)
	}
	w.want(w.subscribe(m), "checkpoint")
	w.grant("acc_1", func(a *account) { a.Grants = []access.Grant{coord, other} })
	w.want(w.subscribe(m), "gap", "checkpoint")
	b, err := w.hub.Pull(t.Context(), m, 5)
	if err != nil || len(b.Events) == 0 || b.Events[0].Reason != feed.RightsChanged {
		t.Errorf("%+v, %v", b.Events, err)
	}
}
