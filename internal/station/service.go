package station

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Closing is asked, inside the unit of work, before a station closes: an error
// (open requests, say) stops it.
type Closing func(ctx context.Context, a access.Actor, s *Station) error

// Serving is asked, inside the unit of work, before a station begins to serve a community
// (12-digit code): an error stops it.
type Serving func(ctx context.Context, code string) error

// Service is the use cases of stations.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[Station]
	divisions     *division.Service
	organisations *organisation.Service
	closing       []Closing
	serving       []Serving
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service, organisations *organisation.Service) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions, organisations: organisations}
}

// OnClose adds a package that is asked before a station closes. Call it while wiring.
func (s *Service) OnClose(fn Closing) { s.closing = append(s.closing, fn) }

// OnServe adds a package that is asked before a station serves a community. Call it while
// wiring.
func (s *Service) OnServe(fn Serving) { s.serving = append(s.serving, fn) }

// Load reads a station by id, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Station, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Station] { return s.rows }

// For is the station of a kind that is responsible for a community (12-digit code):
// the one that lists it, else that of its town, else that of its county; NO_STATION
// if there is none in operation. Inside a unit it is asserted at the commit.
func (s *Service) For(ctx context.Context, community string, kind Kind) (*Station, error) {
	found, err := store.OncePerUnit(ctx, s.rows, community+" "+string(kind), func() (*Station, error) { return s.find(ctx, community, kind) })
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fault.New(fault.CodeNoStation, fault.P("community", community))
	}
	own := *found
	return &own, nil
}

// find is For, nil if there is none.
func (s *Service) find(ctx context.Context, community string, kind Kind) (*Station, error) {
	_, _, county, town, _ := division.Levels(community)
	var near []*Station
	for _, where := range []store.Filter{
		store.Holds("serves", community), store.Is("division", division.ID(town)), store.Is("division", division.ID(county)),
	} {
		page, err := s.rows.Find(ctx, store.Query{
			Where: store.Both(where, store.Is("kind", kind), store.Is("state", Operating)), Guard: guard(kind), Limit: 10,
		})
		if err != nil {
			return nil, err
		}
		near = append(near, page.Items...)
	}
	return responsible(near, community), nil
}

// Assignment answers For for many communities from one reading.
type Assignment struct{ stations []*Station }

// Of is the responsible station's id, "" if there is none.
func (as Assignment) Of(community string) string {
	if s := responsible(as.stations, community); s != nil {
		return s.ID
	}
	return ""
}

// Assign reads who is responsible, by kind, for the communities with these codes:
// one search a county. It is for showing; decisions ask For.
func (s *Service) Assign(ctx context.Context, kind Kind, communities []string) (Assignment, error) {
	var as Assignment
	seen := map[string]bool{}
	for _, code := range communities {
		region := (&Station{Division: division.ID(code)}).region()
		if seen[region] {
			continue
		}
		seen[region] = true
		where := store.Both(division.Inside(region), store.Is("kind", kind), store.Is("state", Operating))
		err := s.rows.Each(ctx, store.Query{Where: where}, func(st *Station) error {
			as.stations = append(as.stations, st)
			return nil
		})
		if err != nil {
			return as, err
		}
	}
	return as, nil
}

// Area is the code of a division in which all communities lie that the station
// serves, by list or by place.
func (s *Station) Area() string {
	_, _, _, town, _ := division.Levels(s.Code())
	if town != "" && allWithin(s.Serves, town) {
		return town
	}
	return s.region()
}

func allWithin(codes []string, area string) bool {
	for _, c := range codes {
		if !division.Within(c, area) {
			return false
		}
	}
	return true
}

// Named reads a station that an input names: NOT_FOUND, ID_INVALID or RETIRED at the path.
func (s *Service) Named(ctx context.Context, id string, path ...string) (*Station, error) {
	st, err := s.Load(ctx, id)
	if err == nil {
		err = st.InUse()
	}
	return st, fault.Under(err, path...)
}
