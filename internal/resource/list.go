package resource

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of resources; nil leaves a condition out.
type Filter struct {
	OwnerID          *string
	Kind             *Kind
	Category         *string
	State            *State
	ServesDivisionID *string       // may go there: its own area and those above
	Search           *string       // part of the title; found ones come by id
	Near             *usecase.Near // then the nearest come first
	Stale            *bool         // on offer, and not confirmed lately
	Retired          *bool         // those that are retired instead, the latest first
}

// Sort is an order of the list.
type Sort string

// The orders.
const (
	CreatedAsc  Sort = "CREATED_AT_ASC"
	CreatedDesc Sort = "CREATED_AT_DESC"
	UpdatedAsc  Sort = "UPDATED_AT_ASC"
	UpdatedDesc Sort = "UPDATED_AT_DESC"
)

// List reads the resources that the actor sees in the order asked for, "" being the
// newest first; a search is ordered by id, what is near by distance.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, sort Sort, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	search, err := usecase.NewSearch(f.Search, "nameTerms", "filter", "search")
	if err != nil {
		return out, err
	}
	where, err := f.where(s.core.Time(), s.staleAfter)
	if err != nil {
		return out, err
	}
	keep := func(r *Resource) bool { return search.Finds(r.Title) }
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: sort != CreatedAsc && sort != UpdatedAsc}
	if sort == UpdatedAsc || sort == UpdatedDesc {
		q.Sort = "updated"
	}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = usecase.Shelf(q, f.Retired, search)
	if f.Near != nil {
		q.Sort, q.Desc = "cell", false
	}
	q = s.Sight(a).Query(s.rows.Definition(), q)
	page, err := s.page(ctx, a, f, q, p, keep)
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

// page reads the rows in the order that the filter has. Who sees a resource sees where
// it is.
func (s *Service) page(ctx context.Context, a access.Actor, f Filter, q store.Query, p usecase.Paging, keep func(*Resource) bool) (usecase.Page[*Resource], error) {
	if f.Near == nil {
		return usecase.List(ctx, s.core, a, s.rows, usecase.Asked("resources", f), q, p, keep)
	}
	spot := usecase.Spot[Resource]{Field: "cell", Where: q.Where, At: func(r *Resource) *place.Point { return r.Location }}
	return usecase.Nearest(ctx, s.core, a, s.rows, usecase.Asked("resources", f), *f.Near, []usecase.Spot[Resource]{spot}, p, keep)
}

func (f Filter) where(now time.Time, staleAfter time.Duration) (store.Filter, error) {
	where := []store.Filter{}
	if f.OwnerID != nil {
		if err := usecase.ID(*f.OwnerID, "org", "filter", "ownerId"); err != nil {
			return store.None(), err
		}
		where = append(where, store.Is("owner", *f.OwnerID))
	}
	if f.Kind != nil {
		where = append(where, store.Is("kind", string(*f.Kind)))
	}
	if f.Category != nil {
		if err := usecase.InList(codes.NeedCategory, *f.Category, "filter", "category"); err != nil {
			return store.None(), err
		}
		where = append(where, store.Is("category", *f.Category))
	}
	if f.ServesDivisionID != nil {
		code := division.CodeOf(*f.ServesDivisionID)
		if code == "" {
			return store.None(), fault.New(fault.CodeIDInvalid, fault.At("filter", "servesDivisionId"), fault.P("want", "div_…"))
		}
		where = append(where, store.AnyOf("area", upwards(code)...))
	}
	if f.Stale != nil {
		old := now.Add(-staleAfter)
		fresh := store.AtLeast("confirmed", old)
		if *f.Stale {
			fresh = store.Both(store.AnyOf("state", string(Published), string(Paused)), store.AtLeast("ends", now.Add(time.Millisecond)), store.Below("confirmed", old))
		}
		where = append(where, fresh)
	}
	if f.State != nil {
		where = append(where, in(*f.State, now))
	}
	return store.Both(where...), nil
}

// in is the condition of being in a state as a reader sees it: what has ended is
// EXPIRED before the timer says so.
func in(s State, now time.Time) store.Filter {
	after := now.Add(time.Millisecond)
	switch {
	case s == Published || s == Paused:
		return store.Both(store.Is("state", string(s)), store.AtLeast("ends", after))
	case s == Expired:
		return store.Both(store.AnyOf("state", string(Expired), string(Published), string(Paused)), store.Below("ends", after))
	case slices.Contains(States, s):
		return store.Is("state", string(s))
	}
	return store.None()
}

// upwards is a code with all above it.
func upwards(code string) []string {
	out := []string{}
	for ; code != ""; code = division.Parent(code) {
		out = append(out, code)
	}
	return out
}
