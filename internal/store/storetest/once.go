package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

var onceCases = map[string]func(*testing.T, Engine){
	"a repeat changes nothing":      repeated,
	"a key with another input":      reused,
	"a failed call leaves no trace": failedOnce,
	"many calls with one key":       manyWithOneKey,
	"receipts go after their time":  tidied,
}

// make inserts a thing under a key, as a use case does.
func (b *bench) make(key, hash, id string) ([]string, bool, error) {
	return b.once.Do(b.ctx, key, hash, func(ctx context.Context) ([]string, error) {
		return []string{id}, b.things.Insert(ctx, thing(id), note("added"))
	})
}

func repeated(t *testing.T, e Engine) {
	b := fresh(t, e)
	ids, again, err := b.make("acc_1 add k", "h", "thg_a")
	if err != nil || again || fmt.Sprint(ids) != "[thg_a]" {
		t.Fatalf("first: %v %v %v", ids, again, err)
	}
	ids, again, err = b.make("acc_1 add k", "h", "thg_b")
	if err != nil || !again || fmt.Sprint(ids) != "[thg_a]" {
		t.Fatalf("repeat: %v %v %v", ids, again, err)
	}
	_, err = b.things.Get(b.ctx, "thg_b")
	want(t, err, fault.CodeNotFound)
	b.logIsDense(1)
	for i := range 2 {
		if _, again, err = b.make("", "h", fmt.Sprintf("thg_free%d", i)); err != nil || again {
			t.Errorf("without a key every call runs: %v %v", again, err)
		}
	}
}

func reused(t *testing.T, e Engine) {
	b := fresh(t, e)
	_, _, err := b.make("k", "one", "thg_a")
	want(t, err, "")
	_, _, err = b.make("k", "two", "thg_b")
	want(t, err, fault.CodeIdempotencyKeyReused)
}

func failedOnce(t *testing.T, e Engine) {
	b := fresh(t, e)
	_, _, err := b.once.Do(b.ctx, "k", "h", func(context.Context) ([]string, error) { return nil, errOwn })
	wantIs(t, err, errOwn)
	_, again, err := b.make("k", "h", "thg_a")
	if err != nil || again {
		t.Errorf("after a failure the key is free: %v %v", again, err)
	}
}

func manyWithOneKey(t *testing.T, e Engine) {
	b := fresh(t, e)
	var firsts atomic.Int64
	fns := make([]func() error, 8)
	for i := range fns {
		fns[i] = func() error {
			ids, again, err := b.make("k", "h", fmt.Sprintf("thg_%d", i))
			if err == nil && !again {
				firsts.Add(1)
			}
			if err == nil && len(ids) != 1 {
				err = fmt.Errorf("ids %v", ids)
			}
			return err
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	if firsts.Load() != 1 || b.tally("thing") != 1 {
		t.Errorf("%d ran, %d saved", firsts.Load(), b.tally("thing"))
	}
	b.logIsDense(1)
}

func tidied(t *testing.T, e Engine) {
	b := fresh(t, e)
	const old = 205 // more than one unit takes
	fns := make([]func() error, old)
	for i := range fns {
		fns[i] = func() error {
			_, _, err := b.make(fmt.Sprint("old", i), "h", fmt.Sprintf("thg_%d", i))
			return err
		}
	}
	for _, err := range together(fns...) {
		want(t, err, "")
	}
	b.clock.Advance(time.Hour)
	_, _, err := b.make("young", "h", "thg_young")
	want(t, err, "")
	for _, left := range []int{old, 0} {
		n, err := b.once.Tidy(b.ctx, b.clock.Now().Add(-time.Minute))
		if want(t, err, ""); n != left {
			t.Fatalf("%d went, want %d", n, left)
		}
	}
	_, again, err := b.make("young", "h", "thg_again")
	if err != nil || !again {
		t.Errorf("the young receipt: %v %v", again, err)
	}
	_, again, err = b.make("old0", "h", "thg_anew")
	if err != nil || again {
		t.Errorf("a key whose time is over is new: %v %v", again, err)
	}
	b.logIsDense(old + 2)
}
