package rota_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/rota"
)

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// at is a moment of the week that begins on Monday 2026-03-02.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, 2+day, hour, minute, 0, 0, zone)
}

func TestStretchesComeInOrderAndJoined(t *testing.T) {
	t.Parallel()
	got, err := rota.New([]rota.Slot{{"TUESDAY", "09:00", "12:00"}, {"MONDAY", "22:00", "24:00"}, {"TUESDAY", "12:00", "13:30"}, {"TUESDAY", "00:00", "02:00"}, {"TUESDAY", "10:00", "11:00"}})
	if err != nil {
		t.Fatal(err)
	}
	want := rota.Rota{{"MONDAY", "22:00", "24:00"}, {"TUESDAY", "00:00", "02:00"}, {"TUESDAY", "09:00", "13:30"}}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestWhatIsNoStretchIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []rota.Slot{{"MONDAY", "12:00", "12:00"}, {"MONDAY", "13:00", "12:00"}, {"FUNDAY", "09:00", "12:00"}, {"MONDAY", "9:00", "12:00"}, {"MONDAY", "09:00", "24:01"}, {"MONDAY", "24:00", "24:00"}, {"", "", ""}} {
		if _, err := rota.New([]rota.Slot{s}, "input", "availability"); fault.CodeOf(err) != fault.CodeInvalid {
			t.Errorf("%v: %v", s, err)
		}
	}
	if _, err := rota.New(make([]rota.Slot, rota.Max+1)); fault.CodeOf(err) != fault.CodeTooMany {
		t.Error(err)
	}
}

func TestANightIsOneStretch(t *testing.T) {
	t.Parallel()
	r := rota.Rota{{"SUNDAY", "22:00", "24:00"}, {"MONDAY", "00:00", "06:00"}, {"MONDAY", "09:00", "12:00"}}
	for _, c := range []struct {
		from, to time.Time
		want     bool
	}{
		{at(6, 22, 0), at(7, 6, 0), true},
		{at(6, 22, 0), at(7, 6, 1), false},
		{at(6, 21, 59), at(7, 1, 0), false},
		{at(0, 0, 0), at(0, 6, 0), true}, // the Sunday before
		{at(0, 9, 0), at(0, 12, 0), true},
		{at(1, 9, 0), at(1, 12, 0), false},
		{at(0, 9, 0), at(8, 12, 0), false}, // more than a week
	} {
		if got := r.Covers(measure.Window{From: c.from, To: c.to}); got != c.want {
			t.Errorf("%s to %s: %v", c.from, c.to, got)
		}
	}
	if got := r.Next(at(0, 10, 0), 3*time.Hour); !got.Equal(at(6, 22, 0)) {
		t.Errorf("next three hours: %s", got)
	}
	if got := r.Next(at(0, 10, 0), 9*time.Hour); !got.IsZero() {
		t.Errorf("nine hours fit nowhere, but %s", got)
	}
}

// Covers and Next agree with counting minutes one by one.
func TestAgreesWithCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var slots []rota.Slot
		hours := []string{"00:00", "06:00", "09:30", "12:00", "18:00", "24:00"}
		for range rapid.IntRange(0, 8).Draw(t, "slots") {
			i := rapid.IntRange(0, 4).Draw(t, "from")
			slots = append(slots, rota.Slot{Day: rapid.SampledFrom(rota.Days).Draw(t, "day"), From: hours[i], To: hours[rapid.IntRange(i+1, 5).Draw(t, "to")]})
		}
		r, err := rota.New(slots)
		if err != nil {
			t.Fatal(err)
		}
		in := func(m time.Time) bool { // whether one minute lies in some stretch
			m = m.In(zone)
			for _, s := range slots {
				if rota.Days[(int(m.Weekday())+6)%7] == s.Day && m.Format("15:04") >= s.From && m.Format("15:04") < s.To {
					return true
				}
			}
			return false
		}
		from := at(0, 0, 0).Add(time.Duration(rapid.IntRange(0, 14*24*4).Draw(t, "quarter")) * 15 * time.Minute)
		length := time.Duration(rapid.IntRange(1, 100).Draw(t, "length")) * 15 * time.Minute
		want := true
		for m := from; m.Before(from.Add(length)); m = m.Add(15 * time.Minute) {
			want = want && in(m)
		}
		if got := r.Covers(measure.Window{From: from, To: from.Add(length)}); got != want {
			t.Fatalf("%v: %s for %s: %v, want %v", r, from.In(zone), length, got, want)
		}
		next := r.Next(from, length)
		if next.IsZero() {
			for m := from; m.Before(from.Add(7 * 24 * time.Hour)); m = m.Add(15 * time.Minute) {
				if r.Covers(measure.Window{From: m, To: m.Add(length)}) {
					t.Fatalf("%v: no next, but %s covers %s", r, m, length)
				}
			}
			return
		}
		if next.Before(from) || !r.Covers(measure.Window{From: next, To: next.Add(length)}) {
			t.Fatalf("%v: next %s is not covered", r, next)
		}
		for m := from; m.Before(next); m = m.Add(15 * time.Minute) {
			if r.Covers(measure.Window{From: m, To: m.Add(length)}) {
				t.Fatalf("%v: %s comes before %s", r, m, next)
			}
		}
	})
}
