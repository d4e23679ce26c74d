package station_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

func input() station.Create {
	return station.Create{Name: "路南区社工总站", Kind: station.SocialWork, Level: station.County, DivisionID: division.ID(testkit.Lunan)}
}

func TestTheNearestStationInOperationIsResponsible(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	check := func(when, near, far string) {
		t.Helper()
		as, err := w.Stations.Assign(ctx, station.SocialWork, []string{testkit.Community1, testkit.Village, testkit.Elsewhere})
		testkit.WantCode(t, err, "")
		for code, want := range map[string]string{testkit.Community1: near, testkit.Village: far, testkit.Elsewhere: ""} {
			got, err := w.Stations.For(ctx, code, station.SocialWork)
			if want == "" {
				testkit.WantCode(t, err, fault.CodeNoStation)
			} else if err != nil || got.ID != want {
				t.Errorf("%s: %s is served by %+v, %v", when, code, got, err)
			}
			if as.Of(code) != want {
				t.Errorf("%s: read with others, %s is served by %q", when, code, as.Of(code))
			}
		}
	}
	check("the street's own", w.Station, "")
	w.AddStation(t, "未保站", station.MinorsProtection, station.Street, testkit.Town)
	check("one of another kind does not count", w.Station, "")
	county := w.AddStation(t, "路南区社工总站", station.SocialWork, station.County, testkit.Lunan)
	check("the county's for the rest", w.Station, county)
	listing := w.AddStation(t, "立新东楼社工点", station.SocialWork, station.Community, testkit.Community1)
	check("the one that lists it comes first", listing, county)
	planned := input()
	planned.DivisionID, planned.Level = division.ID(testkit.Town), station.Street
	_, _, err := w.Stations.Create(ctx, w.Admin(), planned)
	testkit.WantCode(t, err, "")
	check("a planned one does not count", listing, county)
}

