package account_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func TestGrantsReachWhatTheRoleSays(t *testing.T) {
	t.Parallel()
	both(t, grantsReachWhatTheRoleSays)
}

func grantsReachWhatTheRoleSays(t *testing.T, r *room) {
	v := r.account(t, "lifang", "", "")
	for _, c := range []struct {
		role        access.Role
		scope, area string
	}{
		{access.Admin, division.ID(testkit.City), testkit.City},
		{access.Supervisor, division.ID(testkit.Street), testkit.Street},
		{access.Coordinator, r.Station, testkit.Street},
		{access.ProtectionOfficer, r.Station, testkit.Lunan},
		{access.Partner, r.Organisation, testkit.City},
	} {
		g, _, err := r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: v.ID, Role: c.role, ScopeID: c.scope})
		must(t, err)
		if g.Role != c.role || g.Scope.ObjectID != c.scope || g.Scope.Name == "" || g.Scope.Division == nil {
			t.Errorf("grant %+v scope %+v", g, g.Scope)
		}
		a, _ := r.actor(t, "lifang")
		last := a.Grants[len(a.Grants)-1]
		if last.Role != c.role || last.Area != c.area {
			t.Errorf("%s acts below %q, want %q", c.role, last.Area, c.area)
		}
	}
}

func TestGrantingIsForAdministratorsOfThePlaceAndNeverForOneself(t *testing.T) {
	t.Parallel()
	r := open(t)
	v := r.account(t, "lifang", "", "")
	grant := func(a access.Actor, in account.RoleGrant) error {
		_, _, err := r.RoleGrant(r.ctx, a, in)
		return err
	}
	lunan := account.RoleGrant{AccountID: v.ID, Role: access.Coordinator, ScopeID: r.Station}
	want(t, grant(access.Nobody(), lunan), fault.CodeUnauthenticated)
	want(t, grant(r.Coordinator(), lunan), fault.CodeForbidden)
	want(t, grant(r.OtherAdmin(), lunan), fault.CodeForbidden) // of 路北区
	up := account.RoleGrant{AccountID: v.ID, Role: access.Admin, ScopeID: division.ID("13")}
	want(t, grant(r.Admin(), up), fault.CodeForbidden) // above one's own area
	self := account.RoleGrant{AccountID: r.Admin().ID, Role: access.Partner, ScopeID: r.Organisation}
	want(t, grant(r.Admin(), self), fault.CodeForbidden)
	for code, in := range map[fault.Code]account.RoleGrant{
		fault.CodeInvalid:       {AccountID: v.ID, Role: "SYSTEM", ScopeID: r.Station},
		fault.CodeIDInvalid:     {AccountID: v.ID, Role: access.Coordinator, ScopeID: r.Organisation},
		fault.CodeNotFound:      {AccountID: v.ID, Role: access.Coordinator, ScopeID: "sta_ts00000000000000000000000000"},
		fault.CodeWindowInvalid: {AccountID: v.ID, Role: access.Coordinator, ScopeID: r.Station, Until: ptr(testkit.Start.Add(-hour))},
	} {
		want(t, grant(r.Admin(), in), code)
	}
	want(t, grant(r.Admin(), account.RoleGrant{AccountID: "acc_ts0", Role: access.Coordinator, ScopeID: r.Station}), fault.CodeNotFound)
	must(t, grant(r.Admin(), lunan))
	want(t, grant(r.Admin(), lunan), fault.CodeDuplicate)
}

func TestRevocationEndsTheRightAtItsEntry(t *testing.T) {
	t.Parallel()
	both(t, revocationEndsTheRightAtItsEntry)
}

