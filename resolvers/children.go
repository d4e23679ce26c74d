package resolvers

import "github.com/fivesociety/linkage/internal/request"

// children reads what belongs to several requests. In the feed, whose views have no
// allowed actions, it answers null: one answer serves many there.
func children[V any](objs []*request.View, of func(requestID string) ([]*V, error)) ([][]V, error) {
	out := make([][]V, len(objs))
	for i, o := range objs {
		if o.AllowedActions == nil {
			continue
		}
		list, err := of(o.ID)
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
