package planning

import (
	"cmp"
	"context"
	"slices"
)

// Standard is work for about a second.
const Standard = 50_000_000

// slack is the share of a worth below which two are the same: floating point is summed
// in different orders.
const slack = 1e-9

// Solve finds the best plan for a problem within about that many steps of work, shared by
// the parts of the board that have no supply in common; some millions take a second. When
// ctx ends it answers with the best plan found so far. Pairs that can give nothing are
// left out. Of plans of equal worth it is one in which tasks are spread over who could do
// them as well.
func Solve(ctx context.Context, p *Problem, steps int64) *Plan {
	plan := &Plan{}
	all := parts(p)
	left := 0
	for _, part := range all {
		left += len(part)
	}
	for _, part := range all {
		s := newSearch(p, part)
		s.run(ctx, steps*int64(len(part))/int64(left))
		left -= len(part)
		steps = max(0, steps-s.steps)
		plan.Value, plan.Bound = plan.Value+s.best.value, plan.Bound+s.bound
		for k, n := range s.best.amounts {
			if n > 0 {
				plan.Gives = append(plan.Gives, Give{Pair: part[k], Amount: n})
			}
		}
	}
	plan.spread(p, nil)
	return plan
}

// Without is the best plan in which some pairs of one part of the board give nothing, all
// other parts being as in plan: what it is worth less than plan is what these pairs are
// worth. Steps are as for Solve.
func Without(ctx context.Context, p *Problem, plan *Plan, pairs []int, steps int64) *Plan {
	out := &Plan{}
	for _, part := range parts(p) {
		if !slices.ContainsFunc(pairs, func(i int) bool { _, ok := slices.BinarySearch(part, i); return ok }) {
			continue
		}
		for _, g := range plan.Gives {
			if _, ok := slices.BinarySearch(part, g.Pair); !ok {
				out.give(p, g)
			}
		}
		out.Bound = out.Value
		left := slices.DeleteFunc(slices.Clone(part), func(i int) bool { return slices.Contains(pairs, i) })
		s := newSearch(p, left)
		s.run(ctx, steps)
		out.Bound += s.bound
		for k, n := range s.best.amounts {
			if n > 0 {
				out.give(p, Give{Pair: left[k], Amount: n})
			}
		}
		out.spread(p, pairs)
		return out
	}
	return plan
}

// spread puts the plan in the order of its pairs, its tasks spread over who could do them
// as well, but for some pairs.
func (plan *Plan) spread(p *Problem, but []int) {
	order := func() { slices.SortFunc(plan.Gives, func(a, b Give) int { return cmp.Compare(a.Pair, b.Pair) }) }
	order()
	p.spread(plan.Gives, but)
	order()
}

// Drop leaves out of the plan what a pair gives.
func (plan *Plan) Drop(p *Problem, pair int) {
	plan.Gives = slices.DeleteFunc(plan.Gives, func(g Give) bool {
		if g.Pair == pair {
			plan.Value -= float64(g.Amount) * p.worth(pair)
		}
		return g.Pair == pair
	})
}

func (plan *Plan) give(p *Problem, g Give) {
	plan.Gives = append(plan.Gives, g)
	plan.Value += float64(g.Amount) * p.worth(g.Pair)
}

