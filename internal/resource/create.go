package resource

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Create is a new resource.
type Create struct {
	OwnerID        string
	Title          string
	Description    *string
	Kind           Kind
	Category       string
	Quantity       measure.Quantity
	Per            *Period
	Minimum        *measure.Quantity
	Window         *measure.Window
	ExpiresOn      *usecase.Date
	Batch          *string
	ReceivedOn     *usecase.Date // of goods whose file says it
	AreaID         string
	Location       *usecase.GeoPoint
	Eligibility    []string
	Capacity       *Capacity
	IdempotencyKey *string `json:"-"`
}

// Create offers a resource as a draft: the owner's partner, or a coordinator in the
// owner's division. ORGANISATION_NOT_ADMITTED for an owner that may not take part.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	r := &Resource{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Kind: in.Kind, Category: in.Category, Owner: in.OwnerID, Holds: []Hold{}}
	r.Header.Class, r.Header.State = access.Public, string(Draft)
	r.Header.Relate(access.PartyOwner, in.OwnerID)
	r.Header.Relate(access.PartyCreator, a.ID)
	notices, err := r.offer(in, usecase.DateOf(s.core.Time()))
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "resource.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *r // the unit may run again
		return []string{r.ID}, s.create(ctx, a, &fresh, in.AreaID)
	})
	return s.answer(ctx, a, ids, notices, err)
}

func (s *Service) create(ctx context.Context, a access.Actor, r *Resource, areaID string) error {
	owner, err := s.organisations.Named(ctx, a, r.Owner, "input", "ownerId")
	if err != nil {
		return err
	}
	if r.Header.Station, err = s.station(ctx, a, owner); err != nil {
		return err
	}
	if err := owner.CanTakePart(); err != nil {
		return fault.Under(err, "input", "ownerId")
	}
	if err := s.settleIn(ctx, r, areaID); err != nil {
		return err
	}
	return s.rows.Insert(ctx, r, usecase.Note(a, "resource.created", r.ID, ""))
}

// station is the one that looks after the resources of an owner: that of the
// coordinator who enters one, else the one responsible for the owner's place, ""
// if there is none. FORBIDDEN for who may not enter one.
func (s *Service) station(ctx context.Context, a access.Actor, owner *organisation.Organisation) (string, error) {
	code := division.CodeOf(owner.Division)
	if !a.IsSystem() && !a.Is(access.Partner, owner.ID) {
		for _, g := range a.Grants {
			if g.Role == access.Coordinator && (division.Within(code, g.Area) || division.Within(g.Area, code)) {
				return g.Scope, nil
			}
		}
		return "", fault.New(fault.CodeForbidden)
	}
	st, err := s.stations.For(ctx, code, station.SocialWork)
	if fault.CodeOf(err) == fault.CodeNoStation {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return st.ID, nil
}

// settleIn sets where the resource may go.
func (s *Service) settleIn(ctx context.Context, r *Resource, areaID string) error {
	d, err := s.divisions.Resolve(ctx, areaID, "input", "areaId")
	if err != nil {
		return err
	}
	r.Area = d.Code
	r.Header.Place(d.Code)
	return nil
}

// offer checks all of a new resource that needs no other noun.
func (r *Resource) offer(in Create, today usecase.Date) ([]usecase.Notice, error) {
	if err := usecase.ID(in.OwnerID, "org", "input", "ownerId"); err != nil {
		return nil, err
	}
	if !slices.Contains(Kinds, in.Kind) {
		return nil, fault.New(fault.CodeInvalid, fault.At("input", "kind"), fault.P("rule", "KIND"))
	}
	if err := in.Quantity.Check("input", "quantity"); err != nil {
		return nil, err
	}
	if err := in.Quantity.Same(in.Kind.unit(in.Quantity.Unit), "input", "quantity"); err != nil {
		return nil, err
	}
	if in.Per != nil {
		if in.Kind != Serving || !slices.Contains(Periods, *in.Per) {
			return nil, fault.New(fault.CodeInvalid, fault.At("input", "per"), fault.P("rule", "PERIOD"))
		}
		r.Per = *in.Per
	}
	r.Total, r.ReceivedOn = in.Quantity, usecase.Or(in.ReceivedOn, "")
	if r.ReceivedOn != "" {
		if err := came(r.ReceivedOn, today); err != nil {
			return nil, fault.Under(err, "input", "receivedOn")
		}
	}
	return r.fill(words{
		title: &in.Title, category: &in.Category, description: in.Description, minimum: in.Minimum, window: in.Window,
		expiresOn: in.ExpiresOn, batch: in.Batch, location: in.Location, eligibility: in.Eligibility, capacity: in.Capacity,
	}, today)
}
