package volunteer

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a volunteer as one reader sees them. Hidden names what was withheld.
type View struct {
	ID                   string
	Version              int64
	DisplayName          string
	Name, Number, Phone  *string
	State                State
	AgeBand              usecase.AgeBand
	Skills               []codes.Code
	Community            *community.View
	Area                 *division.View
	ReachMetres          int
	Availability         []rota.Slot
	Location             *place.Point
	GuardianConsent      *ConsentView
	MinorsCleared        bool
	MinorsClearedTo      *usecase.Date
	AllowedActions       []Action
	Hidden               []string
	Retirement           *usecase.Retirement
	CreatedAt, UpdatedAt time.Time
}

// ConsentView is a guardian's consent as shown.
type ConsentView struct {
	GuardianName, GuardianPhone string
	GivenOn                     usecase.Date
}

// Get reads one volunteer; NOT_FOUND when hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads volunteers for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	return s.byID(ctx, a, ids, access.Hidden)
}

// Named is Views for those whom a row names that the actor sees, as who comes to
// help: whom the rule would hide is shown by display name.
func (s *Service) Named(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	return s.byID(ctx, a, ids, access.Blind)
}

func (s *Service) byID(ctx context.Context, a access.Actor, ids []string, least access.Mask) (map[string]*View, error) {
	masked := func(rows []*Volunteer) ([]*View, error) { return s.views(ctx, a, rows, least) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a volunteer as they were, without steps to take; what the row points to is
// as it is now. NOT_FOUND when the actor did not see them then.
func (s *Service) Past(ctx context.Context, a access.Actor, v *Volunteer, at time.Time) (*View, error) {
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Volunteer{v}, access.Hidden, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Volunteer, least access.Mask) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, least, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Volunteer, least access.Mask, now time.Time) ([]*View, error) {
	sight := access.See(a, Noun)
	var kept []*Volunteer
	var communities, areas []string
	for _, v := range rows {
		if max(sight.Of(&v.Header), least) == access.Hidden {
			continue
		}
		kept = append(kept, v)
		communities, areas = append(communities, "com_"+v.Community), append(areas, v.area())
	}
	com, err := s.communities.Views(ctx, a, communities)
	if err != nil {
		return nil, err
	}
	div, err := s.divisions.Views(ctx, a, areas)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, v := range kept {
		out[i] = v.view(max(sight.Of(&v.Header), least), now)
		if sight.Relations(&v.Header).Has(access.ToVetted) {
			out[i].vetted(v)
		}
		out[i].Area = div[v.area()]
		if !slices.Contains(out[i].Hidden, "community") {
			out[i].Community = com["com_"+v.Community]
		}
		out[i].AllowedActions = allowed(sight, v)
	}
	return out, nil
}

func (v *Volunteer) view(mask access.Mask, now time.Time) *View {
	out := &View{
		ID: v.ID, Version: v.Version, DisplayName: v.DisplayName(), State: v.State(), AgeBand: usecase.BandOf(v.Private.BornOn, usecase.DateOf(now)),
		Skills: codes.Many(codes.Skill, v.Skills), ReachMetres: v.ReachMetres, MinorsCleared: v.ClearedForMinors(now),
		Hidden: []string{}, Retirement: usecase.RetirementOf(&v.Head), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
	if mask < access.Limited {
		out.Hidden = append(out.Hidden, "community", "availability")
	} else {
		out.Availability = append([]rota.Slot{}, v.Hours...)
	}
	if mask < access.Full {
		out.Hidden = append(out.Hidden, "name", "number", "phone", "guardianConsent", "minorsClearedTo", "location")
		return out
	}
	out.Name, out.Number, out.Phone = usecase.Opt(v.Private.Name), usecase.Opt(v.Private.Number), usecase.Opt(v.Private.Phone)
	out.Location = v.Private.Location
	out.MinorsClearedTo = usecase.Opt(v.ClearedTo())
	if c := v.Private.Consent; c != nil {
		out.GuardianConsent = &ConsentView{c.Name, c.Phone, c.GivenOn}
	}
	return out
}

// vetted shows until when the clearance counts to who may give it.
func (out *View) vetted(v *Volunteer) {
	out.MinorsClearedTo = usecase.Opt(v.ClearedTo())
	out.Hidden = slices.DeleteFunc(out.Hidden, func(f string) bool { return f == "minorsClearedTo" })
}

// DisplayName is the family name with the title, 王志愿者; 志愿者 alone when the
// name was erased.
func (v *Volunteer) DisplayName() string { return text.FamilyName(v.Private.Name) + "志愿者" }

// area is the county they serve in, the city where there are no counties.
func (v *Volunteer) area() string {
	if v.Header.County == "" {
		return division.ID(v.Header.City)
	}
	return division.ID(v.Header.County)
}

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	CommunityID *string
	DivisionID  *string
	State       *State
	Skill       *string
	Search      *string
	Near        *usecase.Near // then the nearest come first
	Retired     *bool         // those that are retired instead, the latest first
}

// List reads the volunteers that the actor sees, newest first; a search is ordered
// by id and finds only those whose name the actor sees, what is near by distance.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return none, err
	}
	search, err := usecase.NewSearch(f.Search, "nameTerms", "filter", "search")
	if err != nil {
		return none, err
	}
	where, err := f.where()
	if err != nil {
		return none, err
	}
	q := store.Query{Where: store.Both(search.Where, where), Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = usecase.Shelf(q, f.Retired, search)
	page, err := s.page(ctx, a, f, q, p, func(v *Volunteer) bool { return search.Finds(v.Private.Name) })
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows, access.Hidden)
	return usecase.Convert(page, views), err
}

// page reads the rows in the order that the filter has. Of whom the reader knows the
// place, the place counts, of all others the cell.
func (s *Service) page(ctx context.Context, a access.Actor, f Filter, q store.Query, p usecase.Paging, keep func(*Volunteer) bool) (usecase.Page[*Volunteer], error) {
	sight, def := access.See(a, Noun), s.rows.Definition()
	if f.Near == nil {
		return usecase.List(ctx, s.core, a, s.rows, usecase.Asked("volunteers", f), sight.Query(def, q), p, keep)
	}
	exact := usecase.Spot[Volunteer]{
		Field: "cell", Where: sight.Query(def, store.Query{Where: q.Where, Sort: "cell"}).Where,
		At: func(v *Volunteer) *place.Point { return v.Private.Location },
	}
	coarse := usecase.Spot[Volunteer]{
		Field: "coarse", Where: sight.Query(def, store.Query{Where: q.Where, Sort: "coarse"}).Where,
		At: func(v *Volunteer) *place.Point {
			if v.Private.Location == nil || sight.Of(&v.Header) == access.Full {
				return nil // found by the place itself
			}
			at := v.Private.Location.Coarse()
			return &at
		},
	}
	return usecase.Nearest(ctx, s.core, a, s.rows, usecase.Asked("volunteers", f), *f.Near, []usecase.Spot[Volunteer]{exact, coarse}, p, keep)
}

func (f Filter) where() (store.Filter, error) {
	where, err := division.InsideID(f.DivisionID, "filter", "divisionId")
	if err != nil {
		return where, err
	}
	if f.CommunityID != nil {
		if err := usecase.ID(*f.CommunityID, "com", "filter", "communityId"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Is("community", (*f.CommunityID)[len("com_"):]))
	}
	if f.State != nil {
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