// parts groups the pairs that can give something by the lines and supplies they share.
func parts(p *Problem) [][]int {
	up := make([]int, len(p.Lines)+len(p.Supplies))
	for i := range up {
		up[i] = i
	}
	var root func(i int) int
	root = func(i int) int {
		if up[i] != i {
			up[i] = root(up[i])
		}
		return up[i]
	}
	var use []int
	for i, pair := range p.Pairs {
		if pair.Task != nil && !pair.Task.Clash(p.Supplies[pair.Supply].Promised).IsZero() || p.most(i) < p.least(i) {
			continue
		}
		use = append(use, i)
		up[root(pair.Line)] = root(len(p.Lines) + pair.Supply)
	}
	at := map[int]int{}
	var out [][]int
	for _, i := range use {
		r := root(p.Pairs[i].Line)
		k, ok := at[r]
		if !ok {
			k = len(out)
			at[r], out = k, append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	// The small parts first: what they leave of the work goes to the others.
	slices.SortStableFunc(out, func(a, b []int) int { return len(a) - len(b) })
	return out
}

// search is branch and bound over one part of the board.
type search struct {
	p      *Problem
	pairs  []int // numbers of the problem's pairs
	lines  []int // numbers of the problem's lines
	want   []int64
	timed  []bool // lines served by tasks
	order  []int  // lines by weight
	lineOf []int  // of each pair
	sinkOf []int
	room   []int64 // of each sink
	greedy []int   // pairs by weight of the line, then by score
	best   relaxed
	bound  float64
	steps  int64
}

func newSearch(p *Problem, pairs []int) *search {
	s := &search{p: p, pairs: pairs, lineOf: make([]int, len(pairs)), sinkOf: make([]int, len(pairs))}
	lines, tasks, stock := map[int]int{}, map[int][]int{}, map[int]int{}
	var supplies []int
	for k, i := range pairs {
		pair := &p.Pairs[i]
		l, ok := lines[pair.Line]
		if !ok {
			l = len(s.lines)
			lines[pair.Line] = l
			s.lines, s.want, s.timed = append(s.lines, pair.Line), append(s.want, p.Lines[pair.Line].Want), append(s.timed, pair.Task != nil)
		}
		s.lineOf[k] = l
		if pair.Task != nil {
			if tasks[pair.Supply] == nil {
				supplies = append(supplies, pair.Supply)
			}
			tasks[pair.Supply] = append(tasks[pair.Supply], k)
			continue
		}
		sink, ok := stock[pair.Supply]
		if !ok {
			sink = len(s.room)
			stock[pair.Supply] = sink
			s.room = append(s.room, p.Supplies[pair.Supply].Free)
		}
		s.sinkOf[k] = sink
	}
	for _, supply := range supplies {
		s.sinks(tasks[supply])
	}
	s.weightiest()
	s.greedy = make([]int, len(pairs))
	for k := range s.greedy {
		s.greedy[k] = k
	}
	slices.SortStableFunc(s.greedy, func(a, b int) int {
		x, y := &p.Pairs[pairs[a]], &p.Pairs[pairs[b]]
		return cmp.Or(cmp.Compare(p.Lines[y.Line].Weight, p.Lines[x.Line].Weight), cmp.Compare(s.lineOf[a], s.lineOf[b]), cmp.Compare(y.Score, x.Score))
	})
	return s
}

// branch is a share of all plans: those under its choices.
type branch struct {
	choices []choice
	bound   float64
}

// run searches until the best plan is proven, the work is done or ctx ends.
func (s *search) run(ctx context.Context, steps int64) {
	s.best = s.fill(s.greedy)
	open := []branch{{choices: make([]choice, len(s.pairs))}}
	for first := true; len(open) > 0; first = false {
		if !first && (s.steps >= steps || ctx.Err() != nil) {
			break
		}
		b := open[len(open)-1]
		open = open[:len(open)-1]
		if !first && !s.better(b.bound) {
			continue
		}
		r, ok := s.relax(b.choices)
		if !ok || !s.better(r.value) {
			continue
		}
		clash := s.clash(r.amounts)
		if len(clash) == 0 {
			s.best = r
			continue
		}
		if found := s.fill(s.near(r.amounts)); s.better(found.value) {
			s.best = found
		}
		open = append(open, s.split(b, r.value, clash)...)
	}
	s.bound = s.best.value
	for _, b := range open {
		s.bound = max(s.bound, b.bound)
	}
}

func (s *search) better(value float64) bool { return value > s.best.value*(1+slack) }

// split gives the branches of which every plan is in one: in each another pair of a clash
// gives nothing, and those before it give. The last of them is looked at first: it gives
// up what is worth least.
func (s *search) split(b branch, bound float64, clash []int) []branch {
	var out []branch
	for n, k := range clash {
		if b.choices[k] == always {
			continue
		}
		next := branch{choices: slices.Clone(b.choices), bound: bound}
		for _, before := range clash[:n] {
			next.choices[before] = always
		}
		next.choices[k] = never
		out = append(out, next)
	}
	if len(clash) == 1 { // below its least: nothing, or at least that
		next := branch{choices: slices.Clone(b.choices), bound: bound}
		next.choices[clash[0]] = always
		out = append(out, next)
	}
	return out
}

// clash finds what makes a flow no plan: one pair that gives less than its least, or the
// fewest tasks of one supply that can't be done by one. None when it is a plan.
func (s *search) clash(amounts []int64) []int {
	bySupply := map[int][]int{}
	for k, n := range amounts {
		if n == 0 {
			continue
		}
		if n < s.p.least(s.pairs[k]) {
			return []int{k}
		}
		if s.p.Pairs[s.pairs[k]].Task != nil {
			supply := s.p.Pairs[s.pairs[k]].Supply
			bySupply[supply] = append(bySupply[supply], k)
		}
	}
	for k := range amounts { // in the order of pairs, not of the map
		supply := s.p.Pairs[s.pairs[k]].Supply
		ks := bySupply[supply]
		if len(ks) < 2 {
			continue
		}
		delete(bySupply, supply)
		if found := s.crowded(supply, ks); found != nil {
			return found
		}
	}
	return nil
}

// crowded is the smallest set, none of which can be left out, of tasks that one supply
// can't do together; nil when it can do all. What is worth most comes first.
func (s *search) crowded(supply int, ks []int) []int {
	slices.SortStableFunc(ks, func(a, b int) int { return cmp.Compare(s.whole(b), s.whole(a)) })
	for n := 1; n < len(ks); n++ {
		if s.fits(supply, ks[n], ks[:n]) {
			continue
		}
		set := slices.Clone(ks[:n])
		for i := len(set) - 1; i >= 0; i-- {
			if less := slices.Delete(slices.Clone(set), i, i+1); !s.fits(supply, ks[n], less) {
				set = less
			}
		}
		return append(set, ks[n])
	}
	return nil
}

// whole is what all that a pair could give is worth.
func (s *search) whole(k int) float64 {
	return float64(s.p.most(s.pairs[k])) * s.p.worth(s.pairs[k])
}

// fits reports whether a supply can do a task beside others that it can do together.
func (s *search) fits(supply, k int, others []int) bool {
	promised := slices.Clone(s.p.Supplies[supply].Promised)
	for _, o := range others {
		promised = append(promised, *s.p.Pairs[s.pairs[o]].Task)
	}
	return s.p.Pairs[s.pairs[k]].Task.Clash(promised).IsZero()
}

// near orders the pairs for fill: what a flow gives first, the most worth first, then the
// others.
func (s *search) near(amounts []int64) []int {
	order := slices.Clone(s.greedy)
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := amounts[a] > 0, amounts[b] > 0; {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	return order
}

// fill makes a plan by taking the pairs in an order, each for as much as can still be
// given.
func (s *search) fill(order []int) relaxed {
	r := relaxed{amounts: make([]int64, len(s.pairs))}
	want := slices.Clone(s.want)
	free := map[int]int64{}
	doing := map[int][]int{}
	for _, k := range order {
		i := s.pairs[k]
		pair := &s.p.Pairs[i]
		n := min(s.p.most(i), want[s.lineOf[k]])
		if pair.Task == nil {
			n = min(n, s.p.Supplies[pair.Supply].Free-free[pair.Supply])
		}
		if n < s.p.least(i) || pair.Task != nil && !s.fits(pair.Supply, k, doing[pair.Supply]) {
			continue
		}
		if pair.Task != nil {
			doing[pair.Supply] = append(doing[pair.Supply], k)
		}
		want[s.lineOf[k]] -= n
		free[pair.Supply] += n
		r.amounts[k] = n
		r.value += float64(n) * s.p.worth(i)
	}
	s.steps += int64(len(order))
	return r
}
