package account

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// phone is an account's own phone, proven by a code. Its id is the account's. The
// number stands sealed, and is found by a keyed hash; neither is logged.
type phone struct {
	store.Head `bson:",inline"`
	Key        string    `bson:"key"`
	Sealed     string    `bson:"sealed"`
	VerifiedAt time.Time `bson:"verified"`
}

func phoneSpec() store.Spec[phone] {
	return store.Spec[phone]{
		Name:    "phone",
		Fields:  []store.Field[phone]{{Name: "key", Kind: store.Text, Get: func(p *phone) any { return p.Key }}},
		Indexes: [][]string{{"key"}},
		Unique:  [][]string{{"key"}},
		Queries: []store.Shape{{Where: []string{"key"}}},
		Personal: func(p *phone) []store.Personal {
			return []store.Personal{{Subject: p.ID, Fields: []string{"key", "sealed"}}}
		},
	}
}

// PhoneSet names the phone that an account wants as its own.
type PhoneSet struct{ Phone string }

// PhoneConfirm proves it.
type PhoneConfirm struct {
	Code string `json:"-"`
}

// PhoneRemove takes it away.
type PhoneRemove struct {
	IdempotencyKey *string `json:"-"`
}

var (
	e164     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	mainland = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

// number is a phone in E.164; one of eleven digits is of mainland China. Signs
// between the digits are dropped and full-width ones narrowed. INVALID for anything
// else.
func number(given string, path ...string) (string, error) {
	s := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(fold(clip(given)))
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	if mainland.MatchString(s) {
		s = "+86" + s
	}
	if !e164.MatchString(s) || (strings.HasPrefix(s, "+86") && len(s) == 14 && !mainland.MatchString(s[3:])) {
		return "", fault.New(fault.CodeInvalid, fault.At(path...), fault.P("rule", "PHONE"))
	}
	return s, nil
}

// maskPhone leaves what its owner recognises: +86 138****00.
func maskPhone(s string) string {
	if len(s) < 8 {
		return "****"
	}
	return s[:len(s)-8] + "****" + s[len(s)-2:]
}

// Phone is the actor's own phone, masked; nil for none.
func (s *Service) Phone(ctx context.Context, a access.Actor) (*string, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	found, err := s.phones.GetMany(ctx, []string{a.ID})
	if err != nil || found[a.ID] == nil {
		return nil, err
	}
	raw, err := s.core.Box.Open(sealPhone, found[a.ID].Sealed)
	if err != nil {
		return nil, err
	}
	return usecase.Opt(maskPhone(string(raw))), nil
}

// PhoneSet sends a code to the phone, for PhoneConfirm. Errors: SIGN_IN_METHOD_OFF,
// SIGN_IN_AGAIN for a session older than 10 minutes, INVALID, RATE_LIMITED. Whether
// another account has the phone is told to who proves it only.
func (s *Service) PhoneSet(ctx context.Context, a access.Actor, in PhoneSet) (*PhoneCodeSent, error) {
	if !a.SignedIn() || a.IsSystem() {
		return nil, fault.New(fault.CodeUnauthenticated)
	}
	to, err := s.mayPost(ctx, in.Phone)
	if err != nil {
		return nil, err
	}
	now, code := s.core.Time(), digits()
	t := &ticket{
		Head: store.Head{ID: s.ticketID(phoneOwn, a.ID)}, Kind: phoneOwn, Account: a.ID, Expires: now.Add(phoneFor),
		Check: s.mac("code", a.ID, code), Sealed: s.core.Box.Seal(sealPhone, []byte(to)),
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.fresh(ctx, a, now); err != nil {
			return err
		}
		return s.put(ctx, t)
	})
	if err != nil {
		return nil, err
	}
	s.post(ctx, to, code, now)
	return &PhoneCodeSent{ExpiresAt: t.Expires}, nil
}

// PhoneConfirm makes the phone the account's own, in the place of any it had.
// ONE_TIME_CODE_INVALID; DUPLICATE when another account has it.
func (s *Service) PhoneConfirm(ctx context.Context, a access.Actor, in PhoneConfirm) (*string, error) {
	if !a.SignedIn() || a.IsSystem() {
		return nil, fault.New(fault.CodeUnauthenticated)
	}
	now := s.core.Time()
	t, err := s.guess(ctx, s.ticketID(phoneOwn, a.ID), s.mac("code", a.ID, plainDigits(in.Code)), now)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fault.New(fault.CodeOneTimeCode, fault.At("input", "code"))
	}
	raw, err := s.core.Box.Open(sealPhone, t.Sealed)
	if err != nil {
		return nil, err
	}
	row := &phone{
		Head: store.Head{ID: a.ID}, Key: s.blind("phone", string(raw)), Sealed: s.core.Box.Seal(sealPhone, raw), VerifiedAt: now,
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.burn(ctx, t, now); err != nil {
			return err
		}
		if err := s.dropPhone(ctx, a.ID); err != nil {
			return err
		}
		fresh := *row
		if err := s.phones.Insert(ctx, &fresh, store.Note{}); err != nil {
			return err
		}
		return s.noted(ctx, a, a.ID, "account.phone_set")
	})
	if err != nil {
		return nil, phoneTaken(err)
	}
	return usecase.Opt(maskPhone(string(raw))), nil
}

// PhoneRemove takes the account's phone away; SIGN_IN_AGAIN for a session older than
// 10 minutes.
func (s *Service) PhoneRemove(ctx context.Context, a access.Actor, in PhoneRemove) error {
	if !a.SignedIn() || a.IsSystem() {
		return fault.New(fault.CodeUnauthenticated)
	}
	now := s.core.Time()
	_, err := s.core.Run(ctx, a, "phone.remove", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		if err := s.fresh(ctx, a, now); err != nil {
			return nil, err
		}
		if err := s.dropPhone(ctx, a.ID); err != nil {
			return nil, err
		}
		return nil, s.noted(ctx, a, a.ID, "account.phone_removed")
	})
	return err
}

// dropPhone removes an account's phone, if it has one, and every code on its way there.
func (s *Service) dropPhone(ctx context.Context, accountID string) error {
	if err := s.tear(ctx, accountID, phoneCode); err != nil {
		return err
	}
	found, err := s.phones.GetMany(ctx, []string{accountID})
	if err != nil || found[accountID] == nil {
		return err
	}
	return s.phones.Delete(ctx, accountID, store.Note{})
}

// noted writes an entry about an account that changes nothing people edit.
func (s *Service) noted(ctx context.Context, a access.Actor, accountID, event string) error {
	row, err := s.rows.Get(ctx, accountID)
	if err != nil {
		return err
	}
	return s.rows.Touch(ctx, row, usecase.Note(a, event, row.ID, ""))
}

func phoneTaken(err error) error {
	if e, ok := fault.As(err); ok && e.Code == fault.CodeDuplicate && e.Params["field"] == "key" {
		return fault.New(fault.CodeDuplicate, fault.At("input", "code"), fault.P("field", "phone"))
	}
	return err
}

// plainDigits are the digits of a code as typed.
func plainDigits(code string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, fold(clip(code)))
}
