package team

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// View is a team as one reader sees it: who is in it is for those who see it in full.
type View struct {
	ID             string
	Version        int64
	Name           string
	About          *string
	State          State
	Station        *station.View
	Size           int
	Leader         *volunteer.View
	Members        []MemberView
	AllowedActions []Action
	Hidden         []string
	Retirement     *usecase.Retirement
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// MemberView is one in a team.
type MemberView struct {
	Volunteer  *volunteer.View
	JoinedFrom usecase.Date
}

// Get reads one team. NOT_FOUND if there is none that the actor may see.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads teams by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Team) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a team as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, t *Team, _ time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Team{t}))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views keeps the order of the rows and drops those that the actor may not see.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Team) ([]*View, error) {
	sight := access.See(a, Noun)
	var kept []*Team
	var stations, people []string
	for _, t := range rows {
		mask := sight.Of(&t.Header)
		if mask == access.Hidden {
			continue
		}
		kept, stations = append(kept, t), append(stations, t.Header.Station)
		if mask == access.Full {
			for _, m := range t.Members {
				people = append(people, m.ID)
			}
		}
	}
	at, err := s.stations.Views(ctx, a, stations)
	if err != nil {
		return nil, err
	}
	volunteers, err := s.volunteers.Named(ctx, a, people)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, t := range kept {
		out[i] = t.view(sight.Of(&t.Header), volunteers)
		out[i].Station, out[i].AllowedActions = at[t.Header.Station], allowed(a, t)
	}
	return out, nil
}

func (t *Team) view(mask access.Mask, people map[string]*volunteer.View) *View {
	v := &View{
		ID: t.ID, Version: t.Version, Name: t.Name, About: usecase.Opt(t.About), State: t.State(), Size: len(t.Members),
		Hidden: []string{}, Retirement: usecase.RetirementOf(&t.Head), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
	}
	if mask < access.Full {
		v.Hidden = append(v.Hidden, "leader", "members")
		return v
	}
	v.Leader, v.Members = people[t.Leader], make([]MemberView, 0, len(t.Members))
	for _, m := range t.Members {
		if people[m.ID] != nil {
			v.Members = append(v.Members, MemberView{Volunteer: people[m.ID], JoinedFrom: m.From})
		}
	}
	return v
}

// Filter narrows the list of teams; nil leaves a condition out.
type Filter struct {
	StationID  *string
	DivisionID *string // of the station, or below
	State      *State
	Search     *string // part of the name; found ones come by id
	Retired    *bool   // those that are retired instead, the latest first
}

// List reads the teams that the actor sees, newest first; a search is ordered by id.
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
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("teams", f), q, p, func(t *Team) bool { return search.Finds(t.Name) })
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
	if f.State != nil {
		if !slices.Contains(States, *f.State) {
			return where, fault.New(fault.CodeInvalid, fault.At("filter", "state"), fault.P("rule", "STATE"))
		}
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	return where, nil
}
