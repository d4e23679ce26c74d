package socialworker

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of social workers; nil leaves a condition out.
type Filter struct {
	StationID  *string
	DivisionID *string // of the station, or below
	Active     *bool
	Skill      *string
	Search     *string
	Retired    *bool // those that are retired instead, the latest first
}

// List reads the social workers that the actor sees, newest first; a search is
// ordered by id and finds only those whose name the actor sees.
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
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = usecase.Shelf(q, f.Retired, search)
	sight := s.Sight(a)
	q = sight.Query(s.rows.Definition(), q)
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("workers", f), q, p, func(w *SocialWorker) bool { return search.Finds(w.Private.Name) })
	if err != nil {
		return out, err
	}
	masks := make(map[string]access.Mask, len(page.Rows))
	for _, w := range page.Rows {
		masks[w.ID] = sight.Of(&w.Header)
	}
	views, err := s.views(ctx, a, page.Rows, masks)
	if err != nil {
		return out, err
	}
	rows := make([]*View, len(page.Rows))
	for i, w := range page.Rows {
		rows[i] = views[w.ID]
	}
	return usecase.Convert(page, rows), nil
}

func (f Filter) where() (store.Filter, error) {
	where, err := division.InsideID(f.DivisionID, "filter", "divisionId")
	if err != nil {
		return where, err
	}
	if f.StationID != nil {
		if err := usecase.ID(*f.StationID, "sta", "filter", "stationId"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Is("station", *f.StationID))
	}
	if f.Active != nil {
		state := stateResting
		if *f.Active {
			state = stateActive
		}
		where = store.Both(where, store.Is("state", state))
	}
	if f.Skill != nil {
		if err := usecase.InList(codes.Skill, *f.Skill, "filter", "skill"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Holds("skills", *f.Skill))
	}
	return where, nil
}
