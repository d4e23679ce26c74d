package recipient_test

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
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	*recipient.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.Service = recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations)
	})
	return w
}

func input() recipient.Register {
	return recipient.Register{
		Name: "欧阳桂兰", DisplayName: ptr("欧阳奶奶"), Category: "ELDERLY", BornOn: ptr(usecase.Date("1941-03-15")), Phone: ptr("13800138000"),
		SafeContactRule: ptr("DAYTIME_ONLY"), Address: ptr("立新东楼2单元301"), CommunityID: community.ID(testkit.Community1),
		GuardianName: ptr("欧阳女"), GuardianPhone: ptr("13800138001"), CareNote: ptr("听力不好"),
	}
}

// add registers somebody of a class, by the system.
func (w *world) add(t *testing.T, class access.Class, change ...func(*recipient.Register)) *recipient.View {
	t.Helper()
	in := input()
	in.Class = class
	for _, c := range change {
		c(&in)
	}
	v, _, err := w.Register(ctx, w.System(), in)
	testkit.WantCode(t, err, "")
	return v
}

func resident(id string) access.Actor {
	return testkit.As("resident", access.Grant{Role: access.Resident, Scope: id, Area: testkit.City})
}

func guardian(id string) access.Actor {
	return testkit.As("guardian", access.Grant{Role: access.Guardian, Scope: id, Area: testkit.City})
}

func worker(id string) access.Actor {
	return testkit.As("worker", access.Grant{Role: access.SocialWorker, Scope: id, Area: testkit.Street})
}

const (
	none    = "not there"
	full    = "[]"
	limited = "[name category phone safeContactRule address guardianName guardianPhone careNote consents]"
	blind   = "[displayName name category ageBand phone safeContactRule address guardianName guardianPhone careNote consents community station]"
)

// What each reader sees of each class (domain §3d), and that what is hidden is not
// found by search, filter, page or cursor either.
func TestEachReaderSeesAPersonAsTheClassAllows(t *testing.T) {
	t.Parallel()
	w := open(t)
	const lead = "wrk_lead"
	sealed := strings.TrimSuffix(blind, "]") + " area]"
	for _, c := range []struct {
		class access.Class
		want  map[string]string
	}{
		{access.Public, map[string]string{
			"self": full, "guardian": full, "lead": full, "coordinator": full, "officer": none, "supervisor": full, "admin": full,
			"stranger": none, "partner": none, "neighbour": none, "worker": none, "other admin": none,
		}},
		{access.Restricted, map[string]string{
			"self": full, "guardian": full, "lead": full, "coordinator": full, "officer": none, "supervisor": limited, "admin": limited,
			"stranger": none, "partner": none, "neighbour": none, "worker": none, "other admin": none,
		}},
		{access.Protected, map[string]string{
			"self": full, "guardian": full, "lead": full, "coordinator": limited, "officer": full, "supervisor": blind, "admin": blind,
			"stranger": none, "partner": none, "neighbour": none, "worker": none, "other admin": none,
		}},
		{access.Sealed, map[string]string{
			"self": full, "guardian": full, "lead": full, "coordinator": sealed, "officer": full, "supervisor": none, "admin": none,
			"stranger": none, "partner": none, "neighbour": none, "worker": none, "other admin": none,
		}},
	} {
		id := w.add(t, c.class).ID
		testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error { return w.Lead(ctx, w.System(), id, lead, true) }), "")
		for name, actor := range map[string]access.Actor{
			"self": resident(id), "guardian": guardian(id), "lead": worker(lead), "coordinator": w.Coordinator(), "officer": w.Officer(),
			"supervisor": w.Supervisor(), "admin": w.Admin(), "stranger": w.Stranger(), "partner": w.Partner(), "worker": worker("wrk_other"),
			"other admin": w.OtherAdmin(), "neighbour": testkit.As("n", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street}),
		} {
			t.Run(string(c.class)+"/"+name, func(t *testing.T) { w.looks(t, actor, id, c.class, c.want[name]) })
		}
	}
}

