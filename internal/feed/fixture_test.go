package feed_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	start = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	noun  = access.Noun{Name: "thing", Offered: []string{"MATCHING"}}
	coord = access.Grant{ID: "grt_1", Role: access.Coordinator, Scope: "sta_1", Area: "130202001"}
	other = access.Grant{ID: "grt_2", Role: access.Coordinator, Scope: "sta_2", Area: "130202002"}
)

// thing is a protected row; account holds grants, as the real nouns do.
type thing struct {
	store.Head    `bson:",inline"`
	access.Header `bson:"h"`
	N             int64 `bson:"n"`
	Kind          string
}

type account struct {
	store.Head `bson:",inline"`
	Grants     []access.Grant
	Acts       []string
	Session    string // that has ended
	Gone       bool
}

type world struct {
	t        testing.TB
	db       *store.DB
	things   *store.Collection[thing]
	accounts *store.Collection[account]
	box      *seal.Box
	clock    *clock.Manual
	hub      *feed.Hub
	revoked  chan string
}

func newWorld(t testing.TB, configure ...func(*feed.Config)) *world {
	t.Helper()
	return newWorldOn(t, func(a store.Adapter) store.Adapter { return a }, configure...)
}

func newWorldOn(t testing.TB, engine func(store.Adapter) store.Adapter, configure ...func(*feed.Config)) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(start), revoked: make(chan string, 16)}
	w.box, _ = seal.New(make([]byte, seal.KeySize))
	w.db = store.New(engine(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "s.db")})), store.Options{Code: "ts", Now: w.clock.Now})
	w.things = store.Register(w.db, store.Spec[thing]{
		Name: "thing",
		Fields: access.Fields(func(x *thing) *access.Header { return &x.Header },
			store.Field[thing]{Name: "kind", Kind: store.Text, Mask: access.Blind, Route: true, Get: func(x *thing) any { return x.Kind }},
			store.Field[thing]{Name: "n", Kind: store.Int, Get: func(x *thing) any { return x.N }}),
	})
	w.accounts = store.Register(w.db, store.Spec[account]{Name: "account"})
	if err := w.db.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := feed.Config{Box: w.box, Clock: w.clock, Events: w.rights, OnRevoke: func(a, s string) { w.revoked <- a + "/" + s }}
	for _, f := range configure {
		f(&cfg)
	}
	w.hub = feed.New(w.db, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.hub.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) rights(e *store.Entry) (feed.Rights, bool, error) {
	if e.Noun != "account" {
		return feed.Rights{}, false, nil
	}
	a, err := w.accounts.Past(e)
	if err != nil || a == nil {
		return feed.Rights{Account: e.ID, Ended: true}, true, err
	}
	return feed.Rights{Account: e.ID, Grants: a.Grants, Ended: a.Gone, Session: a.Session}, true, nil
}

func (w *world) tx(fn func(ctx context.Context) error) {
	w.t.Helper()
	if err := w.db.Tx(context.Background(), fn); err != nil {
		w.t.Error(err)
	}
}

// put inserts or changes a row; the entry's kind is what was asked.
func (w *world) put(id string, change func(*thing)) {
	w.t.Helper()
	w.tx(func(ctx context.Context) error {
		m, err := w.things.GetMany(ctx, []string{id})
		if err != nil {
			return err
		}
		if x, there := m[id]; there {
			change(x)
			return w.things.Replace(ctx, x, store.Note{Kind: "thing.changed"})
		}
		x := &thing{Head: store.Head{ID: id}, Header: access.Header{Class: access.Public, State: "OPEN", Station: "sta_1", City: "1302"}}
		change(x)
		return w.things.Insert(ctx, x, store.Note{Kind: "thing.added"})
	})
}

func (w *world) grant(id string, change func(*account)) {
	w.t.Helper()
	w.tx(func(ctx context.Context) error {
		m, err := w.accounts.GetMany(ctx, []string{id})
		if err != nil {
			return err
		}
		if a, there := m[id]; there {
			change(a)
			return w.accounts.Replace(ctx, a, store.Note{Kind: "account.changed"})
		}
		a := &account{Head: store.Head{ID: id}}
		change(a)
		return w.accounts.Insert(ctx, a, store.Note{Kind: "account.added"})
	})
}

// member is an account with grants, in the store.
func (w *world) member(id string, grants ...access.Grant) feed.Member {
	w.t.Helper()
	w.grant(id, func(a *account) { a.Grants = grants })
	return feed.Member{
		Actor: access.Actor{ID: id, Session: "ses_" + id}, Nouns: []feed.Interest{feed.Protected(noun)},
		Rights: func(ctx context.Context) (access.Actor, error) { return w.actor(ctx, id) },
	}
}

func (w *world) actor(ctx context.Context, id string) (access.Actor, error) {
	a, err := w.accounts.Get(ctx, id)
	if err != nil {
		return access.Actor{}, err
	}
	return access.Actor{ID: id, Session: "ses_" + id, Grants: a.Grants, Acts: a.Acts}, nil
}

func (w *world) subscribe(m feed.Member) *feed.Subscription {
	w.t.Helper()
	s, err := w.hub.Subscribe(w.t.Context(), m)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	return s
}

// live subscribes and reads the checkpoint that says so.
func (w *world) live(m feed.Member) *feed.Subscription {
	w.t.Helper()
	s := w.subscribe(m)
	w.want(s, "checkpoint")
	return s
}

// settle waits until the hub has applied all that is committed: for one who sees
// nothing and comes from the beginning, the first event is the checkpoint there.
func (w *world) settle() {
	w.t.Helper()
	m := w.member("acc_settled")
	m.After = w.box.Seal("feed", []byte("ts:0"))
	w.live(m).Close()
}

func (w *world) next(s *feed.Subscription) (feed.Event, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	return s.Next(ctx)
}

// show is an event in short.
func show(e feed.Event) string {
	switch e.Kind {
	case feed.Changed:
		return fmt.Sprintf("changed %s %d", e.ID, e.Mask)
	case feed.Entered:
		return fmt.Sprintf("entered %s %d", e.ID, e.Mask)
	case feed.Left:
		return "left " + e.ID
	case feed.Gap:
		return "gap"
	}
	return "checkpoint"
}

// want reads exactly these events and returns the last one's cursor.
func (w *world) want(s *feed.Subscription, events ...string) (cursor string) {
	w.t.Helper()
	for _, want := range events {
		e, err := w.next(s)
		if err != nil {
			w.t.Fatalf("%v instead of %q", err, want)
		}
		if got := show(e); got != want {
			w.t.Fatalf("got %q at %d, want %q", got, e.Seq, want)
		}
		if e.Kind != feed.Left && e.Kind != feed.Checkpoint && e.Kind != feed.Gap && (e.Entry == nil || e.Entry.Seq != e.Seq) {
			w.t.Fatalf("event without its entry: %+v", e)
		}
		cursor = e.Cursor
	}
	return cursor
}

func (w *world) wantEnd(s *feed.Subscription, want error) {
	w.t.Helper()
	if e, err := w.next(s); !errors.Is(err, want) {
		w.t.Fatalf("got %q, %v; want %v", show(e), err, want)
	}
}
