package usecase

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// One reads one view by way of a noun's batch: NOT_FOUND when it is absent or hidden.
func One[V any](ctx context.Context, a access.Actor, id string, batch func(context.Context, access.Actor, []string) (map[string]*V, error)) (*V, error) {
	m, err := batch(ctx, a, []string{id})
	if err != nil {
		return nil, err
	}
	if v, ok := m[id]; ok {
		return v, nil
	}
	return nil, fault.New(fault.CodeNotFound)
}

// Only is the view of one row: NOT_FOUND when masking dropped it.
func Only[V any](views []*V, err error) (*V, error) {
	if err == nil && len(views) == 0 {
		err = fault.New(fault.CodeNotFound)
	}
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// ByID reads rows by id and masks them together; what views drops is not in the map.
func ByID[T, V any](ctx context.Context, rows *store.Collection[T], ids []string, views func([]*T) ([]*V, error), id func(*V) string) (map[string]*V, error) {
	found, err := rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]*T, 0, len(found))
	for _, t := range found {
		list = append(list, t)
	}
	made, err := views(list)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*V, len(made))
	for _, v := range made {
		out[id(v)] = v
	}
	return out, nil
}

// OfRequest reads what belongs to a request, newest first, at most MaxPage rows; the
// noun declares "request" by "created".
func OfRequest[T, V any](ctx context.Context, rows *store.Collection[T], requestID string, views func([]*T) ([]*V, error)) ([]*V, error) {
	q := store.Query{Where: store.Is("request", requestID), Sort: "created", Desc: true, Limit: MaxPage}
	page, err := rows.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	return views(page.Items)
}

// Moment is a time for a nullable output: nil for no time.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