func (w *world) looks(t *testing.T, actor access.Actor, id string, class access.Class, want string) {
	t.Helper()
	v, err := w.Get(ctx, actor, id)
	if want == none {
		testkit.WantCode(t, err, fault.CodeNotFound)
	} else {
		testkit.WantCode(t, err, "")
		if fmt.Sprint(v.Hidden) != want {
			t.Errorf("hidden %v, want %s", v.Hidden, want)
		}
		guarded := class == access.Protected || class == access.Sealed
		if show := v.DisplayName; show != nil && (*show == v.Code) != (guarded && want != full) {
			t.Errorf("shown as %s", *show)
		}
		if (v.Name != nil) != (want == full) || (v.Phone != nil) != (want == full) || (v.Community != nil) != (v.DisplayName != nil) ||
			(v.Area == nil) != strings.HasSuffix(want, "area]") {
			t.Errorf("%+v", v)
		}
	}
	finds := func(f recipient.Filter, p usecase.Paging) bool {
		page, err := w.List(ctx, actor, f, p)
		testkit.WantCode(t, err, "")
		return slices.ContainsFunc(page.Rows, func(v *recipient.View) bool { return v.ID == id })
	}
	for what, c := range map[string]struct{ got, want bool }{
		"the list":         {finds(recipient.Filter{}, usecase.Paging{}), want != none},
		"the list's end":   {finds(recipient.Filter{}, usecase.Paging{Last: ptr(100)}), want != none},
		"its class":        {finds(recipient.Filter{Class: &class}, usecase.Paging{}), want != none},
		"a search by name": {finds(recipient.Filter{Search: ptr("桂蘭")}, usecase.Paging{}), want == full},
		"its community":    {finds(recipient.Filter{CommunityID: ptr(community.ID(testkit.Community1))}, usecase.Paging{}), want == full || want == limited},
		"its station":      {finds(recipient.Filter{StationID: &w.Station}, usecase.Paging{}), want == full || want == limited},
	} {
		if c.got != c.want {
			t.Errorf("found by %s: %t", what, c.got)
		}
	}
}

func TestWhoMayRegisterWhom(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, c := range []struct {
		name  string
		actor access.Actor
		fill  func(*recipient.Register)
		want  fault.Code
	}{
		{"anonymous", access.Nobody(), nil, fault.CodeUnauthenticated},
		{"stranger", w.Stranger(), nil, fault.CodeForbidden},
		{"partner", w.Partner(), nil, fault.CodeForbidden},
		{"admin", w.Admin(), nil, fault.CodeForbidden},
		{"coordinator", w.Coordinator(), nil, ""},
		{"coordinator elsewhere", w.Coordinator(), func(in *recipient.Register) { in.CommunityID = community.ID(testkit.Elsewhere) }, fault.CodeForbidden},
		{"social worker", worker("wrk_1"), nil, ""},
		{"officer", w.Officer(), nil, ""},
		{"guarded by a coordinator", w.Coordinator(), func(in *recipient.Register) { in.Class = access.Sealed }, fault.CodeOfficerRequired},
		{"guarded by an officer", w.Officer(), func(in *recipient.Register) { in.Class = access.Sealed }, ""},
		{"a child without guardian", w.Coordinator(), func(in *recipient.Register) {
			in.BornOn, in.GuardianName = ptr(usecase.Date("2012-03-03")), nil
		}, fault.CodeRequired},
		{"at 14 without guardian", w.Coordinator(), func(in *recipient.Register) {
			in.BornOn, in.GuardianName = ptr(usecase.Date("2012-03-02")), nil
		}, ""},
		{"no name", w.Coordinator(), func(in *recipient.Register) { in.Name = " " }, fault.CodeRequired},
		{"long name", w.Coordinator(), func(in *recipient.Register) { in.Name = strings.Repeat("长", 65) }, fault.CodeTooLong},
		{"no UTF-8", w.Coordinator(), func(in *recipient.Register) { in.CareNote = ptr("\xff") }, fault.CodeTextInvalid},
		{"category", w.Coordinator(), func(in *recipient.Register) { in.Category = "X" }, fault.CodeCodeUnknown},
		{"contact rule", w.Coordinator(), func(in *recipient.Register) { in.SafeContactRule = ptr("X") }, fault.CodeCodeUnknown},
		{"class", w.Coordinator(), func(in *recipient.Register) { in.Class = "X" }, fault.CodeInvalid},
		{"born tomorrow", w.Coordinator(), func(in *recipient.Register) { in.BornOn = ptr(usecase.Date("2026-03-03")) }, fault.CodeInvalid},
		{"community", w.Coordinator(), func(in *recipient.Register) { in.CommunityID = "com_139999001001" }, fault.CodeNotFound},
		{"community of another type", w.Coordinator(), func(in *recipient.Register) { in.CommunityID = division.ID(testkit.Street) }, fault.CodeIDInvalid},
	} {
		in := input()
		if c.fill != nil {
			c.fill(&in)
		}
		v, _, err := w.Register(ctx, c.actor, in)
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, err, c.want) })
		if err == nil && (!strings.HasPrefix(v.Code, "R-") || v.ID == "") {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
	in := input()
	in.DisplayName, in.CareNote, in.IdempotencyKey = nil, ptr("身份证 11010519491231002X"), ptr("k")
	v, notices, err := w.Register(ctx, w.Coordinator(), in)
	if err != nil || len(notices) != 1 || strings.Contains(*v.CareNote, "19491231") || *v.DisplayName != "欧阳服务对象" || *v.AgeBand != "FROM_80" {
		t.Fatalf("%+v, %v, %v", v, notices, err)
	}
	again, _, err := w.Register(ctx, w.Coordinator(), in)
	if err != nil || again.ID != v.ID {
		t.Fatalf("a repeat made %+v, %v", again, err)
	}
}

