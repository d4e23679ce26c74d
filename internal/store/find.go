package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
)

// Find reads one page. Searches see the last commit, not the unit's own writes;
// a decision that rests on a search names a Guard. Each keep drops rows that it
// answers false for: the walk goes on, at most maxScanned rows, and HasNext and
// Last stay honest.
func (c *Collection[T]) Find(ctx context.Context, q Query, keep ...func(*T) bool) (Page[T], error) {
	var page Page[T]
	if u := unitOf(ctx); u != nil && u.over {
		return page, ErrOver
	}
	limit := q.Limit
	if limit == 0 {
		limit = 50
	}
	if limit < 0 || limit > maxLimit {
		return page, fault.New(fault.CodePageInvalid, fault.P("max", maxLimit))
	}
	if _, err := c.def.Compile(q.Where, false); err != nil {
		return page, err
	}
	scans, err := c.def.branches(q.Where, q.Sort)
	if err != nil {
		return page, err
	}
	for i := range scans {
		if err := c.db.rarestFirst(ctx, &scans[i]); err != nil {
			return page, fmt.Errorf("find %s: %w", c.def.Name, err)
		}
		scans[i].guard = q.Guard
	}
	if err := c.guard(ctx, q.Guard); err != nil {
		return page, err
	}
	desc, from, opposite := q.Desc, q.After, q.Before
	if q.FromEnd {
		desc, from, opposite = !desc, q.Before, q.After
	}
	more, err := c.fill(ctx, &page, scans, q.Sort, desc, from, limit, keep)
	if err != nil {
		return page, fmt.Errorf("find %s: %w", c.def.Name, err)
	}
	page.cut(opposite, desc)
	page.HasNext, page.HasPrev = more, from != nil
	if q.FromEnd {
		slices.Reverse(page.Items)
		slices.Reverse(page.Pos)
		page.HasNext, page.HasPrev = page.HasPrev, page.HasNext
	}
	return page, nil
}

// ErrEnough from what Each calls ends the walk, which has not failed.
var ErrEnough = errors.New("store: enough")

// Each walks all rows of a condition in order, page by page, until fn fails or has had
// ErrEnough.
func (c *Collection[T]) Each(ctx context.Context, q Query, fn func(*T) error) error {
	q.Limit = maxLimit
	for {
		page, err := c.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, t := range page.Items {
			if err := fn(t); errors.Is(err, ErrEnough) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if !page.HasNext {
			return nil
		}
		q.After = page.Last
	}
}

func (c *Collection[T]) fill(ctx context.Context, page *Page[T], scans []Scan, sortBy string, desc bool, from *Pos, limit int, keep []func(*T) bool) (bool, error) {
	if len(scans) == 0 {
		return false, nil
	}
	for scanned := 0; ; {
		ask := limit - len(page.Items)
		if scanned > 0 { // checks drop rows: no more small steps
			ask = max(ask, 200)
		}
		rows, more, err := c.db.walk(ctx, scans, desc, from, ask)
		if err != nil {
			return false, err
		}
		for i, r := range rows {
			p := c.def.posOf(r, sortBy)
			page.Last, from = &p, &p
			if err := c.take(page, r, p, scans[0].rest, keep); err != nil {
				return false, err
			}
			if len(page.Items) == limit && i < len(rows)-1 {
				return true, nil
			}
		}
		scanned += len(rows)
		if !more || len(page.Items) == limit || scanned >= maxScanned {
			return more, nil
		}
	}
}

func (c *Collection[T]) take(page *Page[T], r Record, p Pos, rest Match, keep []func(*T) bool) error {
	t, err := c.object(r)
	if err != nil || rest != nil && !rest(c.spec.values(t)) {
		return err
	}
	for _, k := range keep {
		if !k(t) {
			return nil
		}
	}
	page.Items, page.Pos = append(page.Items, t), append(page.Pos, p)
	return nil
}

// cut drops what lies at or behind the opposite bound.
func (p *Page[T]) cut(bound *Pos, desc bool) {
	if bound == nil {
		return
	}
	for i := range p.Pos {
		if !p.Pos[i].before(*bound, desc) {
			p.Items, p.Pos = p.Items[:i], p.Pos[:i]
			return
		}
	}
}

// guard reads the guard document into the unit, before the search that it guards.
func (c *Collection[T]) guard(ctx context.Context, name string) error {
	u := unitOf(ctx)
	if u == nil || name == "" {
		return nil
	}
	k := Key{guardNoun, name}
	if _, known := u.records[k]; known {
		return nil
	}
	records, err := c.db.adapter.Get(ctx, guardNoun, []string{name})
	if err != nil {
		return fmt.Errorf("read guard: %w", err)
	}
	u.saw(guardNoun, []string{name}, records)
	return nil
}

// GuardName is the name of a guard document: by convention the noun whose writes
// bump it, a colon, and what is guarded.
func GuardName(noun, what string) string { return noun + ":" + what }
