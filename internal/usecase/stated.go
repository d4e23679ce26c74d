package usecase

import (
	"context"

	"github.com/fivesociety/linkage/internal/store"
)

// Stated ends the kind of an entry that says what a fact was before its first change.
const Stated = ".stated"

// StateFact writes what an embedded or imported fact is into the log, in the unit that
// changes it first: facts come unlogged, and what they were would be lost. Call it
// before the change is saved.
func StateFact[T any](ctx context.Context, c *Core, rows *store.Collection[T], id string) error {
	noun := rows.Definition().Name
	entries, err := c.DB.Log(ctx, store.LogQuery{Noun: noun, ID: id, Limit: 1})
	if err != nil || len(entries) > 0 {
		return err
	}
	return rows.State(ctx, id, store.Note{Kind: noun + Stated, Actor: "system", Root: id})
}
