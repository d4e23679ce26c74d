package measure

import (
	"slices"
	"time"
)

// Task is work of a length that is to be done in one go within a window: a window may
// be a day of which an hour is wanted.
type Task struct {
	Window
	Length time.Duration
}

// Whole is work that takes all of the window.
func (w Window) Whole() Task { return Task{Window: w, Length: w.To.Sub(w.From)} }

// Clash reports whether one person can't do t beside what they have promised: the zero
// time if the two rules below let them, otherwise the first moment at which t, if it began exactly then,
// would no longer meet what stands in its way now.
//
// Two rules are asked, each of which has to hold for a plan to exist: of any two tasks
// one can be done after the other, and no stretch of time has to hold more work than
// it is long.
func (t Task) Clash(promised []Task) time.Time {
	all := append([]Task{t}, promised...)
	all = all[:1+t.linked(all[1:])]
	var clear time.Time
	after := func(at time.Time) {
		if at.After(clear) {
			clear = at
		}
	}
	for _, o := range all[1:] {
		if !o.before(t) && !t.before(o) {
			after(o.From.Add(o.Length))
		}
	}
	for _, first := range all {
		for _, last := range all {
			from, to := first.From, last.To
			if t.least(from, to) == 0 {
				continue
			}
			room := to.Sub(from)
			for _, o := range all[1:] {
				room -= o.least(from, to)
			}
			if t.least(from, to) > room {
				after(to.Add(-max(room, 0)))
			}
		}
	}
	return clear
}

// linked moves to the front the tasks whose windows overlap t's, or that of another
// that does so, and returns how many they are: nothing else can matter to t.
func (t Task) linked(promised []Task) int {
	n, span := 0, t.Window
	for more := true; more; {
		more = false
		for i := n; i < len(promised); i++ {
			o := promised[i]
			if !span.Overlaps(o.Window) {
				continue
			}
			promised[i], promised[n] = promised[n], promised[i]
			n, more = n+1, true
			span.From = slices.MinFunc([]time.Time{span.From, o.From}, time.Time.Compare)
			span.To = slices.MaxFunc([]time.Time{span.To, o.To}, time.Time.Compare)
		}
	}
	return n
}

// before reports whether t can be done before o.
func (t Task) before(o Task) bool {
	from := t.From.Add(t.Length)
	if from.Before(o.From) {
		from = o.From
	}
	return !from.Add(o.Length).After(o.To)
}

// least is the part of t that falls between two moments wherever in its window it is
// done.
func (t Task) least(from, to time.Time) time.Duration {
	early := t.From.Add(t.Length).Sub(from) // what is left of it if it is done first thing
	late := to.Sub(t.To.Add(-t.Length))     // and if last thing
	return max(0, min(t.Length, to.Sub(from), early, late))
}
