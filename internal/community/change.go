package community

import (
	"context"
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName       = 128
	maxPhone      = 32
	maxFacility   = 64
	maxFacilities = 50
)

// Create is the community of a division of community level.
type Create struct {
	DivisionID        string
	Name              *string
	Residents         *ResidentBand
	Committee         *string
	Phone             *string
	Facilities        []string
	Location          *usecase.GeoPoint
	CommitteeTerm     *Term
	ServiceFacilities []FacilityInput
	Contacts          []ContactInput
	IdempotencyKey    *string `json:"-"`
}

// Create makes the community of a division: those of the embedded facts are there
// already (DUPLICATE). INVALID (COMMUNITY_LEVEL) for a division of another level.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.DivisionID, "div", "input", "divisionId"); err != nil {
		return nil, nil, err
	}
	told := words{in.Name, in.Residents, in.Committee, in.Phone, in.Facilities, in.Location, in.CommitteeTerm, in.Contacts}
	if err := new(Community).fill(told); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "community.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		d, err := s.divisions.Resolve(ctx, in.DivisionID, "input", "divisionId")
		if err != nil {
			return nil, err
		}
		if err := a.MayAt("community.create", d.Code); err != nil {
			return nil, err
		}
		if division.LevelOf(d.Code) != division.LevelCommunity {
			return nil, fault.New(fault.CodeInvalid, fault.At("input", "divisionId"), fault.P("rule", "COMMUNITY_LEVEL"))
		}
		c := of(d.Code, d.Name)
		if err := c.fill(told); err != nil {
			return nil, err
		}
		if c.Services, err = s.services(ctx, c, in.ServiceFacilities); err != nil {
			return nil, err
		}
		return []string{c.ID}, fault.Under(s.rows.Insert(ctx, c, usecase.Note(a, "community.created", c.ID, "")), "input", "divisionId")
	})
	return s.answer(ctx, a, ids, err)
}

// Change is a change of a community; nil leaves as it is, "" or an empty list
// empties.
type Change struct {
	CommunityID       string
	Name              *string
	Residents         *ResidentBand
	Committee         *string
	Phone             *string
	Facilities        []string
	Location          *usecase.GeoPoint
	CommitteeTerm     *Term
	ServiceFacilities []FacilityInput
	Contacts          []ContactInput
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Change changes what is known of a community.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.CommunityID, prefix, "input", "communityId"); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "community.change", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		c, err := s.rows.Get(ctx, in.CommunityID)
		if err != nil {
			return nil, err
		}
		if err := s.mayChange(ctx, a, c); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(c, in.ExpectedVersion); err != nil {
			return nil, err
		}
		if err := c.fill(words{in.Name, in.Residents, in.Committee, in.Phone, in.Facilities, in.Location, in.CommitteeTerm, in.Contacts}); err != nil {
			return nil, err
		}
		if c.Services, err = s.services(ctx, c, in.ServiceFacilities); err != nil {
			return nil, err
		}
		if err := usecase.StateFact(ctx, s.core, s.rows, c.ID); err != nil {
			return nil, err
		}
		if in.Contacts != nil { // what the log has of those who went goes with them
			if err := s.core.DB.Erase(ctx, c.ID); err != nil {
				return nil, err
			}
		}
		return []string{c.ID}, s.rows.Replace(ctx, c, usecase.Note(a, "community.changed", c.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// mayChange lets the administrator of the place and the coordinator of the station
// that is responsible for it.
func (s *Service) mayChange(ctx context.Context, a access.Actor, c *Community) error {
	if a.MayAt("community.create", c.Code) == nil {
		return nil
	}
	st, err := s.stations.For(ctx, c.Code, station.SocialWork)
	if err == nil && a.Is(access.Coordinator, st.ID) {
		return nil
	}
	if err != nil && fault.CodeOf(err) != fault.CodeNoStation {
		return err
	}
	return fault.New(fault.CodeForbidden)
}

// words are the fields of an input; nil leaves a field as it is.
type words struct {
	name       *string
	residents  *ResidentBand
	committee  *string
	phone      *string
	facilities []string
	location   *usecase.GeoPoint
	term       *Term
	contacts   []ContactInput
}

func (c *Community) fill(in words) (err error) {
	for _, f := range []struct {
		to       *string
		from     *string
		max      int
		required bool
		name     string
	}{
		{&c.Name, in.name, maxName, true, "name"},
		{&c.Committee, in.committee, maxName, false, "committee"},
		{&c.Phone, in.phone, maxPhone, false, "phone"},
	} {
		if f.from == nil {
			continue
		}
		if *f.to, err = usecase.Text(*f.from, f.max, f.required, "input", f.name); err != nil {
			return err
		}
	}
	if in.residents != nil {
		if *in.residents != "" && !slices.Contains(Bands, *in.residents) {
			return fault.New(fault.CodeInvalid, fault.At("input", "residents"), fault.P("rule", "BAND"))
		}
		c.Residents = *in.residents
	}
	if in.location != nil {
		if c.Location, err = in.location.Point("input", "location"); err != nil {
			return err
		}
	}
	if in.term != nil {
		if err := in.term.check(); err != nil {
			return err
		}
		c.Term = *in.term
	}
	if in.contacts != nil {
		if c.Contacts, err = contacts(in.contacts); err != nil {
			return err
		}
	}
	return c.equip(in.facilities)
}

func (c *Community) equip(facilities []string) error {
	if facilities == nil {
		return nil
	}
	if len(facilities) > maxFacilities {
		return fault.New(fault.CodeTooMany, fault.At("input", "facilities"), fault.P("max", maxFacilities))
	}
	out := make([]string, len(facilities))
	for i, name := range facilities {
		var err error
		if out[i], err = usecase.Text(name, maxFacility, true, "input", "facilities", strconv.Itoa(i)); err != nil {
			return err
		}
	}
	c.Facilities = out
	return nil
}

// services checks the service facilities of an input; nil leaves them. A volunteer
// station there is one of that kind in the community's county.
func (s *Service) services(ctx context.Context, c *Community, list []FacilityInput) ([]Facility, error) {
	if list == nil {
		return c.Services, nil
	}
	if len(list) > maxFacilities {
		return nil, fault.New(fault.CodeTooMany, fault.At("input", "serviceFacilities"), fault.P("max", maxFacilities))
	}
	out := make([]Facility, len(list))
	for i, in := range list {
		at := func(field string) []string { return []string{"input", "serviceFacilities", strconv.Itoa(i), field} }
		if err := usecase.InList(codes.FacilityKind, in.Kind, at("kind")...); err != nil {
			return nil, err
		}
		name, err := usecase.Text(in.Name, maxFacility, true, at("name")...)
		if err != nil {
			return nil, err
		}
		out[i] = Facility{Kind: in.Kind, Name: name, Station: usecase.Or(in.VolunteerStationID, "")}
		if out[i].Station == "" {
			continue
		}
		st, err := s.stations.Named(ctx, out[i].Station, at("volunteerStationId")...)
		if err != nil {
			return nil, err
		}
		if st.Kind != station.Volunteer || !division.Within(c.Code, st.Area()) {
			return nil, fault.New(fault.CodeInvalid, fault.At(at("volunteerStationId")...), fault.P("rule", "VOLUNTEER_STATION_HERE"))
		}
	}
	return out, nil
}

// answer reads what a use case left behind.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}
