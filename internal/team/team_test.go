package team_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	*team.Service
	volunteers *volunteer.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.volunteers = volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		w.Service = team.New(tk.Core, tk.Stations, w.volunteers)
	})
	return w
}

func (w *world) founded(t *testing.T) *team.View {
	t.Helper()
	v, _, err := w.Create(ctx, w.Coordinator(), team.Create{StationID: w.Station, Name: "银龄陪伴队"})
	testkit.WantCode(t, err, "")
	return v
}

// helper is a volunteer who takes assignments, and their account.
func (w *world) helper(t *testing.T, number string) (*volunteer.View, access.Actor) {
	t.Helper()
	a := w.Coordinator()
	v, _, err := w.volunteers.Register(ctx, a, volunteer.Register{
		Name: "周建国", Number: &number, BornOn: "1980-01-01", CommunityID: community.ID(testkit.Community1), ReachMetres: 3000,
	})
	testkit.WantCode(t, err, "")
	v, _, err = w.volunteers.Verify(ctx, a, volunteer.Verify{VolunteerID: v.ID, Evidence: "当面核对", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.volunteers.Activate(ctx, a, volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v, testkit.As(number, access.Grant{Role: access.Volunteer, Scope: v.ID, Area: testkit.City})
}

// People join by themselves or are taken in; a leader may take out; who leads and
// leaves leads no more.
func TestPeopleJoinLeadAndLeave(t *testing.T) {
	t.Parallel()
	w := open(t)
	tm := w.founded(t)
	zhou, asZhou := w.helper(t, "v-1")
	wu, asWu := w.helper(t, "v-2")
	do := func(v *team.View, _ []usecase.Notice, err error) {
		t.Helper()
		testkit.WantCode(t, err, "")
		tm = v
	}
	join := func(id string) team.Join {
		return team.Join{TeamID: tm.ID, VolunteerID: id, ExpectedVersion: tm.Version}
	}
	leave := func(id string) team.Leave {
		return team.Leave{TeamID: tm.ID, VolunteerID: id, Reason: "OVERLOAD", ExpectedVersion: tm.Version}
	}
	lead := func(id *string) team.Lead {
		return team.Lead{TeamID: tm.ID, VolunteerID: id, ExpectedVersion: tm.Version}
	}

	_, _, err := w.Join(ctx, asWu, join(zhou.ID))
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, _, err = w.Lead(ctx, w.Coordinator(), lead(&zhou.ID))
	testkit.WantCode(t, err, fault.CodeNotFound) // no member yet
	do(w.Join(ctx, asZhou, join(zhou.ID)))
	do(w.Join(ctx, w.Coordinator(), join(wu.ID)))
	_, _, err = w.Join(ctx, asWu, join(wu.ID))
	testkit.WantCode(t, err, fault.CodeDuplicate)
	_, _, err = w.Leave(ctx, asZhou, leave(wu.ID))
	testkit.WantCode(t, err, fault.CodeForbidden) // does not lead
	_, _, err = w.Lead(ctx, asZhou, lead(&zhou.ID))
	testkit.WantCode(t, err, fault.CodeForbidden)
	do(w.Lead(ctx, w.Coordinator(), lead(&zhou.ID)))
	if tm.Leader == nil || tm.Leader.ID != zhou.ID || tm.Size != 2 {
		t.Fatalf("%+v", tm)
	}
	do(w.Leave(ctx, asZhou, leave(wu.ID))) // as the leader
	if len(tm.Hidden) != 0 || len(tm.Members) != 1 {
		t.Fatalf("the leader sees %v, hidden %v", tm.Members, tm.Hidden)
	}
	do(w.Leave(ctx, asZhou, leave(zhou.ID)))
	if tm.Size != 0 || !slices.Contains(tm.Hidden, "members") {
		t.Fatalf("one who left sees %+v", tm)
	}
	tm, err = w.Get(ctx, w.Coordinator(), tm.ID)
	testkit.WantCode(t, err, "")
	if tm.Leader != nil {
		t.Fatal("who left still leads")
	}
}

// Volunteers who leave are in no team, and a station takes its teams along.
func TestTeamsFollowPeopleAndStations(t *testing.T) {
	t.Parallel()
	w := open(t)
	tm := w.founded(t)
	zhou, asZhou := w.helper(t, "v-1")
	_, _, err := w.Join(ctx, asZhou, team.Join{TeamID: tm.ID, VolunteerID: zhou.ID, ExpectedVersion: tm.Version})
	testkit.WantCode(t, err, "")
	zhou, _, err = w.volunteers.Pause(ctx, asZhou, volunteer.Simple{VolunteerID: zhou.ID, ExpectedVersion: zhou.Version})
	testkit.WantCode(t, err, "")
	other := w.founded(t)
	_, _, err = w.Join(ctx, asZhou, team.Join{TeamID: other.ID, VolunteerID: zhou.ID, ExpectedVersion: other.Version})
	testkit.WantCode(t, err, fault.CodeResourceUnavailable)
	_, _, err = w.volunteers.Exit(ctx, w.Coordinator(), volunteer.Simple{VolunteerID: zhou.ID, ExpectedVersion: zhou.Version})
	testkit.WantCode(t, err, "")
	tm, err = w.Get(ctx, w.Coordinator(), tm.ID)
	testkit.WantCode(t, err, "")
	if tm.Size != 0 {
		t.Fatalf("after they left: %d", tm.Size)
	}
	st, err := w.Stations.Load(ctx, w.Station)
	testkit.WantCode(t, err, "")
	_, _, err = w.Stations.Close(ctx, w.Admin(), station.Close{StationID: st.ID, Note: "搬迁", ExpectedVersion: st.Version})
	testkit.WantCode(t, err, "")
	tm, err = w.Get(ctx, w.Coordinator(), tm.ID)
	testkit.WantCode(t, err, "")
	if tm.State != team.Dissolved || len(tm.AllowedActions) != 0 {
		t.Fatalf("after the station closed: %+v", tm)
	}
	if _, err := w.Get(ctx, w.Stranger(), tm.ID); fault.CodeOf(err) != fault.CodeNotFound {
		t.Fatalf("a stranger sees a team that is no more: %v", err)
	}
	_, _, err = w.Change(ctx, w.Coordinator(), team.Change{TeamID: tm.ID, Name: ptr("x"), ExpectedVersion: tm.Version})
	testkit.WantCode(t, err, fault.CodeTransition)
}

// Anybody finds a team; who is in it is for those who run it.
func TestEachReaderSeesATeamAsTheRuleSays(t *testing.T) {
	t.Parallel()
	w := open(t)
	tm := w.founded(t)
	zhou, asZhou := w.helper(t, "v-1")
	_, _, err := w.Join(ctx, w.Coordinator(), team.Join{TeamID: tm.ID, VolunteerID: zhou.ID, ExpectedVersion: tm.Version})
	testkit.WantCode(t, err, "")
	for name, c := range map[string]struct {
		a    access.Actor
		full bool
	}{"nobody": {access.Actor{}, false}, "a member": {asZhou, false}, "partner": {w.Partner(), false}, "coordinator": {w.Coordinator(), true}, "supervisor": {w.Supervisor(), true}} {
		page, err := w.List(ctx, c.a, team.Filter{StationID: ptr(w.Station), DivisionID: ptr("div_130202001000"), State: ptr(team.Active)}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		if len(page.Rows) != 1 || page.Rows[0].Size != 1 || (page.Rows[0].Members != nil) != c.full {
			t.Errorf("%s: %+v", name, page.Rows)
		}
		page, err = w.List(ctx, c.a, team.Filter{Search: ptr("陪伴")}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		if len(page.Rows) != 1 {
			t.Errorf("%s: search found %d", name, len(page.Rows))
		}
	}
	for _, c := range map[string]struct {
		a    access.Actor
		in   team.Create
		want fault.Code
	}{
		"nobody":      {access.Actor{}, team.Create{StationID: w.Station, Name: "x"}, fault.CodeUnauthenticated},
		"other admin": {w.OtherAdmin(), team.Create{StationID: w.Station, Name: "x"}, fault.CodeForbidden},
		"no name":     {w.Admin(), team.Create{StationID: w.Station, Name: ""}, fault.CodeRequired},
		"no station":  {w.Admin(), team.Create{StationID: "org_x", Name: "x"}, fault.CodeIDInvalid},
	} {
		_, _, err := w.Create(ctx, c.a, c.in)
		testkit.WantCode(t, err, c.want)
	}
}
