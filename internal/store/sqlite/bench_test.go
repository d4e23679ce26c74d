package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

// window is how long one load is measured; loads that are compared take turns.
const window = 1500 * time.Millisecond

func load(b *testing.B, path string, o store.Options) *storetest.Load {
	b.Helper()
	l, err := storetest.StartLoadWith(b.Context(), sqlite.New(sqlite.Config{Path: path}), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	return l
}

func measure(b *testing.B, writers int, fn func(writer, i int) error) storetest.Rate {
	b.Helper()
	r, err := storetest.Measure(writers, window, fn)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// BenchmarkCommit compares 16 writers whose units share commits with the same 16
// writers with one commit each.
func BenchmarkCommit(b *testing.B) {
	shared := load(b, filepath.Join(b.TempDir(), "shared.db"), store.Options{})
	single := load(b, filepath.Join(b.TempDir(), "single.db"), store.Options{Sets: 1})
	for _, l := range []*storetest.Load{shared, single} {
		if err := l.Stock(b.Context(), 2000, "sta_a"); err != nil {
			b.Fatal(err)
		}
	}
	var together, alone, hot storetest.Rate
	rounds := 0.0
	for b.Loop() {
		rounds++
		step := func(l *storetest.Load, ids int) func(int, int) error {
			return func(w, i int) error {
				return l.Step(context.Background(), fmt.Sprintf("thg_sta_a_%d", (w*131+i*17)%ids), fmt.Sprintf("k%v-%d-%d-%d", rounds, ids, w, i))
			}
		}
		add(&together, measure(b, 16, step(shared, 2000)))
		add(&alone, measure(b, 16, step(single, 2000)))
		add(&hot, measure(b, 64, step(shared, 1)))
	}
	b.ReportMetric(together.PerSecond/rounds, "tx/s-16-shared")
	b.ReportMetric(alone.PerSecond/rounds, "tx/s-16-single")
	b.ReportMetric(together.PerSecond/alone.PerSecond, "shared/single")
	b.ReportMetric(hot.PerSecond/rounds, "tx/s-64-one-document")
	b.ReportMetric(float64(together.P99.Microseconds())/1000/rounds, "p99-ms")
}

func add(sum *storetest.Rate, r storetest.Rate) {
	sum.PerSecond += r.PerSecond
	sum.P50 += r.P50
	sum.P99 += r.P99
}

// BenchmarkPage compares a page of 50 among 100,000 rows with the bare driver
// reading and decoding the same page, and the thousandth page with the first.
func BenchmarkPage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "page.db")
	l := load(b, path, store.Options{})
	for name, n := range map[string]int{"sta_a": 60_000, "sta_b": 40_000} {
		if err := l.Stock(b.Context(), n, name); err != nil {
			b.Fatal(err)
		}
	}
	bare, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=cache_size(-32000)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = bare.Close() }()
	st, err := bare.PrepareContext(context.Background(), `SELECT doc FROM t_thing INDEXED BY i_thing_station_rank WHERE f_station = ? AND (f_rank, id) > (?, ?) ORDER BY f_rank, id LIMIT 50`)
	if err != nil {
		b.Fatal(err)
	}
	const deep = 1_700_000_000_000 + 49_949
	var first, thousandth, direct storetest.Rate
	rounds := 0.0
	for b.Loop() {
		rounds++
		page := func(rank int64) func(int, int) error {
			return func(int, int) error {
				list, err := l.Page(context.Background(), "sta_a", rank, 50)
				if err == nil && len(list) != 50 {
					err = fmt.Errorf("%d rows", len(list))
				}
				return err
			}
		}
		add(&first, measure(b, 1, page(0)))
		add(&direct, measure(b, 1, func(int, int) error { return barePage(st, 0, "") }))
		add(&thousandth, measure(b, 1, page(deep)))
	}
	b.ReportMetric(float64(first.P50.Microseconds())/rounds, "p50-µs-page-1")
	b.ReportMetric(float64(first.P50)/float64(direct.P50), "store/bare")
	b.ReportMetric(float64(thousandth.P50)/float64(first.P50), "page-1000/page-1")
}

func barePage(st *sql.Stmt, rank int64, id string) error {
	rows, err := st.QueryContext(context.Background(), "sta_a", rank, id)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		var doc []byte
		var t storetest.Thing
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		if err := bson.Unmarshal(doc, &t); err != nil {
			return err
		}
		n++
	}
	if n != 50 {
		return fmt.Errorf("%d rows: %w", n, rows.Err())
	}
	return rows.Err()
}
