package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How well the engine's counts of an element are known: a walk of few rows needs no
// better one, and counting more than many costs what the better walk would save.
const (
	few  = 64
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
	for _, limit := range []int{few, many} {
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

// rarest counts the elements up to a limit and stops at one that few rows hold.
func (db *DB) rarest(ctx context.Context, s *Scan, asked []int, limit int) (least, count int, err error) {
	now := db.now()
	for at, i := range asked {
		k := rareKey{s.Noun.Name, s.Index[0], s.Where[i].Vals[0].(string)}
		n, ok := db.rare.known(k, limit, now)
		if !ok {
			if n, err = db.adapter.Count(ctx, s.Noun, k.field, k.element, limit); err != nil {
				return 0, 0, err
			}
			db.rare.learn(k, rareCount{n, limit, now})
		}
		if at == 0 || n < count {
			least, count = i, n
		}
		if count < few {
			break
		}
	}
	return least, count, nil
}
