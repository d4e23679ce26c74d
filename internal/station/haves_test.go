package station_test

import (
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func planned(t *testing.T, w *testkit.World, kind station.Kind) string {
	t.Helper()
	in := input()
	in.Kind = kind
	v, _, err := w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, "")
	return v.ID
}

func TestAStationIsAcceptedWithAllSixAndNotBefore(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	s, id, version := w.Stations, planned(t, w, station.SocialWork), int64(1)
	advance := func(step station.Action) (*station.View, error) {
		v, _, err := s.Advance(ctx, w.Admin(), station.Advance{StationID: id, Step: step, ExpectedVersion: version})
		if err == nil {
			version++
		}
		return v, err
	}
	check := func(item string, present bool) {
		t.Helper()
		_, _, err := s.HaveCheck(ctx, w.Admin(), station.HaveCheck{StationID: id, Item: item, Present: present, Evidence: "现场查看", Link: ptr("https://example.org/a"), ExpectedVersion: version})
		testkit.WantCode(t, err, "")
		version++
	}
	_, err := advance(station.ActAccept)
	testkit.WantCode(t, err, fault.CodeTransition)
	for _, step := range []station.Action{station.ActBuild, station.ActTry} {
		_, err = advance(step)
		testkit.WantCode(t, err, "")
	}
	list := codes.All(codes.StationHave)
	for i := len(list) - 1; i > 0; i-- {
		check(list[i].ID, true)
	}
	check("PLACE", false)
	_, err = advance(station.ActAccept)
	testkit.WantCode(t, err, fault.CodeHavesMissing)
	if f, _ := fault.As(err); fmt.Sprint(f.Params["missing"]) != "[PLACE]" {
		t.Error(f.Params)
	}
	check("PLACE", true)
	v, err := advance(station.ActAccept)
	if err != nil || v.State != station.Accepted || v.HaveCount != 6 || v.AcceptedAt == nil || !v.AcceptedAt.Equal(testkit.Start) {
		t.Fatalf("%+v, %v", v, err)
	}
	for i, h := range v.Haves {
		if h.Item.ID != list[i].ID || *h.CheckerID != w.Admin().ID || *h.Evidence != "现场查看" {
			t.Errorf("%d: %+v", i, h)
		}
	}
	open, err := s.Get(ctx, access.Nobody(), id)
	if err != nil || open.HaveCount != 6 || open.Haves[0].CheckedAt == nil || open.Haves[0].Evidence != nil || open.Haves[0].Link != nil || open.Haves[0].CheckerID != nil {
		t.Errorf("%+v, %v", open, err)
	}
}

func TestWhatAStationMustHaveIsAListOfItsKind(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	work, volunteer, minors := planned(t, w, station.SocialWork), planned(t, w, station.Volunteer), planned(t, w, station.MinorsProtection)
	check := func(a access.Actor, id, item, link string, version int64) error {
		_, _, err := w.Stations.HaveCheck(ctx, a, station.HaveCheck{StationID: id, Item: item, Present: true, Evidence: "牌匾", Link: &link, ExpectedVersion: version})
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want fault.Code
	}{
		"a volunteer station's":   {check(w.Admin(), volunteer, "SIGN", "", 1), ""},
		"not a social-work one's": {check(w.Admin(), work, "SIGN", "", 1), fault.CodeCodeUnknown},
		"not a volunteer one's":   {check(w.Admin(), volunteer, "WORKFLOW", "", 2), fault.CodeCodeUnknown},
		"none for minors":         {check(w.Admin(), minors, "PLACE", "", 1), fault.CodeCodeUnknown},
		"its own coordinator":     {check(w.Coordinator(), w.Station, "PLACE", "", 2), fault.CodeForbidden},
		"anonymous":               {check(access.Nobody(), work, "PLACE", "", 1), fault.CodeUnauthenticated},
		"stale":                   {check(w.Admin(), work, "PLACE", "", 9), fault.CodeConflict},
		"a script for a link":     {check(w.Admin(), work, "PLACE", "javascript:alert(1)", 1), fault.CodeInvalid},
		"a name in the link":      {check(w.Admin(), work, "PLACE", "https://a:b@example.org", 1), fault.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
}

func TestTheLifeOfAStationIsOneTable(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	step := func(id string, step station.Action, note string, version int64) (*station.View, error) {
		v, _, err := w.Stations.Advance(ctx, w.Admin(), station.Advance{StationID: id, Step: step, Note: &note, ExpectedVersion: version})
		return v, err
	}
	_, err := step(w.Station, station.ActRectify, "", 2)
	testkit.WantCode(t, err, fault.CodeRequired)
	_, err = step(w.Station, station.ActOpen, "", 2)
	testkit.WantCode(t, err, fault.CodeInvalid)
	_, err = step(w.Station, station.ActBuild, "", 2)
	testkit.WantCode(t, err, fault.CodeTransition)
	if f, _ := fault.As(err); fmt.Sprint(f.Params["allowed"]) != "[RECTIFY CLOSE]" {
		t.Error(f.Params)
	}
	v, err := step(w.Station, station.ActRectify, "消防整改", 2)
	if err != nil || v.State != station.Rectifying {
		t.Fatalf("%+v, %v", v, err)
	}
	_, err = w.Stations.For(ctx, testkit.Community1, station.SocialWork)
	testkit.WantCode(t, err, fault.CodeNoStation)
	back, _, err := w.Stations.Open(ctx, w.Admin(), station.Open{StationID: w.Station, ExpectedVersion: 3})
	if err != nil || back.State != station.Operating {
		t.Fatalf("%+v, %v", back, err)
	}
	minors := planned(t, w, station.MinorsProtection)
	for i, act := range []station.Action{station.ActTry, station.ActAccept} {
		if v, err = step(minors, act, "", int64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if v.AcceptedAt == nil || len(v.Haves) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestStationsAreFoundByLevelAndField(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	in := input()
	in.ServiceFields, in.Host = []string{"ELDERLY", "CHILDREN", "ELDERLY"}, ptr("路南区社区服务中心")
	made, _, err := w.Stations.Create(ctx, w.Admin(), in)
	if err != nil || len(made.ServiceFields) != 2 || *made.Host != "路南区社区服务中心" {
		t.Fatalf("%+v, %v", made, err)
	}
	in.ServiceFields = []string{"SINGING"}
	_, _, err = w.Stations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, fault.CodeCodeUnknown)
	level := station.County
	for name, f := range map[string]station.Filter{"level": {Level: &level}, "field": {ServiceField: ptr("CHILDREN")}} {
		page, err := w.Stations.List(ctx, access.Nobody(), f, pageOf(10))
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != made.ID {
			t.Errorf("%s: %+v, %v", name, page.Rows, err)
		}
	}
	_, err = w.Stations.List(ctx, access.Nobody(), station.Filter{ServiceField: ptr("SINGING")}, pageOf(1))
	testkit.WantCode(t, err, fault.CodeCodeUnknown)
}

func pageOf(n int) usecase.Paging { return usecase.Paging{First: &n} }
