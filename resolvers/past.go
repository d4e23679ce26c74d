package resolvers

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/store"
)

// asOf finds how an object was at a moment.
func (r *Resolver) asOf(ctx context.Context, a access.Actor, id string, at time.Time) (*graph.PastState, error) {
	past, err := r.P.History.AsOf(ctx, a, id, at)
	if err != nil {
		return nil, err
	}
	node, err := r.past(ctx, a.Under(past.Mask), past, id, at)
	if err != nil {
		return nil, err
	}
	return &graph.PastState{Sequence: past.Sequence(), Erased: past.Erased(), Node: node}, nil
}

// past shows a past state as its noun does. ID_INVALID for nouns that do not offer it.
func (r *Resolver) past(ctx context.Context, a access.Actor, p history.Past, id string, at time.Time) (graph.Node, error) {
	switch store.IDPrefix(id) {
	case "com":
		return shown(ctx, a, p, id, at, r.P.Communities.Rows(), r.P.Communities.Past)
	case "div":
		return shown(ctx, a, p, id, at, r.P.Divisions.Rows(), r.P.Divisions.Past)
	case "org":
		return shown(ctx, a, p, id, at, r.P.Organisations.Rows(), r.P.Organisations.Past)
	case "rcp":
		return shown(ctx, a, p, id, at, r.P.Recipients.Rows(), r.P.Recipients.Past)
	case "sta":
		return shown(ctx, a, p, id, at, r.P.Stations.Rows(), r.P.Stations.Past)
	case "vol":
		return shown(ctx, a, p, id, at, r.P.Volunteers.Rows(), r.P.Volunteers.Past)
	case "wrk":
		return shown(ctx, a, p, id, at, r.P.Workers.Rows(), r.P.Workers.Past)
	}
	return nil, fault.New(fault.CodeIDInvalid, fault.At("nodeId"), fault.P("want", "object"))
}

func shown[T any, P store.Stored[T], V any](ctx context.Context, a access.Actor, p history.Past, id string, at time.Time, rows *store.Collection[T], view func(context.Context, access.Actor, *T) (*V, error)) (graph.Node, error) {
	row, err := history.Row[T, P](ctx, p, rows, id, at)
	if err != nil {
		return nil, err
	}
	return view(ctx, a, row)
}
