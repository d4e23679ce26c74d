package matching

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/planning"
	"github.com/fivesociety/linkage/internal/resource"
)

// supply is a resource or a volunteer.
type supply interface {
	// promised is what they do already, for those who do one thing at a time.
	promised() []measure.Task
	// free is how much of a stock is there.
	free() int64
	// fit says what they could give to a want, if every hard rule holds.
	fit(w want) (planning.Pair, bool)
	// score is what they score for a want that they fit.
	score(w want) float64
	// bare is who or what they are, put to nothing.
	bare() Weighed
	// weigh puts them to a want.
	weigh(w want) Weighed
	// give puts them to a want beside what they gave before; without failures it
	// counts as given from then on.
	give(w want, amount int64) Weighed
	// fork is the same supply for another plan: what is given there is not given here.
	fork() supply
}

// stocked is a resource on a board, with what is free at a moment.
type stocked struct {
	offer
	now time.Time
	at  time.Time
}

func (x *stocked) free() int64 { return x.resource.FreeAt(x.at, x.now) }

func (x *stocked) promised() []measure.Task {
	var out []measure.Task
	for _, h := range x.resource.Holds {
		if h.Window != nil && (h.Until.IsZero() || x.now.Before(h.Until)) {
			out = append(out, h.Window.Whole())
		}
	}
	return out
}

func (x *stocked) put(w want) pair {
	p := x.pair(w.request, w.line, w.by, w.group, w.served, x.now)
	p.anyone = w.plain
	if p.resource.Per != "" {
		p.at = p.turn()
	}
	if p.quantity = p.most(); p.resource.Kind == resource.Venue {
		p.quantity.Value = w.quantity
	}
	p.quantity.Value = min(p.quantity.Value, w.quantity) // of a claimed line its owner could give more
	return p
}

func (x *stocked) score(w want) float64 {
	return x.put(w).score()
}

func (x *stocked) bare() Weighed { return Weighed{Resource: x.resource} }

func (x *stocked) weigh(w want) Weighed { return x.put(w).weighed() }

func (x *stocked) fork() supply {
	mine, other := *x.resource, *x
	mine.Holds, other.resource = slices.Clone(mine.Holds), &mine
	return &other
}

func (x *stocked) fit(w want) (out planning.Pair, ok bool) {
	p := x.put(w)
	if _, err := p.conflict(); err != nil || p.resource.Unit() != p.line.Need.Unit {
		return out, false
	}
	if !hold(p.rules()) {
		return out, false
	}
	out.Score = p.score()
	out.Least, out.Most = p.least(), p.quantity.Value
	if p.resource.Kind == resource.Venue {
		out.Task = p.task()
	}
	return out, true
}

// task is the booking of a room, which may be moved in what is wanted and open.
func (p pair) task() *measure.Task {
	length := time.Duration(p.quantity.Value) * time.Minute
	w := measure.Window{From: p.slot()}
	w.To = w.From.Add(length)
	if wanted := p.line.WindowOr(p.request); wanted != nil {
		w = measure.Window{From: earliest(wanted, p.now), To: wanted.To}
	}
	if open := p.resource.Window; open != nil {
		w.From, w.To = clock.Later(w.From, open.From), earlier(w.To, open.To)
	}
	return &measure.Task{Window: w, Length: length}
}

func (x *stocked) give(w want, amount int64) Weighed {
	p := x.put(w)
	p.quantity = w.line.Need.Of(amount)
	out := p.weighed()
	if len(out.Failures) > 0 {
		return out
	}
	taken := resource.Hold{Value: amount, At: p.begins(), Until: x.now.AddDate(1, 0, 0)}
	if p.resource.Kind == resource.Venue {
		taken.Window = &measure.Window{From: out.Start, To: out.Start.Add(time.Duration(amount) * time.Minute)}
	}
	x.resource.Holds = append(x.resource.Holds, taken)
	return out
}

// person is a volunteer on a board.
type person struct{ helper }

func (x *person) free() int64 { return 0 }

func (x *person) promised() []measure.Task { return x.helper.promised(false) }

func (x *person) put(w want) helper {
	h := x.helper
	h.request, h.line, h.by, h.minors, h.past, h.minutes = w.request, w.line, w.by, w.minors, w.past, w.quantity
	return h
}

func (x *person) score(w want) float64 {
	return x.put(w).score()
}

func (x *person) bare() Weighed { return Weighed{Volunteer: x.volunteer} }

func (x *person) weigh(w want) Weighed { return x.put(w).weighed() }

func (x *person) fork() supply {
	other := *x
	return &other
}

func (x *person) fit(w want) (out planning.Pair, ok bool) {
	h := x.put(w)
	if h.barred() || !hold(h.rules()) {
		return out, false
	}
	out.Score = h.score()
	task := measure.Task{Window: measure.Window{From: h.start()}, Length: h.length()}
	task.To = task.From.Add(task.Length)
	if wanted := h.line.WindowOr(h.request); wanted != nil {
		task.To = wanted.To
	}
	if len(h.volunteer.Hours) > 0 {
		task.To = earlier(task.To, h.volunteer.Hours.Until(task.From))
	}
	out.Task = &task
	return out, true
}

func (x *person) give(w want, _ int64) Weighed {
	out := x.weigh(w)
	if len(out.Failures) == 0 {
		taken := measure.Window{From: out.Start, To: out.Start.Add(time.Duration(w.quantity) * time.Minute)}
		x.taken = append(slices.Clone(x.taken), Taken{taken.Whole(), true})
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