func TestStationCallsAreRefusedByReason(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	create := func(a access.Actor, change func(*station.Create)) error {
		in := input()
		change(&in)
		_, _, err := w.Stations.Create(ctx, a, in)
		return err
	}
	change := func(a access.Actor, in station.Change) error {
		_, _, err := w.Stations.Change(ctx, a, in)
		return err
	}
	none := func(*station.Create) {}
	neighbour := testkit.As("neighbour", access.Grant{Role: access.Coordinator, Scope: "sta_other", Area: testkit.Street})
	_, unknown := w.Stations.Get(ctx, access.Nobody(), "sta_ts0")
	_, badID := w.Stations.Get(ctx, access.Nobody(), "org_ts0")
	cases := map[string]struct {
		err  error
		want fault.Code
	}{
		"anonymous":             {create(access.Nobody(), none), fault.CodeUnauthenticated},
		"coordinator creates":   {create(w.Coordinator(), none), fault.CodeForbidden},
		"other area":            {create(w.OtherAdmin(), none), fault.CodeForbidden},
		"no name":               {create(w.Admin(), func(in *station.Create) { in.Name = " " }), fault.CodeRequired},
		"unknown kind":          {create(w.Admin(), func(in *station.Create) { in.Kind = "X" }), fault.CodeInvalid},
		"level of another":      {create(w.Admin(), func(in *station.Create) { in.Level = station.Street }), fault.CodeInvalid},
		"no such division":      {create(w.Admin(), func(in *station.Create) { in.DivisionID = "div_130299000000" }), fault.CodeDivisionUnknown},
		"no place on earth":     {create(w.Admin(), func(in *station.Create) { in.Location = &usecase.GeoPoint{Latitude: 91} }), fault.CodeOutOfRange},
		"unknown operator":      {create(w.Admin(), func(in *station.Create) { in.OperatorID = ptr("org_ts0") }), fault.CodeNotFound},
		"other county served":   {create(w.Admin(), func(in *station.Create) { in.CommunityIDs = []string{community.ID(testkit.Elsewhere)} }), fault.CodeInvalid},
		"a town served":         {create(w.Admin(), func(in *station.Create) { in.CommunityIDs = []string{"com_130202001000"} }), fault.CodeInvalid},
		"too many served":       {create(w.Admin(), func(in *station.Create) { in.CommunityIDs = make([]string, 201) }), fault.CodeTooMany},
		"stranger changes":      {change(w.Stranger(), station.Change{StationID: w.Station, ExpectedVersion: 2}), fault.CodeForbidden},
		"neighbour changes":     {change(neighbour, station.Change{StationID: w.Station, ExpectedVersion: 2}), fault.CodeForbidden},
		"coordinator's circle":  {change(w.Coordinator(), station.Change{StationID: w.Station, CommunityIDs: []string{}, ExpectedVersion: 2}), fault.CodeForbidden},
		"stale":                 {change(w.Coordinator(), station.Change{StationID: w.Station, ExpectedVersion: 1}), fault.CodeConflict},
		"long telephone":        {change(w.Coordinator(), station.Change{StationID: w.Station, Phone: ptr(fmt.Sprintf("%033d", 0)), ExpectedVersion: 2}), fault.CodeTooLong},
		"good":                  {change(w.Coordinator(), station.Change{StationID: w.Station, Phone: ptr("0315-0000001"), ExpectedVersion: 2}), ""},
		"unknown":               {unknown, fault.CodeNotFound},
		"id of another type":    {badID, fault.CodeIDInvalid},
		"change of no station":  {change(w.Admin(), station.Change{StationID: "sta_ts0", ExpectedVersion: 1}), fault.CodeNotFound},
		"change by wrong id":    {change(w.Admin(), station.Change{StationID: "com_1", ExpectedVersion: 1}), fault.CodeIDInvalid},
		"administrator's right": {change(w.Admin(), station.Change{StationID: w.Station, CommunityIDs: []string{community.ID(testkit.Village)}, OperatorID: &w.Organisation, ExpectedVersion: 3}), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
	v, err := w.Stations.Get(ctx, access.Nobody(), w.Station)
	if err != nil || v.Operator == nil || v.Operator.ID != w.Organisation || v.Version != 4 || *v.Phone != "0315-0000001" {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestACommunityIsListedOnceAKind(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	list := []string{community.ID(testkit.Community1)}
	in := input()
	in.CommunityIDs = list
	first, _, err := w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, "")
	_, _, err = w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, fault.CodeDuplicate)
	in.Kind = station.Volunteer
	_, _, err = w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, "")
	_, _, err = w.Stations.Close(ctx, w.Admin(), station.Close{StationID: first.ID, Note: "合并", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	in.Kind = station.SocialWork
	_, _, err = w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, "")
}

func TestTwoStationsCannotListACommunityAtOnce(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	in := input()
	in.CommunityIDs = []string{community.ID(testkit.Village)}
	done := make(chan error)
	const racers = 8
	for range racers {
		go func() {
			_, _, err := w.Stations.Create(ctx, w.Admin(), in)
			done <- err
		}()
	}
	won := 0
	for range racers {
		if err := <-done; err == nil {
			won++
		} else if fault.CodeOf(err) != fault.CodeDuplicate {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Fatalf("%d stations list the village", won)
	}
}

func TestAStationClosesOnceAndOnlyWhenNobodyObjects(t *testing.T) {
	t.Parallel()
	var objection error
	w := testkit.Open(t, func(w *testkit.World) {
		w.Stations.OnClose(func(context.Context, access.Actor, *station.Station) error { return objection })
	})
	in := station.Close{StationID: w.Station, Note: "撤并", ExpectedVersion: 2}
	objection = errors.New("open requests")
	if _, _, err := w.Stations.Close(ctx, w.Admin(), in); !errors.Is(err, objection) {
		t.Fatal(err)
	}
	objection = nil
	v, _, err := w.Stations.Close(ctx, w.Admin(), in)
	if err != nil || v.State != station.Closed {
		t.Fatalf("%+v, %v", v, err)
	}
	_, err = w.Stations.For(ctx, testkit.Community1, station.SocialWork)
	testkit.WantCode(t, err, fault.CodeNoStation)
	_, _, err = w.Stations.Open(ctx, w.Admin(), station.Open{StationID: w.Station, ExpectedVersion: 3})
	testkit.WantCode(t, err, fault.CodeTransition)
	_, _, err = w.Stations.Change(ctx, w.Admin(), station.Change{StationID: w.Station, Name: ptr("新名"), ExpectedVersion: 3})
	testkit.WantCode(t, err, fault.CodeTransition)
}

func TestStationsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	var all []string
	for i := range 3 {
		w.Clock.Advance(1e9)
		all = append(all, w.AddStation(t, fmt.Sprintf("龙凤志愿站%d", i), station.Volunteer, station.Street, testkit.Town))
	}
	all = append([]string{w.Station}, all...)
	slices.Reverse(all)
	cases := []struct {
		name   string
		filter station.Filter
		want   []string
	}{
		{"all", station.Filter{}, all},
		{"a town's", station.Filter{DivisionID: ptr(division.ID(testkit.Town))}, all[:3]},
		{"kind and state", station.Filter{Kind: ptr(station.SocialWork), State: ptr(station.Operating)}, all[3:]},
		{"another state", station.Filter{State: ptr(station.Closed)}, nil},
		{"search", station.Filter{Search: ptr("龍鳳志願站2")}, all[:1]},
	}
	for _, c := range cases {
		page, err := w.Stations.List(ctx, access.Nobody(), c.filter, usecase.Paging{})
		var got []string
		for _, v := range page.Rows {
			got = append(got, v.ID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	last, err := w.Stations.List(ctx, access.Nobody(), station.Filter{}, usecase.Paging{Last: ptr(2)})
	if err != nil || len(last.Rows) != 2 || last.Rows[1].ID != w.Station || !last.HasPrev || last.HasNext {
		t.Fatalf("%+v, %v", last, err)
	}
	_, err = w.Stations.List(ctx, access.Nobody(), station.Filter{}, usecase.Paging{First: ptr(0)})
	testkit.WantCode(t, err, fault.CodePageInvalid)
}
