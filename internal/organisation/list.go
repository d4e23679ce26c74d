package organisation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of organisations; nil leaves a condition out.
type Filter struct {
	DivisionID *string // or below
	Kind       *Kind
	Admission  *Admission
	Credit     *Credit
	Search     *string
	Retired    *bool // those that are retired instead, the latest first
}

// List reads the organisations that the actor sees, newest first; a search is
// ordered by id.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	search, err := usecase.NewSearch(f.Search, "nameTerms", "filter", "search")
	if err != nil {
		return out, err
	}
	where, err := division.InsideID(f.DivisionID, "filter", "divisionId")
	if err != nil {
		return out, err
	}
	if f.Kind != nil {
		where = store.Both(where, store.Is("kind", *f.Kind))
	}
	if f.Admission != nil {
		where = store.Both(where, store.Is("state", *f.Admission))
	}
	if f.Credit != nil {
		where = store.Both(where, store.Is("credit", *f.Credit))
	}
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = usecase.Shelf(q, f.Retired, search)
	q = s.Sight(a).Query(s.rows.Definition(), q)
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("organisations", f), q, p, func(o *Organisation) bool { return search.Finds(o.Name) })
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return out, err
	}
	rows := make([]*View, len(page.Rows))
	for i, o := range page.Rows {
		rows[i] = views[o.ID]
	}
	return usecase.Convert(page, rows), nil
}
