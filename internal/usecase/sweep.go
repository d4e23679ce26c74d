package usecase

import (
	"context"
	"errors"
	"fmt"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// sweepMost bounds how many rows one sweep changes, so that no tick goes on for ever.
const sweepMost = 500

// Sweep does what time makes due: it walks the rows of a query in its order and gives
// each to fn in a unit of its own, read anew; fn says whether it changed the row. A row
// that fails stops no other: the errors come back joined, each with the row's id. It
// returns how many rows were changed, 500 a call or a page more. Rows that fn leaves as they are
// do not count: a bound on them would let the first few starve those behind.
func Sweep[T any, P store.Stored[T]](ctx context.Context, c *Core, rows *store.Collection[T], due store.Query, fn func(ctx context.Context, t *T) (bool, error)) (int, error) {
	var errs []error
	changed := 0
	for {
		due.Limit = sweepMost
		page, err := rows.Find(ctx, due)
		if err != nil {
			return changed, errors.Join(append(errs, err)...)
		}
		for _, found := range page.Items {
			id := P(found).StoreHead().ID
			done, err := once(ctx, c, rows, id, fn)
			switch {
			case ctx.Err() != nil:
				return changed, errors.Join(append(errs, ctx.Err())...)
			case err != nil:
				errs = append(errs, fmt.Errorf("%s: %w", id, err))
			case done:
				changed++
			}
		}
		if !page.HasNext || changed >= sweepMost {
			return changed, errors.Join(errs...)
		}
		due.After = page.Last
	}
}

// once runs fn on one row in a unit; a row that has gone meanwhile is nobody's.
func once[T any](ctx context.Context, c *Core, rows *store.Collection[T], id string, fn func(ctx context.Context, t *T) (bool, error)) (done bool, err error) {
	err = c.DB.Tx(ctx, func(ctx context.Context) error {
		done = false // the unit may run again
		t, err := rows.Get(ctx, id)
		if fault.CodeOf(err) == fault.CodeNotFound {
			return nil
		}
		if err == nil {
			done, err = fn(ctx, t)
		}
		return err
	})
	return done, err
}
