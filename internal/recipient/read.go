package recipient

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Action is a step with a recipient, as allowedActions names it.
type Action string

// The steps. REQUEST_DRAFT is taken by package request.
const (
	ActChange       Action = "CHANGE"
	ActReclassify   Action = "RECLASSIFY"
	ActErase        Action = "ERASE"
	ActConsentGrant Action = "CONSENT_GRANT"
	ActRequestDraft Action = "REQUEST_DRAFT"
)

// steps are the steps with the rights they ask for; "" asks only to see the person.
var steps = []struct {
	action Action
	right  access.Action
}{
	{ActChange, "recipient.change"},
	{ActReclassify, "recipient.classify"},
	{ActErase, "recipient.erase"},
	{ActConsentGrant, "consent.grant"},
	{ActRequestDraft, ""},
}

// View is a recipient as one reader sees them. Hidden names what was withheld.
type View struct {
	ID, Code                    string
	Version                     int64
	DisplayName, Name           *string
	Category                    *codes.Code
	Class                       access.Class
	AgeBand                     *usecase.AgeBand
	Phone                       *string
	SafeContactRule             *codes.Code
	Address                     *string
	Community                   *community.View
	Area                        *division.View
	Station                     *station.View
	GuardianName, GuardianPhone *string
	CareNote                    *string
	Erased                      bool
	AllowedActions              []Action
	Hidden                      []string
	CreatedAt, UpdatedAt        time.Time
	Mask                        access.Mask // the mask it was made with
}

// Get reads one recipient; NOT_FOUND when hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads recipients for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Recipient) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a recipient as they were, without steps to take; what the row points to is
// as it is now. NOT_FOUND when the actor did not see them then.
func (s *Service) Past(ctx context.Context, a access.Actor, r *Recipient, at time.Time) (*View, error) {
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Recipient{r}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Recipient) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Recipient, now time.Time) ([]*View, error) {
	sight, today := access.See(a, Noun), usecase.DateOf(now)
	var kept []*Recipient
	var communities, counties, stations []string
	for _, r := range rows {
		if sight.Of(&r.Header) == access.Hidden {
			continue
		}
		kept = append(kept, r)
		communities, counties = append(communities, "com_"+r.Where), append(counties, division.ID(r.Header.County))
		if r.Header.Station != "" {
			stations = append(stations, r.Header.Station)
		}
	}
	com, err := s.communities.Views(ctx, a, communities)
	if err != nil {
		return nil, err
	}
	div, err := s.divisions.Views(ctx, a, counties)
	if err != nil {
		return nil, err
	}
	sta, err := s.stations.Views(ctx, a, stations)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, r := range kept {
		v := r.view(sight.Of(&r.Header), today)
		v.refer(r, com["com_"+r.Where], div[division.ID(r.Header.County)], sta[r.Header.Station])
		for _, st := range steps {
			if !r.Erased() && (st.right == "" || may(sight, r, st.right) == nil) {
				v.AllowedActions = append(v.AllowedActions, st.action)
			}
		}
		out[i] = v
	}
	return out, nil
}

// view masks the person: the form of address from LIMITED on (the code for guarded
// classes below FULL), the way to them from CONTACT on, all else in full only.
func (r *Recipient) view(mask access.Mask, today usecase.Date) *View {
	v := &View{
		ID: r.ID, Code: r.Code, Version: r.Version, Class: r.Header.Class, Erased: r.Erased(), Mask: mask,
		AllowedActions: []Action{}, Hidden: []string{}, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	show := func(least access.Mask, field string, set func()) {
		if mask < least {
			v.Hidden = append(v.Hidden, field)
			return
		}
		set()
	}
	p := &r.Private
	show(access.Limited, "displayName", func() {
		name := r.display()
		if r.Guarded() && mask < access.Full {
			name = r.Code
		}
		v.DisplayName = &name
	})
	show(access.Full, "name", func() { v.Name = usecase.Opt(p.Name) })
	show(access.Full, "category", func() { v.Category = r.category() })
	show(access.Limited, "ageBand", func() { v.AgeBand = usecase.Opt(usecase.BandOf(p.BornOn, today)) })
	show(access.Contact, "phone", func() { v.Phone = usecase.Opt(p.Phone) })
	show(access.Contact, "safeContactRule", func() { v.SafeContactRule = codes.Of(codes.SafeContactRule, p.SafeRule) })
	show(access.Contact, "address", func() { v.Address = usecase.Opt(p.Address) })
	show(access.Full, "guardianName", func() { v.GuardianName = usecase.Opt(p.GuardianName) })
	show(access.Full, "guardianPhone", func() { v.GuardianPhone = usecase.Opt(p.GuardianPhone) })
	show(access.Contact, "careNote", func() { v.CareNote = usecase.Opt(p.CareNote) })
	if mask < access.Full {
		v.Hidden = append(v.Hidden, "consents")
	}
	return v
}

// refer adds where they live as closely as the mask allows.
func (v *View) refer(r *Recipient, com *community.View, county *division.View, sta *station.View) {
	if v.Mask >= access.Limited {
		v.Community, v.Station = com, sta
	} else {
		v.Hidden = append(v.Hidden, "community", "station")
	}
	if r.Header.Class == access.Sealed && v.Mask < access.Full {
		v.Hidden = append(v.Hidden, "area")
	} else {
		v.Area = county
	}
}

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	StationID   *string
	CommunityID *string
	Class       *access.Class
	Search      *string
}

// List reads the recipients that the actor sees, newest first; a search is ordered
// by id and finds only those whose name the actor sees.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return none, err
	}
	search, err := usecase.NewSearch(f.Search, "nameTerms", "filter", "search")
	if err != nil {
		return none, err
	}
	where := search.Where
	if f.StationID != nil {
		if err := usecase.ID(*f.StationID, "sta", "filter", "stationId"); err != nil {
			return none, err
		}
		where = store.Both(where, store.Is("station", *f.StationID))
	}
	if f.CommunityID != nil {
		if err := usecase.ID(*f.CommunityID, "com", "filter", "communityId"); err != nil {
			return none, err
		}
		where = store.Both(where, store.Is("community", (*f.CommunityID)[len("com_"):]))
	}
	if f.Class != nil {
		where = store.Both(where, store.Is("class", string(*f.Class)))
	}
	q := store.Query{Where: where, Sort: "created", Desc: true}
	if search.On {
		q.Sort, q.Desc = "", false
	}
	q = access.See(a, Noun).Query(s.rows.Definition(), q)
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("recipients", f), q, p, func(r *Recipient) bool { return search.Finds(r.Private.Name) })
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}
