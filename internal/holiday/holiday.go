package holiday

import (
	_ "embed"
	"strings"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
)

// days is written by generate.go from the npm package chinese-days: see data/NOTICE.
//
//go:embed data/days.txt
var days string

// calendar is what differs from plain weeks: by day whether people work, and the years
// that are known.
type calendar struct {
	works map[string]bool
	years map[int]bool
}

var known = sync.OnceValue(func() calendar {
	c := calendar{map[string]bool{}, map[int]bool{}}
	for line := range strings.Lines(days) {
		if date, kind, ok := strings.Cut(strings.TrimSpace(line), " "); ok && date[0] != '#' {
			c.works[date] = kind == "work"
			year := 0
			for _, digit := range date[:4] {
				year = 10*year + int(digit-'0')
			}
			c.years[year] = true
		}
	}
	return c
})

// Working reports whether the day of a moment in China is a working day;
// HOLIDAYS_UNKNOWN for a year without data.
func Working(at time.Time) (bool, error) {
	at = at.In(clock.China)
	c := known()
	if !c.years[at.Year()] {
		return false, fault.New(fault.CodeHolidaysUnknown, fault.P("year", at.Year()))
	}
	if works, special := c.works[at.Format(time.DateOnly)]; special {
		return works, nil
	}
	return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday, nil
}

// Add is when a span of working time that begins at a moment is over: time runs on working
// days only, and a day of them has 24 hours. A span of nothing, or less, is counted as it
// is. HOLIDAYS_UNKNOWN when that is in a year without data.
func Add(from time.Time, d time.Duration) (time.Time, error) {
	if d <= 0 {
		return from.Add(d), nil
	}
	for {
		works, err := Working(from)
		if err != nil {
			return time.Time{}, err
		}
		next := midnight(from)
		if left := next.Sub(from); works && d <= left {
			return from.Add(d).UTC(), nil
		} else if works {
			d -= left
		}
		from = next
	}
}

// Between is how much working time there is from one moment to another, so that Add leads
// from the one to the other; less than nothing is counted as it is. HOLIDAYS_UNKNOWN when a
// part of it is in a year without data.
func Between(from, to time.Time) (time.Duration, error) {
	if !from.Before(to) {
		return to.Sub(from), nil
	}
	var sum time.Duration
	for from.Before(to) {
		works, err := Working(from)
		if err != nil {
			return 0, err
		}
		next := midnight(from)
		if next.After(to) {
			next = to
		}
		if works {
			sum += next.Sub(from)
		}
		from = next
	}
	return sum, nil
}

// midnight is the end of a moment's day in China.
func midnight(at time.Time) time.Time {
	y, m, d := at.In(clock.China).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, clock.China)
}
