package usecase

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
)

const (
	maxWithin  = 50_000 // metres
	firstRing  = 250.0  // metres: some twenty stations of a city, or people of a quarter
	ringFactor = 2      // how the circle grows while nothing says how dense it is
	ringMost   = 4      // how it grows at most: behind an empty field a city may begin
	ringSpare  = 1.2    // how much more than needed the circle is made that should do
)

// Near asks for what lies around a point, the nearest first.
type Near struct {
	Point        GeoPoint
	WithinMetres int
}

// Spot is one way in which a reader may know where rows are: all of the place of some,
// the coarse cell of others.
type Spot[T any] struct {
	Field string                // the declared field of place.Point.Cell that an index walks
	Where store.Filter          // the rule at the mask that shows the field, and the reader's conditions
	At    func(*T) *place.Point // as the reader may know it; nil leaves the row out
}

// found is a row with its distance.
type found[T any] struct {
	row    *T
	id     string
	metres float64
}

// Nearest reads a page of the rows within the circle, by distance and then by id,
// forwards only. The question names the point: what was asked from another place is
// another question. It walks rings of growing radius until the page is full, each cell
// once. Every distance is that of Spot.At and of nothing else, in the order, the
// cursor and Page.Metres: so no number of questions tells a reader more than At does.
func Nearest[T any, P store.Stored[T]](ctx context.Context, c *Core, a access.Actor, rows *store.Collection[T], asked Question, near Near, spots []Spot[T], p Paging, keep func(*T) bool) (Page[*T], error) {
	var out Page[*T]
	from, err := near.Point.Point("filter", "near", "point")
	if err != nil {
		return out, err
	}
	if near.WithinMetres < 1 || near.WithinMetres > maxWithin {
		return out, fault.New(fault.CodeOutOfRange, fault.At("filter", "near", "withinMetres"), fault.P("min", 1), fault.P("max", maxWithin))
	}
	if p.Last != nil || p.Before != nil {
		return out, fault.New(fault.CodeFilterUnsupported, fault.At("last"))
	}
	purpose := fmt.Sprintf("near:%s:%s", asked, a.ID)
	q, err := c.paged(store.Query{}, p, purpose)
	if err != nil {
		return out, err
	}
	w := walk[T]{from: *from, within: float64(near.WithinMetres), keep: keep, id: func(t *T) string { return P(t).StoreHead().ID }}
	all, err := w.nearest(ctx, rows, spots, q.After, q.Limit+1)
	if err != nil {
		return out, err
	}
	out.HasNext, out.HasPrev = len(all) > q.Limit, q.After != nil
	for _, f := range all[:min(len(all), q.Limit)] {
		cursor, err := c.cursor(purpose, store.Pos{Key: f.metres, ID: f.id})
		if err != nil {
			return out, err
		}
		out.Rows, out.Cursors = append(out.Rows, f.row), append(out.Cursors, cursor)
		out.Metres = append(out.Metres, int(math.Round(f.metres)))
	}
	return out, out.ends(c, purpose, nil, false)
}

// walk is one search for what is near.
type walk[T any] struct {
	from   place.Point
	within float64
	keep   func(*T) bool
	id     func(*T) string
}

// nearest gives the first n behind a position, fewer only if the circle has no more.
func (w *walk[T]) nearest(ctx context.Context, rows *store.Collection[T], spots []Spot[T], after *store.Pos, n int) ([]found[T], error) {
	var pool []found[T]
	seen := []place.Range{{Lo: 0, Hi: 1}} // the cell of rows without a place
	radius := firstRing
	if after != nil {
		last, _ := after.Key.(float64)
		radius = math.Max(radius, last)
	}
	for held := 0; ; {
		radius = math.Min(radius, w.within)
		fresh := place.Without(place.Cover(w.from, radius), seen)
		for _, spot := range spots {
			more, err := w.ring(ctx, rows, spot, fresh, after)
			if err != nil {
				return nil, err
			}
			pool = append(pool, more...)
		}
		seen = append(seen, fresh...)
		sure := slices.DeleteFunc(slices.Clone(pool), func(f found[T]) bool { return f.metres > radius })
		if len(sure) >= n || radius >= w.within {
			slices.SortFunc(sure, func(a, b found[T]) int {
				if a.metres != b.metres {
					return int(math.Copysign(1, a.metres-b.metres))
				}
				return strings.Compare(a.id, b.id)
			})
			return sure[:min(len(sure), n)], nil
		}
		radius *= further(held, len(sure), n)
		held = len(sure)
	}
}

// further is by how much the circle grows that holds some rows, as many as before or more,
// where still more are wanted: as if it went on as dense as it is, and at least so far as
// while it was empty if the last ring brought nothing. Each ring is a handful of walks of
// the index, and on MongoDB each walk is a message and its answer.
func further(before, held, wanted int) float64 {
	if held == 0 {
		return ringFactor
	}
	factor := math.Min(ringMost, ringSpare*math.Sqrt(float64(wanted)/float64(held)))
	if held == before {
		return math.Max(ringFactor, factor)
	}
	return factor
}

// ring reads the rows in some cells that lie behind the position.
func (w *walk[T]) ring(ctx context.Context, rows *store.Collection[T], spot Spot[T], cells []place.Range, after *store.Pos) (out []found[T], err error) {
	for _, r := range cells {
		q := store.Query{Where: store.Both(spot.Where, store.AtLeast(spot.Field, r.Lo), store.Below(spot.Field, r.Hi)), Sort: spot.Field}
		err := rows.Each(ctx, q, func(t *T) error {
			at := spot.At(t)
			if at == nil || w.keep != nil && !w.keep(t) {
				return nil
			}
			f := found[T]{t, w.id(t), place.Distance(w.from, *at)}
			if behind(f.metres, f.id, after) {
				out = append(out, f)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func behind(metres float64, id string, after *store.Pos) bool {
	if after == nil {
		return true
	}
	last, _ := after.Key.(float64)
	return metres > last || metres == last && id > after.ID
}

// CellOf is the declared value of a place, 0 of none.
func CellOf(p *place.Point) int64 {
	if p == nil {
		return 0
	}
	return p.Cell()
}

// CoarseOf is the declared value of what a stranger may know of a place, 0 of none.
func CoarseOf(p *place.Point) int64 {
	if p == nil {
		return 0
	}
	coarse := p.Coarse()
	return coarse.Cell()
}
