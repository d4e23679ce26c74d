package store

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// pastStep is how many entries of one object are looked at together.
const pastStep = 200

// EntryAt is the last entry about an object that was committed at or before a moment;
// nil when there was none yet.
func (db *DB) EntryAt(ctx context.Context, noun, id string, at time.Time) (*Entry, error) {
	q := LogQuery{Noun: noun, ID: id, Desc: true, Limit: pastStep}
	for {
		entries, err := db.Log(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.At.After(at) {
				return e, nil
			}
		}
		if len(entries) < pastStep || entries[len(entries)-1].Seq == 1 {
			return nil, nil
		}
		q.Until = entries[len(entries)-1].Seq - 1
	}
}

// State writes an entry of an object as it stands in this unit, without a change: the
// first state of what came into the store unlogged, just before its first change.
func (c *Collection[T]) State(ctx context.Context, id string, n Note) error {
	u, r, err := c.begin(ctx, id, false)
	if err != nil {
		return err
	}
	if r.Revision == 0 {
		return fault.New(fault.CodeNotFound)
	}
	t, err := c.object(r)
	if err != nil {
		return err
	}
	e, err := c.entry(t, r, r, n)
	if err == nil {
		u.set.Entries = append(u.set.Entries, e)
	}
	return err
}
