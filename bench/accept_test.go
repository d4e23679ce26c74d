package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
)

// takers is how many proposals are accepted at once.
const takers = 64

// BenchmarkAcceptances is 64 acceptances of one resource at once, each for another
// request, through the use case; beside the same 64 one after another, and beside 64
// at once of as many resources. In a last round half of them is more than there is:
// exactly as many succeed as there is stock, or the benchmark fails.
func BenchmarkAcceptances(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			s := open(b, e.address(b), 0)
			var one, apart, queued []time.Duration
			for b.Loop() {
				for range rounds {
					one = append(one, s.accept(b, s.proposals(b, s.stock(b, takers)), takers, takers))
					queued = append(queued, s.accept(b, s.proposals(b, s.stock(b, takers)), 1, takers))
					apart = append(apart, s.accept(b, s.proposals(b, s.spread(b)...), takers, takers))
				}
			}
			short := s.stock(b, takers/2)
			s.accept(b, s.proposals(b, short), takers, takers/2)
			s.neverMore(b, short, takers/2)
			b.ReportMetric(millis(at(one, 0.5)), "ms-64-at-once")
			b.ReportMetric(takers/at(one, 0.5).Seconds(), "acceptances/s")
			b.ReportMetric(float64(at(queued, 0.5))/float64(at(one, 0.5)), "in-turn/at-once")
			b.ReportMetric(float64(at(one, 0.5))/float64(at(apart, 0.5)), "one/64-resources")
		})
	}
}

// stock makes a resource like the world's parcels, n of them.
func (s *site) stock(b *testing.B, n int64) string {
	b.Helper()
	like, err := s.Resources.Load(b.Context(), s.ids["resources"]["parcels"])
	must(b, err)
	r := *like
	r.ID, r.Total.Value, r.Holds, r.Used = s.Core.DB.NewID("res"), n, []resource.Hold{}, 0
	r.Header.State = string(resource.Published)
	must(b, s.Core.DB.Tx(b.Context(), func(ctx context.Context) error {
		return s.Resources.Rows().Insert(ctx, &r, store.Note{})
	}))
	return r.ID
}

func (s *site) spread(b *testing.B) (ids []string) {
	b.Helper()
	for range takers {
		ids = append(ids, s.stock(b, 1))
	}
	return ids
}

// proposals makes 64 proposals of one piece each, to as many requests, in turn of
// the resources.
func (s *site) proposals(b *testing.B, resources ...string) []*matching.View {
	b.Helper()
	as := s.actor(b, "coordinator")
	var out []*matching.View
	for i, r := range s.needs(b, takers, "qiaotun") {
		v, _, err := s.Matching.Propose(b.Context(), as, matching.ProposeInput{
			NeedLineID: r.Lines[0].ID, CharityResourceID: resources[i%len(resources)], Quantity: r.Lines[0].Need.Of(1),
		})
		must(b, err)
		out = append(out, v)
	}
	return out
}

// accept lets the owner accept all proposals, n at a time, repeating like a client
// what lost too many races. It fails unless exactly wanted of them are accepted and
// the others are refused for want of stock.
func (s *site) accept(b *testing.B, list []*matching.View, n int, wanted int) time.Duration {
	b.Helper()
	as := s.actor(b, "partner-fund")
	queue, verdicts := make(chan *matching.View, len(list)), make(chan error, len(list))
	for _, p := range list {
		queue <- p
	}
	close(queue)
	var wg sync.WaitGroup
	began := time.Now()
	for range n {
		wg.Go(func() {
			for p := range queue {
				verdicts <- s.take(b.Context(), as, p)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	close(verdicts)
	accepted := 0
	for err := range verdicts {
		switch {
		case err == nil:
			accepted++
		case fault.CodeOf(err) != fault.CodeStockShort && fault.CodeOf(err) != fault.CodeResourceUnavailable:
			b.Fatal(err)
		}
	}
	if accepted != wanted {
		b.Fatalf("%d accepted, want %d", accepted, wanted)
	}
	return took
}

func (s *site) take(ctx context.Context, as access.Actor, p *matching.View) error {
	for {
		_, _, err := s.Matching.Accept(ctx, as, matching.AcceptInput{MatchProposalID: p.ID, ExpectedVersion: p.Version, IdempotencyKey: &p.ID})
		if fault.KindOf(err) != fault.Unavailable || err == nil {
			return err
		}
	}
}

// neverMore fails if the resource promises more than it has.
func (s *site) neverMore(b *testing.B, id string, has int64) {
	b.Helper()
	r, err := s.Resources.Load(b.Context(), id)
	must(b, err)
	var held int64
	for _, h := range r.Holds {
		held += h.Value
	}
	if held != has {
		b.Fatalf("%d held of %d", held, has)
	}
}
