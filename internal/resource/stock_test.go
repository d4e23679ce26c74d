package resource

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func onOffer(kind Kind, total int64) *Resource {
	r := &Resource{Kind: kind, Total: measure.Quantity{Value: total, Unit: kind.unit(measure.Piece)}}
	r.Header.State = string(Published)
	return r
}

func want(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if (err == nil) != (code == "") || (err != nil && fault.CodeOf(err) != code) {
		t.Errorf("%s: got %v, want %q", what, err, code)
	}
}

func TestALapsedHoldHoldsNothing(t *testing.T) {
	t.Parallel()
	r, hour := onOffer(Goods, 10), noon.Add(time.Hour)
	a := Hold{AllocationID: "a", Value: 7, Until: hour}
	want(t, "first", r.Hold(a, noon), "")
	err := r.Hold(Hold{AllocationID: "b", Value: 4, Until: hour}, noon)
	want(t, "too much", err, fault.CodeStockShort)
	if e, ok := fault.As(err); !ok || e.Params["free"] != int64(3) || e.Params["wanted"] != int64(4) {
		t.Errorf("the error tells %v", err)
	}
	if r.Free(noon) != 3 || r.Free(hour) != 10 || r.Held(hour) != 0 {
		t.Errorf("free %d, later %d", r.Free(noon), r.Free(hour))
	}
	want(t, "taken anew when free", r.Commit(a, hour), "")
	want(t, "twice is once", r.Commit(a, hour), "")
	if r.Committed() != 7 || r.Free(hour) != 3 {
		t.Errorf("committed %d, free %d", r.Committed(), r.Free(hour))
	}
	b := Hold{AllocationID: "b", Value: 3, Until: hour.Add(time.Hour)}
	want(t, "the rest", r.Hold(b, hour), "")
	later := b.Until
	want(t, "somebody else in between", r.Hold(Hold{AllocationID: "c", Value: 3, Until: later.Add(time.Hour)}, later), "")
	want(t, "lapsed and gone", r.Commit(b, later), fault.CodeHoldLapsed)
}

func TestWhatIsGivenLeavesTheStock(t *testing.T) {
	t.Parallel()
	r := onOffer(Goods, 10)
	want(t, "hold", r.Hold(Hold{AllocationID: "a", Value: 10, Until: noon.Add(1)}, noon), "")
	want(t, "held is not promised", r.Consume("a", 10, 0), fault.CodeHoldLapsed)
	want(t, "commit", r.Commit(Hold{AllocationID: "a", Value: 10}, noon), "")
	want(t, "more than promised", r.Consume("a", 11, 0), fault.CodeOutOfRange)
	want(t, "more lost than promised", r.Consume("a", 0, 11), fault.CodeOutOfRange)
	want(t, "more in all than promised", r.Consume("a", 8, 3), fault.CodeOutOfRange)
	want(t, "a sum beyond all numbers", r.Consume("a", 1, math.MaxInt64), fault.CodeOutOfRange)
	want(t, "less than none lost", r.Consume("a", 10, -1), fault.CodeOutOfRange)
	want(t, "less", r.Consume("a", 8, 0), "")
	if r.Free(noon) != 2 || r.Used != 8 || r.State() != Published {
		t.Errorf("%+v", r)
	}
	want(t, "smaller than given", r.resize(7, noon), fault.CodeOutOfRange)
	want(t, "to what is given", r.resize(8, noon), "")
	if r.State() != Exhausted {
		t.Errorf("all given, state %s", r.State())
	}
	want(t, "nothing left", r.Hold(Hold{AllocationID: "b", Value: 1}, noon), fault.CodeResourceUnavailable)
	want(t, "more", r.resize(9, noon), "")
	if r.State() != Published || r.Free(noon) != 1 {
		t.Errorf("%+v", r)
	}
	r.Release("nobody")
}

func TestTheLeastAndTheEndAreKept(t *testing.T) {
	t.Parallel()
	r := onOffer(Goods, 100)
	r.Minimum, r.ExpiresAt = 10, noon.Add(time.Hour)
	want(t, "less than the least", r.Hold(Hold{AllocationID: "a", Value: 9, Until: noon.Add(time.Minute)}, noon), fault.CodeOutOfRange)
	want(t, "none", r.Hold(Hold{AllocationID: "a", Until: noon.Add(time.Minute)}, noon), fault.CodeQuantityInvalid)
	want(t, "the least", r.Hold(Hold{AllocationID: "a", Value: 10, Until: noon.Add(2 * time.Hour)}, noon), "")
	want(t, "after the last day", r.Hold(Hold{AllocationID: "b", Value: 10}, r.ExpiresAt), fault.CodeResourceUnavailable)
	want(t, "held, but gone off", r.Commit(Hold{AllocationID: "a", Value: 10}, r.ExpiresAt), fault.CodeResourceUnavailable)
	r.Header.State = string(Paused)
	want(t, "a live hold of a paused one", r.Commit(Hold{AllocationID: "a", Value: 10}, noon), "")
	want(t, "a new one", r.Hold(Hold{AllocationID: "b", Value: 10}, noon), fault.CodeResourceUnavailable)
	r = onOffer(Goods, 2*maxHolds)
	for i := range maxHolds {
		want(t, "many", r.Hold(Hold{AllocationID: fmt.Sprint(i), Value: 1, Until: noon.Add(1)}, noon), "")
	}
	want(t, "too many", r.Hold(Hold{AllocationID: "x", Value: 1, Until: noon.Add(1)}, noon), fault.CodeTooMany)
}

