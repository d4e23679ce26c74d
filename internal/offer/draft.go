package offer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxAreas = 20
	maxNote  = 500
	maxYears = 2 // how far ahead an offer may begin and end
)

// DraftInput is a new offer.
type DraftInput struct {
	CharityResourceID string
	StationID         string
	Quantity          measure.Quantity // each time
	DivisionIDs       []string
	Urgencies         []request.Urgency
	Recurrence        *request.RecurrenceInput
	StartsOn          *usecase.Date
	EndsOn            *usecase.Date
	Note              *string
	IdempotencyKey    *string `json:"-"`
}

// ChangeInput says anew all that a draft says; what is left out is as if it had never been
// said.
type ChangeInput struct {
	OfferID         string
	Quantity        measure.Quantity
	DivisionIDs     []string
	Urgencies       []request.Urgency
	Recurrence      *request.RecurrenceInput
	StartsOn        *usecase.Date
	EndsOn          *usecase.Date
	Note            *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Draft enters an offer of a resource, that its owner answers for, to a station.
// RESOURCE_UNAVAILABLE for what is over, INVALID for a room: its times are booked one by
// one.
func (s *Service) Draft(ctx context.Context, a access.Actor, in DraftInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.CharityResourceID, "res", "input", "charityResourceId"); err != nil {
		return nil, nil, err
	}
	now, id := s.core.Time(), s.core.DB.NewID(prefix)
	var notices []usecase.Notice
	ids, err := s.core.Run(ctx, a, "offer.draft", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		res, err := s.offered(ctx, a, in.CharityResourceID, now)
		if err != nil {
			return nil, fault.Under(err, "input", "charityResourceId")
		}
		st, err := s.Stations.Named(ctx, in.StationID, "input", "stationId")
		if err != nil {
			return nil, err
		}
		o := &Offer{Head: store.Head{ID: id}, Resource: res.ID, Owner: res.Owner}
		o.Header.Class, o.Header.State, o.Header.Station = access.Public, string(Draft), st.ID
		o.Header.Place(division.Short(st.Code()))
		o.Header.Relate(access.PartyOwner, res.Owner)
		t := terms{in.Quantity, in.DivisionIDs, in.Urgencies, in.Recurrence, in.StartsOn, in.EndsOn, in.Note}
		if notices, err = s.fill(ctx, o, res, t, now); err != nil {
			return nil, err
		}
		return []string{id}, s.rows.Insert(ctx, o, usecase.Note(a, "offer.drafted", id, ""))
	})
	return s.answer(ctx, a, ids, notices, err)
}

// offered reads a resource of which the actor may make an offer.
func (s *Service) offered(ctx context.Context, a access.Actor, id string, now time.Time) (*resource.Resource, error) {
	res, err := s.Resources.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.Resources.Sight(a).May("offer.draft", &res.Header); err != nil {
		return nil, err
	}
	switch state := res.Now(now); {
	case slices.Contains([]resource.State{resource.Expired, resource.Withdrawn, resource.Recalled}, state):
		return nil, fault.New(fault.CodeResourceUnavailable, fault.P("state", string(state)))
	case res.Kind == resource.Venue:
		return nil, fault.New(fault.CodeInvalid, fault.P("rule", "KIND"))
	}
	return res, nil
}

// Change says anew what a draft says.
func (s *Service) Change(ctx context.Context, a access.Actor, in ChangeInput) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		act: ActChange, id: in.OfferID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, o *Offer, now time.Time) error {
			res, err := s.Resources.Load(ctx, o.Resource)
			if err != nil {
				return err
			}
			t := terms{in.Quantity, in.DivisionIDs, in.Urgencies, in.Recurrence, in.StartsOn, in.EndsOn, in.Note}
			notices, err = s.fill(ctx, o, res, t, now)
			return err
		},
	})
	return v, notices, err
}

// terms are what an offer says.
type terms struct {
	quantity   measure.Quantity
	divisions  []string
	urgencies  []request.Urgency
	recurrence *request.RecurrenceInput
	starts     *usecase.Date
	ends       *usecase.Date
	note       *string
}

// fill checks what an offer says and puts it down.
func (s *Service) fill(ctx context.Context, o *Offer, res *resource.Resource, t terms, now time.Time) (notices []usecase.Notice, err error) {
	if err := t.quantity.Check("input", "quantity"); err != nil {
		return nil, err
	}
	if err := t.quantity.Same(res.Unit(), "input", "quantity"); err != nil {
		return nil, err
	}
	if least := max(1, res.Minimum); t.quantity.Value < least || t.quantity.Value > res.Total.Value {
		return nil, fault.New(fault.CodeOutOfRange, fault.At("input", "quantity", "value"), fault.P("min", least), fault.P("max", res.Total.Value))
	}
	o.Quantity = t.quantity
	if o.Areas, err = s.areas(ctx, t.divisions); err != nil {
		return nil, err
	}
	o.Urgencies = slices.Compact(slices.Sorted(slices.Values(t.urgencies)))
	if err := o.last(t, now); err != nil {
		return nil, err
	}
	o.Note, notices, err = usecase.FreeText(usecase.Or(t.note, ""), maxNote, false, "input", "note")
	return notices, err
}

func (s *Service) areas(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) > maxAreas {
		return nil, fault.New(fault.CodeTooMany, fault.At("input", "divisionIds"), fault.P("max", maxAreas))
	}
	out := []string{}
	for i, id := range ids {
		d, err := s.Divisions.Resolve(ctx, id, "input", "divisionIds", strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, d.Code) {
			out = append(out, d.Code)
		}
	}
	return out, nil
}

// last puts down when the offer holds: from a day on, by a rule with an end or until a day.
func (o *Offer) last(t terms, now time.Time) error {
	today := usecase.DateOf(now)
	farthest := usecase.DateOf(now.AddDate(maxYears, 0, 0))
	o.StartsOn = usecase.Or(t.starts, today)
	if o.StartsOn < today || o.StartsOn > farthest {
		return fault.New(fault.CodeInvalid, fault.At("input", "startsOn"), fault.P("rule", "DATE"))
	}
	o.Rule, o.WorkingDays, o.EndsOn = "", false, usecase.Or(t.ends, "")
	if t.recurrence == nil {
		if t.ends == nil {
			return fault.New(fault.CodeRequired, fault.At("input", "endsOn"))
		}
		if _, err := o.EndsOn.Start(); err != nil || o.EndsOn < o.StartsOn || o.EndsOn > farthest {
			return fault.New(fault.CodeInvalid, fault.At("input", "endsOn"), fault.P("rule", "DATE"))
		}
		return nil
	}
	if t.ends != nil { // the rule says so
		return fault.New(fault.CodeInvalid, fault.At("input", "endsOn"), fault.P("rule", "RRULE_END"))
	}
	if o.Rule, o.WorkingDays = strings.TrimSpace(t.recurrence.Rule), t.recurrence.WorkingDaysOnly; o.Rule == "" {
		return fault.New(fault.CodeRequired, fault.At("input", "recurrence", "rule"))
	}
	turns, err := o.turns()
	if err == nil && len(turns) == 0 {
		err = fault.New(fault.CodeInvalid, fault.P("rule", "RRULE_DAY"))
	}
	if err != nil {
		return fault.Under(err, "input", "recurrence", "rule")
	}
	o.EndsOn = usecase.DateOf(turns[len(turns)-1].From)
	return nil
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}
