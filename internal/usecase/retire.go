package usecase

import (
	"context"
	"math"
	"time"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/store"
)

// Retirement is since when and why an object is out of use, as whoever sees the object
// reads it.
type Retirement struct {
	At           time.Time
	Reason       codes.Code
	MergedIntoID *string // the object that it was a duplicate of
}

// RetirementOf is nil for what is in use.
func RetirementOf(h *store.Head) *Retirement {
	if h.Retired == nil {
		return nil
	}
	return &Retirement{At: h.Retired.At, Reason: *codes.Of(codes.RetireReason, h.Retired.Reason), MergedIntoID: Opt(h.Retired.Into)}
}

// Shelf narrows a list to what is in use or, when those are asked for, to the retired,
// the latest first; what a search finds keeps its order. The noun declares
// store.RetiredField and an index of it.
func Shelf(q store.Query, retired *bool, search Search) store.Query {
	if !Or(retired, false) {
		q.Where = store.Both(q.Where, store.Below("retired", 1))
		return q
	}
	// Two ends tell the store that the walk is short, whatever else is asked.
	q.Where = store.Both(q.Where, store.AtLeast("retired", 1), store.Below("retired", int64(math.MaxInt64)))
	if !search.On {
		q.Sort, q.Desc = "retired", true
	}
	return q
}

// Count counts the rows of a query, guarded as it says.
func Count[T any](ctx context.Context, rows *store.Collection[T], q store.Query) (n int, err error) {
	err = rows.Each(ctx, q, func(*T) error { n++; return nil })
	return n, err
}
