package allocation_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// BenchmarkAttempts is what one try costs, to hold one piece and to give it back, in two
// units of work, when 64 try at once: all for one thing, or for 64 things.
func BenchmarkAttempts(b *testing.B) {
	for name, open := range map[string]func(b *testing.B) store.Adapter{
		"sqlite": func(b *testing.B) store.Adapter {
			b.Helper()
			return sqlite.New(sqlite.Config{Path: filepath.Join(b.TempDir(), "bench.db")})
		},
		"mongo three members": func(b *testing.B) store.Adapter {
			b.Helper()
			return mongo.New(mongo.Config{URI: mongotest.Three(b).URI()})
		},
	} {
		b.Run(name, func(b *testing.B) {
			ctx := context.Background()
			s, err := openSite(ctx, open(b))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.core.DB.Close() })
			for _, things := range []int{1, 64} {
				b.Run(fmt.Sprintf("%d things", things), func(b *testing.B) { s.attempts(b, things) })
			}
		})
	}
}

var attempt atomic.Int64

func (s *site) attempts(b *testing.B, things int) {
	b.Helper()
	ctx, name := context.Background(), attempt.Add(1)
	ids := make([]string, things)
	for i := range ids {
		r := &resource.Resource{
			Head: store.Head{ID: fmt.Sprintf("res_b%dx%dk4", name, i)}, Kind: resource.InKind, Category: "MEAL_DELIVERY", Owner: "org_fire", Area: "1302",
			Total: measure.Quantity{Value: 1_000_000, Unit: measure.Piece},
		}
		r.Header.Class, r.Header.State = access.Public, string(resource.Published)
		if err := s.add(ctx, r); err != nil {
			b.Fatal(err)
		}
		ids[i] = r.ID
	}
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := attempt.Add(1)
			o := op{Do: "hold", Alc: fmt.Sprintf("b%dn%d", name, n), Res: ids[int(n)%things], N: 1}
			err := s.hold(ctx, o, hourLong)
			if err == nil {
				o.Do = "release"
				_, err = s.step(ctx, o, 1)
			}
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
}
