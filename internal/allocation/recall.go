package allocation

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Recall calls a resource back, and says what of it was sent before: people have to be
// told. The latest come first, at most 100.
func (s *Service) Recall(ctx context.Context, a access.Actor, in resource.Recall) (*resource.View, []View, error) {
	v, err := s.resources.Recall(ctx, a, in)
	if err != nil {
		return nil, []View{}, err
	}
	sent, err := s.sent(ctx, a, v.ID, func(*Allocation) bool { return true })
	return v, sent, err
}

// RecallBatch calls a batch back; what was sent is told as Recall does.
func (s *Service) RecallBatch(ctx context.Context, a access.Actor, in resource.BatchRecall) (*resource.View, []View, error) {
	v, err := s.resources.RecallBatch(ctx, a, in)
	if err != nil {
		return nil, []View{}, err
	}
	first := len(v.Batches) > 0 && v.Batches[0].ID == in.BatchID
	sent, err := s.sent(ctx, a, v.ID, func(l *Allocation) bool {
		// What was sent before there were batches is of the first.
		return (first && len(l.Parts) == 0) || slices.ContainsFunc(l.Parts, func(p resource.Part) bool { return p.Batch == in.BatchID })
	})
	return v, sent, err
}

// sent is what of a resource is on its way or has arrived, as the actor may see it.
func (s *Service) sent(ctx context.Context, a access.Actor, resourceID string, of func(*Allocation) bool) ([]View, error) {
	q := store.Query{Where: store.Both(store.Is("resource", resourceID), store.AnyOf("state", Dispatched, Delivered, Settled)), Sort: "created", Desc: true}
	var rows []*Allocation
	err := s.rows.Each(ctx, access.See(a, Noun).Query(s.rows.Definition(), q), func(l *Allocation) error {
		if len(rows) < usecase.MaxPage && of(l) {
			rows = append(rows, l)
		}
		return nil
	})
	if err != nil {
		return []View{}, err
	}
	views, err := s.views(ctx, a, rows)
	out := make([]View, len(views))
	for i, v := range views {
		out[i] = *v
	}
	return out, err
}

// moved keeps what the resource itself has changed of holds and promises: of which
// batches they are, and how much is left of them. Requests are told where they lose.
func (s *Service) moved(ctx context.Context, changed []resource.Hold, reason string, a access.Actor) error {
	now := s.core.Time()
	for _, h := range changed {
		l, err := s.rows.Get(ctx, h.AllocationID)
		if err != nil {
			return err
		}
		kind, less := "allocation.moved", h.Value < l.Quantity.Value
		switch {
		case h.Value == 0:
			if kind, err = l.take(Release); err != nil {
				return err
			}
		case less:
			kind, l.Quantity.Value, l.Parts = "allocation.reduced", h.Value, h.Parts
		default:
			l.Parts = h.Parts
		}
		if less {
			l.Reason = reason
		}
		if err := s.rows.Replace(ctx, l, usecase.Note(a, kind, l.Request, reason)); err != nil {
			return err
		}
		if !less {
			continue
		}
		r, err := s.requests.Load(ctx, l.Request)
		if err != nil {
			return err
		}
		if err := s.carry(ctx, a, l, r, Release, now); err != nil {
			return err
		}
	}
	return nil
}