func revocationEndsTheRightAtItsEntry(t *testing.T, r *room) {
	v := r.account(t, "lifang", access.Coordinator, r.Station)
	a, s := r.actor(t, "lifang")
	if !a.Is(access.Coordinator, r.Station) {
		t.Fatalf("actor %+v", a)
	}
	in := account.RoleRevoke{GrantID: v.Grants[0].ID, Reason: "COMPLAINT"}
	for _, who := range []access.Actor{r.Coordinator(), r.Stranger(), a} {
		_, _, err := r.RoleRevoke(r.ctx, who, in)
		want(t, err, fault.CodeForbidden)
	}
	_, _, err := r.RoleRevoke(r.ctx, r.OtherAdmin(), in) // has nothing to do with the place
	want(t, err, fault.CodeNotFound)
	_, _, err = r.RoleRevoke(r.ctx, r.Admin(), account.RoleRevoke{GrantID: in.GrantID, Reason: "WHIM"})
	want(t, err, fault.CodeCodeUnknown)
	at := r.end(t)
	g, _, err := r.RoleRevoke(r.ctx, r.Admin(), in)
	must(t, err)
	if g.RevokedAt == nil {
		t.Fatal("the grant still stands")
	}
	_, _, err = r.RoleRevoke(r.ctx, r.Admin(), in)
	want(t, err, fault.CodeAlreadyDecided)
	b, _, err := r.ActorOf(r.ctx, s.AccessToken)
	must(t, err)
	entries := r.entries(t, at)
	ev, ok, err := r.EventOf(entries[0])
	must(t, err)
	if len(b.Grants) != 0 || len(entries) != 1 || entries[0].Kind != "account.revoked" || !ok || len(ev.Grants) != 0 || ev.Account != v.ID {
		t.Fatalf("actor %+v, entries %d, event %+v", b, len(entries), ev)
	}
}

func TestGrantsLapseByTheClockAndTheTimerSaysSo(t *testing.T) {
	t.Parallel()
	both(t, grantsLapseByTheClockAndTheTimerSaysSo)
}

func grantsLapseByTheClockAndTheTimerSaysSo(t *testing.T, r *room) {
	v := r.account(t, "lifang", "", "")
	_, _, err := r.RoleGrant(r.ctx, r.Admin(), account.RoleGrant{
		AccountID: v.ID, Role: access.Coordinator, ScopeID: r.Station, Until: ptr(testkit.Start.Add(10 * time.Minute)),
	})
	must(t, err)
	_, s := r.actor(t, "lifang")
	if n, err := r.Tidy(r.ctx); err != nil || n != 0 {
		t.Fatalf("tidied %d: %v", n, err)
	}
	at := r.end(t)
	r.Clock.Advance(10 * time.Minute)
	a, _, err := r.ActorOf(r.ctx, s.AccessToken)
	must(t, err)
	if len(a.Grants) != 0 {
		t.Fatal("a grant outlives its time")
	}
	for _, left := range []int{1, 0} {
		if n, err := r.Tidy(r.ctx); err != nil || n != left {
			t.Fatalf("tidied %d, want %d: %v", n, left, err)
		}
	}
	entries := r.entries(t, at)
	if len(entries) != 1 || entries[0].Kind != "account.lapsed" || entries[0].ID != v.ID {
		t.Fatalf("log %+v", entries)
	}
	r.Clock.Advance(31 * 24 * hour)
	if n, err := r.Tidy(r.ctx); err != nil || n != 1 { // the session's row
		t.Fatalf("tidied %d: %v", n, err)
	}
}

func TestDisableEndsEverythingUntilEnabled(t *testing.T) {
	t.Parallel()
	both(t, disableEndsEverythingUntilEnabled)
}

