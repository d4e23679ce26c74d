package store

import (
	"context"
	"fmt"
)

// Peek reads the declared values of an object of any registered noun, nil if there
// is none: what a rule needs to know of an object whose type the caller does not.
func (db *DB) Peek(ctx context.Context, noun, id string) (Values, error) {
	d := db.defs[noun]
	if d == nil {
		return nil, fmt.Errorf("store: no noun %q", noun)
	}
	records, err := db.adapter.Get(ctx, noun, []string{id})
	if err != nil || len(records) == 0 {
		return nil, err
	}
	return records[0].Values, nil
}
