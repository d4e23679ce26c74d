package recipient

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of a recipient; what is nil stays.
type Change struct {
	RecipientID     string
	Name            *string
	DisplayName     *string
	Category        *string
	BornOn          *usecase.Date
	Phone           *string
	SafeContactRule *string
	Address         *string
	CommunityID     *string
	GuardianName    *string
	GuardianPhone   *string
	CareNote        *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// own reports whether the change touches only what a person's own side may change:
// how to reach them and where they live.
func (in Change) own() bool {
	return in.Name == nil && in.DisplayName == nil && in.Category == nil && in.BornOn == nil && in.CommunityID == nil &&
		in.GuardianName == nil && in.CareNote == nil
}

// Change changes what is known of a person: their own side contact and address,
// their station, or the protection officer of guarded ones, everything. Open
// requests stay where they are.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		action: "recipient.change", event: "recipient.changed", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, r *Recipient) (err error) {
			rel := access.See(a, Noun).Relations(&r.Header)
			if !in.own() && rel&access.Rel(access.ToStation, access.ToProtected, access.ToSystem) == 0 {
				return fault.New(fault.CodeForbidden)
			}
			if in.CommunityID != nil {
				if err := s.move(ctx, a, r, *in.CommunityID); err != nil {
					return err
				}
			}
			notices, err = r.fill(words{
				name: in.Name, display: in.DisplayName, category: in.Category, born: in.BornOn, phone: in.Phone, rule: in.SafeContactRule,
				address: in.Address, guardian: in.GuardianName, guardianPhone: in.GuardianPhone, care: in.CareNote,
			}, usecase.DateOf(s.core.Time()))
			return err
		},
	})
	return v, notices, err
}

// move sets another community; consents go with the person.
func (s *Service) move(ctx context.Context, a access.Actor, r *Recipient, communityID string) error {
	if err := s.settle(ctx, r, communityID); err != nil {
		return err
	}
	return s.followHeader(ctx, r, a)
}

// officer reports whether the actor is a protection officer where the person lives.
func officer(a access.Actor, r *Recipient) bool {
	return a.IsSystem() || slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
		return g.Role == access.ProtectionOfficer && g.Covers(r.Where)
	})
}

// may asks sight and relation. A station's people take no step with a guarded person:
// OFFICER_REQUIRED; but they may lift a class (the rule asks which way it goes).
func may(sight *access.Sight, r *Recipient, right access.Action) error {
	if err := sight.May(right, &r.Header); err != nil {
		return err
	}
	near := access.Rel(access.ToSelf, access.ToWard, access.ToLed, access.ToProtected, access.ToSystem)
	if r.Guarded() && right != "recipient.classify" && sight.Relations(&r.Header)&near == 0 {
		return fault.New(fault.CodeOfficerRequired)
	}
	return nil
}

// command is one person's step on one recipient.
type command struct {
	action   access.Action
	event    string
	id       string
	expected int64
	key      *string
	input    any
	reason   string
	rule     func(ctx context.Context, r *Recipient) error
}

// step runs the one order of every change: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "recipientId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, string(c.action), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		r, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := may(access.See(a, Noun), r, c.action); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(r, c.expected); err != nil {
			return nil, err
		}
		if r.Erased() {
			return nil, fault.New(fault.CodeTransition, fault.P("from", stateErased), fault.P("allowed", []string{}))
		}
		if err := c.rule(ctx, r); err != nil {
			return nil, err
		}
		return []string{r.ID}, s.rows.Replace(ctx, r, usecase.Note(a, c.event, r.ID, c.reason))
	})
	if err != nil {
		return nil, err
	}
	views, err := s.Views(ctx, a, ids)
	return views[ids[0]], err // nil for who sees the person no more
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}
