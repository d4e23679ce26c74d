package allocation

import (
	"context"

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
	sent, err := s.sent(ctx, a, store.Is("resource", v.ID))
	return v, sent, err
}

// sent is what is on its way or has arrived, as the actor may see it.
func (s *Service) sent(ctx context.Context, a access.Actor, where store.Filter) ([]View, error) {
	q := store.Query{Where: store.Both(where, store.AnyOf("state", Dispatched, Delivered, Settled)), Sort: "created", Desc: true, Limit: usecase.MaxPage}
	page, err := s.rows.Find(ctx, access.See(a, Noun).Query(s.rows.Definition(), q))
	if err != nil {
		return []View{}, err
	}
	views, err := s.views(ctx, a, page.Items)
	out := make([]View, len(views))
	for i, v := range views {
		out[i] = *v
	}
	return out, err
}
