package matching

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// bound is the most that can be scored at a distance, added up as scores are.
func bound(weights []float64, distance float64) (most float64) {
	score := distance
	for _, w := range weights {
		most += w * score
		score = 1
	}
	return most
}

// walk is one way through the supply, in order of entry: rows that share a division with
// the place of the need, and so a bound on what they score.
type walk struct {
	where        store.Filter
	bound        float64
	fits, misses bool // what it is walked for; the other comes elsewhere
}

// lists are the best that fit and the nearest that do not, at most so many of each.
type lists struct{ fit, miss top }

// top is the best of what was weighed, in order.
type top struct {
	most int
	list []Weighed
}

func (t *top) add(w Weighed) {
	i, _ := slices.BinarySearchFunc(t.list, w, func(x, y Weighed) int { return x.compare(&y) })
	if i < t.most {
		t.list = slices.Insert(t.list, i, w)
		t.list = t.list[:min(len(t.list), t.most)]
	}
}

// settled reports whether nothing enters the list any more that fails at least so many
// rules, scores at most a bound and was entered behind a position.
func (t *top) settled(failures int, bound float64, behind store.Pos) bool {
	if len(t.list) < t.most || t.most == 0 {
		return t.most == 0
	}
	last := &t.list[t.most-1]
	switch {
	case len(last.Failures) != failures:
		return len(last.Failures) < failures
	case last.Score != bound:
		return last.Score > bound
	}
	entered, _ := behind.Key.(int64)
	at := last.head().CreatedAt.UnixMilli()
	return at < entered || at == entered && strings.Compare(last.id(), behind.ID) <= 0
}

func (l *lists) settled(w walk, behind store.Pos) bool {
	return (!w.fits || l.fit.settled(0, w.bound, behind)) && (!w.misses || l.miss.settled(1, w.bound, behind))
}

// step is how many rows of a walk are read at once.
const step = 100

// explore takes walks one after the other, the nearest first, each as far as it can
// still better a list. So the lists are those of weighing everything that base selects;
// all does that. weigh leaves out what is not to be weighed. It counts what was weighed,
// and says whether maxWeighed did not end it.
func explore[T any](ctx context.Context, rows *store.Collection[T], base store.Filter, walks []walk, all bool, into *lists, id func(*T) string, weigh func([]*T) ([]Weighed, error)) (count int, complete bool, err error) {
	if all {
		walks = []walk{{where: store.All(), bound: math.Inf(1), fits: true, misses: true}}
	}
	seen := map[string]bool{}
	for _, w := range walks {
		q := store.Query{Where: store.Both(base, w.where), Sort: "created", Limit: step}
		for behind := (store.Pos{}); !into.settled(w, behind); behind = *q.After {
			if len(seen) >= maxWeighed {
				return count, false, nil
			}
			page, err := rows.Find(ctx, q)
			if err != nil {
				return 0, false, fmt.Errorf("walk the supply: %w", err)
			}
			fresh := slices.DeleteFunc(page.Items, func(t *T) bool { return seen[id(t)] })
			for _, t := range fresh {
				seen[id(t)] = true
			}
			list, err := weigh(fresh)
			if err != nil {
				return 0, false, err
			}
			count += len(list)
			for _, x := range list {
				if len(x.Failures) == 0 {
					into.fit.add(x)
				} else {
					into.miss.add(x)
				}
			}
			if q.After = page.Last; !page.HasNext {
				break
			}
		}
	}
	return count, true, nil
}

// near are the levels of a place, the nearest first, as rates.near scores them. The last
// stands for whatever is further away too.
var near = [...]struct {
	digits int
	field  string
}{{12, "community"}, {9, "town"}, {6, "county"}, {4, "city"}, {2, "province"}}

// resourceWalks: of each level first what serves all of it, which alone can fit, then
// what else lies there. Rows further in were walked before, so the bound is that of the
// level.
func resourceWalks(place string, by *rates) (out []walk) {
	for i, l := range near {
		if len(place) < l.digits {
			continue
		}
		most := bound(by.resource, by.near[i])
		out = append(out, walk{store.Is("area", place[:l.digits]), most, true, true})
		switch l.digits {
		case 12: // what lies in a community serves it
		case 2:
			out = append(out, walk{store.All(), most, false, true})
		default:
			out = append(out, walk{store.Is(l.field, place[:l.digits]), most, false, true})
		}
	}
	return out
}

// volunteerWalks: by level within the county. Who has a rare skill is found by the skill:
// beyond the community those alone can fit.
func volunteerWalks(place string, skills []string, by *rates) (out []walk) {
	for i, l := range near[:3] {
		if len(place) < l.digits {
			continue
		}
		w := walk{store.Is(l.field, place[:l.digits]), bound(by.volunteer, by.near[i]), len(skills) == 0 || l.digits == 12, true}
		if l.digits == 9 && len(skills) > 0 {
			out = append(out, walk{having(skills), w.bound, true, false})
		}
		out = append(out, w)
	}
	return out
}

func having(skills []string) store.Filter {
	f := store.All()
	for _, s := range skills {
		f = store.Both(f, store.Holds("skills", s))
	}
	return f
}
