package resolvers

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/usecase"
)

// paging gathers the four arguments that every list has.
func paging(first, last *int, after, before *string) usecase.Paging {
	return usecase.Paging{First: first, Last: last, After: after, Before: before}
}

// nodes are a page's rows as the connection types have them.
func nodes[V any](p usecase.Page[*V]) []V { return values(p.Rows) }

// edges are a page's rows each with its cursor.
func edges[V, E any](p usecase.Page[V], edge func(cursor string, node V) E) []E {
	out := make([]E, len(p.Rows))
	for i, v := range p.Rows {
		out[i] = edge(p.Cursors[i], v)
	}
	return out
}

// measured is edges of a list that may come by distance; metres is nil if it does not.
func measured[V, E any](p usecase.Page[V], edge func(cursor string, node V, metres *int) E) []E {
	out := make([]E, len(p.Rows))
	for i, v := range p.Rows {
		var metres *int
		if i < len(p.Metres) {
			metres = &p.Metres[i]
		}
		out[i] = edge(p.Cursors[i], v, metres)
	}
	return out
}

func info[V any](p usecase.Page[V]) *graph.PageInfo {
	return &graph.PageInfo{HasNextPage: p.HasNext, HasPreviousPage: p.HasPrev, StartCursor: p.Start, EndCursor: p.End}
}

// found turns NOT_FOUND and an id of another type into null, which is how queries
// answer for what is absent or hidden.
func found[V any](v *V, err error) (*V, error) {
	if err == nil {
		return v, nil
	}
	if code := fault.CodeOf(err); code == fault.CodeNotFound || code == fault.CodeIDInvalid {
		return nil, nil
	}
	return nil, err
}

// values copies views into a list, in order.
func values[V any](list []*V) []V {
	out := make([]V, len(list))
	for i, v := range list {
		out[i] = *v
	}
	return out
}

// expiry is until when a code works, nil when none was asked for.
func expiry(sent *account.PhoneCodeSent) *time.Time {
	if sent == nil {
		return nil
	}
	return &sent.ExpiresAt
}

// planResults are what became of the items of a plan.
func planResults(ctx context.Context, results []matching.PlanResult) ([]graph.MatchPlanResult, error) {
	out := make([]graph.MatchPlanResult, len(results))
	for i, r := range results {
		errs, err := itemErrors(ctx, r.Err)
		if err != nil {
			return nil, err
		}
		out[i] = graph.MatchPlanResult{NeedLineID: r.NeedLineID, MatchProposal: r.Proposal, Assignment: r.Assignment, Notices: r.Notices, Errors: errs}
	}
	return out, nil
}
