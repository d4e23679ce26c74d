package recipient

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Register is a new recipient.
type Register struct {
	Name            string
	DisplayName     *string
	Category        string
	Class           access.Class
	BornOn          *usecase.Date
	Phone           *string
	SafeContactRule *string
	Address         *string
	CommunityID     string
	GuardianName    *string
	GuardianPhone   *string
	CareNote        *string
	IdempotencyKey  *string `json:"-"`
}

// Register enters a person, by any account that knows them. Protected and sealed
// ones are entered by a protection officer of the area: OFFICER_REQUIRED.
func (s *Service) Register(ctx context.Context, a access.Actor, in Register) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	r := &Recipient{Head: store.Head{ID: s.core.DB.NewBlindID(prefix)}}
	r.Code = code(r.ID)
	r.Header.State, r.Header.Subject = stateKnown, r.ID
	r.Header.Relate(access.PartyRecipient, r.ID)
	r.Header.Relate(access.PartyGuardian, r.ID)
	r.Header.Relate(access.PartyCreator, a.ID)
	notices, err := r.fill(words{
		name: &in.Name, display: in.DisplayName, category: &in.Category, born: in.BornOn, phone: in.Phone, rule: in.SafeContactRule,
		address: in.Address, guardian: in.GuardianName, guardianPhone: in.GuardianPhone, care: in.CareNote,
	}, usecase.DateOf(s.core.Time()))
	if err != nil {
		return nil, nil, err
	}
	if r.Header.Class, err = class(in.Class); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "recipient.register", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *r // the unit may run again
		if err := s.settle(ctx, &fresh, in.CommunityID); err != nil {
			return nil, err
		}
		if err := officer(a, &fresh, fresh.Header.Class); err != nil {
			return nil, err
		}
		return []string{r.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "recipient.registered", r.ID, ""))
	})
	return s.answer(ctx, a, ids, notices, err)
}

func class(c access.Class) (access.Class, error) {
	if c == "" {
		return access.Restricted, nil
	}
	if !slices.Contains(access.Classes, c) {
		return c, fault.New(fault.CodeInvalid, fault.At("input", "class"), fault.P("rule", "CLASS"))
	}
	return c, nil
}

// officer leaves what is or becomes guarded to a protection officer of the area.
func officer(a access.Actor, r *Recipient, becomes access.Class) error {
	guarded := r.Guarded() || becomes == access.Protected || becomes == access.Sealed
	if !guarded || a.IsSystem() {
		return nil
	}
	for _, g := range a.Grants {
		if g.Role == access.ProtectionOfficer && g.Covers(r.Where) {
			return nil
		}
	}
	return fault.New(fault.CodeOfficerRequired, fault.At("input", "class"))
}

// words are the plain fields of an input; nil leaves a field as it is.
type words struct {
	name, display, category, phone, rule, address *string
	guardian, guardianPhone, care                 *string
	born                                          *usecase.Date
}

func (r *Recipient) fill(in words, today usecase.Date) (notices []usecase.Notice, err error) {
	for _, f := range []struct {
		to, from *string
		max      int
		required bool
		field    string
	}{
		{&r.Private.Name, in.name, 64, true, "name"},
		{&r.Private.DisplayName, in.display, 32, false, "displayName"},
		{&r.Private.Phone, in.phone, 32, false, "phone"},
		{&r.Private.Address, in.address, 200, false, "address"},
		{&r.Private.GuardianName, in.guardian, 64, false, "guardianName"},
		{&r.Private.GuardianPhone, in.guardianPhone, 32, false, "guardianPhone"},
		{&r.Private.CareNote, in.care, 500, false, "careNote"},
	} {
		if f.from == nil {
			continue
		}
		text, more, err := usecase.FreeText(*f.from, f.max, f.required, "input", f.field)
		if err != nil {
			return nil, err
		}
		*f.to, notices = text, append(notices, more...)
	}
	if in.born != nil {
		if _, err := in.born.Start(); *in.born != "" && (err != nil || *in.born > today || in.born.YearsTo(today) > 130) {
			return nil, fault.New(fault.CodeInvalid, fault.At("input", "bornOn"), fault.P("rule", "DATE"))
		}
		r.Private.BornOn = *in.born
	}
	return notices, r.coded(in)
}

func (r *Recipient) coded(in words) error {
	if in.category != nil {
		if err := usecase.InList(codes.RecipientCategory, *in.category, "input", "category"); err != nil {
			return err
		}
		r.Private.Category = *in.category
	}
	if in.rule != nil {
		if *in.rule != "" {
			if err := usecase.InList(codes.SafeContactRule, *in.rule, "input", "safeContactRule"); err != nil {
				return err
			}
		}
		r.Private.SafeRule = *in.rule
	}
	return nil
}

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

// Change changes what is known of a person, by their own side, their station, or
// the protection officer of guarded ones.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		action: "recipient.change", event: "recipient.changed", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, r *Recipient) (err error) {
			if access.See(a, Noun).Of(&r.Header) < access.Full { // nobody edits what they may not read
				return fault.New(fault.CodeForbidden)
			}
			if in.CommunityID != nil {
				if err := s.settle(ctx, r, *in.CommunityID); err != nil {
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

// Reclassify is a change of how widely a person's matters may be known.
type Reclassify struct {
	RecipientID     string
	Class           access.Class
	Note            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Reclassify changes a person's class and lifts that of what belongs to them, in
// one unit. Into and out of the guarded classes only a protection officer.
func (s *Service) Reclassify(ctx context.Context, a access.Actor, in Reclassify) (*View, []usecase.Notice, error) {
	if _, err := usecase.Text(in.Note, 500, true, "input", "note"); err != nil {
		return nil, nil, err
	}
	becomes, err := class(in.Class)
	if err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		action: "recipient.classify", event: "recipient.reclassified", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, r *Recipient) error {
			if err := officer(a, r, becomes); err != nil {
				return err
			}
			r.Header.Class = becomes
			if err := s.followConsents(ctx, r, a); err != nil {
				return err
			}
			for _, fn := range s.reclassified {
				if err := fn(ctx, r.ID, becomes, a); err != nil {
					return err
				}
			}
			return nil
		},
	})
	return v, nil, err
}

// Erase is a person to erase.
type Erase struct {
	RecipientID     string
	Note            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Erase erases a person's data here, in what belongs to them and in the log; the
// entries stay, readable without it (PIPL art. 47). It can't be undone.
func (s *Service) Erase(ctx context.Context, a access.Actor, in Erase) (*View, []usecase.Notice, error) {
	if _, err := usecase.Text(in.Note, 500, true, "input", "note"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		action: "recipient.erase", event: "recipient.erased", id: in.RecipientID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, r *Recipient) error {
			r.Private, r.Header.State = Private{}, stateErased
			for _, fn := range s.erasing {
				if err := fn(ctx, r.ID, a); err != nil {
					return err
				}
			}
			return s.core.DB.Erase(ctx, r.ID)
		},
	})
	return v, nil, err
}

// command is one person's step on one recipient.
type command struct {
	action   access.Action
	event    string
	id       string
	expected int64
	key      *string
	input    any
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
		if err := access.See(a, Noun).May(c.action, &r.Header); err != nil {
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
		return []string{r.ID}, s.rows.Replace(ctx, r, usecase.Note(a, c.event, r.ID, ""))
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}
