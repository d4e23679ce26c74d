package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// PhoneCodeRequest asks for a code to sign in, or to set a new password.
type PhoneCodeRequest struct{ Phone string }

// PhoneCodeSent says until when a code would work, if one was sent.
type PhoneCodeSent struct{ ExpiresAt time.Time }

// PhoneSignIn is a phone and the code that came to it.
type PhoneSignIn struct {
	Phone string
	Code  string `json:"-"`
}

// mayPost checks a phone and the limits of sending: of the phone, of the address that
// asks, and of all together. What is asked for counts, sent or not: gateways cost
// money, and a phone that rings all night is an attack too.
func (s *Service) mayPost(ctx context.Context, given string) (to string, err error) {
	if s.config.Sender == nil {
		return "", fault.New(fault.CodeMethodOff, fault.At("input"))
	}
	if to, err = number(given, "input", "phone"); err != nil {
		return "", err
	}
	now := s.core.Now()
	one, err := s.forAddress.try(AddressOf(ctx), now)
	if err != nil {
		return "", err
	}
	two, err := s.toPhone.try(s.blind("phone", to), now)
	if err != nil {
		one()
		return "", err
	}
	if _, err := s.toPhones.try("all", now); err != nil {
		one()
		two()
		return "", err
	}
	return to, nil
}

// PhoneCodeRequest sends a code of six digits to the phone of an account, good for 5
// minutes and 5 tries, in the place of any sent before. It answers the same, after
// the same work, whether or not an account has the phone. Errors:
// SIGN_IN_METHOD_OFF, INVALID for what is no phone, RATE_LIMITED.
func (s *Service) PhoneCodeRequest(ctx context.Context, in PhoneCodeRequest) (*PhoneCodeSent, error) {
	to, err := s.mayPost(ctx, in.Phone)
	if err != nil {
		return nil, err
	}
	holder, err := s.holder(ctx, to)
	if err != nil {
		return nil, err
	}
	now, code := s.core.Time(), digits()
	t := &ticket{
		Head: store.Head{ID: s.ticketID(phoneCode, to)}, Kind: phoneCode, Account: holder, Expires: now.Add(phoneFor),
		Check: s.mac("code", to, code),
	}
	if err := s.core.DB.Tx(ctx, func(ctx context.Context) error { return s.put(ctx, t) }); err != nil {
		return nil, err
	}
	if holder != "" {
		s.post(ctx, to, code, now)
	}
	return &PhoneCodeSent{ExpiresAt: t.Expires}, nil
}

// holder is the account that a phone signs in to, "" for none, after the same reads.
func (s *Service) holder(ctx context.Context, to string) (string, error) {
	page, err := s.phones.Find(ctx, store.Query{Where: store.Is("key", s.blind("phone", to)), Limit: 1})
	if err != nil {
		return "", err
	}
	id := nobodyID
	if len(page.Items) == 1 {
		id = page.Items[0].ID
	}
	found, err := s.rows.GetMany(ctx, []string{id})
	if err != nil || found[id] == nil || found[id].State != Active {
		return "", err
	}
	return id, nil
}

// PhoneSignIn opens a session with a code. SIGN_IN_FAILED for a wrong, old or used
// code, and for a phone that no account has; RATE_LIMITED.
func (s *Service) PhoneSignIn(ctx context.Context, in PhoneSignIn) (*SessionView, *Viewer, error) {
	now := s.core.Time()
	t, holder, refund, err := s.phoneGuess(ctx, in.Phone, in.Code, now)
	if err != nil {
		return nil, nil, err
	}
	if t == nil || t.Account == "" {
		return nil, nil, s.failed(ctx, holder, ByPhone)
	}
	view, viewer, err := s.enter(ctx, entry{account: t.Account, method: ByPhone, also: func(ctx context.Context) error { return s.burn(ctx, t, now) }})
	if err == nil {
		refund()
	}
	return view, viewer, err
}

// phoneGuess is one paced guess at the code of a phone.
func (s *Service) phoneGuess(ctx context.Context, phone, code string, now time.Time) (t *ticket, holder string, refund func(), err error) {
	if s.config.Sender == nil {
		return nil, "", nil, fault.New(fault.CodeMethodOff, fault.At("input"))
	}
	to, err := number(phone, "input", "phone")
	if err != nil {
		return nil, "", nil, err
	}
	if refund, err = s.pace(s.blind("phone", to), AddressOf(ctx)); err != nil {
		return nil, "", nil, err
	}
	// Whose try it was is asked in any case: for the history, and for the same work.
	if holder, err = s.holder(ctx, to); err != nil {
		return nil, "", nil, err
	}
	t, err = s.guess(ctx, s.ticketID(phoneCode, to), s.mac("code", to, plainDigits(code)), now)
	return t, holder, refund, err
}
