package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

const another = "葫芦里卖的什么药 2026"

func (r *room) reset(code, password string) error {
	return r.PasswordReset(r.ctx, account.PasswordReset{RecoveryCode: &code, NewPassword: password})
}

func TestAnAdministratorsCodeSetsOneNewPassword(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "governor", access.Admin, division.ID(testkit.City))
	admin, _ := r.actor(t, "governor")
	lifang := r.account(t, "lifang", access.Coordinator, r.Station)
	_, session := r.actor(t, "lifang")
	at := r.end(t)
	old, err := r.RecoveryIssue(r.ctx, admin, account.RecoveryIssue{AccountID: lifang.ID})
	must(t, err)
	code, err := r.RecoveryIssue(r.ctx, admin, account.RecoveryIssue{AccountID: lifang.ID})
	must(t, err)
	entries := r.entries(t, at)
	if len(entries) != 2 || entries[0].Kind != "account.recovery_issued" || entries[0].Actor != admin.ID || entries[0].ID != lifang.ID {
		t.Fatalf("log %+v", entries)
	}
	want(t, r.reset(old.Secret, another), fault.CodeOneTimeCode) // a later one ends it
	want(t, r.reset(code.Secret, "short"), fault.CodePasswordWeak)
	want(t, r.reset(code.Secret, "xx lifang xx 2026"), fault.CodePasswordWeak)
	must(t, r.reset(strings.ToLower(code.Secret), another))
	want(t, r.reset(code.Secret, another), fault.CodeOneTimeCode)
	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: password})
	want(t, err, fault.CodeSignInFailed)
	s, _, err := r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: another})
	must(t, err)
	a, _, err := r.ActorOf(r.ctx, s.AccessToken)
	must(t, err)
	page, err := r.Attempts(r.ctx, a, usecase.Paging{})
	must(t, err)
	reset := 0
	for _, row := range page.Rows {
		if row.Method == account.ByRecovery && row.Succeeded {
			reset++
		}
	}
	if reset != 1 {
		t.Fatalf("tries %+v", page.Rows)
	}
	code, err = r.RecoveryIssue(r.ctx, admin, account.RecoveryIssue{AccountID: lifang.ID})
	must(t, err)
	r.Clock.Advance(24 * time.Hour)
	want(t, r.reset(code.Secret, another), fault.CodeOneTimeCode)
}

func TestEightPrintedCodesWorkOnceEach(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	codes, err := r.RecoveryCodesPrint(r.ctx, a, account.RecoveryCodesPrint{})
	must(t, err)
	if len(codes) != 8 || len(codes[0]) != 23 {
		t.Fatalf("codes %v", codes)
	}
	_, err = r.RecoveryCodesPrint(r.ctx, a, account.RecoveryCodesPrint{})
	want(t, err, fault.CodeDuplicate)
	for i, code := range codes[:3] {
		must(t, r.reset(code, another+string(rune('a'+i))))
		want(t, r.reset(code, another), fault.CodeOneTimeCode)
	}
	s, _, err := r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: another + "c"})
	must(t, err)
	a, _, err = r.ActorOf(r.ctx, s.AccessToken)
	must(t, err)
	_, err = r.RecoveryCodesPrint(r.ctx, a, account.RecoveryCodesPrint{ReplaceOld: true})
	must(t, err)
	want(t, r.reset(codes[3], another), fault.CodeOneTimeCode)
}

func TestAPhoneSetsANewPassword(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	lifang := r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, mine)
	phone := mine
	reset := func(code string) error {
		return r.PasswordReset(r.ctx, account.PasswordReset{Phone: &phone, PhoneCode: &code, NewPassword: another})
	}
	ask := func() string {
		_, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: phone})
		must(t, err)
		return (<-p.got).Code
	}
	want(t, reset("x"), fault.CodeOneTimeCode)
	code := ask()
	must(t, reset(code))
	want(t, reset(code), fault.CodeOneTimeCode)
	_, _, err := r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: another})
	must(t, err)
	// An account that may not sign in is not recovered either, and a code sent before says nothing.
	code = ask()
	v, err := r.Load(r.ctx, lifang.ID)
	must(t, err)
	_, _, err = r.Disable(r.ctx, r.System(), account.Disable{AccountID: lifang.ID, Reason: "OTHER", ExpectedVersion: v.Version})
	must(t, err)
	want(t, reset(code), fault.CodeOneTimeCode)
	one := "x"
	for name, in := range map[string]account.PasswordReset{
		"no proof":       {NewPassword: another},
		"two proofs":     {RecoveryCode: &one, Phone: &one, PhoneCode: &one, NewPassword: another},
		"half a one":     {Phone: &one, NewPassword: another},
		"one and a half": {RecoveryCode: &one, Phone: &one, NewPassword: another},
	} {
		if err := r.PasswordReset(r.ctx, in); fault.CodeOf(err) != fault.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
