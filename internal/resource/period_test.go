package resource

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
)

func TestPeriodsAreThoseOfChinasCalendar(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ p, at, start, next string }{
		{"DAY", "2026-03-02T15:59:59Z", "2026-03-02T00:00:00+08:00", "2026-03-03T00:00:00+08:00"},
		{"DAY", "2026-03-02T16:00:00Z", "2026-03-03T00:00:00+08:00", "2026-03-04T00:00:00+08:00"},
		{"WEEK", "2026-03-01T15:59:59Z", "2026-02-23T00:00:00+08:00", "2026-03-02T00:00:00+08:00"}, // a Sunday
		{"WEEK", "2026-03-01T16:00:00Z", "2026-03-02T00:00:00+08:00", "2026-03-09T00:00:00+08:00"},
		{"WEEK", "2026-12-31T00:00:00Z", "2026-12-28T00:00:00+08:00", "2027-01-04T00:00:00+08:00"},
		{"MONTH", "2026-12-31T15:59:59Z", "2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"},
		{"MONTH", "2026-01-31T16:00:00Z", "2026-02-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00"},
	} {
		if p := Period(c.p); !p.Start(at(c.at)).Equal(at(c.start)) || !p.Next(at(c.at)).Equal(at(c.next)) {
			t.Errorf("%s of %s: %s to %s", c.p, c.at, p.Start(at(c.at)), p.Next(at(c.at)))
		}
	}
}

func TestAServiceHasItsCapacityInEachPeriod(t *testing.T) {
	t.Parallel()
	r := onOffer(Serving, 10)
	r.Per = Day
	tomorrow := noon.Add(aDay)
	want(t, "today", r.Hold(Hold{AllocationID: "a", Value: 8, Until: dayN(3)}, noon), "")
	want(t, "more than is left today", r.Hold(Hold{AllocationID: "b", Value: 3, Until: dayN(3)}, noon), fault.CodeStockShort)
	want(t, "tomorrow", r.Hold(Hold{AllocationID: "b", Value: 10, At: tomorrow, Until: dayN(3)}, noon), "")
	want(t, "promised", r.Commit(Hold{AllocationID: "a", Value: 8}, noon), "")
	if s := *r.stock(noon); s != (Stock{Total: 10, Committed: 8, Free: 2}) {
		t.Errorf("today %+v", s)
	}
	if room := [2]time.Time{r.RoomFrom(noon, 2, noon), r.RoomFrom(noon, 3, noon)}; !room[0].Equal(noon) || !room[1].Equal(Day.Next(tomorrow)) {
		t.Errorf("room from %v", room)
	}
	if !r.RoomFrom(noon, 11, noon).IsZero() {
		t.Error("room for more than there ever is")
	}
	r.Window = &measure.Window{From: noon, To: Day.Next(tomorrow)}
	if !r.RoomFrom(noon, 3, noon).IsZero() {
		t.Error("room after the service ends")
	}
	r.Window = nil
	want(t, "some given, some lost", r.Consume("a", 5, 1), "")
	if s := *r.stock(noon); s != (Stock{Total: 10, Delivered: 5, Lost: 1, Free: 4}) || r.State() != Published {
		t.Errorf("today %+v", s)
	}
	want(t, "smaller than what is taken tomorrow", r.resize(9, noon), fault.CodeOutOfRange)
	if s := *r.stock(tomorrow); s != (Stock{Total: 10, Held: 10}) {
		t.Errorf("tomorrow %+v", s)
	}
	want(t, "lapsed and taken anew, for the day that is then", r.Commit(Hold{AllocationID: "b", Value: 10, At: tomorrow}, dayN(3)), "")
	if r.FreeAt(dayN(3), dayN(3)) != 0 || len(r.Spent) != 0 {
		t.Errorf("%+v", r)
	}
}

// However much is held, promised, given, lost and given back: no period gives more than
// its capacity, and nothing that was taken moves to another period.
func TestNoPeriodGivesMoreThanItsCapacity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := onOffer(Serving, rapid.Int64Range(1, 12).Draw(t, "capacity"))
		r.Per = rapid.SampledFrom(Periods).Draw(t, "per")
		given, now := map[time.Time]int64{}, noon
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			h := Hold{
				AllocationID: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id"), Value: rapid.Int64Range(1, 12).Draw(t, "value"),
				At: dayN(rapid.Int64Range(-2, 40).Draw(t, "at")), Until: now.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "lasts")) * time.Hour),
			}
			switch rapid.IntRange(0, 5).Draw(t, "do") {
			case 0, 1:
				_ = r.Hold(h, now)
			case 2:
				_ = r.Commit(h, now)
			case 3:
				r.Release(h.AllocationID)
			case 4:
				if i := r.find(h.AllocationID); i >= 0 {
					at := r.Per.Start(r.Holds[i].At)
					if lost := rapid.Int64Range(0, 3).Draw(t, "lost"); r.Consume(h.AllocationID, h.Value, lost) == nil {
						given[at] += h.Value + lost
					}
				}
			case 5:
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "hours")) * time.Hour)
				r.purge(now)
			}
			taken := map[time.Time]int64{}
			for from, n := range given {
				taken[from] = n
			}
			for _, h := range r.Holds {
				if h.live(now) {
					taken[r.Per.Start(h.At)] += h.Value
				}
			}
			for from, n := range taken {
				if n > r.Total.Value {
					t.Fatalf("%d of %d taken from %s: %+v", n, r.Total.Value, from, r)
				}
				if !r.Per.Next(from).After(now) {
					continue
				}
				if free := r.FreeAt(clock.Later(from, now), now); free != r.Total.Value-n {
					t.Fatalf("%d free from %s, with %d of %d taken", free, from, n, r.Total.Value)
				}
			}
		}
	})
}

// What was held for a period that is over is promised out of the one that runs: never out of
// what nobody used of the old one, and not of one that is full.
func TestAPeriodThatIsOverIsNotDrawnOn(t *testing.T) {
	t.Parallel()
	for _, p := range Periods {
		next := p.Next(noon).Add(time.Hour)
		r := onOffer(Serving, 10)
		r.Per = p
		hold := func(id string, n int64, at time.Time) Hold {
			return Hold{AllocationID: id, Value: n, At: at, Until: next.Add(time.Hour)}
		}
		want(t, "held for this period", r.Hold(hold("a", 6, noon), noon), "")
		want(t, "held for this period", r.Hold(hold("b", 4, noon), noon), "")
		want(t, "held for the next", r.Hold(hold("c", 5, next), noon), "")
		want(t, "more than the next has", r.Commit(hold("a", 6, noon), next), fault.CodeStockShort)
		if s := *r.stock(next); s != (Stock{Total: 10, Held: 5, Free: 5}) {
			t.Errorf("%s: refused, it took %+v", p, s)
		}
		want(t, "as much as the next has", r.Commit(hold("b", 4, noon), next), "")
		if s := *r.stock(next); s != (Stock{Total: 10, Held: 5, Committed: 4, Free: 1}) {
			t.Errorf("%s: %+v", p, s)
		}
		want(t, "what is left of it", r.Hold(hold("d", 1, next), next), "")
		want(t, "more than that", r.Hold(hold("e", 1, next), next), fault.CodeStockShort)
	}
}
