package platform_test

import (
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Who is barred stays so as what they become: an organisation as the one that it was merged
// into, an account as the volunteer that it is made later, a volunteer as the one that they
// were a duplicate of. No answer tells that anything of that followed.
func TestTheBarredStayBarredAsWhatTheyBecome(t *testing.T) {
	t.Parallel()
	p, _ := all(t)
	group := func(name string) string {
		o, _, err := p.Organisations.Create(ctx, system, organisation.Create{Name: name, Kind: organisation.CommunityGroup, FilingNumber: ptr("备1"), DivisionID: "div_130202000000"})
		testkit.WantCode(t, err, "")
		return o.ID
	}
	helper := func() string {
		v, _, err := p.Volunteers.Register(ctx, system, volunteer.Register{Name: "孟示例", BornOn: "1990-05-04", CommunityID: community.ID(testkit.Community1), ReachMetres: 1000})
		testkit.WantCode(t, err, "")
		return v.ID
	}
	person, _, err := p.Recipients.Register(ctx, system, recipient.Register{Name: "王桂兰", Category: "ELDERLY", CommunityID: community.ID(testkit.Community1)})
	testkit.WantCode(t, err, "")
	from, into, twice, once, later := group("邻里互助队"), group("邻里互助服务队"), helper(), helper(), helper()
	acc, _, err := p.Accounts.Create(ctx, system, account.Create{Name: "kin", DisplayName: "亲属", Password: "a long enough 1"})
	testkit.WantCode(t, err, "")
	say := func(id string) *conflict.View {
		v, _, err := p.Conflicts.Record(ctx, system, conflict.RecordInput{RecipientID: &person.ID, PartyID: id, Relation: "RELATIVE", Reason: "亲属"})
		testkit.WantCode(t, err, "")
		return v
	}
	said := say(acc.ID)
	say(from)
	say(twice)
	barred := func(ids ...string) {
		t.Helper()
		r, err := p.Recipients.Load(ctx, person.ID)
		testkit.WantCode(t, err, "")
		if slices.Sort(ids); !slices.Equal(r.Header.Barred, ids) {
			t.Errorf("barred are %v, want %v", r.Header.Barred, ids)
		}
	}
	barred(acc.ID, from, twice)
	_, _, err = p.Accounts.RoleGrant(ctx, system, account.RoleGrant{AccountID: acc.ID, Role: access.Volunteer, ScopeID: later})
	testkit.WantCode(t, err, "")
	for _, pair := range [][2]string{{from, into}, {twice, once}} {
		in := directory.MergeInput{DuplicateID: pair[0], SurvivorID: pair[1], ExpectedVersion: 1}
		m, err := p.Directory.Merge(ctx, system, in)
		if err != nil || !m.Done || len(m.Moved) != 0 {
			t.Fatalf("%+v, %v", m, err)
		}
	}
	barred(acc.ID, from, twice, into, once, later)
	_, _, err = p.Conflicts.Lift(ctx, system, conflict.LiftInput{ConflictID: said.ID, Reason: "查无此事", ExpectedVersion: said.Version})
	testkit.WantCode(t, err, "")
	barred(from, twice, into, once)

	// Who is named by an id that has been merged away is barred as the survivor too.
	other, _, err := p.Recipients.Register(ctx, system, recipient.Register{Name: "李淑芬", Category: "ELDERLY", CommunityID: community.ID(testkit.Community1)})
	testkit.WantCode(t, err, "")
	person = other
	say(twice)
	barred(twice, once)
}
