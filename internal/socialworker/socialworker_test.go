package socialworker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func input(w *testkit.World) socialworker.Create {
	return socialworker.Create{
		Name: "欧阳晓梅", Phone: ptr("13800138000"), EmployerID: &w.Organisation, StationID: w.Station,
		PracticeFields: []string{"ELDERLY"}, Skills: []string{"COUNSELLING", "COUNSELLING"},
		Certificate: &socialworker.CertificateInput{Level: socialworker.FullyTrained, Number: "20210130200017"},
	}
}

// self is the social worker in person.
func self(id string) access.Actor {
	return testkit.As("self", access.Grant{Role: access.SocialWorker, Scope: id, Area: testkit.City})
}

func TestEachReaderSeesWhatTheirRelationShows(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	made, _, err := w.Workers.Create(ctx, w.Coordinator(), input(w))
	testkit.WantCode(t, err, "")
	neighbour := testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Lunan})
	const hidden, limited, full = "not there", "[phone]", "[]"
	for _, c := range []struct {
		name  string
		actor access.Actor
		want  string
		finds bool
	}{
		{"nobody", access.Nobody(), hidden, false},
		{"stranger", w.Stranger(), hidden, false},
		{"partner", w.Partner(), hidden, false},
		{"other admin", w.OtherAdmin(), hidden, false},
		{"herself", self(made.ID), full, true},
		{"station", w.Coordinator(), full, true},
		{"neighbour", neighbour, limited, true},
		{"officer", w.Officer(), limited, true},
		{"admin", w.Admin(), limited, true},
		{"supervisor", w.Supervisor(), limited, true},
		{"system", w.System(), full, true},
	} {
		v, err := w.Workers.Get(ctx, c.actor, made.ID)
		got := hidden
		if err == nil {
			got = fmt.Sprint(v.Hidden)
			if v.DisplayName != "欧阳社工" || *v.Name != "欧阳晓梅" || v.Certificate.MaskedNumber != "202****017" || v.Employer == nil || (v.Phone != nil) != (got == full) {
				t.Errorf("%s: %+v", c.name, v)
			}
		}
		page, listErr := w.Workers.List(ctx, c.actor, socialworker.Filter{Search: ptr("晓梅")}, usecase.Paging{})
		if listErr != nil || got != c.want || (len(page.Rows) == 1) != c.finds {
			t.Errorf("%s: %s, %d found, %v, %v", c.name, got, len(page.Rows), err, listErr)
		}
	}
	named, err := w.Workers.Named(ctx, w.Stranger(), []string{made.ID})
	v := named[made.ID]
	if err != nil || v.DisplayName != "欧阳社工" || v.Name != nil || v.Phone != nil || v.Certificate != nil || len(v.Hidden) != 4 {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestWorkerCallsAreRefusedByReason(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	id := w.AddWorker(t, "李静")
	create := func(a access.Actor, fill func(*socialworker.Create)) error {
		in := input(w)
		fill(&in)
		_, _, err := w.Workers.Create(ctx, a, in)
		return err
	}
	change := func(a access.Actor, in socialworker.Change) error {
		in.SocialWorkerID = id
		in.ExpectedVersion = max(in.ExpectedVersion, 1)
		_, _, err := w.Workers.Change(ctx, a, in)
		return err
	}
	none := func(*socialworker.Create) {}
	neighbour := testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street})
	_, unknown := w.Workers.Get(ctx, w.Admin(), "wrk_ts0")
	list := func(f socialworker.Filter) error {
		_, err := w.Workers.List(ctx, w.Admin(), f, usecase.Paging{})
		return err
	}
	cases := map[string]struct {
		err  error
		want fault.Code
	}{
		"anonymous":           {create(access.Nobody(), none), fault.CodeUnauthenticated},
		"no grant":            {create(w.Stranger(), none), fault.CodeForbidden},
		"neighbour":           {create(neighbour, none), fault.CodeForbidden},
		"no station":          {create(w.Admin(), func(in *socialworker.Create) { in.StationID = "sta_ts0" }), fault.CodeNotFound},
		"no name":             {create(w.Admin(), func(in *socialworker.Create) { in.Name = "" }), fault.CodeRequired},
		"long name":           {create(w.Admin(), func(in *socialworker.Create) { in.Name = strings.Repeat("长", 65) }), fault.CodeTooLong},
		"unknown skill":       {create(w.Admin(), func(in *socialworker.Create) { in.Skills = []string{"FLYING"} }), fault.CodeCodeUnknown},
		"too many fields":     {create(w.Admin(), func(in *socialworker.Create) { in.PracticeFields = make([]string, 21) }), fault.CodeTooMany},
		"unknown level":       {create(w.Admin(), func(in *socialworker.Create) { in.Certificate.Level = "X" }), fault.CodeInvalid},
		"unknown employer":    {create(w.Admin(), func(in *socialworker.Create) { in.EmployerID = ptr("org_ts0") }), fault.CodeNotFound},
		"hidden":              {change(w.Stranger(), socialworker.Change{}), fault.CodeNotFound},
		"seen, not allowed":   {change(w.Officer(), socialworker.Change{}), fault.CodeForbidden},
		"own name":            {change(self(id), socialworker.Change{Name: ptr("李静静")}), fault.CodeForbidden},
		"own telephone":       {change(self(id), socialworker.Change{Phone: ptr("0315-0000003")}), ""},
		"stale":               {change(w.Coordinator(), socialworker.Change{}), fault.CodeConflict},
		"coordinator":         {change(w.Coordinator(), socialworker.Change{Active: ptr(false), ExpectedVersion: 2}), ""},
		"to another's desk":   {change(w.Coordinator(), socialworker.Change{StationID: ptr("sta_ts0"), ExpectedVersion: 3}), fault.CodeNotFound},
		"unknown":             {unknown, fault.CodeNotFound},
		"filter by no skill":  {list(socialworker.Filter{Skill: ptr("FLYING")}), fault.CodeCodeUnknown},
		"filter by wrong id":  {list(socialworker.Filter{StationID: ptr("org_1")}), fault.CodeIDInvalid},
		"filter by wrong div": {list(socialworker.Filter{DivisionID: ptr("div_1")}), fault.CodeIDInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
}

func TestACertificateIsRegisteredForThreeYears(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	made, _, err := w.Workers.Create(ctx, w.Admin(), input(w))
	testkit.WantCode(t, err, "")
	in := socialworker.Certify{SocialWorkerID: made.ID, RegisteredOn: "2026-03-02", ExpectedVersion: 1}
	for _, c := range []struct {
		actor access.Actor
		on    usecase.Date
		want  fault.Code
	}{
		{access.Nobody(), "2026-03-02", fault.CodeUnauthenticated},
		{w.Coordinator(), "2026-03-02", fault.CodeForbidden},
		{w.Admin(), "2026-03-03", fault.CodeOutOfRange},
		{w.Admin(), "2026-02-30", fault.CodeInvalid},
		{w.Admin(), "2026-03-02", ""},
	} {
		in.RegisteredOn = c.on
		_, _, err := w.Workers.Certify(ctx, c.actor, in)
		testkit.WantCode(t, err, c.want)
	}
	bare := w.AddWorker(t, "李静")
	_, _, err = w.Workers.Certify(ctx, w.Admin(), socialworker.Certify{SocialWorkerID: bare, RegisteredOn: "2026-03-02", ExpectedVersion: 1})
	testkit.WantCode(t, err, fault.CodeRequired)
	c := socialworker.Certificate{Level: socialworker.Senior, State: socialworker.Registered, RegisteredOn: "2026-03-02"}
	for day, want := range map[usecase.Date]socialworker.CertificateState{
		"2026-03-02": socialworker.Registered, "2028-12-01": socialworker.Registered, "2028-12-02": socialworker.Due,
		"2029-03-01": socialworker.Due, "2029-03-02": socialworker.Lapsed,
	} {
		if got := c.StateOn(day); got != want || c.ValidTo() != "2029-03-01" {
			t.Errorf("%s: %s, until %s", day, got, c.ValidTo())
		}
	}
	declared, _, err := w.Workers.Change(ctx, w.Admin(), socialworker.Change{
		SocialWorkerID: made.ID, Certificate: &socialworker.CertificateInput{Level: socialworker.Senior, Number: "1"}, ExpectedVersion: 2,
	})
	if err != nil || declared.Certificate.State != socialworker.Declared || declared.Certificate.ValidTo != nil || declared.Certificate.MaskedNumber != "****" {
		t.Fatalf("%+v, %v", declared, err)
	}
}

func TestWorkersAreListedByStationPlaceSkillAndActivity(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	first, _, err := w.Workers.Create(ctx, w.Admin(), input(w))
	testkit.WantCode(t, err, "")
	w.Clock.Advance(1e9)
	desk := w.AddStation(t, "路南区社工总站", station.SocialWork, station.County, testkit.Lunan)
	second, _, err := w.Workers.Create(ctx, w.Admin(), socialworker.Create{Name: "Anna Lee", StationID: desk})
	testkit.WantCode(t, err, "")
	_, _, err = w.Workers.Change(ctx, w.Admin(), socialworker.Change{SocialWorkerID: second.ID, Active: ptr(false), ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	both := []string{second.ID, first.ID}
	for _, c := range []struct {
		name   string
		filter socialworker.Filter
		want   []string
	}{
		{"all", socialworker.Filter{}, both},
		{"station", socialworker.Filter{StationID: &desk}, both[:1]},
		{"street", socialworker.Filter{DivisionID: ptr(division.ID(testkit.Street))}, both[1:]},
		{"resting", socialworker.Filter{Active: ptr(false)}, both[:1]},
		{"active with skill", socialworker.Filter{Active: ptr(true), Skill: ptr("COUNSELLING")}, both[1:]},
		{"search in Latin", socialworker.Filter{Search: ptr("ＡＮＮＡ l")}, both[:1]},
	} {
		page, err := w.Workers.List(ctx, w.Admin(), c.filter, usecase.Paging{})
		var got []string
		for _, v := range page.Rows {
			got = append(got, v.ID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	if second.DisplayName != "Anna社工" {
		t.Error(second.DisplayName)
	}
	page, err := w.Workers.List(ctx, w.Admin(), socialworker.Filter{}, usecase.Paging{Last: ptr(1)})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != first.ID || !page.HasPrev {
		t.Fatalf("%+v, %v", page, err)
	}
}
