package usecase

import "testing"

// TestTheCircleGrowsAsItWasDense: twice as far while nothing was found, else as far as
// should do, and never far beyond what is known.
func TestTheCircleGrowsAsItWasDense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, held, wanted int
		least, most          float64
	}{
		{0, 0, 21, 2, 2},
		{0, 1, 21, 4, 4},
		{0, 3, 21, 3, 3.3}, // sevenfold the area is 2.65 as far
		{0, 20, 21, 1.2, 1.3},
		{3, 3, 21, 3, 3.3},
	} {
		if got := further(c.before, c.held, c.wanted); got < c.least || got > c.most {
			t.Errorf("%d of %d: %v times as far, not %v to %v", c.held, c.wanted, got, c.least, c.most)
		}
	}
	// A village that holds 20 of 21, and nothing around: ten rings to 50 km, not thirty.
	rings, before := 0, 0
	for radius := firstRing; radius < maxWithin; rings++ {
		radius *= further(before, 20, 21)
		before = 20
	}
	if rings > 10 {
		t.Errorf("%d rings in an empty field", rings)
	}
}
