package matching

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// Only an open proposal is decided, and only once; at its very end it has expired.
func TestAProposalIsDecidedOnceAndInTime(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, from := range []State{Proposed, Accepted, Declined, Expired, Withdrawn, Superseded} {
		for _, at := range []time.Duration{-time.Millisecond, 0, time.Hour} {
			now, shown := ends.Add(at), from
			if from == Proposed && at >= 0 {
				shown = Expired
			}
			for _, to := range []State{Accepted, Declined, Withdrawn} {
				p := &Proposal{ExpiresAt: ends}
				p.Header.State = string(from)
				if p.Now(now) != shown {
					t.Errorf("%s at %s reads %s, want %s", from, at, p.Now(now), shown)
				}
				err := p.decide(to, now)
				if shown == Proposed {
					if err != nil || p.State() != to || !p.DecidedAt.Equal(now) {
						t.Errorf("%s at %s to %s: %s, %v", from, at, to, p.State(), err)
					}
					continue
				}
				f, _ := fault.As(err)
				if fault.CodeOf(err) != fault.CodeAlreadyDecided || f.Params["state"] != string(shown) || p.State() != from || !p.DecidedAt.IsZero() {
					t.Errorf("%s at %s to %s: %s, %v", from, at, to, p.State(), err)
				}
			}
		}
	}
}
