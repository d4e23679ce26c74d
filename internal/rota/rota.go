package rota

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
)

// Day is a day of the week; its values are those of the schema.
type Day string

// Days lists the days, Monday first.
var Days = []Day{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}

// Slot is a stretch of one day, "HH:MM" to "HH:MM"; the end is not included and may
// be "24:00".
type Slot struct {
	Day  Day    `bson:"day"`
	From string `bson:"from"`
	To   string `bson:"to"`
}

// Max bounds a rota: three stretches a day.
const Max = 21

// Rota is the stretches of a week, in order, none touching another of its day. The
// empty rota says nothing.
type Rota []Slot

const (
	day  = 24 * 60
	week = 7 * day
)

// New puts stretches in order and joins those that touch. TOO_MANY above Max; INVALID
// with the stretch's place for a day or time that is none, or an end before its start.
func New(slots []Slot, path ...string) (Rota, error) {
	if len(slots) > Max {
		return nil, fault.New(fault.CodeTooMany, fault.At(path...), fault.P("max", Max))
	}
	spans := make([]span, len(slots))
	for i, s := range slots {
		sp, err := s.span()
		if err != nil {
			return nil, fault.New(fault.CodeInvalid, fault.At(append(slices.Clone(path), strconv.Itoa(i))...), fault.P("rule", "HOURS"))
		}
		spans[i] = sp
	}
	out := Rota{}
	for _, sp := range joined(spans, day) {
		out = append(out, sp.slot())
	}
	return out, nil
}

// Covers reports whether a whole window lies in the rota.
func (r Rota) Covers(w measure.Window) bool {
	from, length := minute(w.From), int(w.To.Sub(w.From)/time.Minute)
	if length > week {
		length = week // beyond a week only a rota without gaps covers
	}
	for _, sp := range r.thrice() {
		if sp.from <= from && from+length <= sp.to {
			return true
		}
	}
	return false
}

// Next is the first moment not before t from which a stretch of the length lies in
// the rota; zero when no week has one.
func (r Rota) Next(t time.Time, length time.Duration) time.Time {
	t = t.Truncate(time.Minute)
	from, need := minute(t), int((length+time.Minute-1)/time.Minute)
	for _, sp := range r.thrice() {
		if start := max(sp.from, from); start+need <= sp.to {
			return t.Add(time.Duration(start-from) * time.Minute)
		}
	}
	return time.Time{}
}

// Until is the end of the stretch of the rota that holds t; t itself if none does.
func (r Rota) Until(t time.Time) time.Time {
	from := minute(t)
	for _, sp := range r.thrice() {
		if sp.from <= from && from < sp.to {
			return t.Truncate(time.Minute).Add(time.Duration(sp.to-from) * time.Minute)
		}
	}
	return t
}

// span is a stretch in minutes from Monday's beginning.
type span struct{ from, to int }

func (s Slot) span() (span, error) {
	d := slices.Index(Days, s.Day)
	from, err := timeOfDay(s.From)
	if err != nil {
		return span{}, err
	}
	to, err := timeOfDay(s.To)
	if err != nil {
		return span{}, err
	}
	if d < 0 || to <= from {
		return span{}, fmt.Errorf("rota: no stretch: %s %s-%s", s.Day, s.From, s.To)
	}
	return span{d*day + from, d*day + to}, nil
}

func (sp span) slot() Slot {
	d := sp.from / day
	text := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	return Slot{Day: Days[d], From: text(sp.from - d*day), To: text(sp.to - d*day)}
}

func timeOfDay(s string) (int, error) {
	if s == "24:00" {
		return day, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("rota: no time of day: %q", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// joined puts spans in order and joins those that touch within every stretch of the
// bound: days are kept apart for people to read, and joined to look things up.
func joined(spans []span, bound int) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, sp := range spans {
		last := len(out) - 1
		if last >= 0 && sp.from <= out[last].to && (sp.from%bound != 0 || sp.from < out[last].to) {
			out[last].to = max(out[last].to, sp.to)
			continue
		}
		out = append(out, sp)
	}
	return out
}

// thrice is the rota over three weeks, joined over midnights, so that what runs from
// one week into the next is one stretch.
func (r Rota) thrice() []span {
	var spans []span
	for n := range 3 {
		for _, s := range r {
			if sp, err := s.span(); err == nil {
				spans = append(spans, span{sp.from + n*week, sp.to + n*week})
			}
		}
	}
	return joined(spans, 3*week+1)
}

// minute is the minute of the week of a moment; a begun minute counts.
func minute(t time.Time) int {
	t = t.In(clock.China)
	return (int(t.Weekday())+6)%7*day + t.Hour()*60 + t.Minute()
}
