package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Rate is what a measured load came to.
type Rate struct {
	PerSecond float64
	P50, P99  time.Duration
}

// Measure calls fn from n goroutines for a while. Calls still running at the end
// are waited for and counted.
func Measure(n int, d time.Duration, fn func(writer, i int) error) (Rate, error) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		all  []time.Duration
		errs []error
	)
	began := time.Now()
	for w := range n {
		wg.Go(func() {
			var mine []time.Duration
			var err error
			for i := 0; err == nil && time.Since(began) < d; i++ {
				at := time.Now()
				err = fn(w, i)
				mine = append(mine, time.Since(at))
			}
			mu.Lock()
			defer mu.Unlock()
			all, errs = append(all, mine...), append(errs, err)
		})
	}
	wg.Wait()
	took := time.Since(began)
	slices.Sort(all)
	if len(all) == 0 {
		return Rate{}, errors.Join(errs...)
	}
	return Rate{float64(len(all)) / took.Seconds(), all[len(all)/2], all[len(all)*99/100]}, errors.Join(errs...)
}

// Stock inserts n things "thg_0"… of one station, ranked by number, 500 a unit.
func (l *Load) Stock(ctx context.Context, n int, station string) error {
	for from := 0; from < n; from += 500 {
		err := l.Tx(ctx, func(ctx context.Context) error {
			for i := from; i < min(n, from+500); i++ {
				if err := l.things.Insert(ctx, stocked(i, station), store.Note{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func stocked(i int, station string) *Thing {
	return thing(fmt.Sprintf("thg_%s_%d", station, i), func(x *Thing) {
		x.Station, x.Rank, x.Title = station, int64(1_700_000_000_000+i), "为独居老人送午餐，低盐，周一至周五"
		x.Parties, x.Words = []string{"creator:acc_1", "recipient:rcp_1"}, []string{"送餐", "老人"}
		x.Private = Private{Name: "王某某", Phone: []string{"13800000000"}}
	})
}

// Step is one step of a thread: a receipt, a document read, changed and saved, and
// its log entry, in one unit.
func (l *Load) Step(ctx context.Context, id, key string) error {
	_, _, err := l.once.Do(ctx, key, "h", func(ctx context.Context) ([]string, error) {
		x, err := l.things.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		x.Urgent = !x.Urgent
		return []string{id}, l.things.Replace(ctx, x, note("changed"))
	})
	if fault.KindOf(err) == fault.Unavailable && err != nil { // lost too many races: the client's repeat
		return l.Step(ctx, id, key)
	}
	return err
}

// Page reads n things of a station behind a rank, newest last, as a list does.
func (l *Load) Page(ctx context.Context, station string, rank int64, n int) ([]*Thing, error) {
	q := store.Query{Where: store.Is("station", station), Sort: "rank", Limit: n}
	if rank > 0 {
		q.After = &store.Pos{Key: rank, ID: fmt.Sprintf("thg_%s_%d", station, rank-1_700_000_000_000)}
	}
	p, err := l.things.Find(ctx, q)
	return p.Items, err
}
