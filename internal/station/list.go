package station

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of stations; nil leaves a condition out.
type Filter struct {
	DivisionID   *string // or below
	Kind         *Kind
	State        *State
	Level        *Level
	ServiceField *string // one of its service fields
	Search       *string
	Near         *usecase.Near // then the nearest come first
	Retired      *bool         // those that are retired instead, the latest first
}

// List reads stations, newest first; a search is ordered by id, what is near by
// distance.
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
	if f.State != nil {
		where = store.Both(where, store.Is("state", *f.State))
	}
	if f.Level != nil {
		where = store.Both(where, store.Is("level", *f.Level))
	}
	if f.ServiceField != nil {
		if err := usecase.InList(codes.ServiceField, *f.ServiceField, "filter", "serviceField"); err != nil {
			return out, err
		}
		where = store.Both(where, store.Holds("fields", *f.ServiceField))
	}
	page, err := s.page(ctx, a, f, search, where, p)
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return out, err
	}
	return usecase.Convert(page, views), nil
}

// page reads the rows in the order that the filter has.
func (s *Service) page(ctx context.Context, a access.Actor, f Filter, search usecase.Search, where store.Filter, p usecase.Paging) (usecase.Page[*Station], error) {
	keep := func(st *Station) bool { return search.Finds(st.Name) }
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = usecase.Shelf(q, f.Retired, search)
	if f.Near != nil {
		spot := usecase.Spot[Station]{Field: "cell", Where: q.Where, At: func(st *Station) *place.Point { return st.Location }}
		return usecase.Nearest(ctx, s.core, a, s.rows, usecase.Asked("stations", f), *f.Near, []usecase.Spot[Station]{spot}, p, keep)
	}
	return usecase.List(ctx, s.core, a, s.rows, usecase.Asked("stations", f), q, p, keep)
}
