package holiday_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/holiday"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, s, clock.China)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The days of the notices for 2024, 2025 and 2026.
func TestTheAdjustedDaysOfTheNotices(t *testing.T) {
	t.Parallel()
	for want, list := range map[bool][]string{
		true: { // weekends on which people work
			"2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
			"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
			"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
			"2024-02-19", "2025-03-03", "2026-11-27", // plain weekdays
		},
		false: { // weekdays on which they do not
			"2024-01-01", "2024-02-12", "2024-02-16", "2024-04-04", "2024-05-01", "2024-06-10", "2024-09-17", "2024-10-07",
			"2025-01-01", "2025-01-28", "2025-02-04", "2025-04-04", "2025-05-05", "2025-06-02", "2025-10-08",
			"2026-01-02", "2026-02-16", "2026-02-23", "2026-04-06", "2026-05-05", "2026-06-19", "2026-09-25", "2026-10-07",
			"2024-03-02", "2025-03-02", "2026-11-29", // plain weekends
		},
	} {
		for _, s := range list {
			if got, err := holiday.Working(day(t, s)); err != nil || got != want {
				t.Errorf("%s: %t, %v", s, got, err)
			}
		}
	}
}

// A year has 365 or 366 days less 104 days of weekends less the statutory holidays, of
// which there were 11 until 2024 and are 13 since.
func TestAYearHasItsWorkingDays(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		n := 0
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, clock.China); d.Year() == year; d = d.AddDate(0, 0, 1) {
			works, err := holiday.Working(d)
			if err != nil {
				t.Fatal(err)
			}
			if works {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
}

func TestAYearWithoutItsNoticeHasNoCalendar(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2003-12-31", "2027-01-01"} {
		if _, err := holiday.Working(day(t, s)); fault.CodeOf(err) != fault.CodeHolidaysUnknown {
			t.Errorf("%s: %v", s, err)
		}
	}
	// The day is China's, wherever the moment was written down.
	if works, err := holiday.Working(time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC)); err != nil || !works {
		t.Errorf("the last second of 2026: %t, %v", works, err)
	}
	if _, err := holiday.Working(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)); err == nil {
		t.Error("2027 has begun in China")
	}
}

// Working time stands still on days that are none: the Spring Festival of 2026 lasts from
// Sunday, 15 to Monday, 23 February, and people work on the Saturdays before and after.
func TestWorkingTimeStandsStillOnHolidays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		days float64
		want string
	}{
		{"2026-03-02T09:00", 1, "2026-03-03T09:00"},   // a Monday
		{"2026-03-06T15:00", 1, "2026-03-09T15:00"},   // a Friday
		{"2026-03-07T10:00", 1, "2026-03-10T00:00"},   // a Saturday: all of Monday
		{"2026-02-13T15:00", 1, "2026-02-14T15:00"},   // the Saturday is worked on
		{"2026-02-13T15:00", 2, "2026-02-24T15:00"},   // and then nine days are not
		{"2026-02-24T09:00", 10, "2026-03-09T09:00"},  // ten working days, one of them a Saturday
		{"2026-03-06T18:00", 0.5, "2026-03-09T06:00"}, // 6 of 12 hours were left of the Friday
		{"2026-03-07T10:00", 0, "2026-03-07T10:00"},
		{"2026-03-09T10:00", -3, "2026-03-06T10:00"}, // what is over is over
	} {
		read := func(s string) time.Time {
			at, err := time.ParseInLocation("2006-01-02T15:04", s, clock.China)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		d := time.Duration(c.days * float64(24*time.Hour))
		if got, err := holiday.Add(read(c.from), d); err != nil || !got.Equal(read(c.want)) {
			t.Errorf("%s and %g days: %s, %v, want %s", c.from, c.days, got.In(clock.China), err, c.want)
		}
		if got, err := holiday.Between(read(c.from), read(c.want)); err != nil || got != d {
			t.Errorf("from %s to %s: %s, %v, want %g days", c.from, c.want, got, err, c.days)
		}
	}
	if at, err := holiday.Add(day(t, "2026-12-31"), 25*time.Hour); fault.CodeOf(err) != fault.CodeHolidaysUnknown {
		t.Errorf("beyond the calendar: %s, %v", at, err)
	}
	if d, err := holiday.Between(day(t, "2026-12-31"), day(t, "2027-01-02")); fault.CodeOf(err) != fault.CodeHolidaysUnknown {
		t.Errorf("beyond the calendar: %s, %v", d, err)
	}
}
