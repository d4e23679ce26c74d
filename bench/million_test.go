package bench

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// The two stores: how many requests, how many of them at the coordinator's station,
// spread evenly among the others as time would spread them, and the deep page.
var sizes = []struct {
	name             string
	all, mine, depth int
}{
	{"10k", 10_000, 6_000, 100},
	{"million", 1_000_000, 100_000, deepPage},
}

// turned is how many pages a reader who goes on from the deep page turns.
const turned = 20

// BenchmarkMillion is a coordinator's page of 50 among 1,000,000 requests beside the
// same among 10,000: the first page, and pages from 1,000 on (from 100 on among
// 10,000, which has no more). It takes some minutes and 4 GB of the temporary folder:
// make bench-million.
func BenchmarkMillion(b *testing.B) {
	var kinds []kind
	for _, size := range sizes {
		address := embedded(b)
		l := &list{site: open(b, address, 0)}
		l.as = l.actor(b, "coordinator")
		began := time.Now()
		l.crowd(b, size.all, size.mine)
		b.Logf("%s: %s, %d MB", size.name, time.Since(began).Round(time.Second), megabytes(b, address))
		kinds = append(kinds,
			kind{size.name + " find", l.find(nil)},
			kind{size.name + " list", l.list(nil)},
			kind{size.name + " deep", l.onward(l.cursor(b, size.depth))})
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		round(b, kinds, took)
	}
	p50 := func(size int, what string) float64 { return float64(at(took[sizes[size].name+" "+what], 0.5)) }
	for _, what := range []string{"find", "list", "deep"} {
		b.ReportMetric(p50(1, what)/1e6, "ms-"+what)
		b.ReportMetric(p50(1, what)/p50(0, what), what+"/10k")
	}
	b.ReportMetric(p50(1, "deep")/p50(1, "list"), "deep/list")
}

// crowd inserts requests of which mine are the coordinator's, one in every so many:
// copies of a parcel's request. The others are copies of one that has no recipient,
// so that the file stays below 4 GB.
func (s *site) crowd(b *testing.B, all, mine int) {
	b.Helper()
	parcel, err := s.Requests.Load(b.Context(), s.ids["requests"]["r-parcel"])
	must(b, err)
	venue, err := s.Requests.Load(b.Context(), s.ids["requests"]["r-venue"])
	must(b, err)
	units := make(chan []*request.Request)
	work, ctx := errgroup.WithContext(b.Context())
	work.Go(func() error {
		defer close(units)
		for from := 0; from < all; from += perUnit {
			unit := make([]*request.Request, 0, perUnit)
			for i := from; i < min(from+perUnit, all); i++ {
				like, station := venue, "wenhua"
				if i*mine/all != (i+1)*mine/all {
					like, station = parcel, "qiaotun"
				}
				unit = append(unit, s.need(like, s.ids["stations"][station]))
			}
			select {
			case units <- unit:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range 2 { // one encodes while the other's unit is committed
		work.Go(func() error {
			for unit := range units {
				if err := s.insert(ctx, unit); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(b, work.Wait())
}

// onward reads page after page from a position on, and begins there anew after some:
// what it reads is not what it read just before.
func (l *list) onward(from *string) func(context.Context) (int, error) {
	first, after, n := pageSize, from, 0
	return func(ctx context.Context) (int, error) {
		page, err := l.Requests.List(ctx, l.as, nil, "CREATED_AT_DESC", usecase.Paging{First: &first, After: after})
		if after, n = page.End, n+1; n%turned == 0 {
			after = from
		}
		return len(page.Rows), err
	}
}

// megabytes is the size of an embedded store's files.
func megabytes(b *testing.B, address string) (n int64) {
	b.Helper()
	for _, end := range []string{"", "-wal"} {
		info, err := os.Stat(strings.TrimPrefix(address, "sqlite:") + end)
		must(b, err)
		n += info.Size() >> 20
	}
	return n
}
