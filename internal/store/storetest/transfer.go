package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

var transferCases = map[string]func(*testing.T, Engine){
	"committed units saw one moment": func(t *testing.T, e Engine) { transfers(t, e, false) },
	"even when commits fail":         func(t *testing.T, e Engine) { transfers(t, e, true) },
}

// flaky is an adapter of which some commits fail before they begin.
type flaky struct {
	store.Adapter
	mu  sync.Mutex
	rng *rand.Rand
}

func (f *flaky) Commit(ctx context.Context, b *store.Batch) error {
	f.mu.Lock()
	n := f.rng.IntN(8)
	f.mu.Unlock()
	switch n {
	case 0:
		return fault.New(fault.CodeInternal, fault.Because(errOwn))
	case 1:
		return fault.New(fault.CodeUnavailable, fault.Because(errOwn))
	}
	return f.Adapter.Commit(ctx, b)
}

const (
	purses = 6
	money  = 100
)

// transfers moves money between purses from many goroutines (and processes, where
// the engine has that). Every unit reads all purses: one that is committed must have
// seen the whole sum, though it may have read what was not committed yet.
func transfers(t *testing.T, e Engine, failing bool) {
	place := e.Fresh(t)
	wrap := func(a store.Adapter) store.Adapter { return a }
	seed := Seed(t)
	if failing {
		wrap = func(a store.Adapter) store.Adapter {
			return &flaky{Adapter: a, rng: rand.New(rand.NewPCG(seed, 2))} //nolint:gosec // repeatable on purpose
		}
	}
	first := openAt(t, place, nil)
	for i := range purses {
		first.add(thing(fmt.Sprintf("thg_%d", i), ranked(money)))
	}
	if !e.Shared {
		want(t, first.Close(), "")
	}
	one := openAt(t, place, wrap)
	benches := []*bench{one}
	if e.Shared {
		benches = append(benches, openAt(t, place, wrap))
	}
	fns := make([]func() error, 8)
	for w := range fns {
		rng := rand.New(rand.NewPCG(seed, uint64(w)+10)) //nolint:gosec // repeatable on purpose
		fns[w] = func() error {
			for range 15 {
				if err := benches[w%len(benches)].transfer(rng); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	sum, err := one.sum(one.ctx)
	if err != nil || sum != purses*money {
		t.Errorf("%d of %d left: %v", sum, purses*money, err)
	}
	end, _, err := one.LogEnd(one.ctx)
	want(t, err, "")
	one.logIsDense(int(end))
}

// transfer moves money once; a commit that fails on purpose is no error of the case.
func (b *bench) transfer(rng *rand.Rand) error {
	from, to, amount := rng.IntN(purses), rng.IntN(purses), int64(rng.IntN(20))
	saw := int64(0)
	err := b.Tx(b.ctx, func(ctx context.Context) error {
		var err error
		if saw, err = b.sum(ctx); err != nil {
			return err
		}
		move := func(at int, by int64) error {
			return b.change(ctx, fmt.Sprintf("thg_%d", at), func(x *Thing) { x.Rank += by })
		}
		if err := move(from, -amount); err != nil {
			return err
		}
		return move(to, amount)
	})
	if err == nil && saw != purses*money {
		return fmt.Errorf("a committed unit saw %d of %d", saw, purses*money)
	}
	if errors.Is(err, errOwn) {
		return nil
	}
	return err
}

func (b *bench) sum(ctx context.Context) (sum int64, err error) {
	for i := range purses {
		x, err := b.things.Get(ctx, fmt.Sprintf("thg_%d", i))
		if err != nil {
			return 0, err
		}
		sum += x.Rank
	}
	return sum, nil
}
