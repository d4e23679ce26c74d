package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var failureCases = map[string]func(*testing.T, Engine){
	"a cancelled context writes nothing":       cancelled,
	"cancelled after the hand-over":            cancelledLate,
	"a commit that fails is told":              commitFails,
	"a bad set takes no other along":           badSetAlone,
	"units are answered when the store closes": closing,
	"a closed store is unavailable":            closedStore,
}

func cancelled(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	gone, cancel := context.WithCancel(b.ctx)
	cancel()
	err := b.Tx(gone, func(context.Context) error { t.Error("fn ran"); return nil })
	wantIs(t, err, context.Canceled)
	_, err = b.things.Get(gone, "thg_a")
	wantIs(t, err, context.Canceled)
	_, err = b.things.Find(gone, store.Query{})
	wantIs(t, err, context.Canceled)
	b.untouched()
}

// gate is an adapter whose commits wait to be let through, or fail.
type gate struct {
	store.Adapter
	arrived chan *store.Batch // a batch stands at the gate
	verdict chan error        // nil lets it through
	open    chan struct{}     // closed at the case's end: all may pass
}

func (g *gate) Commit(ctx context.Context, b *store.Batch) error {
	select {
	case g.arrived <- b:
	case <-g.open:
		return g.Adapter.Commit(ctx, b)
	}
	select {
	case err := <-g.verdict:
		if err != nil {
			return err
		}
	case <-g.open:
	}
	return g.Adapter.Commit(ctx, b)
}

// gated opens a store whose commits wait at a gate.
func gated(t *testing.T, e Engine) (*bench, *gate) {
	t.Helper()
	g := &gate{arrived: make(chan *store.Batch), verdict: make(chan error), open: make(chan struct{})}
	b := openAt(t, e.Fresh(t), func(a store.Adapter) store.Adapter { g.Adapter = a; return g })
	t.Cleanup(func() { close(g.open) }) // before the store closes
	return b, g
}

// pass lets the next n batches through.
func (g *gate) pass(n int) {
	for range n {
		<-g.arrived
		g.verdict <- nil
	}
}

func cancelledLate(t *testing.T, e Engine) {
	b, g := gated(t, e)
	ctx, cancel := context.WithCancel(b.ctx)
	answer := make(chan error)
	go func() {
		answer <- b.Tx(ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing("thg_a", ranked(1)), note("added")) })
	}()
	<-g.arrived
	cancel()
	want(t, <-answer, fault.CodeOutcomeUnknown)
	g.verdict <- nil
	// The set was not withdrawn: what is queued behind it is committed behind it.
	go g.pass(2)
	b.add(thing("thg_b"))
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(2)) })
	if b.get("thg_a").Version != 2 {
		t.Error("what was handed over is not there")
	}
}

func commitFails(t *testing.T, e Engine) {
	b, g := gated(t, e)
	go g.pass(1)
	b.add(thing("thg_a", ranked(1)))
	go func() {
		<-g.arrived
		g.verdict <- fault.New(fault.CodeStoreFull, fault.Because(errOwn))
	}()
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		store.After(ctx, func() { t.Error("a hook ran") })
		return b.change(ctx, "thg_a", ranked(2))
	})
	want(t, err, fault.CodeStoreFull)
	b.untouched()
	go g.pass(1)
	b.tx(func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(3)) })
}

func badSetAlone(t *testing.T, e Engine) {
	b, g := gated(t, e)
	const n = 5
	answers := make(chan error, n+1)
	unit := func(id string) {
		answers <- b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing(id), note("added")) })
	}
	go unit("thg_first")
	<-g.arrived
	for i := range n {
		go unit("thg_" + string(rune('a'+i)))
	}
	g.verdict <- nil
	failed := false
	for done := 0; done < n+1; {
		select {
		case batch := <-g.arrived:
			var err error
			for _, s := range batch.Sets {
				if s.Writes[0].Key.ID == "thg_c" || s.Writes[len(s.Writes)-1].Key.ID == "thg_c" {
					err = fault.New(fault.CodeInternal, fault.Because(errOwn))
				}
			}
			g.verdict <- err
		case err := <-answers:
			failed = failed || errors.Is(err, errOwn)
			if err != nil && !errors.Is(err, errOwn) {
				t.Errorf("an innocent unit: %v", err)
			}
			done++
		}
	}
	if page := b.page(store.Query{}); !failed || len(page.Items) != n {
		t.Errorf("%d of %d good units were saved", len(page.Items), n)
	}
}

func closing(t *testing.T, e Engine) {
	b := fresh(t, e)
	answers := make(chan error, 20)
	for i := range 20 {
		go func() {
			answers <- b.Tx(b.ctx, func(ctx context.Context) error {
				return b.things.Insert(ctx, thing("thg_"+string(rune('a'+i))), note("added"))
			})
		}()
	}
	if err := <-answers; err != nil {
		t.Logf("the first was told: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for range 19 {
		if err := <-answers; err != nil && fault.KindOf(err) != fault.Unavailable {
			t.Errorf("answer at closing: %v", err)
		}
	}
	err := b.Tx(b.ctx, func(ctx context.Context) error { return b.things.Insert(ctx, thing("thg_late"), note("added")) })
	want(t, err, fault.CodeUnavailable)
}

func closedStore(t *testing.T, e Engine) {
	b := fresh(t, e)
	b.add(thing("thg_a", ranked(1)))
	b.get("thg_a") // a statement that was prepared
	want(t, b.Close(), "")
	for name, call := range map[string]func() error{
		"get":     func() error { _, err := b.things.Get(b.ctx, "thg_a"); return err },
		"find":    func() error { _, err := b.things.Find(b.ctx, store.Query{Sort: "rank"}); return err },
		"tally":   func() error { _, err := b.Tally(b.ctx, "thing"); return err },
		"log":     func() error { _, err := b.Log(b.ctx, store.LogQuery{}); return err },
		"log end": func() error { _, _, err := b.LogEnd(b.ctx); return err },
		"view":    func() error { return b.View(b.ctx, func(context.Context) error { return nil }) },
		"unit": func() error {
			return b.Tx(b.ctx, func(ctx context.Context) error { return b.change(ctx, "thg_a", ranked(2)) })
		},
		"once": func() error { _, _, err := b.make("k", "h", "thg_b"); return err },
	} {
		if err := call(); fault.CodeOf(err) != fault.CodeUnavailable {
			t.Errorf("%s: %v, want UNAVAILABLE", name, err)
		}
	}
}
