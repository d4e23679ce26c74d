package resource

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
)

// Period is a stretch of China's calendar for which a service has its capacity.
type Period string

// The periods; weeks begin on Monday.
const (
	Day   Period = "DAY"
	Week  Period = "WEEK"
	Month Period = "MONTH"
)

// Periods lists the periods.
var Periods = []Period{Day, Week, Month}

// Start is the beginning of the period that a moment lies in.
func (p Period) Start(at time.Time) time.Time {
	at = at.In(clock.China)
	year, month, day := at.Date()
	switch p {
	case Week:
		day -= (int(at.Weekday()) + 6) % 7
	case Month:
		day = 1
	case Day:
	}
	return time.Date(year, month, day, 0, 0, 0, 0, clock.China).UTC()
}

// Next is the beginning of the period after that of a moment.
func (p Period) Next(at time.Time) time.Time {
	start := p.Start(at).In(clock.China)
	switch p {
	case Week:
		return start.AddDate(0, 0, 7).UTC()
	case Month:
		return start.AddDate(0, 1, 0).UTC()
	case Day:
	}
	return start.AddDate(0, 0, 1).UTC()
}

// Spent is what of a period's capacity was given or lost and so will not come back.
type Spent struct {
	From time.Time `bson:"from"` // the period's beginning
	Used int64     `bson:"used"`
	Lost int64     `bson:"lost"`
}

// spentIn is what was spent in the period of a moment.
func (r *Resource) spentIn(at time.Time) Spent {
	from := r.Per.Start(at)
	if i := slices.IndexFunc(r.Spent, func(s Spent) bool { return s.From.Equal(from) }); i >= 0 {
		return r.Spent[i]
	}
	return Spent{From: from}
}

// spend notes that a part of a hold was given or lost in its period.
func (r *Resource) spend(h Hold, given, lost int64) {
	s := r.spentIn(h.At)
	s.Used, s.Lost = s.Used+given, s.Lost+lost
	r.Spent = append(slices.DeleteFunc(slices.Clone(r.Spent), func(o Spent) bool { return o.From.Equal(s.From) }), s)
}

// takenIn is what is held and promised in the period of a moment. What was promised in a
// period counts there, also when it is over.
func (r *Resource) takenIn(at, now time.Time) (held, committed int64) {
	from := r.Per.Start(at)
	for _, h := range r.Holds {
		switch {
		case !h.live(now) || !r.Per.Start(h.At).Equal(from):
		case h.promised():
			committed += h.Value
		default:
			held += h.Value
		}
	}
	return held, committed
}

// freeIn is what is free in the period of a moment.
func (r *Resource) freeIn(at, now time.Time) int64 {
	held, committed := r.takenIn(at, now)
	s := r.spentIn(at)
	return r.Total.Value - held - committed - s.Used - s.Lost
}

// fullest is the most that is taken or spent in one period.
func (r *Resource) fullest(now time.Time) (most int64) {
	moments := make([]time.Time, 0, len(r.Holds)+len(r.Spent))
	for _, h := range r.Holds {
		moments = append(moments, h.At)
	}
	for _, s := range r.Spent {
		moments = append(moments, s.From)
	}
	for _, at := range moments {
		most = max(most, r.Total.Value-r.freeIn(at, now))
	}
	return most
}

// RoomFrom is the first moment not before from in whose period so much is free, while the
// resource is to be had; zero if there is none.
func (r *Resource) RoomFrom(from time.Time, least int64, now time.Time) time.Time {
	if r.Window != nil {
		from = clock.Later(from, r.Window.From)
	}
	ends := r.ends()
	for range len(r.Holds) + len(r.Spent) + 1 { // each fills one period at most
		switch {
		case !ends.IsZero() && !from.Before(ends):
			return time.Time{}
		case r.freeIn(from, now) >= least:
			return from
		}
		from = r.Per.Next(from)
	}
	return time.Time{}
}
