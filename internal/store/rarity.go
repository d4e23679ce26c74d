package store

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// How well the engine's counts of an element are known: a walk of few rows needs no
// better one, and counting more than many costs what the better walk would save. Most
// searches end with some, which costs an engine no more than a page.
const (
	few  = 64
	some = 512
	many = 4096
)

// How long and of how many elements counts are kept. An old count costs time, never
// an answer.
const (
	rarityAge = time.Minute
	maxRarity = 20_000
)

// rarity remembers about how many rows hold an element.
type rarity struct {
	mu     sync.Mutex
	counts map[rareKey]rareCount
}

type rareKey struct{ noun, field, element string }

type rareCount struct {
	n, limit int
	at       time.Time
}

func (r *rarity) known(k rareKey, limit int, now time.Time) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.counts[k]
	if !ok || now.Sub(c.at) > rarityAge || (c.limit < limit && c.n == c.limit) {
		return 0, false
	}
	return c.n, true
}

func (r *rarity) learn(k rareKey, c rareCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.counts) >= maxRarity || r.counts == nil {
		r.counts = map[rareKey]rareCount{} // a new start is simpler than an order of leaving, and as good
	}
	r.counts[k] = c
}

// rarestFirst puts the rarest of the elements that a scan asks of one array in front,
// where the engine walks it: a search for 龙凤庄村 must not walk all that is a 村.
func (db *DB) rarestFirst(ctx context.Context, s *Scan) error {
	if len(s.Index) != 1 {
		return nil
	}
	var asked []int
	for i, f := range s.Where {
		if f.Op == Has && f.Field == s.Index[0] {
			asked = append(asked, i)
		}
	}
	if len(asked) < 2 {
		return nil
	}
	for _, limit := range []int{few, some, many} {
		least, n, err := db.rarest(ctx, s, asked, limit)
		if err != nil {
			return err
		}
		if n < limit || limit == many {
			s.Where = slices.Clone(s.Where)
			first := asked[0]
			s.Where[first], s.Where[least] = s.Where[least], s.Where[first]
			return nil
		}
	}
	return nil
}

// rarest counts the elements up to a limit, and looks no further than one that few rows
// hold.
func (db *DB) rarest(ctx context.Context, s *Scan, asked []int, limit int) (least, count int, err error) {
	now, field := db.now(), s.Index[0]
	key := func(i int) rareKey { return rareKey{s.Noun.Name, field, s.Where[i].Vals[0].(string)} }
	count = math.MaxInt
	var unknown []string
	at := map[string]int{}
	for _, i := range asked {
		n, ok := db.rare.known(key(i), limit, now)
		switch {
		case !ok:
			unknown, at[key(i).element] = append(unknown, key(i).element), i
		case n < count:
			least, count = i, n
		}
		if count < few {
			return least, count, nil
		}
	}
	if len(unknown) == 0 {
		return least, count, nil
	}
	counts, err := db.adapter.Counts(ctx, s.Noun, field, unknown, limit, few)
	if err != nil {
		return 0, 0, err
	}
	for j, n := range counts {
		i := at[unknown[j]]
		db.rare.learn(key(i), rareCount{n, limit, now})
		if n < count {
			least, count = i, n
		}
	}
	return least, count, nil
}
