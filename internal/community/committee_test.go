package community_test

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func TestContactsAreMaskedAndLeaveNothingInTheLog(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	id := community.ID(testkit.Community1)
	in := community.Change{
		CommunityID: id, CommitteeTerm: &community.Term{Number: 12, ValidFrom: "2021-03-01", ValidTo: "2026-02-28"},
		Contacts: []community.ContactInput{{Post: "主任", Name: "欧阳示例", Phone: ptr("13800138000")}}, ExpectedVersion: 1,
	}
	v, _, err := w.Communities.Change(ctx, w.Coordinator(), in)
	if err != nil || v.CommitteeTerm.Number != 12 || v.Contacts[0].Name != "欧阳示例" || *v.Contacts[0].Phone != "13800138000" {
		t.Fatalf("%+v, %v", v, err)
	}
	for _, a := range []access.Actor{access.Nobody(), w.Stranger(), w.OtherAdmin(), w.Partner()} {
		v, err := w.Communities.Get(ctx, a, id)
		if err != nil || v.Contacts[0].Name != "欧阳" || v.Contacts[0].Phone != nil || v.Contacts[0].Post != "主任" {
			t.Errorf("%s reads %+v, %v", a.ID, v.Contacts, err)
		}
	}
	_, _, err = w.Communities.Change(ctx, w.Admin(), community.Change{CommunityID: id, Contacts: []community.ContactInput{}, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	past, err := w.Communities.Rows().History(ctx, id, 0, false, 10)
	if err != nil || len(past) < 2 {
		t.Fatal(past, err)
	}
	for _, p := range past {
		if len(p.After.Contacts) != 0 {
			t.Errorf("version %d still names %+v", p.Entry.Version, p.After.Contacts)
		}
	}
}

func TestServiceFacilitiesAreCheckedAndFound(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	id := community.ID(testkit.Community1)
	volunteers := w.AddStation(t, "志愿服务站", station.Volunteer, station.Street, testkit.Street)
	change := func(version int64, f ...community.FacilityInput) (*community.View, error) {
		v, _, err := w.Communities.Change(ctx, w.Coordinator(), community.Change{CommunityID: id, ServiceFacilities: f, Residents: ptr(community.From3000), ExpectedVersion: version})
		return v, err
	}
	for name, c := range map[string]struct {
		in   community.FacilityInput
		want fault.Code
	}{
		"unknown kind":       {community.FacilityInput{Kind: "POOL", Name: "泳池"}, fault.CodeCodeUnknown},
		"no name":            {community.FacilityInput{Kind: "CANTEEN"}, fault.CodeRequired},
		"a social-work desk": {community.FacilityInput{Kind: "CANTEEN", Name: "食堂", VolunteerStationID: &w.Station}, fault.CodeInvalid},
		"no such station":    {community.FacilityInput{Kind: "CANTEEN", Name: "食堂", VolunteerStationID: ptr("sta_ts0")}, fault.CodeNotFound},
	} {
		_, err := change(1, c.in)
		if fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	v, err := change(1, community.FacilityInput{Kind: "SERVICE_CENTRE", Name: "党群服务中心", VolunteerStationID: &volunteers}, community.FacilityInput{Kind: "CANTEEN", Name: "长者食堂"})
	if err != nil || len(v.ServiceFacilities) != 2 || v.ServiceFacilities[0].VolunteerStation.ID != volunteers || v.ServiceFacilities[1].VolunteerStation != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	for name, f := range map[string]community.Filter{"kind": {Facility: ptr("CANTEEN")}, "band": {Residents: ptr(community.From3000)}} {
		page, err := w.Communities.List(ctx, access.Nobody(), f, usecase.Paging{})
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != id || page.Total != nil {
			t.Errorf("%s: %+v, %v", name, page, err)
		}
	}
	for _, term := range []community.Term{{Number: 0, ValidFrom: "2021-01-01", ValidTo: "2025-01-01"}, {Number: 1, ValidFrom: "x", ValidTo: "2025-01-01"}, {Number: 1, ValidFrom: "2021-01-01", ValidTo: "2020-01-01"}} {
		if _, _, err := w.Communities.Change(ctx, w.Coordinator(), community.Change{CommunityID: id, CommitteeTerm: &term, ExpectedVersion: 2}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", term, err)
		}
	}
}