func TestWhoMayChangeWhat(t *testing.T) {
	t.Parallel()
	w := open(t)
	open, guarded := w.add(t, access.Restricted).ID, w.add(t, access.Protected).ID
	for _, c := range []struct {
		name  string
		actor access.Actor
		in    recipient.Change
		want  fault.Code
	}{
		{"anonymous", access.Nobody(), recipient.Change{RecipientID: open}, fault.CodeUnauthenticated},
		{"hidden", w.Stranger(), recipient.Change{RecipientID: open}, fault.CodeNotFound},
		{"seen, not allowed", w.Supervisor(), recipient.Change{RecipientID: open}, fault.CodeForbidden},
		{"id of another type", w.Coordinator(), recipient.Change{RecipientID: "vol_1"}, fault.CodeIDInvalid},
		{"own address", resident(open), recipient.Change{RecipientID: open, Address: ptr("新址")}, ""},
		{"own name", resident(open), recipient.Change{RecipientID: open, Name: ptr("新名"), ExpectedVersion: 2}, fault.CodeForbidden},
		{"guardian's telephone", guardian(open), recipient.Change{RecipientID: open, GuardianPhone: ptr("2"), ExpectedVersion: 2}, ""},
		{"stale", w.Coordinator(), recipient.Change{RecipientID: open, Name: ptr("新名"), ExpectedVersion: 2}, fault.CodeConflict},
		{"coordinator", w.Coordinator(), recipient.Change{RecipientID: open, Name: ptr("李新名"), CareNote: ptr(""), ExpectedVersion: 3}, ""},
		{"moves away", w.Coordinator(), recipient.Change{RecipientID: open, CommunityID: ptr(community.ID(testkit.Elsewhere)), ExpectedVersion: 4}, ""},
		{"gone from the board", w.Coordinator(), recipient.Change{RecipientID: open, ExpectedVersion: 5}, fault.CodeNotFound},
		{"guarded, by the station", w.Coordinator(), recipient.Change{RecipientID: guarded, Phone: ptr("1")}, fault.CodeOfficerRequired},
		{"guarded, by the officer", w.Officer(), recipient.Change{RecipientID: guarded, Phone: ptr("1")}, ""},
	} {
		c.in.ExpectedVersion = max(1, c.in.ExpectedVersion)
		v, _, err := w.Change(ctx, c.actor, c.in)
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, err, c.want) })
		if c.name == "moves away" && v != nil {
			t.Errorf("still seen: %+v", v)
		}
	}
}

