package volunteer

import (
	"context"
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName   = 64
	maxNumber = 32
	maxPhone  = 32
	maxSkills = 50
	maxReach  = 100_000 // metres
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
	GuardianConsent *ConsentInput
	IdempotencyKey  *string `json:"-"`
}

// Register enters a volunteer, by any account: for oneself or for somebody who
// asked for it.
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
	if err := v.fill(words{&in.Name, in.Number, in.Phone, in.Skills, &in.ReachMetres, in.GuardianConsent}, today); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "volunteer.register", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *v // the unit may run again
		if err := s.settle(ctx, &fresh, in.CommunityID); err != nil {
			return nil, err
		}
		return []string{v.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "volunteer.registered", v.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	name, number, phone *string
	skills              []string
	reach               *int
	consent             *ConsentInput
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
	if in.reach != nil {
		if *in.reach < 0 || *in.reach > maxReach {
			return fault.New(fault.CodeOutOfRange, fault.At("input", "reachMetres"), fault.P("min", 0), fault.P("max", maxReach))
		}
		v.ReachMetres = *in.reach
	}
	if err := v.learn(in.skills); err != nil {
		return err
	}
	if err := v.consent(in.consent); err != nil {
		return err
	}
	return v.consented(today)
}

func (v *Volunteer) learn(skills []string) error {
	if skills == nil {
		return nil
	}
	if len(skills) > maxSkills {
		return fault.New(fault.CodeTooMany, fault.At("input", "skills"), fault.P("max", maxSkills))
	}
	v.Skills = []string{}
	for i, skill := range skills {
		if err := usecase.InList(codes.Skill, skill, "input", "skills", strconv.Itoa(i)); err != nil {
			return err
		}
		if !slices.Contains(v.Skills, skill) {
			v.Skills = append(v.Skills, skill)
		}
	}
	return nil
}

func (v *Volunteer) consent(in *ConsentInput) error {
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
	v.Private.Consent = &Consent{Name: name, Phone: phone, GivenOn: in.GivenOn}
	return nil
}

// Change is a change of a volunteer; what is nil stays.
type Change struct {
	VolunteerID     string
	Name            *string
	Number          *string
	Phone           *string
	Skills          []string
	CommunityID     *string
	ReachMetres     *int
	GuardianConsent *ConsentInput
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what is known of a volunteer.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, command{
		step: ActChange, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, v *Volunteer) error {
			if in.CommunityID != nil {
				if err := s.settle(ctx, v, *in.CommunityID); err != nil {
					return err
				}
			}
			return v.fill(words{in.Name, in.Number, in.Phone, in.Skills, in.ReachMetres, in.GuardianConsent}, usecase.DateOf(s.core.Time()))
		},
	})
}

// Verify says that name and person belong together, and how that was seen.
type Verify struct {
	VolunteerID     string
	Evidence        string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Verify says that name and person belong together.
func (s *Service) Verify(ctx context.Context, a access.Actor, in Verify) (*View, []usecase.Notice, error) {
	evidence, notices, err := usecase.FreeText(in.Evidence, 500, true, "input", "evidence")
	if err != nil {
		return nil, nil, err
	}
	v, _, err := s.step(ctx, a, command{
		step: ActVerify, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, v *Volunteer) error {
			v.Private.Evidence = evidence
			return nil
		},
	})
	return v, notices, err
}

// Simple is a step that needs nothing but the volunteer: activate, pause, exit.
type Simple struct {
	VolunteerID     string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Activate lets a verified, paused or suspended volunteer take assignments.
func (s *Service) Activate(ctx context.Context, a access.Actor, in Simple) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, command{
		step: ActActivate, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, v *Volunteer) error { return v.consented(usecase.DateOf(s.core.Time())) },
	})
}

// Pause takes a pause; what was taken on goes on.
func (s *Service) Pause(ctx context.Context, a access.Actor, in Simple) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, command{step: ActPause, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in})
}

// Exit leaves for good; open assignments are released.
func (s *Service) Exit(ctx context.Context, a access.Actor, in Simple) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, command{
		step: ActExit, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		then: func(ctx context.Context, v *Volunteer) error { return s.leave(ctx, a, v, "OVERLOAD") },
	})
}

// Suspend is a volunteer to stop.
type Suspend struct {
	VolunteerID     string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Suspend stops a volunteer; open assignments are released.
func (s *Service) Suspend(ctx context.Context, a access.Actor, in Suspend) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.SanctionReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	return s.step(ctx, a, command{
		step: ActSuspend, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason,
		then: func(ctx context.Context, v *Volunteer) error { return s.leave(ctx, a, v, "SAFETY") },
	})
}

func (s *Service) leave(ctx context.Context, a access.Actor, v *Volunteer, reason string) error {
	for _, fn := range s.gone {
		if err := fn(ctx, v.ID, reason, a); err != nil {
			return err
		}
	}
	return nil
}

// MinorsClear enters a clean query for offenders against minors.
type MinorsClear struct {
	VolunteerID     string
	QueriedOn       usecase.Date
	Evidence        string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// MinorsClear enters that the query for offenders came back clean, by a protection
// officer of the area; it counts for a year.
func (s *Service) MinorsClear(ctx context.Context, a access.Actor, in MinorsClear) (*View, []usecase.Notice, error) {
	evidence, notices, err := usecase.FreeText(in.Evidence, 500, true, "input", "evidence")
	if err != nil {
		return nil, nil, err
	}
	today := usecase.DateOf(s.core.Time())
	if _, err := in.QueriedOn.Start(); err != nil || in.QueriedOn > today {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "queriedOn"), fault.P("rule", "DATE"))
	}
	v, _, err := s.step(ctx, a, command{
		step: ActClear, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, v *Volunteer) error {
			if !officer(a, v) {
				return fault.New(fault.CodeForbidden)
			}
			v.ClearedOn, v.Private.Evidence = in.QueriedOn, evidence
			return nil
		},
	})
	return v, notices, err
}

// command is one person's step on one volunteer.
type command struct {
	step     Action
	id       string
	expected int64
	key      *string
	input    any
	reason   string
	rule     func(ctx context.Context, v *Volunteer) error
	then     func(ctx context.Context, v *Volunteer) error
}

// step runs the one order of every change: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "volunteerId"); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "volunteer."+string(c.step), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		v, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := s.may(access.See(a, Noun), v, c.step); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(v, c.expected); err != nil {
			return nil, err
		}
		return []string{v.ID}, s.apply(ctx, a, v, c)
	})
	return s.answer(ctx, a, ids, err)
}

func (s *Service) apply(ctx context.Context, a access.Actor, v *Volunteer, c command) error {
	event, err := v.take(c.step)
	if err != nil {
		return err
	}
	if c.rule != nil {
		if err := c.rule(ctx, v); err != nil {
			return err
		}
	}
	if err := s.rows.Replace(ctx, v, usecase.Note(a, event, v.ID, c.reason)); err != nil {
		return err
	}
	if c.then != nil {
		return c.then(ctx, v)
	}
	return nil
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}
