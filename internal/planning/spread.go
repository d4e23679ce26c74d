package planning

import "slices"

// maxSpread bounds the rounds of spreading; each takes every task once.
const maxSpread = 20

// spread hands tasks from who has several to who has fewer, where that is worth the very
// same: a plan shall not wear one person out beside another who is free. It changes neither
// the worth of a plan nor whether it can be done; gives are in the order of their pairs, and
// equal boards are spread equally. Some pairs stay out of it.
func (p *Problem) spread(gives []Give, but []int) {
	doing := map[int][]int{} // tasks by supply: places in gives
	for at, g := range gives {
		if p.Pairs[g.Pair].Task != nil {
			doing[p.Pairs[g.Pair].Supply] = append(doing[p.Pairs[g.Pair].Supply], at)
		}
	}
	several := false
	for _, list := range doing {
		several = several || len(list) > 1
	}
	if !several {
		return
	}
	others := map[int][]int{} // pairs with a task by line
	for i, pair := range p.Pairs {
		if pair.Task != nil && !slices.Contains(but, i) {
			others[pair.Line] = append(others[pair.Line], i)
		}
	}
	for moved, n := true, 0; moved && n < maxSpread; n++ {
		moved = false
		for at := range gives {
			moved = p.hand(gives, at, others, doing) || moved
		}
	}
}

// hand gives one task to whoever does least of those who could do it as well, and reports
// whether it did.
func (p *Problem) hand(gives []Give, at int, others, doing map[int][]int) bool {
	from := p.Pairs[gives[at].Pair]
	if from.Task == nil || len(doing[from.Supply]) < 2 {
		return false
	}
	best, least := -1, len(doing[from.Supply])-1 // whoever would have as many is no relief
	for _, i := range others[from.Line] {
		to := &p.Pairs[i]
		if to.Supply == from.Supply || len(doing[to.Supply]) >= least || p.worth(i) != p.worth(gives[at].Pair) || p.most(i) < gives[at].Amount {
			continue
		}
		if p.beside(i, gives, doing[to.Supply]) {
			best, least = i, len(doing[to.Supply])
		}
	}
	if best < 0 {
		return false
	}
	kept := doing[from.Supply][:0:0]
	for _, o := range doing[from.Supply] {
		if o != at {
			kept = append(kept, o)
		}
	}
	doing[from.Supply] = kept
	doing[p.Pairs[best].Supply] = append(doing[p.Pairs[best].Supply], at)
	gives[at].Pair = best
	return true
}

// beside reports whether a supply can do a pair's task beside what it is given already.
func (p *Problem) beside(i int, gives []Give, given []int) bool {
	to := &p.Pairs[i]
	promised := slices.Clone(p.Supplies[to.Supply].Promised)
	for _, o := range given {
		promised = append(promised, *p.Pairs[gives[o].Pair].Task)
	}
	return to.Task.Clash(promised).IsZero()
}
