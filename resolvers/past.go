package resolvers

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/volunteer"
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
	look := moment{a, p, id, at}
	switch store.IDPrefix(id) {
	case "com":
		return open(ctx, look, r.P.Communities.Rows(), r.P.Communities.Past)
	case "div":
		return open(ctx, look, r.P.Divisions.Rows(), r.P.Divisions.Past)
	case "sta":
		return open(ctx, look, r.P.Stations.Rows(), r.P.Stations.Past)
	case "alc":
		return guarded(ctx, look, r.P.Allocations.Rows(), func(t *allocation.Allocation) *access.Header { return &t.Header }, r.P.Allocations.Past)
	case "asg":
		return guarded(ctx, look, r.P.Assignments.Rows(), func(t *assignment.Assignment) *access.Header { return &t.Header }, r.P.Assignments.Past)
	case "clm":
		return guarded(ctx, look, r.P.Claims.Rows(), func(t *claim.Claim) *access.Header { return &t.Header }, r.P.Claims.Past)
	case "cfl":
		return guarded(ctx, look, r.P.Conflicts.Rows(), func(t *conflict.Conflict) *access.Header { return &t.Header }, r.P.Conflicts.Past)
	case "cns":
		return guarded(ctx, look, r.P.Recipients.ConsentRows(), func(t *recipient.Consent) *access.Header { return &t.Header }, r.P.Recipients.ConsentPast)
	case "mat":
		return guarded(ctx, look, r.P.Matching.Rows(), func(t *matching.Proposal) *access.Header { return &t.Header }, r.P.Matching.Past)
	case "ofr":
		return guarded(ctx, look, r.P.Offers.Rows(), func(t *offer.Offer) *access.Header { return &t.Header }, r.P.Offers.Past)
	case "org":
		return guarded(ctx, look, r.P.Organisations.Rows(), func(t *organisation.Organisation) *access.Header { return &t.Header }, r.P.Organisations.Past)
	case "pol":
		return guarded(ctx, look, r.P.Policies.Rows(), func(t *policy.Policy) *access.Header { return &t.Header }, r.P.Policies.Past)
	case "pst":
		return guarded(ctx, look, r.P.Posts.Rows(), func(t *post.Post) *access.Header { return &t.Header }, r.P.Posts.Past)
	case "rcp":
		return guarded(ctx, look, r.P.Recipients.Rows(), func(t *recipient.Recipient) *access.Header { return &t.Header }, r.P.Recipients.Past)
	case "req":
		return guarded(ctx, look, r.P.Requests.Rows(), func(t *request.Request) *access.Header { return &t.Header }, r.P.Requests.Past)
	case "res":
		return guarded(ctx, look, r.P.Resources.Rows(), func(t *resource.Resource) *access.Header { return &t.Header }, r.P.Resources.Past)
	case "tem":
		return guarded(ctx, look, r.P.Teams.Rows(), func(t *team.Team) *access.Header { return &t.Header }, r.P.Teams.Past)
	case "vol":
		return guarded(ctx, look, r.P.Volunteers.Rows(), func(t *volunteer.Volunteer) *access.Header { return &t.Header }, r.P.Volunteers.Past)
	case "wrk":
		return guarded(ctx, look, r.P.Workers.Rows(), func(t *socialworker.SocialWorker) *access.Header { return &t.Header }, r.P.Workers.Past)
	}
	return nil, fault.New(fault.CodeIDInvalid, fault.At("nodeId"), fault.P("want", "object"))
}

// moment is one look at the past of one object.
type moment struct {
	a  access.Actor
	p  history.Past
	id string
	at time.Time
}

// view is how a noun shows a row as it was.
type view[T, V any] func(context.Context, access.Actor, *T, time.Time) (*V, error)

// open shows a row of a public noun.
func open[T any, P store.Stored[T], V any](ctx context.Context, m moment, rows *store.Collection[T], show view[T, V]) (graph.Node, error) {
	row, err := history.Row[T, P](ctx, m.p, rows, m.id, m.at)
	if err != nil {
		return nil, err
	}
	return show(ctx, m.a, row, m.at)
}

// guarded shows a row of a protected noun.
func guarded[T any, P store.Stored[T], V any](ctx context.Context, m moment, rows *store.Collection[T], header func(*T) *access.Header, show view[T, V]) (graph.Node, error) {
	row, err := history.Guarded[T, P](ctx, m.p, rows, m.id, m.at, header)
	if err != nil {
		return nil, err
	}
	return show(ctx, m.a, row, m.at)
}
