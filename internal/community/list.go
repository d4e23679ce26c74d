package community

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of communities; nil leaves a condition out.
type Filter struct {
	DivisionID *string // or below
	StationID  *string // those that this station serves
	Residents  *ResidentBand
	Facility   *string // kind of one of its service facilities
	Search     *string
	Near       *usecase.Near // then the nearest come first
	Retired    *bool         // those that are retired instead, the latest first
}

// List reads communities by code, what is near by distance. Total is given for all in use.
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
	if f.Residents != nil {
		where = store.Both(where, store.Is("residents", *f.Residents))
	}
	if f.Facility != nil {
		if err := usecase.InList(codes.FacilityKind, *f.Facility, "filter", "facility"); err != nil {
			return out, err
		}
		where = store.Both(where, store.Holds("facilities", *f.Facility))
	}
	served, serves, err := s.served(ctx, f.StationID)
	if err != nil {
		return out, err
	}
	keep := func(c *Community) bool { return search.Finds(c.Name) && serves(c.Code) }
	q := usecase.Shelf(store.Query{Where: store.Both(search.Where, where, served)}, f.Retired, search)
	var page usecase.Page[*Community]
	if f.Near != nil {
		spot := usecase.Spot[Community]{Field: "cell", Where: q.Where, At: func(c *Community) *place.Point { return c.Location }}
		page, err = usecase.Nearest(ctx, s.core, a, s.rows, usecase.Asked("communities", f), *f.Near, []usecase.Spot[Community]{spot}, p, keep)
	} else {
		page, err = usecase.List(ctx, s.core, a, s.rows, usecase.Asked("communities", f), q, p, keep)
	}
	if err != nil {
		return out, err
	}
	if !search.On && f == (Filter{Search: f.Search}) {
		tally, err := s.core.DB.Tally(ctx, counter)
		if err != nil {
			return out, err
		}
		n := int(tally[counter])
		page.Total = &n
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return out, err
	}
	return usecase.Convert(page, views), nil
}

// served is where the communities of a station lie, and which of those it serves:
// the ones it lists and, once it works, the ones it is responsible for by place. An
// unknown station serves none.
func (s *Service) served(ctx context.Context, id *string) (store.Filter, func(code string) bool, error) {
	if id == nil {
		return store.All(), func(string) bool { return true }, nil
	}
	if err := usecase.ID(*id, "sta", "filter", "stationId"); err != nil {
		return store.None(), nil, err
	}
	st, err := s.stations.Load(ctx, *id)
	if fault.KindOf(err) == fault.NotFound {
		return store.None(), func(string) bool { return false }, nil
	}
	if err != nil {
		return store.None(), nil, err
	}
	assigned := station.Assignment{}
	if st.State == station.Operating {
		if assigned, err = s.stations.Assign(ctx, st.Kind, []string{st.Code()}); err != nil {
			return store.None(), nil, err
		}
	}
	serves := func(code string) bool { return slices.Contains(st.Serves, code) || assigned.Of(code) == st.ID }
	return division.Inside(st.Area()), serves, nil
}
