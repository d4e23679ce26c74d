package volunteer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	*volunteer.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.Service = volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
	})
	return w
}

func input() volunteer.Register {
	return volunteer.Register{
		Name: "欧阳晓峰", Number: ptr("130202000000000001"), Phone: ptr("13800138000"), BornOn: "1990-05-04", Skills: []string{"DRIVING", "DRIVING", "COOKING"},
		CommunityID: community.ID(testkit.Community1), ReachMetres: 3000,
	}
}

func consent() *volunteer.ConsentInput {
	return &volunteer.ConsentInput{GuardianName: "欧阳父", GuardianPhone: "13800138001", GivenOn: "2026-03-02"}
}

func (w *world) add(t *testing.T, change ...func(*volunteer.Register)) string {
	t.Helper()
	in := input()
	for _, c := range change {
		c(&in)
	}
	v, _, err := w.Register(ctx, w.System(), in)
	testkit.WantCode(t, err, "")
	return v.ID
}

// self is the volunteer in person.
func self(id string) access.Actor {
	return testkit.As("self", access.Grant{Role: access.Volunteer, Scope: id, Area: testkit.City})
}

func neighbour(w *testkit.World) access.Actor {
	return testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street})
}

// What each reader sees, and that what is hidden is not found by search, filter,
// order or cursor either.
func TestEachReaderSeesAVolunteerAsTheRuleSays(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t)
	worker := func(area string) access.Actor {
		return testkit.As("worker", access.Grant{Role: access.SocialWorker, Scope: "wrk_1", Area: area})
	}
	const none, full = "not there", "[]"
	const limited = "[name number phone guardianConsent minorsClearedTo location]"
	const vetted = "[name number phone guardianConsent location]"
	const blind = "[community availability name number phone guardianConsent minorsClearedTo location]"
	for _, c := range []struct {
		name  string
		actor access.Actor
		want  string
	}{
		{"stranger", w.Stranger(), none},
		{"partner", w.Partner(), none},
		{"another volunteer", self("vol_other"), none},
		{"other admin", w.OtherAdmin(), none},
		{"in person", self(id), full},
		{"coordinator", w.Coordinator(), full},
		{"neighbour", neighbour(w.World), limited},
		{"officer", w.Officer(), vetted},
		{"admin", w.Admin(), limited},
		{"supervisor", w.Supervisor(), limited},
		{"social worker there", worker(testkit.Street), blind},
		{"social worker elsewhere", worker(testkit.Lubei), none},
		{"system", w.System(), full},
	} {
		v, err := w.Get(ctx, c.actor, id)
		got := none
		if err == nil {
			got = fmt.Sprint(v.Hidden)
			if v.DisplayName != "欧阳志愿者" || v.AgeBand != "FROM_35" || len(v.Skills) != 2 || v.Area == nil || (v.Name != nil) != (got == full) ||
				(v.Phone != nil) != (got == full) || (v.Community != nil) != (got != blind) {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, %v", c.name, got, err)
		}
		finds := func(f volunteer.Filter, p usecase.Paging) bool {
			page, err := w.List(ctx, c.actor, f, p)
			testkit.WantCode(t, err, "")
			return len(page.Rows) == 1 && len(page.Cursors) == 1
		}
		for what, f := range map[string]struct{ got, want bool }{
			"the list":         {finds(volunteer.Filter{}, usecase.Paging{}), c.want != none},
			"the list's end":   {finds(volunteer.Filter{}, usecase.Paging{Last: ptr(3)}), c.want != none},
			"skill and state":  {finds(volunteer.Filter{Skill: ptr("COOKING"), State: ptr(volunteer.Registered)}, usecase.Paging{}), c.want != none},
			"their county":     {finds(volunteer.Filter{DivisionID: ptr(division.ID(testkit.Lunan))}, usecase.Paging{}), c.want != none},
			"their town":       {finds(volunteer.Filter{DivisionID: ptr(division.ID(testkit.Street))}, usecase.Paging{}), c.want == limited || c.want == vetted || c.want == full},
			"their community":  {finds(volunteer.Filter{CommunityID: ptr(community.ID(testkit.Community1))}, usecase.Paging{}), c.want == limited || c.want == vetted || c.want == full},
			"a search by name": {finds(volunteer.Filter{Search: ptr("曉峰")}, usecase.Paging{}), c.want == full},
		} {
			if f.got != f.want {
				t.Errorf("%s found by %s: %t", c.name, what, f.got)
			}
		}
	}
	named, err := w.Named(ctx, w.Stranger(), []string{id})
	if v := named[id]; err != nil || v.DisplayName != "欧阳志愿者" || fmt.Sprint(v.Hidden) != blind || v.Name != nil || v.Phone != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	if _, err := w.List(ctx, access.Nobody(), volunteer.Filter{}, usecase.Paging{}); fault.CodeOf(err) != fault.CodeUnauthenticated {
		t.Fatal(err)
	}
}

