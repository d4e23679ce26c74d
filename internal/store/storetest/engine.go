package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Place makes adapters onto one stored world, each as another process would.
type Place func() store.Adapter

// Engine is what the suite has to know of an engine.
type Engine struct {
	// Fresh makes a new empty place, gone when the test ends.
	Fresh func(t testing.TB) Place
	// Shared tells that several processes may have one place open at once.
	Shared bool
}

// bench is an open store with the suite's nouns.
type bench struct {
	*store.DB
	t      testing.TB
	ctx    context.Context
	clock  *hands
	place  Place
	things *store.Collection[Thing]
	once   *store.Once
}

// hands is a clock that moves when told, backwards too.
type hands struct {
	mu sync.Mutex
	at time.Time
}

// Now is the moment the hands show.
func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// Advance moves the hands, back when d is negative.
func (h *hands) Advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

var start = time.Date(2026, 3, 4, 5, 6, 7, 891_234_567, time.UTC)

// fresh opens an empty store.
func fresh(t testing.TB, e Engine) *bench { return openAt(t, e.Fresh(t), nil) }

// openAt opens a place, with the adapter wrapped if the case wants that.
func openAt(t testing.TB, p Place, wrap func(store.Adapter) store.Adapter) *bench {
	t.Helper()
	adapter := p()
	if wrap != nil {
		adapter = wrap(adapter)
	}
	b := &bench{t: t, ctx: context.Background(), clock: &hands{at: start}, place: p}
	b.DB = store.New(adapter, store.Options{Now: b.clock.Now})
	b.things = store.Register(b.DB, thingSpec())
	b.once = store.NewOnce(b.DB)
	if err := b.Start(b.ctx); err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// tx runs a unit that has to succeed.
func (b *bench) tx(fn func(ctx context.Context) error) {
	b.t.Helper()
	if err := b.Tx(b.ctx, fn); err != nil {
		b.t.Fatalf("unit: %v", err)
	}
}

// add inserts things, all in one unit.
func (b *bench) add(list ...*Thing) {
	b.t.Helper()
	b.tx(func(ctx context.Context) error {
		for _, t := range list {
			if err := b.things.Insert(ctx, t, note("added")); err != nil {
				return err
			}
		}
		return nil
	})
}

// change reads a thing, changes and replaces it.
func (b *bench) change(ctx context.Context, id string, how func(*Thing)) error {
	t, err := b.things.Get(ctx, id)
	if err != nil {
		return err
	}
	how(t)
	return b.things.Replace(ctx, t, note("changed"))
}

func (b *bench) get(id string) *Thing {
	b.t.Helper()
	t, err := b.things.Get(b.ctx, id)
	if err != nil {
		b.t.Fatalf("get %s: %v", id, err)
	}
	return t
}

func (b *bench) tally(name string) int64 {
	b.t.Helper()
	m, err := b.Tally(b.ctx, name)
	if err != nil {
		b.t.Fatalf("tally: %v", err)
	}
	return m[name]
}

// entries reads the whole log.
func (b *bench) entries(q store.LogQuery) []*store.Entry {
	b.t.Helper()
	list, err := b.Log(b.ctx, q)
	if err != nil {
		b.t.Fatalf("log: %v", err)
	}
	return list
}

func note(kind string) store.Note {
	return store.Note{Kind: "thing." + kind, Actor: "acc_test", Via: "test"}
}

// want checks an error's code; "" wants success.
func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Fatalf("got %v, want success", err)
		}
		return
	}
	if err == nil || fault.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

// wantIs checks that an error is, or wraps, another.
func wantIs(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got %v, want %v", err, target)
	}
}
