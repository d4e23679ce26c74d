package request

import (
	"time"

	"github.com/fivesociety/linkage/internal/holiday"
)

// What urgency makes of a time: an urgent request waits a 24th of it, so that a day
// becomes the hour that the domain asks for and two days for supply become two hours; a
// high one half of it.
const (
	urgentShare = 24
	highShare   = 2
)

// Wait is a working time that the calendar does not reach: DueAt is the earliest moment at
// which it could be over, and is counted anew then.
type Wait struct {
	From time.Time     `bson:"from"`
	For  time.Duration `bson:"for"`
}

// share is what the request's urgency makes of a time.
func (r *Request) share(d time.Duration) time.Duration {
	switch r.Urgency {
	case Urgent:
		return d / urgentShare
	case High:
		return d / highShare
	default:
		return d
	}
}

// After is when a partner's time is over, by the request's urgency: partners are no office,
// their days are the calendar's.
func (r *Request) After(d time.Duration, from time.Time) time.Time { return from.Add(r.share(d)) }

// wait sets when the next step is due by the request's urgency; never for no time.
func (r *Request) wait(d time.Duration, from time.Time) {
	d = r.share(d)
	if r.DueAt, r.Wait = (time.Time{}), nil; d != 0 {
		r.run(d, from)
	}
}

// run sets when a time is over. What an office has to do is counted in working days, but
// for what is urgent; a year without its notice is not guessed.
func (r *Request) run(d time.Duration, from time.Time) {
	r.DueAt, r.Wait = from.Add(d), nil
	if r.Urgency == Urgent || !r.atOffice() {
		return
	}
	if at, err := holiday.Add(from, d); err == nil {
		r.DueAt = at
	} else {
		r.Wait = &Wait{From: from, For: d}
	}
}

// left is what is left of a time that is over at a moment, for run to go on with.
func (r *Request) left(now, due time.Time) time.Duration {
	if r.Urgency != Urgent && r.atOffice() {
		if d, err := holiday.Between(now, due); err == nil {
			return d
		}
	}
	return due.Sub(now)
}

// count counts anew what the calendar did not reach: HOLIDAYS_UNKNOWN if it still does not.
func (r *Request) count() error {
	at, err := holiday.Add(r.Wait.From, r.Wait.For)
	if err == nil {
		r.DueAt, r.Wait = at, nil
	}
	return err
}

// atOffice reports whether a station or a social worker has to act now. What the asking
// side does, and a day that was named, goes by the calendar's days.
func (r *Request) atOffice() bool {
	switch r.State() {
	case Returned, OnHold:
		return false
	case Delivered:
		return r.Disputed
	default:
		return true
	}
}
