package planning

import (
	"cmp"
	"slices"
	"time"
)

// relaxed is the best flow when the least amounts and most of what time forbids are left
// out: no plan under the same choices is worth more.
type relaxed struct {
	amounts []int64 // of the part's pairs
	value   float64
}

// choice is what a branch has settled about a pair of a part: 0 open, or one of these.
type choice int8

const (
	never  choice = -1
	always choice = 1 // at least its least amount
)

// relax solves a part's flow under choices; false when they contradict each other.
func (s *search) relax(choices []choice) (relaxed, bool) {
	r := relaxed{amounts: make([]int64, len(s.pairs))}
	want := slices.Clone(s.want)
	room := slices.Clone(s.room)
	for k, c := range choices {
		if c != always {
			continue
		}
		l, sink, least := s.lineOf[k], s.sinkOf[k], s.p.least(s.pairs[k])
		used := s.units(k, least)
		if want[l] < least || room[sink] < used {
			return r, false
		}
		want[l], room[sink] = want[l]-least, room[sink]-used
		r.amounts[k] = least
	}
	nodes := len(s.lines) + len(s.room) + 1
	end := nodes - 1
	net := newNetwork(nodes, len(s.pairs)+len(s.lines)+len(s.room))
	arcs := make([]int32, len(s.pairs))
	top := make([]float64, len(s.lines)) // the worth of a unit by the line's best pair
	for k, i := range s.pairs {
		if choices[k] != never {
			top[s.lineOf[k]] = max(top[s.lineOf[k]], s.p.worth(i)*float64(s.unit(k)))
		}
	}
	for l := range s.lines {
		net.add(l, end, s.flow(l, want[l]), top[l])
	}
	for sink, n := range room {
		if n > 0 {
			net.add(len(s.lines)+sink, end, n, 0)
		}
	}
	for k, i := range s.pairs {
		arcs[k] = -1
		most := s.p.most(i) - r.amounts[k]
		if choices[k] != never && most > 0 {
			l := s.lineOf[k]
			arcs[k] = net.add(l, len(s.lines)+s.sinkOf[k], s.units(k, most), top[l]-s.p.worth(i)*float64(s.unit(k)))
		}
	}
	for _, l := range s.order {
		net.send(l, end, s.flow(l, want[l]))
	}
	s.steps += net.steps + 40*int64(len(s.pairs)) // to build and to read it
	for k, at := range arcs {
		if at >= 0 {
			r.amounts[k] += net.arcs[at^1].free * s.unit(k)
		}
		r.value += float64(r.amounts[k]) * s.p.worth(s.pairs[k])
	}
	return r, true
}

// unit is how much of a line one unit of flow is: all of it where a pair gives all or
// nothing, for then the sinks count tasks.
func (s *search) unit(k int) int64 {
	if i := s.pairs[k]; s.p.Pairs[i].Task != nil {
		return s.p.Lines[s.p.Pairs[i].Line].Want
	}
	return 1
}

func (s *search) units(k int, amount int64) int64 { return amount / s.unit(k) }

// flow is an amount of a line in units of flow.
func (s *search) flow(l int, amount int64) int64 {
	if s.timed[l] {
		return amount / s.p.Lines[s.lines[l]].Want
	}
	return amount
}

// sinks groups the tasks of one supply: of tasks that must all be under way at one
// moment, wherever in its window each is done, only one is possible. Tasks that can be
// anywhere share one sink, which counts how many the time they have could hold.
func (s *search) sinks(ks []int) {
	type part struct {
		k          int
		late, done time.Time // the latest start and the earliest end
	}
	var fixed []part
	var loose []int
	for _, k := range ks {
		t := s.p.Pairs[s.pairs[k]].Task
		p := part{k, t.To.Add(-t.Length), t.From.Add(t.Length)}
		if p.late.Before(p.done) {
			fixed = append(fixed, p)
		} else {
			loose = append(loose, k)
		}
	}
	slices.SortStableFunc(fixed, func(a, b part) int { return a.done.Compare(b.done) })
	first := len(s.room)
	var moments []time.Time // each just before which one group's tasks are all under way
	for _, p := range fixed {
		i, _ := slices.BinarySearchFunc(moments, p.late, func(m, late time.Time) int {
			if late.Before(m) {
				return 1
			}
			return -1
		})
		if i == len(moments) {
			moments, s.room = append(moments, p.done), append(s.room, 1)
		}
		s.sinkOf[p.k] = first + i
	}
	if len(loose) == 0 {
		return
	}
	task := func(k int) (from, to time.Time, length time.Duration) {
		t := s.p.Pairs[s.pairs[k]].Task
		return t.From, t.To, t.Length
	}
	from, to, shortest := task(loose[0])
	for _, k := range loose {
		f, t, n := task(k)
		if f.Before(from) {
			from = f
		}
		if t.After(to) {
			to = t
		}
		shortest = min(shortest, n)
		s.sinkOf[k] = len(s.room)
	}
	s.room = append(s.room, max(1, int64(to.Sub(from)/max(shortest, time.Minute))))
}

// weightiest orders lines: what weighs more first, then as they came.
func (s *search) weightiest() {
	s.order = make([]int, len(s.lines))
	for l := range s.order {
		s.order[l] = l
	}
	slices.SortStableFunc(s.order, func(a, b int) int {
		return cmp.Compare(s.p.Lines[s.lines[b]].Weight, s.p.Lines[s.lines[a]].Weight)
	})
}