func TestAClassIsLiftedByTheStationAndLoweredByTheOfficer(t *testing.T) {
	t.Parallel()
	w := open(t)
	var told []access.Class
	var objection error
	w.OnReclassify(func(_ context.Context, _ string, class access.Class, _ access.Actor) error {
		told = append(told, class)
		return objection
	})
	id := w.add(t, access.Restricted).ID
	grant := recipient.ConsentGrant{RecipientID: id, Purpose: "SERVICE", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")}
	consent, _, err := w.Grant(ctx, w.Coordinator(), grant)
	testkit.WantCode(t, err, "")
	step := func(a access.Actor, to access.Class, version int64) (*recipient.View, error) {
		v, _, err := w.Reclassify(ctx, a, recipient.Reclassify{RecipientID: id, Class: to, Note: "评估", ExpectedVersion: version})
		return v, err
	}
	objection = errors.New("not now")
	if _, err := step(w.Coordinator(), access.Protected, 1); !errors.Is(err, objection) {
		t.Fatal(err)
	}
	objection = nil
	v, err := step(w.Coordinator(), access.Protected, 1)
	if err != nil || *v.DisplayName != v.Code || v.Class != access.Protected {
		t.Fatalf("%+v, %v", v, err)
	}
	_, err = w.Consent(ctx, w.Coordinator(), consent.ID)
	testkit.WantCode(t, err, fault.CodeNotFound) // the consent followed
	_, err = w.Consent(ctx, w.Officer(), consent.ID)
	testkit.WantCode(t, err, "")
	_, err = step(w.Coordinator(), access.Restricted, 2)
	testkit.WantCode(t, err, fault.CodeOfficerRequired)
	_, err = step(w.Coordinator(), access.Sealed, 2)
	testkit.WantCode(t, err, "")
	_, err = step(w.Officer(), access.Sealed, 2)
	testkit.WantCode(t, err, fault.CodeConflict)
	if v, err = step(w.Officer(), access.Restricted, 3); err != nil || v != nil {
		t.Fatalf("an officer sees no ordinary person: %+v, %v", v, err)
	}
	if _, err = step(w.Stranger(), access.Public, 4); fault.CodeOf(err) != fault.CodeNotFound {
		t.Fatal(err)
	}
	if !slices.Equal(told[1:], []access.Class{access.Protected, access.Sealed, access.Restricted}) {
		t.Fatalf("told %v", told)
	}
}

func TestAnErasedPersonIsGoneEverywhereAndTheLogStaysReadable(t *testing.T) {
	t.Parallel()
	w := open(t)
	told, objection := "", error(nil)
	w.OnErase(func(_ context.Context, id string, _ access.Actor) error { told = id; return objection })
	id, guarded := w.add(t, access.Restricted).ID, w.add(t, access.Sealed).ID
	consent, _, err := w.Grant(ctx, w.Coordinator(), recipient.ConsentGrant{RecipientID: id, Purpose: "SERVICE", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")})
	testkit.WantCode(t, err, "")
	erase := func(a access.Actor, id string, version int64) (*recipient.View, error) {
		v, _, err := w.Erase(ctx, a, recipient.Erase{RecipientID: id, Reason: "SUBJECT_REQUEST", ExpectedVersion: version})
		return v, err
	}
	for _, c := range []struct {
		actor   access.Actor
		id      string
		version int64
		want    fault.Code
	}{
		{access.Nobody(), id, 1, fault.CodeUnauthenticated},
		{w.Stranger(), id, 1, fault.CodeNotFound},
		{resident(id), id, 1, fault.CodeForbidden},
		{w.Coordinator(), id, 2, fault.CodeConflict},
		{w.Coordinator(), guarded, 1, fault.CodeOfficerRequired},
	} {
		_, err := erase(c.actor, c.id, c.version)
		testkit.WantCode(t, err, c.want)
	}
	objection = errors.New("a request is open")
	if _, err := erase(w.Coordinator(), id, 1); !errors.Is(err, objection) {
		t.Fatal(err)
	}
	objection = nil
	v, err := erase(w.Coordinator(), id, 1)
	if err != nil || !v.Erased || v.Name != nil || v.Phone != nil || v.Category != nil || v.CareNote != nil || *v.DisplayName != v.Code || told != id || len(v.AllowedActions) != 0 {
		t.Fatalf("%+v, %s, %v", v, told, err)
	}
	c, err := w.Consent(ctx, w.Coordinator(), consent.ID)
	if err != nil || c.Evidence != nil || c.State != recipient.ConsentWithdrawn {
		t.Fatalf("%+v, %v", c, err)
	}
	versions, err := w.Rows().History(ctx, id, 0, false, 10)
	if err != nil || len(versions) != 2 || versions[1].Entry.Kind != "recipient.erased" || versions[1].Entry.Reason != "SUBJECT_REQUEST" {
		t.Fatalf("%+v, %v", versions, err)
	}
	for _, past := range versions {
		if past.After.Private != (recipient.Private{}) || strings.Contains(fmt.Sprint(past.Entry.Body, past.Entry.Parts), "桂兰") {
			t.Errorf("the log still knows %+v", past.After.Private)
		}
	}
	found, err := w.List(ctx, w.Coordinator(), recipient.Filter{Search: ptr("桂兰")}, usecase.Paging{})
	if err != nil || len(found.Rows) != 0 {
		t.Fatalf("%d found, %v", len(found.Rows), err)
	}
	if _, err = erase(w.Coordinator(), id, 2); fault.CodeOf(err) != fault.CodeTransition {
		t.Fatal(err)
	}
	_, _, err = w.Grant(ctx, w.Coordinator(), recipient.ConsentGrant{RecipientID: id, Purpose: "SERVICE", GivenBy: recipient.ByRecipient, Evidence: ptr("002")})
	testkit.WantCode(t, err, fault.CodeTransition)
}

func TestWhoMayGrantAConsent(t *testing.T) {
	t.Parallel()
	w := open(t)
	adult, guarded := w.add(t, access.Restricted).ID, w.add(t, access.Protected).ID
	child := w.add(t, access.Restricted, func(in *recipient.Register) { in.BornOn = ptr(usecase.Date("2015-01-01")) }).ID
	for _, c := range []struct {
		name  string
		actor access.Actor
		in    recipient.ConsentGrant
		want  fault.Code
	}{
		{"anonymous", access.Nobody(), recipient.ConsentGrant{RecipientID: adult}, fault.CodeUnauthenticated},
		{"hidden", w.Stranger(), recipient.ConsentGrant{RecipientID: adult}, fault.CodeNotFound},
		{"seen, not allowed", w.Supervisor(), recipient.ConsentGrant{RecipientID: adult}, fault.CodeForbidden},
		{"in person", resident(adult), recipient.ConsentGrant{RecipientID: adult}, ""},
		{"for the guardian", resident(adult), recipient.ConsentGrant{RecipientID: adult, GivenBy: recipient.ByGuardian, Evidence: ptr("x")}, fault.CodeForbidden},
		{"by the guardian", guardian(adult), recipient.ConsentGrant{RecipientID: adult, GivenBy: recipient.ByGuardian}, ""},
		{"without evidence", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult}, fault.CodeRequired},
		{"with evidence", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, Evidence: ptr("表1")}, ""},
		{"guarded, by the station", w.Coordinator(), recipient.ConsentGrant{RecipientID: guarded, Evidence: ptr("表1")}, fault.CodeOfficerRequired},
		{"guarded, by the officer", w.Officer(), recipient.ConsentGrant{RecipientID: guarded, Evidence: ptr("表1")}, ""},
		{"a child's own", w.Coordinator(), recipient.ConsentGrant{RecipientID: child, Evidence: ptr("表1")}, fault.CodeGuardianConsent},
		{"a child's guardian's", w.Coordinator(), recipient.ConsentGrant{RecipientID: child, GivenBy: recipient.ByGuardian, Evidence: ptr("表1")}, ""},
		{"purpose", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, Purpose: "X"}, fault.CodeCodeUnknown},
		{"giver", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, GivenBy: "X"}, fault.CodeInvalid},
		{"given tomorrow", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, GivenOn: ptr(usecase.Date("2026-03-03"))}, fault.CodeInvalid},
		{"ends before it begins", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, ValidTo: ptr(usecase.Date("2026-03-01"))}, fault.CodeInvalid},
		{"no such organisation", w.Coordinator(), recipient.ConsentGrant{RecipientID: adult, OrganisationID: ptr("org_ts0"), Evidence: ptr("x")}, fault.CodeNotFound},
		{"id of another type", w.Coordinator(), recipient.ConsentGrant{RecipientID: "req_1"}, fault.CodeIDInvalid},
	} {
		if c.in.Purpose == "" {
			c.in.Purpose = "SERVICE"
		}
		if c.in.GivenBy == "" {
			c.in.GivenBy = recipient.ByRecipient
		}
		_, _, err := w.Grant(ctx, c.actor, c.in)
		t.Run(c.name, func(t *testing.T) { testkit.WantCode(t, err, c.want) })
	}
}

