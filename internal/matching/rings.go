package matching

import (
	"cmp"
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
	goesOn       bool // a part of what the walk before goes through: it begins where that ended
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

// beats is above 0 if nothing enters the list any more that fails at least so many rules
// and scores at most so much, and 0 if only what was entered before its last one does.
func (t *top) beats(failures int, most float64) int {
	if t.most == 0 {
		return 1
	}
	if len(t.list) < t.most {
		return -1
	}
	last := &t.list[t.most-1]
	return cmp.Or(failures-len(last.Failures), cmp.Compare(last.Score, most))
}

// settled is beats of what was entered behind a position.
func (t *top) settled(failures int, most float64, behind *store.Pos) bool {
	if c := t.beats(failures, most); c != 0 || behind == nil {
		return c > 0
	}
	last := &t.list[t.most-1]
	entered, _ := behind.Key.(int64)
	at := last.head().CreatedAt.UnixMilli()
	return at < entered || at == entered && strings.Compare(last.id(), behind.ID) <= 0
}

func (l *lists) settled(w walk, behind *store.Pos) bool {
	return (!w.fits || l.fit.settled(0, w.bound, behind)) && (!w.misses || l.miss.settled(1, w.bound, behind))
}

// hopeless reports whether what scores so much enters neither list, whatever rules it fails.
func (l *lists) hopeless(score float64) bool {
	return l.fit.beats(0, score) > 0 && l.miss.beats(1, score) > 0
}

func (l *lists) add(w Weighed) {
	if len(w.Failures) == 0 {
		l.fit.add(w)
	} else {
		l.miss.add(w)
	}
}

// step is how many rows of a walk are read at once.
const step = 100

// explore takes walks one after the other, the nearest first, each as far as it can
// still better a list. So the lists are those of weighing everything that base selects;
// all does that. weigh puts rows into the lists and says how many it has weighed. It counts
// those, and says whether maxWeighed did not end it.
func explore[T any](ctx context.Context, rows *store.Collection[T], base store.Filter, walks []walk, all bool, into *lists, id func(*T) string, weigh func([]*T) (int, error)) (count int, complete bool, err error) {
	if all {
		walks = []walk{{where: store.All(), bound: math.Inf(1), fits: true, misses: true}}
	}
	seen := map[string]bool{}
	var after *store.Pos // the last row of the walk that was looked at
	ended := false       // there was none behind it
	for _, w := range walks {
		if !w.goesOn {
			after, ended = nil, false
		}
		for !ended && !into.settled(w, after) {
			if len(seen) >= maxWeighed {
				return count, false, nil
			}
			page, err := rows.Find(ctx, store.Query{Where: store.Both(base, w.where), Sort: "created", After: after, Limit: step})
			if err != nil {
				return 0, false, fmt.Errorf("walk the supply: %w", err)
			}
			fresh := slices.DeleteFunc(page.Items, func(t *T) bool { return seen[id(t)] })
			for _, t := range fresh {
				seen[id(t)] = true
			}
			weighed, err := weigh(fresh)
			if err != nil {
				return 0, false, err
			}
			count += weighed
			after, ended = page.Last, !page.HasNext
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

// resourceWalks: of each level all that lies there until the near misses are found, then
// from there on what serves all of it, which alone can fit. Rows further in were walked
// before, so the bound is that of the level.
func resourceWalks(place string, by *rates) (out []walk) {
	for i, l := range near {
		if len(place) < l.digits {
			continue
		}
		most := bound(by.resource, by.near[i])
		serves := walk{where: store.Is("area", place[:l.digits]), bound: most, fits: true, misses: true}
		lies := walk{where: store.Is(l.field, place[:l.digits]), bound: most, misses: true}
		if l.digits == 12 { // what lies in a community serves it
			out = append(out, serves)
			continue
		}
		if l.digits == 2 {
			lies.where = store.All()
		}
		serves.misses, serves.goesOn = false, true
		out = append(out, lies, serves)
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
		w := walk{where: store.Is(l.field, place[:l.digits]), bound: bound(by.volunteer, by.near[i]), fits: len(skills) == 0 || l.digits == 12, misses: true}
		if l.digits == 9 && len(skills) > 0 {
			out = append(out, walk{where: having(skills), bound: w.bound, fits: true})
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
