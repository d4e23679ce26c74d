package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Load writes to a store from many goroutines as clients do: each call has an
// idempotency key, and a call whose outcome is unknown or that found the store
// away is repeated with its key.
type Load struct {
	*store.DB
	once   *store.Once
	things *store.Collection[Thing]
}

// StartLoad opens a store for a load. The caller closes it.
func StartLoad(ctx context.Context, a store.Adapter) (*Load, error) {
	return StartLoadWith(ctx, a, store.Options{})
}

// StartLoadWith is StartLoad with settings of the store.
func StartLoadWith(ctx context.Context, a store.Adapter, o store.Options) (*Load, error) {
	l := &Load{DB: store.New(a, o)}
	l.things, l.once = store.Register(l.DB, thingSpec()), store.NewOnce(l.DB)
	return l, l.Start(ctx)
}

// Write makes n calls from each writer and tells every key whose call was
// acknowledged. It ends with the first error that is not the store's absence, or
// with ctx.
func (l *Load) Write(ctx context.Context, prefix string, writers, n int, acked func(key string)) error {
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		wg.Go(func() {
			for i := range n {
				key := fmt.Sprintf("%s-%d-%d", prefix, w, i)
				if err := l.call(ctx, key); err != nil {
					errs <- fmt.Errorf("%s: %w", key, err)
					return
				}
				acked(key)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// call makes one call until it is answered.
func (l *Load) call(ctx context.Context, key string) error {
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		err := l.one(ctx, key, "")
		if err == nil || fault.KindOf(err) != fault.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-pause.C:
		}
	}
}

func (l *Load) one(ctx context.Context, key, title string) error {
	_, _, err := l.once.Do(ctx, "load "+key, "h", func(ctx context.Context) ([]string, error) {
		x := thing("thg_"+key, station("sta_"+key[len(key)-1:]), func(t *Thing) { t.Title = title })
		return []string{x.ID}, l.things.Insert(ctx, x, note("added"))
	})
	return err
}

// WriteBodies writes objects with a long text and tells the outcome of every
// call, without repeating any, until ctx ends.
func (l *Load) WriteBodies(ctx context.Context, prefix string, writers int, text string, done func(key string, err error)) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("%s-%d-%d", prefix, w, i)
				done(key, l.one(ctx, key, text))
			}
		})
	}
	wg.Wait()
}

// Version is how often an object was saved, 0 when it is not there.
func (l *Load) Version(ctx context.Context, id string) (int64, error) {
	m, err := l.things.GetMany(ctx, []string{id})
	if err != nil || m[id] == nil {
		return 0, err
	}
	return m[id].Version, nil
}

// There checks that everything acknowledged can be read.
func (l *Load) There(ctx context.Context, acked []string) error {
	ids := make([]string, len(acked))
	for i, key := range acked {
		ids[i] = "thg_" + key
	}
	there, err := l.things.GetMany(ctx, ids)
	for _, id := range ids {
		if err == nil && there[id] == nil {
			err = fmt.Errorf("%s was acknowledged and is not there", id)
		}
	}
	return err
}

// Verify checks that everything acknowledged is there, that a repeat with its key
// changes nothing, and that objects, log and counter tell one story: each object
// one entry, the sequence without a hole. It returns how many objects there are.
func (l *Load) Verify(ctx context.Context, acked []string) (int, error) {
	if err := l.There(ctx, acked); err != nil {
		return 0, err
	}
	end, _, err := l.LogEnd(ctx)
	if err != nil {
		return 0, err
	}
	for _, key := range acked {
		if err := l.call(ctx, key); err != nil {
			return 0, fmt.Errorf("repeat %s: %w", key, err)
		}
	}
	if again, _, err := l.LogEnd(ctx); err != nil || again != end {
		return 0, fmt.Errorf("the repeats moved the log from %d to %d: %w", end, again, err)
	}
	return l.oneStory(ctx, int(end))
}

func (l *Load) oneStory(ctx context.Context, end int) (int, error) {
	if err := follow(l.DB, end); err != nil {
		return 0, err
	}
	n, seen := 0, map[string]bool{}
	err := l.things.Each(ctx, store.Query{}, func(t *Thing) error {
		n++
		seen[t.ID] = true
		return nil
	})
	if err != nil {
		return 0, err
	}
	for seq := 0; seq < end; {
		list, err := l.Log(ctx, store.LogQuery{After: int64(seq)})
		if err != nil || len(list) == 0 {
			return 0, fmt.Errorf("log behind %d of %d: %w", seq, end, err)
		}
		for _, e := range list {
			if !seen[e.ID] {
				return 0, fmt.Errorf("entry %d tells of %s, which is not there or was told of before", e.Seq, e.ID)
			}
			delete(seen, e.ID)
			seq = int(e.Seq)
		}
	}
	counted, err := l.Tally(ctx, "thing")
	if err != nil || n != end || len(seen) != 0 || counted["thing"] != int64(n) {
		return 0, fmt.Errorf("%d objects, %d entries, %d counted, %d without an entry: %w", n, end, counted["thing"], len(seen), err)
	}
	return n, nil
}

// Follow reads the log from its beginning by bell and sequence until it has seen n
// entries, and fails at the first gap, repeat or step back.
func (l *Load) Follow(n int) error { return follow(l.DB, n) }
