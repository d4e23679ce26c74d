package community

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a community as anybody reads it.
type View struct {
	ID                string
	Version           int64
	Name              string
	Division          *division.View
	Station           *station.View // the social-work station responsible; nil when none is
	Residents         *ResidentBand
	Committee         *string
	Phone             *string
	Facilities        []string
	Location          *place.Point
	CommitteeTerm     *Term
	ServiceFacilities []FacilityView
	Contacts          []ContactView
	Retirement        *usecase.Retirement
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// Get reads one community. NOT_FOUND if there is none.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	c, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, a, []*Community{c})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// Past shows a community as it was; what it points to is as it is now.
func (s *Service) Past(ctx context.Context, a access.Actor, c *Community, _ time.Time) (*View, error) {
	views, err := s.views(ctx, a, []*Community{c})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// Views reads communities by id; absent ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	if usecase.Bulk(ctx) {
		return nil, nil
	}
	found, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]*Community, 0, len(found))
	for _, c := range found {
		rows = append(rows, c)
	}
	views, err := s.views(ctx, a, rows)
	out := make(map[string]*View, len(views))
	for _, v := range views {
		out[v.ID] = v
	}
	return out, err
}

// views keeps the order of the rows.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Community) ([]*View, error) {
	codes, places := make([]string, len(rows)), make([]string, len(rows))
	for i, c := range rows {
		codes[i], places[i] = c.Code, division.ID(c.Code)
	}
	divisions, err := s.divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	assigned, err := s.stations.Assign(ctx, station.SocialWork, codes)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, code := range codes {
		if id := assigned.Of(code); id != "" {
			wanted = append(wanted, id)
		}
	}
	for _, c := range rows {
		for _, f := range c.Services {
			if f.Station != "" {
				wanted = append(wanted, f.Station)
			}
		}
	}
	stations, err := s.stations.Views(ctx, a, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(rows))
	for i, c := range rows {
		out[i] = &View{
			ID: c.ID, Version: c.Version, Name: c.Name, Division: divisions[places[i]], Station: stations[assigned.Of(c.Code)],
			Residents: usecase.Opt(c.Residents), Committee: usecase.Opt(c.Committee), Phone: usecase.Opt(c.Phone),
			Facilities: c.Facilities, Location: c.Location, CommitteeTerm: usecase.Opt(c.Term),
			ServiceFacilities: c.facilities(stations), Contacts: c.contacts(insider(a, c, assigned.Of(c.Code))),
			Retirement: usecase.RetirementOf(&c.Head), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		}
	}
	return out, nil
}

// FacilityView is a facility as anybody reads it.
type FacilityView struct {
	Kind             codes.Code
	Name             string
	VolunteerStation *station.View
}

func (c *Community) facilities(stations map[string]*station.View) []FacilityView {
	out := make([]FacilityView, 0, len(c.Services))
	for _, f := range c.Services {
		out = append(out, FacilityView{Kind: *codes.Of(codes.FacilityKind, f.Kind), Name: f.Name, VolunteerStation: stations[f.Station]})
	}
	return out
}

func (c *Community) contacts(whole bool) []ContactView {
	out := make([]ContactView, 0, len(c.Contacts))
	for _, contact := range c.Contacts {
		out = append(out, contact.view(whole))
	}
	return out
}
