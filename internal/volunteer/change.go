package volunteer

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of a volunteer; what is nil stays.
type Change struct {
	VolunteerID     string
	Name            *string
	Number          *string
	Phone           *string
	Skills          []string
	CommunityID     *string
	ReachMetres     *int
	Availability    []rota.Slot
	Location        *usecase.GeoPoint
	GuardianConsent *ConsentInput
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what is known of a volunteer. A new name has to be verified again.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	return s.step(ctx, a, command{
		step: ActChange, id: in.VolunteerID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, v *Volunteer) error {
			if in.CommunityID != nil {
				if err := s.settle(ctx, v, *in.CommunityID); err != nil {
					return fault.Under(err, "input", "communityId")
				}
			}
			was := v.Private.Name
			if err := v.fill(words{in.Name, in.Number, in.Phone, in.Skills, in.ReachMetres, in.Availability, in.GuardianConsent, in.Location}, usecase.DateOf(s.core.Time())); err != nil {
				return err
			}
			if v.Private.Name != was {
				v.renamed()
			}
			return nil
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
			v.Verified, v.Private.Evidence = true, evidence
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
	evidence, notices, err := usecase.FreeText(in.Evidence, 200, true, "input", "evidence")
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
			v.ClearedOn, v.Private.Clearance = in.QueriedOn, evidence
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
		if err := may(access.See(a, Noun), v, c.step); err != nil {
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
	event, err := v.take(c.step, allowed(access.See(a, Noun), v))
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
	if fault.CodeOf(err) == fault.CodeDuplicate { // found at the commit
		err = fault.Under(err, "input", "number")
	}
	if err != nil {
		return nil, nil, err
	}
	if usecase.Bulk(ctx) {
		version, err := s.rows.Version(ctx, ids[0])
		return &View{ID: ids[0], Version: version}, nil, err
	}
	views, err := s.Views(ctx, a, ids)
	return views[ids[0]], nil, err // nil for who sees them no more
}
