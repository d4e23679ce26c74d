package post

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of posts; nil leaves a condition out.
type Filter struct {
	StationID  *string
	DivisionID *string // of the station, or below
	Kind       *Kind
	State      *State
	Skill      *string
	Search     *string // part of the title; found ones come by id
	Retired    *bool   // those that are retired instead, the latest first
}

// List reads the posts that the actor sees, newest first; a search is ordered by id.
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
	q = access.See(a, Noun).Query(s.rows.Definition(), q)
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("posts", f), q, p, func(p *Post) bool { return search.Finds(p.Title) })
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

func (f Filter) where() (store.Filter, error) {
	where, err := division.InsideID(f.DivisionID, "filter", "divisionId")
	if err != nil {
		return where, err
	}
	refs, err := usecase.Refs(usecase.Ref{Field: "station", Prefix: "sta", Name: "stationId", ID: f.StationID})
	if err != nil {
		return where, err
	}
	where = store.Both(where, refs)
	if f.Kind != nil {
		where = store.Both(where, store.Is("kind", string(*f.Kind)))
	}
	if f.State != nil {
		if !slices.Contains(States, *f.State) {
			return where, fault.New(fault.CodeInvalid, fault.At("filter", "state"), fault.P("rule", "STATE"))
		}
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	if f.Skill != nil {
		if err := usecase.InList(codes.Skill, *f.Skill, "filter", "skill"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Holds("skills", *f.Skill))
	}
	return where, nil
}