func TestAVenueIsForOneAtATime(t *testing.T) {
	t.Parallel()
	at := func(from, to int) *measure.Window {
		return &measure.Window{From: noon.Add(time.Duration(from) * time.Hour), To: noon.Add(time.Duration(to) * time.Hour)}
	}
	r := onOffer(Venue, 6000)
	r.Window = at(0, 10)
	for _, c := range []struct {
		name   string
		value  int64
		window *measure.Window
		want   fault.Code
	}{
		{"without a window", 60, nil, fault.CodeRequired},
		{"outside", 60, at(9, 11), fault.CodeWindowInvalid},
		{"upside down", 60, at(3, 2), fault.CodeWindowInvalid},
		{"longer than the window", 61, at(1, 2), fault.CodeOutOfRange},
		{"good", 120, at(1, 3), ""},
		{"overlapping", 60, at(2, 4), fault.CodeStockShort},
		{"right after", 60, at(3, 4), ""},
	} {
		h := Hold{AllocationID: c.name, Value: c.value, Window: c.window, Until: noon.Add(30 * time.Minute)}
		want(t, c.name, r.Hold(h, noon), c.want)
	}
	later := noon.Add(30 * time.Minute)
	want(t, "when the first has lapsed", r.Hold(Hold{AllocationID: "later", Value: 60, Window: at(2, 3), Until: noon.Add(time.Hour)}, later), "")
}

// Whatever is done in whatever order and with clocks that differ between callers,
// the parts add up to the total and none is negative.
func TestTheStockAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := onOffer(Goods, rapid.Int64Range(1, 50).Draw(t, "total"))
		r.Minimum = rapid.Int64Range(0, 2).Draw(t, "minimum")
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now := noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minute")) * time.Minute)
			h := Hold{
				AllocationID: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id"), Value: rapid.Int64Range(-1, 60).Draw(t, "value"),
				Until: now.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "lasts")) * time.Minute),
			}
			given, promised := r.Used+r.Lost, r.Committed()
			switch rapid.IntRange(0, 6).Draw(t, "do") {
			case 0, 1:
				_ = r.Hold(h, now)
			case 2:
				_ = r.Commit(h, now)
			case 3:
				r.Release(h.AllocationID)
			case 4:
				_ = r.Consume(h.AllocationID, h.Value, rapid.Int64Range(-1, 60).Draw(t, "lost"))
				if gone := r.Used + r.Lost; gone < given || gone-given > promised {
					t.Fatalf("given or lost %d, then %d, of %d promised", given, gone, promised)
				}
			case 5:
				_ = r.resize(h.Value, now)
			case 6:
				r.purge(now)
			}
			for _, at := range []time.Time{noon, now, now.Add(time.Hour)} {
				free, held, committed := r.Free(at), r.Held(at), r.Committed()
				if free < 0 || held < 0 || committed < 0 || r.Used < 0 || r.Lost < 0 || free+held+committed+r.Used+r.Lost != r.Total.Value {
					t.Fatalf("at %s: %d free, %d held, %d committed, %d given, %d lost of %d", at, free, held, committed, r.Used, r.Lost, r.Total.Value)
				}
			}
		}
	})
}

func TestWhatIsLostNeverComesBackToTheStock(t *testing.T) {
	t.Parallel()
	r := onOffer(Goods, 10)
	want(t, "commit", r.Commit(Hold{AllocationID: "a", Value: 10}, noon), "")
	want(t, "some given, some lost", r.Consume("a", 3, 5), "")
	if r.Free(noon) != 2 || r.Used != 3 || r.Lost != 5 || r.Committed() != 0 {
		t.Errorf("%+v", r)
	}
	want(t, "smaller than given and lost", r.resize(7, noon), fault.CodeOutOfRange)
	want(t, "the rest", r.Commit(Hold{AllocationID: "b", Value: 2}, noon), "")
	want(t, "lost", r.Consume("b", 0, 2), "")
	if r.State() != Exhausted || r.Free(noon) != 0 {
		t.Errorf("nothing is left: %+v", r)
	}
}