func TestWhoMayRegisterAVolunteer(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.add(t)
	for _, c := range []struct {
		name  string
		actor access.Actor
		fill  func(*volunteer.Register)
		want  fault.Code
	}{
		{"anonymous", access.Nobody(), nil, fault.CodeUnauthenticated},
		{"stranger", w.Stranger(), nil, fault.CodeForbidden},
		{"partner", w.Partner(), nil, fault.CodeForbidden},
		{"other admin", w.OtherAdmin(), nil, fault.CodeForbidden},
		{"coordinator elsewhere", w.Coordinator(), func(in *volunteer.Register) { in.CommunityID = community.ID(testkit.Elsewhere) }, fault.CodeForbidden},
		{"coordinator", w.Coordinator(), nil, ""},
		{"admin", w.Admin(), nil, ""},
		{"number of another", w.Coordinator(), func(in *volunteer.Register) { in.Number = ptr("130202000000000001") }, fault.CodeDuplicate},
		{"an ID number", w.Coordinator(), func(in *volunteer.Register) { in.Number = ptr("11010519491231002X") }, fault.CodeInvalid},
		{"17 without consent", w.Coordinator(), func(in *volunteer.Register) { in.BornOn = "2008-03-03" }, fault.CodeGuardianConsent},
		{"17 with consent", w.Coordinator(), func(in *volunteer.Register) { in.BornOn, in.GuardianConsent = "2008-03-03", consent() }, ""},
		{"18 without consent", w.Coordinator(), func(in *volunteer.Register) { in.BornOn = "2008-03-02" }, ""},
		{"consent of tomorrow", w.Coordinator(), func(in *volunteer.Register) {
			in.GuardianConsent = consent()
			in.GuardianConsent.GivenOn = "2026-03-03"
		}, fault.CodeOutOfRange},
		{"consent of nobody", w.Coordinator(), func(in *volunteer.Register) { in.GuardianConsent = &volunteer.ConsentInput{GivenOn: "2026-03-02"} }, fault.CodeRequired},
		{"born tomorrow", w.Coordinator(), func(in *volunteer.Register) { in.BornOn = "2026-03-03" }, fault.CodeInvalid},
		{"no day", w.Coordinator(), func(in *volunteer.Register) { in.BornOn = "1990-02-30" }, fault.CodeInvalid},
		{"no name", w.Coordinator(), func(in *volunteer.Register) { in.Name = "" }, fault.CodeRequired},
		{"long name", w.Coordinator(), func(in *volunteer.Register) { in.Name = strings.Repeat("长", 65) }, fault.CodeTooLong},
		{"unknown skill", w.Coordinator(), func(in *volunteer.Register) { in.Skills = []string{"FLYING"} }, fault.CodeCodeUnknown},
		{"too many skills", w.Coordinator(), func(in *volunteer.Register) { in.Skills = make([]string, 51) }, fault.CodeTooMany},
		{"too far", w.Coordinator(), func(in *volunteer.Register) { in.ReachMetres = 50_001 }, fault.CodeOutOfRange},
		{"community", w.Coordinator(), func(in *volunteer.Register) { in.CommunityID = "com_139999001001" }, fault.CodeNotFound},
		{"community of another type", w.Coordinator(), func(in *volunteer.Register) { in.CommunityID = "sta_1" }, fault.CodeIDInvalid},
	} {
		in := input()
		in.Number = nil
		if c.fill != nil {
			c.fill(&in)
		}
		v, _, err := w.Register(ctx, c.actor, in)
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, err, c.want) })
		if err == nil && (v.State != volunteer.Registered || v.MinorsCleared || (in.GuardianConsent != nil) != (v.GuardianConsent != nil)) {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

// A village without a station: the coordinator who enters somebody looks after them.
func TestACoordinatorTakesInWhoHasNoStation(t *testing.T) {
	t.Parallel()
	w := open(t)
	county := testkit.As("county", access.Grant{Role: access.Coordinator, Scope: "sta_county", Area: testkit.Lunan})
	in := input()
	in.CommunityID = community.ID(testkit.Village)
	v, _, err := w.Register(ctx, county, in)
	testkit.WantCode(t, err, "")
	colleague := testkit.As("colleague", access.Grant{Role: access.Coordinator, Scope: "sta_county", Area: testkit.Lunan})
	_, _, err = w.Change(ctx, colleague, volunteer.Change{VolunteerID: v.ID, Phone: ptr("1"), ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, _, err = w.Change(ctx, w.Coordinator(), volunteer.Change{VolunteerID: v.ID, ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// The life of a volunteer, step by step: who may, from where, and what follows.
func TestTheLifeOfAVolunteer(t *testing.T) {
	t.Parallel()
	w := open(t)
	var told []string
	w.OnGone(func(_ context.Context, id, reason string, _ access.Actor) error {
		told = append(told, reason)
		return nil
	})
	id := w.add(t)
	version := int64(1)
	verify := func(a access.Actor) error {
		_, _, err := w.Verify(ctx, a, volunteer.Verify{VolunteerID: id, Evidence: "身份证原件", ExpectedVersion: version})
		return err
	}
	simple := func(do func(context.Context, access.Actor, volunteer.Simple) (*volunteer.View, []usecase.Notice, error)) func(access.Actor) error {
		return func(a access.Actor) error {
			_, _, err := do(ctx, a, volunteer.Simple{VolunteerID: id, ExpectedVersion: version})
			return err
		}
	}
	suspend := func(a access.Actor) error {
		_, _, err := w.Suspend(ctx, a, volunteer.Suspend{VolunteerID: id, Reason: "COMPLAINT", ExpectedVersion: version})
		return err
	}
	rename := func(name string) func(access.Actor) error {
		return func(a access.Actor) error {
			_, _, err := w.Change(ctx, a, volunteer.Change{VolunteerID: id, Name: &name, ExpectedVersion: version})
			return err
		}
	}
	stale := func(a access.Actor) error {
		_, _, err := w.Pause(ctx, a, volunteer.Simple{VolunteerID: id, ExpectedVersion: 99})
		return err
	}
	activate, pause, exit := simple(w.Activate), simple(w.Pause), simple(w.Exit)
	for _, c := range []struct {
		name string
		do   func(access.Actor) error
		by   access.Actor
		want fault.Code
		then volunteer.State
	}{
		{"verify by nobody", verify, access.Nobody(), fault.CodeUnauthenticated, volunteer.Registered},
		{"verify by a stranger", verify, w.Stranger(), fault.CodeNotFound, volunteer.Registered},
		{"verify oneself", verify, self(id), fault.CodeForbidden, volunteer.Registered},
		{"activate unverified", activate, w.Coordinator(), fault.CodeTransition, volunteer.Registered},
		{"verify by a neighbour", verify, neighbour(w.World), fault.CodeForbidden, volunteer.Registered},
		{"verify", verify, w.Coordinator(), "", volunteer.Verified},
		{"verify twice", verify, w.Coordinator(), fault.CodeTransition, volunteer.Verified},
		{"activate oneself", activate, self(id), fault.CodeForbidden, volunteer.Verified},
		{"activate", activate, w.Coordinator(), "", volunteer.Active},
		{"stale", stale, w.Coordinator(), fault.CodeConflict, volunteer.Active},
		{"pause oneself", pause, self(id), "", volunteer.Paused},
		{"back by oneself", activate, self(id), "", volunteer.Active},
		{"suspend by oneself", suspend, self(id), fault.CodeForbidden, volunteer.Active},
		{"suspend", suspend, w.Admin(), "", volunteer.Suspended},
		{"back by oneself after that", activate, self(id), fault.CodeForbidden, volunteer.Suspended},
		{"a new name does not let back in", rename("李新名"), self(id), "", volunteer.Suspended},
		{"nor does the station before a check", activate, w.Coordinator(), fault.CodeTransition, volunteer.Suspended},
		{"the check", verify, w.Coordinator(), "", volunteer.Suspended},
		{"back by the station", activate, w.Coordinator(), "", volunteer.Active},
		{"the same name", rename("李新名"), self(id), "", volunteer.Active},
		{"another name", rename("王新名"), self(id), "", volunteer.Registered},
		{"leave", exit, self(id), "", volunteer.Exited},
		{"nothing after that", rename("X"), self(id), fault.CodeTransition, volunteer.Exited},
	} {
		err := c.do(c.by)
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, err, c.want) })
		v, err := w.Get(ctx, w.System(), id)
		if err != nil || v.State != c.then {
			t.Fatalf("%s: %+v, %v", c.name, v, err)
		}
		version = v.Version
		row, err := w.Load(ctx, id)
		if err != nil || (row.CanServe() == nil) != (c.then == volunteer.Active) {
			t.Fatalf("%s: %v, %v", c.name, row.CanServe(), err)
		}
	}
	if !slices.Equal(told, []string{"SAFETY", "OVERLOAD"}) {
		t.Fatalf("told %v", told)
	}
}

func TestWhatCannotBeReleasedStopsTheSuspension(t *testing.T) {
	t.Parallel()
	w := open(t)
	objection := errors.New("on the way")
	w.OnGone(func(context.Context, string, string, access.Actor) error { return objection })
	id := w.add(t)
	_, _, err := w.Suspend(ctx, w.Coordinator(), volunteer.Suspend{VolunteerID: id, Reason: "COMPLAINT", ExpectedVersion: 1})
	if !errors.Is(err, objection) {
		t.Fatal(err)
	}
	if v, err := w.Get(ctx, w.Coordinator(), id); err != nil || v.State != volunteer.Registered {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestAClearanceForMinorsLastsAYear(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t)
	clear := func(a access.Actor, on usecase.Date) error {
		_, _, err := w.MinorsClear(ctx, a, volunteer.MinorsClear{VolunteerID: id, QueriedOn: on, Evidence: "查询回执001", ExpectedVersion: 1})
		return err
	}
	elsewhere := testkit.As("officer2", access.Grant{Role: access.ProtectionOfficer, Scope: "sta_x", Area: testkit.Lubei})
	testkit.WantCode(t, clear(access.Nobody(), "2026-03-01"), fault.CodeUnauthenticated)
	testkit.WantCode(t, clear(w.Coordinator(), "2026-03-01"), fault.CodeForbidden)
	testkit.WantCode(t, clear(elsewhere, "2026-03-01"), fault.CodeNotFound)
	testkit.WantCode(t, clear(w.Officer(), "2026-03-03"), fault.CodeInvalid)
	testkit.WantCode(t, clear(w.Officer(), "2026-03-01"), "")
	for _, c := range []struct {
		wait time.Duration
		want bool
	}{{0, true}, {363 * 24 * time.Hour, true}, {24 * time.Hour, false}} { // to the 28th of February 2027
		w.Clock.Advance(c.wait)
		v, err := w.Get(ctx, w.Coordinator(), id)
		if err != nil || v.MinorsCleared != c.want || *v.MinorsClearedTo != "2027-02-28" {
			t.Fatalf("after %s: %+v, %v", c.wait, v, err)
		}
	}
}

func TestActionsAreThoseThatWork(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t)
	for _, c := range []struct {
		actor access.Actor
		want  string
	}{
		{self(id), "[CHANGE EXIT]"},
		{w.Coordinator(), "[CHANGE VERIFY SUSPEND EXIT]"},
		{w.Officer(), "[MINORS_CLEAR]"},
		{w.Admin(), "[SUSPEND]"},
		{w.Supervisor(), "[]"},
	} {
		if v, err := w.Get(ctx, c.actor, id); err != nil || fmt.Sprint(v.AllowedActions) != c.want {
			t.Errorf("%s: %v, %v", c.actor.ID, v, err)
		}
	}
	_, _, err := w.Activate(ctx, w.Coordinator(), volunteer.Simple{VolunteerID: id, ExpectedVersion: 1})
	if e, ok := fault.As(err); !ok || fmt.Sprint(e.Params["allowed"]) != "[CHANGE VERIFY SUSPEND EXIT]" {
		t.Fatal(err)
	}
	_, err = w.List(ctx, w.Admin(), volunteer.Filter{Skill: ptr("FLYING")}, usecase.Paging{})
	testkit.WantCode(t, err, fault.CodeCodeUnknown)
	_, err = w.List(ctx, w.Admin(), volunteer.Filter{CommunityID: ptr("sta_1")}, usecase.Paging{})
	testkit.WantCode(t, err, fault.CodeIDInvalid)
}

func TestPagesOfVolunteersMeetWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	w := open(t)
	var all []string
	for i := range 7 {
		w.Clock.Advance(time.Millisecond)
		all = append(all, w.add(t, func(in *volunteer.Register) { in.Number = nil; in.Name = fmt.Sprint("李", i) }))
	}
	slices.Reverse(all)
	for _, actor := range []access.Actor{w.Coordinator(), w.Admin(), w.Officer(), w.System()} {
		var got []string
		var after *string
		for range 9 {
			page, err := w.List(ctx, actor, volunteer.Filter{}, usecase.Paging{First: ptr(2), After: after})
			testkit.WantCode(t, err, "")
			for _, v := range page.Rows {
				got = append(got, v.ID)
			}
			if after = page.End; !page.HasNext {
				break
			}
		}
		if !slices.Equal(got, all) {
			t.Errorf("%s: %v", actor.ID, got)
		}
	}
	page, err := w.List(ctx, w.Coordinator(), volunteer.Filter{}, usecase.Paging{First: ptr(1)})
	testkit.WantCode(t, err, "")
	_, err = w.List(ctx, w.Admin(), volunteer.Filter{}, usecase.Paging{After: page.End})
	testkit.WantCode(t, err, fault.CodeCursorInvalid)
}

// The hours of a week are kept joined and in order, for who sees the person; an empty
// list empties them.
func TestAVolunteerSaysWhenTheyAreFree(t *testing.T) {
	t.Parallel()
	w := open(t)
	hours := []rota.Slot{{Day: "TUESDAY", From: "12:00", To: "14:00"}, {Day: "MONDAY", From: "09:00", To: "11:00"}, {Day: "TUESDAY", From: "09:00", To: "12:00"}}
	id := w.add(t, func(in *volunteer.Register) { in.Availability = hours })
	v, err := w.Get(ctx, w.Coordinator(), id)
	testkit.WantCode(t, err, "")
	if fmt.Sprint(v.Availability) != "[{MONDAY 09:00 11:00} {TUESDAY 09:00 14:00}]" {
		t.Fatal(v.Availability)
	}
	_, _, err = w.Change(ctx, w.Coordinator(), volunteer.Change{VolunteerID: id, Availability: []rota.Slot{{Day: "MONDAY", From: "11:00", To: "09:00"}}, ExpectedVersion: 1})
	testkit.WantCode(t, err, fault.CodeInvalid)
	v, _, err = w.Change(ctx, self(id), volunteer.Change{VolunteerID: id, Availability: []rota.Slot{}, ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	if v.Availability == nil || len(v.Availability) != 0 {
		t.Fatal(v.Availability)
	}
}
