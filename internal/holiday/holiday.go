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
