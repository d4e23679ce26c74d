package post_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	*post.Service
	volunteers *volunteer.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.volunteers = volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		w.Service = post.New(tk.Core, tk.Stations, tk.Workers, w.volunteers)
	})
	return w
}

func (w *world) input() post.Create {
	return post.Create{StationID: w.Station, Kind: post.ForVolunteer, Title: "助餐送餐岗", Skills: []string{"DRIVING"}, Places: 2}
}

// posted is an open post.
func (w *world) posted(t *testing.T, change ...func(*post.Create)) *post.View {
	t.Helper()
	in := w.input()
	for _, c := range change {
		c(&in)
	}
	v, _, err := w.Create(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, "")
	v, _, err = w.Publish(ctx, w.Coordinator(), post.Simple{PostID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v
}

// helper is a volunteer who takes assignments.
func (w *world) helper(t *testing.T, number string, skills ...string) *volunteer.View {
	t.Helper()
	a := w.Coordinator()
	v, _, err := w.volunteers.Register(ctx, a, volunteer.Register{
		Name: "周建国", Number: &number, BornOn: "1980-01-01", Skills: skills, CommunityID: community.ID(testkit.Community1), ReachMetres: 3000,
	})
	testkit.WantCode(t, err, "")
	v, _, err = w.volunteers.Verify(ctx, a, volunteer.Verify{VolunteerID: v.ID, Evidence: "当面核对", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, err = w.volunteers.Activate(ctx, a, volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v
}

func (w *world) appoint(p *post.View, holder string) (*post.View, error) {
	v, _, err := w.Appoint(ctx, w.Coordinator(), post.Appoint{PostID: p.ID, HolderID: holder, ExpectedVersion: p.Version})
	return v, err
}

// The whole life: places fill, a full post takes nobody, one who leaves makes room,
// and a closed post is held by nobody.
func TestAPostFillsEmptiesAndEnds(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.posted(t)
	one, two, three := w.helper(t, "v-1", "DRIVING"), w.helper(t, "v-2", "DRIVING", "COOKING"), w.helper(t, "v-3", "DRIVING")
	p, err := w.appoint(p, one.ID)
	testkit.WantCode(t, err, "")
	if p.State != post.Open || p.Taken != 1 {
		t.Fatalf("after one of two: %s, %d", p.State, p.Taken)
	}
	_, err = w.appoint(p, one.ID)
	testkit.WantCode(t, err, fault.CodeDuplicate)
	p, err = w.appoint(p, two.ID)
	testkit.WantCode(t, err, "")
	if p.State != post.Filled || slices.Contains(p.AllowedActions, post.ActAppoint) {
		t.Fatalf("after two of two: %s, %v", p.State, p.AllowedActions)
	}
	_, err = w.appoint(p, three.ID)
	testkit.WantCode(t, err, fault.CodeTransition)
	_, _, err = w.Change(ctx, w.Coordinator(), post.Change{PostID: p.ID, Places: ptr(1), ExpectedVersion: p.Version})
	testkit.WantCode(t, err, fault.CodeOutOfRange)

	self := testkit.As("self", access.Grant{Role: access.Volunteer, Scope: one.ID, Area: testkit.City})
	leave := post.Release{PostID: p.ID, HolderID: two.ID, Reason: "OVERLOAD", ExpectedVersion: p.Version}
	_, _, err = w.Release(ctx, self, leave)
	testkit.WantCode(t, err, fault.CodeForbidden) // not their place
	leave.HolderID = one.ID
	_, _, err = w.Release(ctx, self, leave)
	testkit.WantCode(t, err, "")
	p, err = w.Get(ctx, w.Coordinator(), p.ID)
	testkit.WantCode(t, err, "")
	if p.State != post.Open || len(p.Holders) != 1 || p.Holders[0].Volunteer.ID != two.ID {
		t.Fatalf("after one left: %s, %+v", p.State, p.Holders)
	}
	p, _, err = w.Close(ctx, w.Coordinator(), post.Simple{PostID: p.ID, ExpectedVersion: p.Version})
	testkit.WantCode(t, err, "")
	if p.State != post.Closed || p.Taken != 0 || len(p.AllowedActions) != 0 {
		t.Fatalf("after the end: %+v", p)
	}
}

// A post asks on the day of the appointment, and says what is missing.
func TestAPostTakesWhoMeetsIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	plain, minors := w.posted(t), w.posted(t, func(in *post.Create) { in.WithMinors = true })
	cook, driver := w.helper(t, "v-1", "COOKING"), w.helper(t, "v-2", "DRIVING")
	worker := w.AddWorker(t, "李芳")

	_, err := w.appoint(plain, cook.ID)
	testkit.WantCode(t, err, fault.CodeRequirementsUnmet)
	_, err = w.appoint(plain, worker)
	testkit.WantCode(t, err, fault.CodeRequirementsUnmet)
	_, err = w.appoint(plain, w.Station)
	testkit.WantCode(t, err, fault.CodeIDInvalid)
	_, err = w.appoint(minors, driver.ID)
	testkit.WantCode(t, err, fault.CodeMinorBlocked)
	_, _, err = w.volunteers.MinorsClear(ctx, w.Officer(), volunteer.MinorsClear{
		VolunteerID: driver.ID, QueriedOn: "2026-03-01", Evidence: "路南区公安分局", ExpectedVersion: driver.Version,
	})
	testkit.WantCode(t, err, "")
	_, err = w.appoint(minors, driver.ID)
	testkit.WantCode(t, err, "")

	resting, err := w.volunteers.Get(ctx, w.Coordinator(), cook.ID)
	testkit.WantCode(t, err, "")
	_, _, err = w.volunteers.Pause(ctx, w.Coordinator(), volunteer.Simple{VolunteerID: resting.ID, ExpectedVersion: resting.Version})
	testkit.WantCode(t, err, "")
	_, err = w.appoint(plain, cook.ID)
	testkit.WantCode(t, err, fault.CodeResourceUnavailable)

	forWorkers := w.posted(t, func(in *post.Create) { in.Kind, in.Skills = post.ForSocialWorker, nil })
	p, err := w.appoint(forWorkers, worker)
	testkit.WantCode(t, err, "")
	if p.Holders[0].SocialWorker.ID != worker {
		t.Fatalf("held by %+v", p.Holders)
	}
}

// Who leaves as a volunteer leaves their posts, and a station takes its posts along.
func TestPostsFollowPeopleAndStations(t *testing.T) {
	t.Parallel()
	w := open(t)
	p, v := w.posted(t), w.helper(t, "v-1", "DRIVING")
	p, err := w.appoint(p, v.ID)
	testkit.WantCode(t, err, "")
	_, _, err = w.volunteers.Exit(ctx, w.Coordinator(), volunteer.Simple{VolunteerID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	p, err = w.Get(ctx, w.Coordinator(), p.ID)
	testkit.WantCode(t, err, "")
	if p.Taken != 0 || p.State != post.Open {
		t.Fatalf("after the holder left: %s, %d", p.State, p.Taken)
	}
	st, err := w.Stations.Load(ctx, w.Station)
	testkit.WantCode(t, err, "")
	_, _, err = w.Stations.Close(ctx, w.Admin(), station.Close{StationID: st.ID, Note: "搬迁", ExpectedVersion: st.Version})
	testkit.WantCode(t, err, "")
	p, err = w.Get(ctx, w.Coordinator(), p.ID)
	testkit.WantCode(t, err, "")
	if p.State != post.Closed {
		t.Fatalf("after the station closed: %s", p.State)
	}
}

// Strangers see posts on show without their holders, and find nothing by what they
// do not see.
func TestEachReaderSeesAPostAsTheRuleSays(t *testing.T) {
	t.Parallel()
	w := open(t)
	draft, _, err := w.Create(ctx, w.Coordinator(), w.input())
	testkit.WantCode(t, err, "")
	shown, v := w.posted(t), w.helper(t, "v-1", "DRIVING")
	shown, err = w.appoint(shown, v.ID)
	testkit.WantCode(t, err, "")
	neighbour := testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street})
	holder := testkit.As("self", access.Grant{Role: access.Volunteer, Scope: v.ID, Area: testkit.City})
	for name, c := range map[string]struct {
		a       access.Actor
		draft   bool
		holders int
	}{
		"nobody":      {access.Actor{}, false, -1},
		"stranger":    {w.Stranger(), false, -1},
		"neighbour":   {neighbour, false, -1},
		"holder":      {holder, false, -1},
		"coordinator": {w.Coordinator(), true, 1},
		"supervisor":  {w.Supervisor(), true, 1},
		"admin":       {w.Admin(), true, 1},
	} {
		got, err := w.Get(ctx, c.a, shown.ID)
		testkit.WantCode(t, err, "")
		if hidden := slices.Contains(got.Hidden, "holders"); hidden != (c.holders < 0) || (!hidden && len(got.Holders) != c.holders) {
			t.Errorf("%s: holders %v, hidden %v", name, got.Holders, got.Hidden)
		}
		_, err = w.Get(ctx, c.a, draft.ID)
		if seen := err == nil; seen != c.draft {
			t.Errorf("%s: draft seen %v", name, seen)
		}
		page, err := w.List(ctx, c.a, post.Filter{StationID: ptr(w.Station), DivisionID: ptr("div_130202001000"), Kind: ptr(post.ForVolunteer), Skill: ptr("DRIVING")}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		if want := map[bool]int{true: 2, false: 1}[c.draft]; len(page.Rows) != want {
			t.Errorf("%s: %d posts in the list, want %d", name, len(page.Rows), want)
		}
		page, err = w.List(ctx, c.a, post.Filter{Search: ptr("送餐"), State: ptr(post.Open)}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		if len(page.Rows) != 1 || page.Rows[0].ID != shown.ID {
			t.Errorf("%s: search found %d", name, len(page.Rows))
		}
	}
	for _, f := range []post.Filter{{StationID: ptr("org_x")}, {DivisionID: ptr("x")}, {State: ptr(post.State("X"))}, {Skill: ptr("X")}} {
		if _, err := w.List(ctx, w.Admin(), f, usecase.Paging{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// Only who runs the station enters and changes its posts; bad input is told by field.
func TestWhoMayAndWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := open(t)
	for name, c := range map[string]struct {
		a      access.Actor
		change func(*post.Create)
		want   fault.Code
	}{
		"nobody":      {access.Actor{}, nil, fault.CodeUnauthenticated},
		"supervisor":  {w.Supervisor(), nil, fault.CodeForbidden},
		"other admin": {w.OtherAdmin(), nil, fault.CodeForbidden},
		"admin":       {w.Admin(), nil, ""},
		"no title":    {w.Admin(), func(in *post.Create) { in.Title = " " }, fault.CodeRequired},
		"no places":   {w.Admin(), func(in *post.Create) { in.Places = 0 }, fault.CodeOutOfRange},
		"many places": {w.Admin(), func(in *post.Create) { in.Places = 101 }, fault.CodeOutOfRange},
		"a skill":     {w.Admin(), func(in *post.Create) { in.Skills = []string{"FLYING"} }, fault.CodeCodeUnknown},
		"a kind":      {w.Admin(), func(in *post.Create) { in.Kind = "X" }, fault.CodeInvalid},
		"a station":   {w.Admin(), func(in *post.Create) { in.StationID = store.GuardName("sta", "x") }, fault.CodeIDInvalid},
	} {
		in := w.input()
		if c.change != nil {
			c.change(&in)
		}
		if _, _, err := w.Create(ctx, c.a, in); (err == nil) != (c.want == "") || (err != nil && fault.CodeOf(err) != c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	p := w.posted(t)
	_, _, err := w.Change(ctx, w.Stranger(), post.Change{PostID: p.ID, Title: ptr("x"), ExpectedVersion: p.Version})
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, _, err = w.Change(ctx, w.Coordinator(), post.Change{PostID: p.ID, Title: ptr("x"), ExpectedVersion: p.Version - 1})
	testkit.WantCode(t, err, fault.CodeConflict)
	v, notices, err := w.Change(ctx, w.Coordinator(), post.Change{PostID: p.ID, Duties: ptr("联系 11010519491231002X"), ExpectedVersion: p.Version})
	testkit.WantCode(t, err, "")
	if len(notices) != 1 || *v.Duties == "联系 11010519491231002X" {
		t.Errorf("an ID number stays: %v %q", notices, *v.Duties)
	}
}
