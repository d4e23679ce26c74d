package resolvers

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/request"
)

// fed reports whether the requests come from the feed, whose views have no allowed actions:
// what there is about them for one reader alone is answered with null, so that one answer
// serves many.
func fed(objs []*request.View) bool {
	return !slices.ContainsFunc(objs, func(v *request.View) bool { return v.AllowedActions != nil })
}

// children reads what belongs to several requests for the caller; null in the feed.
func children[V any](ctx context.Context, objs []*request.View, of func(context.Context, access.Actor, string) ([]*V, error)) ([][]V, error) {
	out := make([][]V, len(objs))
	if fed(objs) {
		return out, nil
	}
	a, err := account.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	for i, o := range objs {
		if o.AllowedActions == nil {
			continue
		}
		list, err := of(ctx, a, o.ID)
		if err != nil {
			return nil, err
		}
		out[i] = values(list)
	}
	return out, nil
}

// alike are the requests of hints, for the answer that says no reasons.
func alike(hints []request.Duplicate) []request.View {
	out := make([]request.View, len(hints))
	for i, h := range hints {
		out[i] = *h.ServiceRequest
	}
	return out
}
