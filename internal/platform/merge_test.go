package platform_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
)

// What an organisation ran, gave and let people do goes on in the name of the one that it
// was a duplicate of; it itself stays readable and says so, and comes back no more.
func TestAMergedOrganisationsMattersGoOn(t *testing.T) {
	t.Parallel()
	p, _ := all(t)
	group := func(name string) string {
		o, _, err := p.Organisations.Create(ctx, system, organisation.Create{Name: name, Kind: organisation.CommunityGroup, FilingNumber: ptr("备1"), DivisionID: "div_130202000000"})
		testkit.WantCode(t, err, "")
		_, _, err = p.Organisations.Verify(ctx, system, organisation.Verify{OrganisationID: o.ID, Evidence: "示例", ExpectedVersion: 1})
		testkit.WantCode(t, err, "")
		_, _, err = p.Organisations.Admit(ctx, system, organisation.Admit{OrganisationID: o.ID, ExpectedVersion: 2})
		testkit.WantCode(t, err, "")
		return o.ID
	}
	from, into := group("邻里互助队"), group("邻里互助服务队")
	st, _, err := p.Stations.Create(ctx, system, station.Create{Name: "示例站", Kind: station.SocialWork, Level: station.Street, DivisionID: "div_130202001000", OperatorID: &from})
	testkit.WantCode(t, err, "")
	_, _, err = p.Stations.Open(ctx, system, station.Open{StationID: st.ID, ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	give := func() string {
		r, _, err := p.Resources.Create(ctx, system, resource.Create{
			OwnerID: from, Title: "示例", Kind: resource.Serving, Category: "HOME_VISIT", Quantity: measure.Quantity{Value: 10, Unit: measure.Piece}, AreaID: "div_130202000000",
		})
		testkit.WantCode(t, err, "")
		return r.ID
	}
	offered, over := give(), give()
	_, _, err = p.Resources.Withdraw(ctx, system, resource.Withdraw{CharityResourceID: over, Reason: "ILLNESS", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	acc, _, err := p.Accounts.Create(ctx, system, account.Create{Name: "partner-1", DisplayName: "经办人", Password: "a long enough 1"})
	testkit.WantCode(t, err, "")
	_, _, err = p.Accounts.RoleGrant(ctx, system, account.RoleGrant{AccountID: acc.ID, Role: access.Partner, ScopeID: from})
	testkit.WantCode(t, err, "")

	m, err := p.Directory.Merge(ctx, system, directory.MergeInput{DuplicateID: from, SurvivorID: into, ExpectedVersion: 3})
	if err != nil || !m.Done {
		t.Fatalf("%+v, %v", m, err)
	}
	if row, err := p.Stations.Load(ctx, st.ID); err != nil || row.Operator != into {
		t.Errorf("the station is run by %s, %v", row.Operator, err)
	}
	for id, owner := range map[string]string{offered: into, over: from} {
		row, err := p.Resources.Load(ctx, id)
		if err != nil || row.Owner != owner || !slices.Contains(row.Header.Parties, access.PartyOwner.Of(owner)) || slices.Contains(row.Header.Parties, access.PartyOwner.Of(from)) != (owner == from) {
			t.Errorf("a resource belongs to %s (%v), want %s: %v", row.Owner, row.Header.Parties, owner, err)
		}
	}
	row, err := p.Accounts.Load(ctx, acc.ID)
	testkit.WantCode(t, err, "")
	partner := testkit.As(acc.ID, row.Rights(p.Core.Time())...)
	if !partner.Is(access.Partner, into) || !partner.Is(access.Partner, from) {
		t.Errorf("rights: %+v", row.Grants)
	}
	// What is taken away since is not given again by what is left of the merge.
	again := func() (given bool) {
		err := p.Core.DB.Tx(ctx, func(ctx context.Context) (err error) {
			row, err := p.Accounts.Rows().Get(ctx, acc.ID)
			if err == nil {
				given, err = p.Accounts.Follow(ctx, row, from, into)
			}
			return err
		})
		testkit.WantCode(t, err, "")
		return given
	}
	for _, g := range row.Grants {
		if g.Scope == into {
			_, _, err = p.Accounts.RoleRevoke(ctx, system, account.RoleRevoke{GrantID: g.ID, Reason: "OTHER"})
			testkit.WantCode(t, err, "")
		}
	}
	if again() {
		t.Error("a role that was taken away during the merge is given again")
	}
	was, err := p.Organisations.Get(ctx, partner, from)
	if err != nil || was.Retirement == nil || was.Retirement.MergedIntoID == nil || *was.Retirement.MergedIntoID != into {
		t.Errorf("the duplicate: %+v, %v", was, err)
	}
	err = p.Directory.Restore(ctx, system, directory.Restore{NodeID: from, ExpectedVersion: 4})
	testkit.WantCode(t, err, fault.CodeInvalid)
	_, _, err = p.Accounts.RoleGrant(ctx, system, account.RoleGrant{AccountID: acc.ID, Role: access.Partner, ScopeID: from})
	testkit.WantCode(t, err, fault.CodeRetired)
}

// Somebody under suspension does not get rid of it by being merged.
func TestASanctionIsNotMergedAway(t *testing.T) {
	t.Parallel()
	o := func(a organisation.Admission, c organisation.Credit) *organisation.Organisation {
		return &organisation.Organisation{Kind: organisation.Social, Credit: c, Header: access.Header{State: string(a)}}
	}
	good, new := o(organisation.Admitted, organisation.Normal), o(organisation.Applied, organisation.Normal)
	barred, listed := o(organisation.Barred, organisation.Normal), o(organisation.Suspended, organisation.AbnormalListed)
	for name, c := range map[string]struct {
		from, into *organisation.Organisation
		want       fault.Code
	}{
		"one who only applied": {new, good, ""}, "one who is admitted": {good, new, ""}, "both barred": {barred, barred, ""},
		"barred": {barred, good, fault.CodeNotTheSame}, "listed": {listed, good, fault.CodeNotTheSame}, "into one that is listed": {good, listed, fault.CodeNotTheSame},
	} {
		if err := organisation.Same(c.from, c.into); c.want == "" && err != nil || c.want != "" && fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
