package store

import (
	"context"
	"sync"
)

type memoKey struct{}

// memo is what one answer has read by id. What is read while a unit commits is not
// kept: it may be older than the commit.
type memo struct {
	mu      sync.Mutex
	records map[Key]Record // absence as Revision 0
	commits int
}

// Remember returns a ctx in which objects that are read by id outside of units and
// views are read once: a page of rows refers to the same few divisions and stations
// again and again, and an answer shows each of them in one state. A unit committed
// under the ctx forgets all of it. It is for the making of one answer and never for
// longer, as it does not see what others commit.
func Remember(ctx context.Context) context.Context {
	if memoOf(ctx) != nil {
		return ctx
	}
	return context.WithValue(ctx, memoKey{}, &memo{records: map[Key]Record{}})
}

func memoOf(ctx context.Context) *memo {
	m, _ := ctx.Value(memoKey{}).(*memo)
	return m
}

// forget drops everything after a commit; a nil memo has nothing to drop.
func (m *memo) forget() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	clear(m.records)
}

// get answers from memory and asks the engine for the rest.
func (m *memo) get(ctx context.Context, db *DB, noun string, ids []string) ([]Record, error) {
	if m == nil || ctx.Value(viewKey{}) != nil {
		return db.adapter.Get(ctx, noun, ids)
	}
	known, unknown, commits := m.recall(noun, ids)
	if len(unknown) == 0 {
		return known, nil
	}
	records, err := db.adapter.Get(ctx, noun, unknown)
	if err != nil {
		return nil, err
	}
	m.keep(noun, unknown, records, commits)
	return append(known, records...), nil
}

func (m *memo) recall(noun string, ids []string) (known []Record, unknown []string, commits int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		switch r, ok := m.records[Key{noun, id}]; {
		case !ok:
			unknown = append(unknown, id)
		case r.Revision != 0:
			known = append(known, r)
		}
	}
	return known, unknown, m.commits
}

func (m *memo) keep(noun string, ids []string, records []Record, commits int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.commits != commits {
		return
	}
	for _, id := range ids {
		m.records[Key{noun, id}] = Record{ID: id}
	}
	for _, r := range records {
		m.records[Key{noun, r.ID}] = r
	}
}
