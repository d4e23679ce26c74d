package community_test

import (
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

func TestTheCoordinatorOfItsStationKeepsACommunity(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	id := community.ID(testkit.Community1)
	in := community.Change{
		CommunityID: id, Name: ptr("立新东楼"), Residents: ptr(community.From3000), Phone: ptr("0315-0000002"),
		Facilities: []string{"长者食堂", "四点半课堂"}, Location: &usecase.GeoPoint{Latitude: 39.63, Longitude: 118.18, Datum: usecase.GCJ02},
		ExpectedVersion: 1, IdempotencyKey: ptr("k1"),
	}
	for range 2 { // the repeat with the key changes nothing
		v, _, err := w.Communities.Change(ctx, w.Coordinator(), in)
		if err != nil || v.Version != 2 || v.Name != "立新东楼" || len(v.Facilities) != 2 || v.Station == nil || v.Station.ID != w.Station {
			t.Fatalf("%+v, %v", v, err)
		}
		if v.Location.Lat == 39.63 || v.Location.Lng == 118.18 {
			t.Fatal("GCJ-02 was taken for WGS-84")
		}
	}
	v, _, err := w.Communities.Change(ctx, w.Admin(), community.Change{CommunityID: id, Phone: ptr(""), Facilities: []string{}, Residents: ptr(community.ResidentBand("")), ExpectedVersion: 2})
	if err != nil || v.Phone != nil || len(v.Facilities) != 0 || v.Residents != nil || v.Name != "立新东楼" {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestCommunityCallsAreRefusedByReason(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	create := func(a access.Actor, id string) error {
		_, _, err := w.Communities.Create(ctx, a, community.Create{DivisionID: id})
		return err
	}
	change := func(a access.Actor, fill func(*community.Change)) error {
		in := community.Change{CommunityID: community.ID(testkit.Village), ExpectedVersion: 1}
		fill(&in)
		_, _, err := w.Communities.Change(ctx, a, in)
		return err
	}
	list := func(f community.Filter, p usecase.Paging) error {
		_, err := w.Communities.List(ctx, access.Nobody(), f, p)
		return err
	}
	none := func(*community.Change) {}
	_, unknown := w.Communities.Get(ctx, access.Nobody(), "com_130202999999")
	cases := map[string]struct {
		err  error
		want fault.Code
	}{
		"anonymous creates":   {create(access.Nobody(), division.ID(testkit.Village)), fault.CodeUnauthenticated},
		"coordinator creates": {create(w.Coordinator(), division.ID(testkit.Village)), fault.CodeForbidden},
		"there already":       {create(w.Admin(), division.ID(testkit.Village)), fault.CodeDuplicate},
		"of a town":           {create(w.Admin(), division.ID(testkit.Town)), fault.CodeInvalid},
		"of no division":      {create(w.Admin(), "div_130202102999"), fault.CodeDivisionUnknown},
		"of a station":        {create(w.Admin(), "sta_1"), fault.CodeIDInvalid},
		"anonymous":           {change(access.Nobody(), none), fault.CodeUnauthenticated},
		"not its station's":   {change(w.Coordinator(), none), fault.CodeForbidden},
		"other area":          {change(w.OtherAdmin(), none), fault.CodeForbidden},
		"stale":               {change(w.Admin(), func(in *community.Change) { in.ExpectedVersion = 9 }), fault.CodeConflict},
		"empty name":          {change(w.Admin(), func(in *community.Change) { in.Name = ptr("") }), fault.CodeRequired},
		"unknown band":        {change(w.Admin(), func(in *community.Change) { in.Residents = ptr(community.ResidentBand("MANY")) }), fault.CodeInvalid},
		"too many facilities": {change(w.Admin(), func(in *community.Change) { in.Facilities = make([]string, 51) }), fault.CodeTooMany},
		"no such community":   {change(w.Admin(), func(in *community.Change) { in.CommunityID = "com_130202999999" }), fault.CodeNotFound},
		"get unknown":         {unknown, fault.CodeNotFound},
		"filter by wrong id":  {list(community.Filter{StationID: ptr("div_1")}, usecase.Paging{}), fault.CodeIDInvalid},
		"first and last":      {list(community.Filter{}, usecase.Paging{First: ptr(1), Last: ptr(1)}), fault.CodePageInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { testkit.WantCode(t, c.err, c.want) })
	}
}

func TestCommunitiesAreFoundByPlaceStationAndName(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	county := w.AddStation(t, "路南区社工总站", station.SocialWork, station.County, testkit.Lunan)
	sys := w.System()
	planned, _, err := w.Stations.Create(ctx, sys, station.Create{
		Name: "志愿站", Kind: station.Volunteer, Level: station.County, DivisionID: division.ID(testkit.Lunan), CommunityIDs: []string{community.ID(testkit.Village)},
	})
	testkit.WantCode(t, err, "")
	cases := []struct {
		name   string
		filter community.Filter
		want   []string
	}{
		{"all", community.Filter{}, []string{testkit.Community1, testkit.Community2, testkit.Village, testkit.Elsewhere}},
		{"a district's", community.Filter{DivisionID: ptr(division.ID(testkit.Lunan))}, []string{testkit.Community1, testkit.Community2, testkit.Village}},
		{"a street's station", community.Filter{StationID: &w.Station}, []string{testkit.Community1, testkit.Community2}},
		{"the county station's rest", community.Filter{StationID: &county}, []string{testkit.Village}},
		{"listed by a planned station", community.Filter{StationID: &planned.ID}, []string{testkit.Village}},
		{"an unknown station", community.Filter{StationID: ptr("sta_x")}, nil},
		{"search", community.Filter{Search: ptr("龍鳳莊村")}, []string{testkit.Village}},
		{"search of parts in order", community.Filter{Search: ptr("龙凤，庄村")}, []string{testkit.Village}},
		{"search of parts in disorder", community.Filter{Search: ptr("庄村，龙凤")}, nil},
		{"search by pinyin", community.Filter{Search: ptr("longfengzhuang")}, []string{testkit.Village}},
		{"search by initials", community.Filter{Search: ptr("lfz")}, []string{testkit.Village}},
		{"search at a station", community.Filter{Search: ptr("社区"), StationID: &county}, nil},
	}
	for _, c := range cases {
		var got []string
		var cursor *string
		for more := true; more; {
			page, err := w.Communities.List(ctx, access.Nobody(), c.filter, usecase.Paging{First: ptr(2), After: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Rows {
				got = append(got, v.ID[len("com_"):])
			}
			cursor, more = page.End, page.HasNext
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