func disableEndsEverythingUntilEnabled(t *testing.T, r *room) {
	v := r.account(t, "lifang", access.Coordinator, r.Station)
	_, s := r.actor(t, "lifang")
	in := account.Disable{AccountID: v.ID, Reason: "OTHER", ExpectedVersion: v.Version}
	disable := func(a access.Actor, in account.Disable) error {
		_, _, err := r.Disable(r.ctx, a, in)
		return err
	}
	want(t, disable(access.Nobody(), in), fault.CodeUnauthenticated)
	want(t, disable(r.Stranger(), in), fault.CodeNotFound)
	want(t, disable(r.OtherAdmin(), in), fault.CodeNotFound)
	want(t, disable(r.Admin(), account.Disable{AccountID: v.ID, Reason: "OTHER", ExpectedVersion: 9}), fault.CodeConflict)
	at := r.end(t)
	must(t, disable(r.Admin(), in))
	in.ExpectedVersion++
	want(t, disable(r.Admin(), in), fault.CodeTransition)
	_, _, err := r.ActorOf(r.ctx, s.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	ev, ok, err := r.EventOf(r.entries(t, at)[0])
	must(t, err)
	if !ok || !ev.Ended || len(ev.Grants) != 0 {
		t.Fatalf("event %+v", ev)
	}
	back, _, err := r.Enable(r.ctx, r.Admin(), account.Enable{AccountID: v.ID, ExpectedVersion: in.ExpectedVersion})
	must(t, err)
	a, _ := r.actor(t, "lifang")
	if back.State != account.Active || !a.Is(access.Coordinator, r.Station) {
		t.Fatalf("%+v %+v", back, a)
	}
	// A grant outside of one's area shields the account.
	_, _, err = r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: v.ID, Role: access.Supervisor, ScopeID: division.ID("13")})
	must(t, err)
	want(t, disable(r.Admin(), account.Disable{AccountID: v.ID, Reason: "OTHER", ExpectedVersion: back.Version + 1}), fault.CodeForbidden)
}

func TestAccountsAreSeenByThemselvesAndByTheirAdministrators(t *testing.T) {
	t.Parallel()
	both(t, accountsAreSeenByThemselvesAndByTheirAdministrators)
}

func accountsAreSeenByThemselvesAndByTheirAdministrators(t *testing.T, r *room) {
	mine := r.account(t, "lifang", access.Coordinator, r.Station)
	far := r.account(t, "farfang", access.Supervisor, division.ID(testkit.Lubei))
	fresh, _, err := r.Service.Create(r.ctx, r.OtherAdmin(), account.Create{Name: "fresh", DisplayName: "新", Password: password})
	must(t, err)
	self, _ := r.actor(t, "lifang")
	auditor := testkit.As("auditor", access.Grant{Role: access.Auditor, Scope: division.ID(testkit.Lunan), Area: testkit.Lunan})
	for _, c := range []struct {
		who  access.Actor
		sees []string
		list fault.Code
	}{
		{self, []string{mine.ID}, fault.CodeForbidden},
		{r.Admin(), []string{fresh.ID, far.ID, mine.ID}, ""},
		{r.OtherAdmin(), []string{fresh.ID, far.ID}, ""},
		{auditor, []string{mine.ID}, ""},
		{r.Coordinator(), nil, fault.CodeForbidden},
		{access.Nobody(), nil, fault.CodeUnauthenticated},
	} {
		for _, v := range []*account.View{mine, far, fresh} {
			_, err := r.Get(r.ctx, c.who, v.ID)
			if seen := slices.Contains(c.sees, v.ID); seen != (err == nil) || (!seen && fault.CodeOf(err) != fault.CodeNotFound) {
				t.Errorf("%s reads %s: %v", c.who.ID, v.Name, err)
			}
		}
		page, err := r.List(r.ctx, c.who, account.Filter{}, usecase.Paging{})
		if c.list != "" {
			want(t, err, c.list)
			continue
		}
		must(t, err)
		var ids []string
		for _, v := range page.Rows {
			ids = append(ids, v.ID)
		}
		slices.Sort(ids)
		slices.Sort(c.sees)
		if !slices.Equal(ids, c.sees) {
			t.Errorf("%s lists %v, want %v", c.who.ID, ids, c.sees)
		}
	}
	page, err := r.List(r.ctx, r.Admin(), account.Filter{Role: ptr(access.Supervisor), State: ptr(account.Active)}, usecase.Paging{First: ptr(1)})
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].ID != far.ID {
		t.Fatalf("filtered %v", page.Rows)
	}
}
