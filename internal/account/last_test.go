package account_test

import (
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

func (r *room) revoke(a access.Actor, v *account.View) error {
	_, _, err := r.RoleRevoke(r.ctx, a, account.RoleRevoke{GrantID: v.Grants[0].ID, Reason: "OTHER"})
	return err
}

func TestTheLastAdministratorOfTheWholeAreaStays(t *testing.T) {
	t.Parallel()
	r := open(t)
	city := division.ID(testkit.City)
	first := r.account(t, "first", access.Admin, city)
	narrow := r.account(t, "narrow", access.Admin, division.ID(testkit.Lunan))
	passing := r.account(t, "passing", "", "")
	until := r.Core.Now().Add(hour)
	_, passing, err := r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: passing.ID, Role: access.Admin, ScopeID: city, Until: &until})
	must(t, err)

	want(t, r.revoke(r.System(), first), fault.CodeLastAdmin) // one who stays an hour is no heir
	_, _, err = r.Disable(r.ctx, r.System(), account.Disable{AccountID: first.ID, Reason: "OTHER", ExpectedVersion: first.Version})
	want(t, err, fault.CodeLastAdmin)
	must(t, r.revoke(r.System(), narrow))
	must(t, r.revoke(r.System(), passing))

	second := r.account(t, "second", access.Admin, city)
	off, _, err := r.Disable(r.ctx, r.System(), account.Disable{AccountID: second.ID, Reason: "OTHER", ExpectedVersion: second.Version})
	must(t, err)
	want(t, r.revoke(r.System(), first), fault.CodeLastAdmin) // a disabled one is none either
	_, _, err = r.Enable(r.ctx, r.System(), account.Enable{AccountID: second.ID, ExpectedVersion: off.Version})
	must(t, err)
	must(t, r.revoke(r.System(), first))
}

func TestOfTwoAdministratorsWhoRevokeEachOtherOneStays(t *testing.T) {
	t.Parallel()
	r := open(t)
	names := []string{"first", "second"}
	views, actors := make([]*account.View, 2), make([]access.Actor, 2)
	for i, name := range names {
		views[i] = r.account(t, name, access.Admin, division.ID(testkit.City))
	}
	for round := range 5 {
		for i, name := range names {
			actors[i], _ = r.actor(t, name)
		}
		var wg sync.WaitGroup
		errs, begin := make([]error, 2), make(chan struct{})
		for i := range 2 {
			wg.Go(func() {
				<-begin
				errs[i] = r.revoke(actors[i], views[1-i])
			})
		}
		close(begin)
		wg.Wait()
		loser := 0 // whose role was taken
		if errs[0] == nil {
			loser = 1
		}
		if errs[1-loser] != nil || fault.CodeOf(errs[loser]) != fault.CodeLastAdmin {
			t.Fatalf("round %d: %v", round, errs)
		}
		_, v, err := r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: views[loser].ID, Role: access.Admin, ScopeID: division.ID(testkit.City)})
		must(t, err)
		views[loser] = v
	}
}
