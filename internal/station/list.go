package station

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
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
}

// List reads stations, newest first; a search is ordered by id.
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
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	page, err := usecase.List(ctx, s.core, a, s.rows, "stations", q, p, func(st *Station) bool { return search.Finds(st.Name) })
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return out, err
	}
	return usecase.Convert(page, views), nil
}
