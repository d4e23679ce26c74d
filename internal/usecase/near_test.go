package usecase

import "testing"

// TestTheCircleGrowsAsItWasDense: twice as far while nothing was found, else as far as
// should do, and never far beyond what is known.
func TestTheCircleGrowsAsItWasDense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held, wanted int
		least, most  float64
	}{
		{0, 21, 2, 2},
		{1, 21, 4, 4},
		{3, 21, 3, 3.3}, // sevenfold the area is 2.65 as far
		{20, 21, 1.2, 1.3},
	} {
		if got := further(c.held, c.wanted); got < c.least || got > c.most {
			t.Errorf("%d of %d: %v times as far, not %v to %v", c.held, c.wanted, got, c.least, c.most)
		}
	}
}
