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
	Counted  *bool         // only those that indicators count, or only the others
	ValidOn  *usecase.Date // those in force on this day; nil is today
	Search   *string
}

// List reads the divisions in force on a day, by code. Total is given for all and for
// one's children, today; one whose end is announced is not in it any more.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	search, err := usecase.NewSearch(f.Search, "nameTerms", "filter", "search")
	if err != nil {
		return out, err
	}
	where, err := f.where()
	if err != nil {
		return out, err
	}
	if err := checkDay(usecase.Or(f.ValidOn, ""), "filter", "validOn"); err != nil {
		return out, err
	}
	on := usecase.Or(f.ValidOn, usecase.DateOf(s.core.Time()))
	keep := func(d *Division) bool {
		return search.Finds(d.Name) && d.InForce(on) && (f.WithinID == nil || d.ID != *f.WithinID) &&
			(f.Counted == nil || Counted(d.Code) == *f.Counted)
	}
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("divisions", f), store.Query{Where: store.Both(search.Where, where)}, p, keep)
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
	if f.WithinID != nil || f.Level != nil || f.Counted != nil || f.ValidOn != nil || usecase.Or(f.Search, "") != "" {
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
