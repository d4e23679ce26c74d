package offer

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is an offer as one reader sees it: what owner and station say to each other is for
// those who see it in full.
type View struct {
	ID                   string
	Version              int64
	State                State
	CharityResource      *resource.View
	Owner                *organisation.View
	Station              *station.View
	Quantity             measure.Quantity
	Divisions            []*division.View
	Urgencies            []request.Urgency
	Recurrence           *request.RecurrenceView
	StartsOn             usecase.Date
	EndsOn               usecase.Date
	Note                 *string
	ReturnNote           *string
	Reason               *codes.Code
	AllowedActions       []Action
	Hidden               []string
	CreatedAt, UpdatedAt time.Time
}

// Get reads one offer for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads offers by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Offer) ([]*View, error) { return s.views(ctx, a, rows, s.core.Time()) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows an offer as it was at a moment, without steps to take; what it points to is as
// it is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, o *Offer, at time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Offer{o}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views keeps the order of the rows and drops those that the actor may not see.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Offer, now time.Time) ([]*View, error) {
	sight := access.See(a, Noun)
	rows = slices.DeleteFunc(slices.Clone(rows), func(o *Offer) bool { return sight.Of(&o.Header) == access.Hidden })
	var resources, owners, places, stations []string
	for _, o := range rows {
		resources, owners, stations = append(resources, o.Resource), append(owners, o.Owner), append(stations, o.Header.Station)
		for _, code := range o.Areas {
			places = append(places, division.ID(code))
		}
	}
	res, err := s.Resources.Views(ctx, a, resources)
	if err != nil {
		return nil, err
	}
	org, err := s.Organisations.Views(ctx, a, owners)
	if err != nil {
		return nil, err
	}
	div, err := s.Divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	sta, err := s.Stations.Views(ctx, a, stations)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(rows))
	for i, o := range rows {
		v := o.view(sight.Of(&o.Header), now)
		v.CharityResource, v.Owner, v.Station, v.AllowedActions = res[o.Resource], org[o.Owner], sta[o.Header.Station], allowed(sight, o, now)
		if v.CharityResource == nil {
			v.Hidden = append(v.Hidden, "charityResource")
		}
		if v.Owner == nil {
			v.Hidden = append(v.Hidden, "owner")
		}
		for _, code := range o.Areas {
			v.Divisions = append(v.Divisions, div[division.ID(code)])
		}
		out[i] = v
	}
	return out, nil
}

func (o *Offer) view(mask access.Mask, now time.Time) *View {
	v := &View{
		ID: o.ID, Version: o.Version, State: o.Now(now), Quantity: o.Quantity, Divisions: []*division.View{}, Urgencies: append([]request.Urgency{}, o.Urgencies...),
		StartsOn: o.StartsOn, EndsOn: o.EndsOn, Reason: codes.Of(codes.ReleaseReason, o.Reason), Hidden: []string{}, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt,
	}
	if o.Rule != "" {
		v.Recurrence = &request.RecurrenceView{Rule: o.Rule, WorkingDaysOnly: o.WorkingDays, SkippedOn: []usecase.Date{}}
	}
	if mask < access.Full {
		v.Hidden = append(v.Hidden, "note", "returnNote")
		return v
	}
	v.Note, v.ReturnNote = usecase.Opt(o.Note), usecase.Opt(o.Returned)
	return v
}

// Filter narrows the list of offers; nil leaves a condition out.
type Filter struct {
	State             *State
	CharityResourceID *string
	OwnerID           *string
	StationID         *string
}

// List reads the offers that the actor sees, newest first.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	where, err := f.where(s.core.Time())
	if err != nil {
		return none, err
	}
	q := access.See(a, Noun).Query(s.rows.Definition(), store.Query{Where: where, Sort: "created", Desc: true})
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("offers", f), q, p)
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows, s.core.Time())
	return usecase.Convert(page, views), err
}

func (f Filter) where(now time.Time) (store.Filter, error) {
	where, err := usecase.Refs(
		usecase.Ref{Field: "resource", Prefix: "res", Name: "charityResourceId", ID: f.CharityResourceID},
		usecase.Ref{Field: "owner", Prefix: "org", Name: "ownerId", ID: f.OwnerID},
		usecase.Ref{Field: "station", Prefix: "sta", Name: "stationId", ID: f.StationID},
	)
	if err != nil || f.State == nil {
		return where, err
	}
	switch after := now.Add(time.Millisecond); {
	case !slices.Contains(States, *f.State):
		return where, fault.New(fault.CodeInvalid, fault.At("filter", "state"), fault.P("rule", "STATE"))
	case *f.State == Expired: // also before the timer says so
		return store.Both(where, store.Either(store.Is("state", string(Expired)), store.Below("ends", after))), nil
	case slices.Contains(open, *f.State):
		where = store.Both(where, store.AtLeast("ends", after))
	}
	return store.Both(where, store.Is("state", string(*f.State))), nil
}
