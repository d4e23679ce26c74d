package conflict

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Follow bars one more with whoever is named by an id already, in the caller's unit: whom an
// account acts as by now, or what a party was merged into. It returns how many conflicts it
// has changed, at most so many.
func (s *Service) Follow(ctx context.Context, a access.Actor, from, into string, most int) (n int, err error) {
	q := store.Query{Where: store.Holds("persons", from), Sort: "created", Guard: guard(from)}
	err = s.rows.Each(ctx, q, func(found *Conflict) error {
		c, err := s.rows.Get(ctx, found.ID)
		if err != nil || slices.Contains(c.Persons, into) {
			return err
		}
		c.Persons = append(slices.Clone(c.Persons), into)
		kept, err := s.barredBy(ctx, c)
		if err != nil {
			return err
		}
		c.hide(kept)
		if err := s.rows.Hush(ctx, c, usecase.Note(a, "conflict.related", c.ID, "")); err != nil {
			return err
		}
		if c.State() == InForce {
			if err := s.screen(ctx, a, c); err != nil {
				return err
			}
		}
		if n++; n == most {
			return store.ErrEnough
		}
		return nil
	})
	return n, err
}
