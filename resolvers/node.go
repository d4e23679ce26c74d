package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// maxNodes bounds one call of nodes.
const maxNodes = 100

// node finds any object by the prefix of its id; null for what is absent, hidden or
// of no such type. A need line is found through its request.
func (r *Resolver) node(ctx context.Context, a access.Actor, id string) (graph.Node, error) {
	switch store.IDPrefix(id) {
	case "acc":
		return asNode(r.P.Accounts.Get(ctx, a, id))
	case "nl":
		return asNode(r.P.Requests.LineView(ctx, a, id))
	}
	noun, ok := r.P.Nouns.OfID(id)
	if !ok {
		return nil, nil
	}
	views, err := noun.Views(ctx, a, []string{id})
	return views[id], err
}

// asNode keeps a nil view from becoming an interface that is not nil.
func asNode[V any](v *V, err error) (graph.Node, error) {
	v, err = found(v, err)
	if v == nil || err != nil {
		return nil, err
	}
	return v, nil
}

func (r *Resolver) nodes(ctx context.Context, a access.Actor, ids []string) ([]graph.Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.New(fault.CodeTooMany, fault.At("ids"), fault.P("max", maxNodes))
	}
	out := make([]graph.Node, len(ids))
	for i, id := range ids {
		var err error
		if out[i], err = r.node(ctx, a, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// history is a page of what happened to an object.
func (r *Resolver) history(ctx context.Context, id string, p usecase.Paging) (*graph.HistoryConnection, error) {
	a, err := account.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	page, err := r.P.History.Of(ctx, a, id, p)
	if err != nil {
		return nil, err
	}
	return &graph.HistoryConnection{
		Nodes: page.Rows, PageInfo: info(page), TotalCount: page.Total,
		Edges: edges(page, func(c string, n history.Entry) graph.HistoryEdge { return graph.HistoryEdge{Cursor: c, Node: &n} }),
	}, nil
}

// historyOf is the history of an object that has just been shown: none where it has gone out of
// the reader's sight meanwhile, so that what was shown is not lost for it.
func (r *Resolver) historyOf(ctx context.Context, id string, p usecase.Paging) (*graph.HistoryConnection, error) {
	h, err := r.history(ctx, id, p)
	if fault.CodeOf(err) == fault.CodeNotFound {
		return &graph.HistoryConnection{Nodes: []history.Entry{}, Edges: []graph.HistoryEdge{}, PageInfo: &graph.PageInfo{}}, nil
	}
	return h, err
}

// consents are the consents of several recipients.
func (r *Resolver) consents(ctx context.Context, a access.Actor, list []*recipient.View) ([][]recipient.ConsentView, error) {
	all, err := r.P.Recipients.Consents(ctx, a, list)
	if err != nil {
		return nil, err
	}
	out := make([][]recipient.ConsentView, len(all))
	for i, c := range all {
		if c != nil {
			out[i] = values(c)
		}
	}
	return out, nil
}

// entry answers a change of an entry of the directory, whatever its noun.
func (r *Resolver) entry(ctx context.Context, a access.Actor, id string, err error) (*graph.EntryPayload, error) {
	errs, err := userErrors(ctx, err)
	if err != nil || len(errs) > 0 {
		return &graph.EntryPayload{Errors: errs}, err
	}
	view, err := r.node(ctx, a, id)
	return &graph.EntryPayload{Entry: view, Errors: errs}, err
}

// merged is what merging left of two entries.
func (r *Resolver) merged(ctx context.Context, a access.Actor, in directory.MergeInput) (*graph.EntryMergePayload, error) {
	m, err := r.P.Directory.Merge(ctx, a, in)
	errs, err := userErrors(ctx, err)
	p := &graph.EntryMergePayload{Moved: m.Moved, Errors: errs}
	if err != nil || len(errs) > 0 {
		return p, err
	}
	p.Done = &m.Done
	if p.Duplicate, err = r.node(ctx, a, in.DuplicateID); err == nil {
		p.Survivor, err = r.node(ctx, a, in.SurvivorID)
	}
	return p, err
}

// mergePreview is what merging two entries would do.
func (r *Resolver) mergePreview(ctx context.Context, a access.Actor, duplicate, survivor string) (*graph.EntryMergePreview, error) {
	p, err := r.P.Directory.MergePreview(ctx, a, duplicate, survivor)
	if err != nil {
		return nil, err
	}
	out := &graph.EntryMergePreview{Moves: p.Moves, Open: p.Open, Refusals: []graph.UserError{}}
	for _, refusal := range p.Refusals {
		errs, err := userErrors(ctx, refusal)
		if err != nil {
			return nil, err
		}
		out.Refusals = append(out.Refusals, errs...)
	}
	return out, nil
}
