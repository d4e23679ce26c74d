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

// Register enters a person: a coordinator, protection officer or social worker whose
// area holds the community. Protected and sealed ones are entered by a protection
// officer: OFFICER_REQUIRED. Under 14 the guardian is named: REQUIRED.
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
		if err := a.MayAt("recipient.create", fresh.Where); err != nil {
			return nil, err
		}
		if fresh.Guarded() && !officer(a, &fresh) {
			return nil, fault.New(fault.CodeOfficerRequired, fault.At("input", "class"))
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
	if r.Private.GuardianName == "" && r.child(today) {
		return nil, fault.New(fault.CodeRequired, fault.At("input", "guardianName"))
	}
	return notices, r.coded(in)
}

// child reports whether the person is known to be under 14: then guardians decide
// (PIPL art. 31).
func (r *Recipient) child(day usecase.Date) bool {
	years := r.Private.BornOn.YearsTo(day)
	return years >= 0 && years < 14
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
