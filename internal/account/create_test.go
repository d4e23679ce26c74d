package account_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

func TestCreateRefusesWhatIsNoAccount(t *testing.T) {
	t.Parallel()
	r := open(t)
	admin := r.Admin()
	r.account(t, "Taken", "", "")
	for _, c := range []struct {
		name, display, password string
		code                    fault.Code
	}{
		{"ok.name", "好", password, ""},
		{"ab", "好", password, fault.CodeInvalid},
		{"two words", "好", password, fault.CodeInvalid},
		{"", "好", password, fault.CodeRequired},
		{strings.Repeat("x", 65), "好", password, fault.CodeTooLong},
		{"TAKEN", "好", password, fault.CodeDuplicate},
		{"ｔａｋｅｎ", "好", password, fault.CodeDuplicate},
		{"someone", "", password, fault.CodeRequired},
		{"someone", "好", "short", fault.CodePasswordWeak},
		{"someone", "好", "Password123", fault.CodePasswordWeak},
		{"someone", "好", "ａａａａａａａａａａａａ", fault.CodePasswordWeak},
		{"someone", "好", "Someone.2026", fault.CodePasswordWeak},
		{"someone", "好", strings.Repeat("ab", 200), fault.CodeTooLong},
		{"some\x00one", "好", password, fault.CodeTextInvalid},
	} {
		_, _, err := r.Service.Create(r.ctx, admin, account.Create{Name: c.name, DisplayName: c.display, Password: c.password})
		if fault.CodeOf(err) != c.code && (err != nil || c.code != "") {
			t.Errorf("%q %q: %v, want %q", c.name, c.password, err, c.code)
		}
	}
	for _, a := range []access.Actor{r.Coordinator(), r.Stranger(), r.Supervisor()} {
		_, _, err := r.Service.Create(r.ctx, a, account.Create{Name: "someone", DisplayName: "x", Password: password})
		want(t, err, fault.CodeForbidden)
	}
	_, _, err := r.Service.Create(r.ctx, access.Nobody(), account.Create{})
	want(t, err, fault.CodeUnauthenticated)
}

func TestCreateIsRepeatableByKeyAndKeepsThePasswordOutOfIt(t *testing.T) {
	t.Parallel()
	r := open(t)
	in := account.Create{Name: "lifang", DisplayName: "李芳", Password: password, IdempotencyKey: ptr("k")}
	one, _, err := r.Service.Create(r.ctx, r.Admin(), in)
	must(t, err)
	two, _, err := r.Service.Create(r.ctx, r.Admin(), in)
	must(t, err)
	in.DisplayName = "another"
	_, _, err = r.Service.Create(r.ctx, r.Admin(), in)
	want(t, err, fault.CodeIdempotencyKeyReused)
	if one.ID != two.ID {
		t.Fatal("a repeat made another account")
	}
}

func TestNoSecretStandsInTheLog(t *testing.T) {
	t.Parallel()
	r := open(t)
	at := r.end(t)
	v := r.account(t, "lifang", access.Admin, division.ID(testkit.Lunan))
	a, _ := r.actor(t, "lifang")
	_, err := r.SignOut(r.ctx, a, account.SignOut{})
	must(t, err)
	entries := r.entries(t, at)
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
		for _, body := range append([][]byte{e.Body}, parts(e.Parts)...) {
			if bytes.Contains(body, []byte("argon2")) || bytes.Contains(body, []byte(password)) {
				t.Errorf("%s holds a secret", e.Kind)
			}
			if bytes.Contains(e.Body, []byte("lifang")) {
				t.Errorf("%s: the name stands in the public part", e.Kind)
			}
		}
	}
	if want := []string{"account.created", "account.granted", "session.ended"}; !slices.Equal(kinds, want) {
		t.Fatalf("kinds %v, want %v", kinds, want)
	}
	ev, ok, err := r.EventOf(entries[1])
	must(t, err)
	if !ok || ev.Account != v.ID || len(ev.Grants) != 1 || ev.Grants[0].Area != testkit.Lunan || ev.Ended {
		t.Fatalf("event %+v", ev)
	}
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	r := open(t)
	v, err := r.CreateAdmin(r.ctx, "root-admin", password, division.ID(testkit.City))
	must(t, err)
	a, _ := r.actor(t, "root-admin")
	if !a.Is(access.Admin, division.ID(testkit.City)) || v.Grants[0].Role != access.Admin {
		t.Fatalf("%+v", a)
	}
	_, err = r.CreateAdmin(r.ctx, "root-admin", password, division.ID(testkit.City))
	want(t, err, fault.CodeDuplicate)
	_, err = r.CreateAdmin(r.ctx, "other", password, "div_999999000000")
	want(t, err, fault.CodeDivisionUnknown)
	names, err := r.Names(r.ctx, []string{v.ID, "acc_none"})
	must(t, err)
	if fmt.Sprint(names) != fmt.Sprintf("map[%s:{root-admin ADMIN}]", v.ID) {
		t.Fatal(names)
	}
}
