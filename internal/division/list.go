package division

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of divisions; nil leaves a condition out.
type Filter struct {
	ParentID *string // directly below
	WithinID *string // anywhere below
	Level    *Level
	Search   *string
}

// List reads divisions by code. Total is given for all and for one's children.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	search, err := usecase.NewSearch(f.Search, "terms", "filter", "search")
	if err != nil {
		return out, err
	}
	where, err := f.where()
	if err != nil {
		return out, err
	}
	keep := func(d *Division) bool {
		return search.Finds(d.Name) && (f.WithinID == nil || d.ID != *f.WithinID)
	}
	page, err := usecase.List(ctx, s.core, a, s.rows, "divisions", store.Query{Where: store.Both(search.Where, where)}, p, keep)
	if err != nil {
		return out, err
	}
	if page.Total, err = s.total(ctx, f); err != nil {
		return out, err
	}
	views, err := s.views(ctx, page.Rows, nil)
	if err != nil {
		return out, err
	}
	rows := make([]*View, len(page.Rows))
	for i, d := range page.Rows {
		rows[i] = views[d.ID]
	}
	return usecase.Convert(page, rows), nil
}

func (f Filter) where() (store.Filter, error) {
	within, err := InsideID(f.WithinID, "filter", "withinId")
	if err != nil {
		return within, err
	}
	where := []store.Filter{within}
	if f.ParentID != nil {
		if CodeOf(*f.ParentID) == "" {
			return within, badID([]string{"filter", "parentId"})
		}
		where = append(where, store.Is("parent", *f.ParentID))
	}
	if f.Level != nil {
		where = append(where, store.Is("level", *f.Level))
	}
	return store.Both(where...), nil
}

// total answers what the kept counters know.
func (s *Service) total(ctx context.Context, f Filter) (*int, error) {
	if f.WithinID != nil || f.Level != nil || usecase.Or(f.Search, "") != "" {
		return nil, nil
	}
	name := counter
	if f.ParentID != nil {
		name += ":" + *f.ParentID
	}
	tally, err := s.core.DB.Tally(ctx, name)
	if err != nil {
		return nil, err
	}
	n := int(tally[name])
	return &n, nil
}
