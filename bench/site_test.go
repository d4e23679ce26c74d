package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// site is a platform with the demonstration world in it.
type site struct {
	*platform.Platform
	ids    map[string]map[string]string // file of the world → key → id
	tokens map[string]string            // actor → access token
	url    string                       // once served
}

// engines are the stores that a benchmark runs on, by name; the address of each is
// that of a new and empty store.
var engines = []struct {
	name    string
	address func(b testing.TB) string
}{
	{"sqlite", embedded},
	{"mongo-one", func(b testing.TB) string { return mongotest.URI(b) }},
	{"mongo-three", func(b testing.TB) string { return mongotest.Three(b).URI() }},
}

func embedded(b testing.TB) string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") }

// open fills a new store with the world. sets is how many units may share a commit.
func open(b testing.TB, address string, sets int) *site {
	b.Helper()
	adapter, err := platform.Adapter(address)
	must(b, err)
	p, err := platform.Open(b.Context(), platform.Config{Adapter: adapter, Sets: sets, Accounts: account.Config{AccessTTL: 24 * time.Hour}})
	must(b, err)
	b.Cleanup(func() { must(b, p.Close()) })
	report, err := intake.ImportFolder(b.Context(), world.Files(), p.Tables(), nil)
	must(b, err)
	s := &site{Platform: p, ids: report.IDs, tokens: map[string]string{}}
	for name, id := range s.ids["accounts"] {
		session, err := p.Accounts.OpenSession(b.Context(), id)
		must(b, err)
		s.tokens[name] = session.AccessToken
	}
	return s
}

// actor is who signs in under a name of the world.
func (s *site) actor(b *testing.B, name string) access.Actor {
	b.Helper()
	a, _, err := s.Accounts.ActorOf(b.Context(), s.tokens[name])
	must(b, err)
	return a
}

// serve serves the site on a free port until the benchmark ends.
func (s *site) serve(b *testing.B) {
	b.Helper()
	quiet := slog.New(slog.NewJSONHandler(io.Discard, nil))
	srv, err := server.New(b.Context(), s.Platform, server.Config{Addr: "127.0.0.1:0", Log: quiet, ActorCost: -1, AddressCost: -1})
	must(b, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx) }()
	b.Cleanup(func() {
		stop()
		must(b, <-done)
	})
	s.url = srv.URL()
}

// rounds is how often a load that takes seconds is measured at the least, whatever
// -benchtime says: their median is the figure.
const rounds = 3

// perUnit is how many rows one unit of a bulk insertion writes.
const perUnit = 500

// needs inserts n requests in matching at a station of the world: copies of the
// world's request for one parcel, each with a line of its own.
func (s *site) needs(b *testing.B, n int, station string) []*request.Request {
	b.Helper()
	like, err := s.Requests.Load(b.Context(), s.ids["requests"]["r-parcel"])
	must(b, err)
	out := make([]*request.Request, 0, n)
	for range n {
		out = append(out, s.need(like, s.ids["stations"][station]))
	}
	for unit := range slices.Chunk(out, perUnit) {
		must(b, s.insert(b.Context(), unit))
	}
	return out
}

// insert writes one unit of requests.
func (s *site) insert(ctx context.Context, unit []*request.Request) error {
	return s.Core.DB.Tx(ctx, func(ctx context.Context) error {
		for _, r := range unit {
			if err := s.Requests.Rows().Insert(ctx, r, store.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *site) need(like *request.Request, station string) *request.Request {
	r, line := *like, like.Lines[0]
	r.ID, line.ID = s.Core.DB.NewID("req"), s.Core.DB.NewID("nl")
	r.Number, r.Header.Station, r.Header.State = "B-"+r.ID[len(r.ID)-20:], station, string(request.Matching)
	r.Lines = []request.Line{line}
	r.Header.Parties = slices.Clone(like.Header.Parties)
	r.Private.Lines = maps.Clone(like.Private.Lines)
	clear(r.Private.Lines)
	if r.Private.Lines != nil {
		r.Private.Lines[line.ID] = like.Private.Lines[like.Lines[0].ID]
	}
	return &r
}

func must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// at is the share of the sorted samples below which the answer lies: 0.5 is the median.
func at(samples []time.Duration, share float64) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// middle is the median of numbers.
func middle(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// timed is how long one call takes.
func timed(b *testing.B, fn func() error) time.Duration {
	b.Helper()
	began := time.Now()
	if err := fn(); err != nil {
		b.Fatal(fmt.Errorf("while measuring: %w", err))
	}
	return time.Since(began)
}
