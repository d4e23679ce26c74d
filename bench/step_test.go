package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/usecase"
)

// writers write at once, each to requests of its own; window is how long one load is
// measured. Loads that are compared take turns.
const (
	writers = 16
	window  = 1500 * time.Millisecond
)

// BenchmarkStep is one step of the thread through its use case on the embedded
// store: the coordinator puts a request on hold or resumes it. Each reads the
// request and what belongs to it, decides, saves document, receipt, counters and log
// entry durably, and reads the answer. 16 writers that share commits, beside 16
// writers with one commit each.
func BenchmarkStep(b *testing.B) {
	shared, single := stepping(b, 0), stepping(b, 1)
	var together, alone, ratio []float64
	var slow []time.Duration
	for b.Loop() {
		for range rounds {
			s, o := shared.measure(b), single.measure(b)
			together, alone, ratio = append(together, s.PerSecond), append(alone, o.PerSecond), append(ratio, s.PerSecond/o.PerSecond)
			slow = append(slow, s.P99)
		}
	}
	b.ReportMetric(middle(together), "steps/s-shared")
	b.ReportMetric(middle(alone), "steps/s-single")
	b.ReportMetric(middle(ratio), "shared/single")
	b.ReportMetric(millis(at(slow, 0.5)), "ms-p99")
}

type stepper struct {
	*site
	as    access.Actor
	views []*request.View // one a writer
	run   int
}

func stepping(b *testing.B, sets int) *stepper {
	b.Helper()
	s := &stepper{site: open(b, embedded(b), sets)}
	s.as = s.actor(b, "coordinator")
	for _, r := range s.needs(b, writers, "qiaotun") {
		v, err := s.Requests.Get(b.Context(), s.as, r.ID)
		must(b, err)
		s.views = append(s.views, v)
	}
	return s
}

func (s *stepper) measure(b *testing.B) storetest.Rate {
	b.Helper()
	s.run++
	rate, err := storetest.Measure(writers, window, func(w, i int) error {
		return s.step(b.Context(), w, fmt.Sprintf("step-%d-%d-%d", s.run, w, i))
	})
	must(b, err)
	return rate
}

// step takes the writer's request one step on, repeating like a client what lost
// too many races.
func (s *stepper) step(ctx context.Context, w int, key string) error {
	for {
		v, err := s.turn(ctx, s.views[w], key)
		if err == nil {
			s.views[w] = v
		}
		if err == nil || fault.KindOf(err) != fault.Unavailable {
			return err
		}
	}
}

func (s *stepper) turn(ctx context.Context, v *request.View, key string) (*request.View, error) {
	if v.State == request.OnHold {
		v, _, err := s.Requests.Resume(ctx, s.as, request.ResumeInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version, IdempotencyKey: &key})
		return v, err
	}
	later := usecase.DateOf(time.Now().AddDate(0, 0, 7))
	v, _, err := s.Requests.Hold(ctx, s.as, request.HoldInput{
		ServiceRequestID: v.ID, ResumeOn: later, Reason: "WEATHER", ExpectedVersion: v.Version, IdempotencyKey: &key,
	})
	return v, err
}