func TestAConsentHoldsFromItsDayToItsLastUntilWithdrawn(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.add(t, access.Restricted).ID
	active := func() string {
		t.Helper()
		got, err := w.ActiveConsent(ctx, id, "SERVICE", w.Core.Time())
		testkit.WantCode(t, err, "")
		return got
	}
	grant := func(in recipient.ConsentGrant) *recipient.ConsentView {
		t.Helper()
		in.RecipientID, in.GivenBy, in.Evidence = id, recipient.ByRecipient, ptr("表")
		v, _, err := w.Grant(ctx, w.Coordinator(), in)
		testkit.WantCode(t, err, "")
		return v
	}
	grant(recipient.ConsentGrant{Purpose: "STATISTICS"})
	grant(recipient.ConsentGrant{Purpose: "SERVICE", OrganisationID: &w.Organisation})
	if got := active(); got != "" {
		t.Fatalf("a consent towards one organisation, or for another purpose, opened all: %s", got)
	}
	short := grant(recipient.ConsentGrant{Purpose: "SERVICE", ValidTo: ptr(usecase.Date("2026-03-02"))})
	if active() != short.ID || short.State != recipient.ConsentActive {
		t.Fatalf("%+v", short)
	}
	w.Clock.Advance(24 * time.Hour)
	if v, err := w.Consent(ctx, resident(id), short.ID); err != nil || v.State != recipient.ConsentExpired || active() != "" {
		t.Fatalf("%+v, %v", v, err)
	}
	long := grant(recipient.ConsentGrant{Purpose: "SERVICE"})
	if active() != long.ID {
		t.Fatal("no consent in force")
	}
	for _, c := range []struct {
		actor   access.Actor
		version int64
		want    fault.Code
	}{
		{access.Nobody(), 1, fault.CodeUnauthenticated},
		{w.Stranger(), 1, fault.CodeNotFound},
		{w.Supervisor(), 1, fault.CodeNotFound},
		{resident(id), 2, fault.CodeConflict},
		{resident(id), 1, ""},
		{resident(id), 2, fault.CodeAlreadyDecided},
	} {
		_, _, err := w.Withdraw(ctx, c.actor, recipient.ConsentWithdraw{ConsentID: long.ID, ExpectedVersion: c.version})
		testkit.WantCode(t, err, c.want)
	}
	if active() != "" {
		t.Fatal("a withdrawn consent still opens")
	}
	seen, err := w.Get(ctx, resident(id), id)
	testkit.WantCode(t, err, "")
	masked, err := w.Get(ctx, w.Supervisor(), id)
	testkit.WantCode(t, err, "")
	lists, err := w.Consents(ctx, resident(id), []*recipient.View{seen, masked})
	if err != nil || len(lists[0]) != 4 || lists[0][0].ID != long.ID || lists[1] != nil {
		t.Fatalf("%v, %v", lists, err)
	}
}
