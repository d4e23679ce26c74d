package volunteer

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/gb"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName   = 64
	maxNumber = 32
	maxPhone  = 32
	maxSkills = 50
	maxReach  = 50_000 // metres
)

// ConsentInput is a guardian's consent as told.
type ConsentInput struct {
	GuardianName  string
	GuardianPhone string
	GivenOn       usecase.Date
}

// Register is a new volunteer.
type Register struct {
	Name            string
	Number          *string
	Phone           *string
	BornOn          usecase.Date
	Skills          []string
	CommunityID     string
	ReachMetres     int
	Availability    []rota.Slot
	Location        *usecase.GeoPoint
	GuardianConsent *ConsentInput
	IdempotencyKey  *string `json:"-"`
}

// Register enters a volunteer: a coordinator or administrator whose area holds the
// community. GUARDIAN_CONSENT_REQUIRED under 18, DUPLICATE for a number that is there.
func (s *Service) Register(ctx context.Context, a access.Actor, in Register) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	v := &Volunteer{Head: store.Head{ID: s.core.DB.NewBlindID(prefix)}, Skills: []string{}}
	v.Header.Class, v.Header.State = access.Restricted, string(Registered)
	v.Header.Relate(access.PartySelf, v.ID)
	v.Header.Relate(access.PartyCreator, a.ID)
	today := usecase.DateOf(s.core.Time())
	if _, err := in.BornOn.Start(); err != nil || in.BornOn > today || in.BornOn.YearsTo(today) > 120 {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "bornOn"), fault.P("rule", "DATE"))
	}
	v.Private.BornOn = in.BornOn
	if err := v.fill(words{&in.Name, in.Number, in.Phone, in.Skills, &in.ReachMetres, in.Availability, in.GuardianConsent, in.Location}, today); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "volunteer.register", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *v // the unit may run again
		if err := s.settle(ctx, &fresh, in.CommunityID); err != nil {
			return nil, fault.Under(err, "input", "communityId")
		}
		if err := a.MayAt("volunteer.create", fresh.Community); err != nil {
			return nil, err
		}
		takeIn(a, &fresh)
		return []string{v.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "volunteer.registered", v.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	name, number, phone *string
	skills              []string
	reach               *int
	hours               []rota.Slot
	consent             *ConsentInput
	location            *usecase.GeoPoint
}

func (v *Volunteer) fill(in words, today usecase.Date) (err error) {
	for _, f := range []struct {
		to       *string
		from     *string
		max      int
		required bool
		name     string
	}{
		{&v.Private.Name, in.name, maxName, true, "name"},
		{&v.Private.Number, in.number, maxNumber, false, "number"},
		{&v.Private.Phone, in.phone, maxPhone, false, "phone"},
	} {
		if f.from == nil {
			continue
		}
		if *f.to, err = usecase.Text(*f.from, f.max, f.required, "input", f.name); err != nil {
			return err
		}
	}
	if _, found := gb.MaskCitizenIDs(v.Private.Number); found > 0 {
		return fault.New(fault.CodeInvalid, fault.At("input", "number"), fault.P("rule", "NO_ID_NUMBER"))
	}
	if in.reach != nil {
		if *in.reach < 0 || *in.reach > maxReach {
			return fault.New(fault.CodeOutOfRange, fault.At("input", "reachMetres"), fault.P("min", 0), fault.P("max", maxReach))
		}
		v.ReachMetres = *in.reach
	}
	if in.skills != nil {
		if v.Skills, err = usecase.ListOf(codes.Skill, in.skills, maxSkills, "input", "skills"); err != nil {
			return err
		}
	}
	if in.hours != nil {
		if v.Hours, err = rota.New(in.hours, "input", "availability"); err != nil {
			return err
		}
	}
	if in.location != nil {
		if v.Private.Location, err = in.location.Point("input", "location"); err != nil {
			return err
		}
	}
	if err := v.consent(in.consent, today); err != nil {
		return err
	}
	return v.consented(today)
}

func (v *Volunteer) consent(in *ConsentInput, today usecase.Date) error {
	if in == nil {
		return nil
	}
	name, err := usecase.Text(in.GuardianName, maxName, true, "input", "guardianConsent", "guardianName")
	if err != nil {
		return err
	}
	phone, err := usecase.Text(in.GuardianPhone, maxPhone, true, "input", "guardianConsent", "guardianPhone")
	if err != nil {
		return err
	}
	if _, err := in.GivenOn.Start(); err != nil {
		return fault.Under(err, "input", "guardianConsent", "givenOn")
	}
	if in.GivenOn > today {
		return fault.New(fault.CodeOutOfRange, fault.At("input", "guardianConsent", "givenOn"), fault.P("min", ""), fault.P("max", string(today)))
	}
	v.Private.Consent = &Consent{Name: name, Phone: phone, GivenOn: in.GivenOn}
	return nil
}
