package request_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

// desk is a coordinator of a station.
func desk(id string) access.Actor {
	return testkit.As("desk-"+id, access.Grant{Role: access.Coordinator, Scope: id, Area: testkit.Lunan})
}

// triaged is a person's request at the world's station, judged.
func (w *world) triaged(t *testing.T, person string, class access.Class) *request.View {
	t.Helper()
	v := w.draft(t, w.System(), &person)
	v, _ = w.submit(t, w.System(), v)
	return w.triage(t, w.System(), v, class)
}

func (w *world) refer(a access.Actor, v *request.View, to string, basis *string) (*request.View, error) {
	out, _, err := w.Refer(ctx, a, request.ReferInput{
		ServiceRequestID: v.ID, StationID: to, Reason: "SPECIALISED_HELP", Note: ptr("需要专业社工"), LawfulBasis: basis, ExpectedVersion: v.Version,
	})
	return out, err
}

func (w *world) take(a access.Actor, id string) (*request.View, error) {
	v, err := w.Get(ctx, w.System(), id)
	if err != nil {
		return nil, err
	}
	v, _, err = w.ReferralAccept(ctx, a, request.ReferralAcceptInput{ServiceRequestID: id, ExpectedVersion: v.Version})
	return v, err
}

// total is what a coordinator's list says that it has, and what it has.
func (w *world) total(t *testing.T, a access.Actor, want int) {
	t.Helper()
	p, err := w.List(ctx, a, nil, "CREATED_AT_ASC", usecase.Paging{})
	if err != nil || p.Total == nil || *p.Total != want || len(p.Rows) != want {
		t.Errorf("%s: %d rows, total %v, want %d: %v", a.ID, len(p.Rows), p.Total, want, err)
	}
}

func TestAReferredRequestOpensStepByStep(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := w.AddStation(t, "区社工站", station.SocialWork, station.County, testkit.Lunan)
	from, to := w.Coordinator(), desk(other)
	person := w.person(t, access.Restricted)
	v := w.triaged(t, person, access.Restricted)
	w.total(t, from, 1)
	w.total(t, to, 0)
	_, err := w.refer(from, v, other, nil)
	testkit.WantCode(t, err, fault.CodeConsentRequired)
	given, _, err := w.recipients.Grant(ctx, w.System(), recipient.ConsentGrant{RecipientID: person, Purpose: "REFERRAL", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")})
	testkit.WantCode(t, err, "")
	v, err = w.refer(from, v, other, nil)
	testkit.WantCode(t, err, "")
	w.total(t, to, 1)
	seen, err := w.Get(ctx, to, v.ID)
	testkit.WantCode(t, err, "")
	if seen.Title != nil || seen.Recipient != nil || seen.Address != nil || seen.ReasonNote != nil || seen.Community != nil || seen.Referral.Reason.ID != "SPECIALISED_HELP" {
		t.Errorf("before it accepts the receiver sees %+v", seen)
	}
	if !slices.Equal(seen.AllowedActions, []request.Step{request.StepReferralAccept, request.StepReferralDecline}) {
		t.Errorf("allowed %v", seen.AllowedActions)
	}
	if _, err := w.recipients.Get(ctx, to, person); fault.CodeOf(err) != fault.CodeNotFound {
		t.Errorf("the receiver sees the person: %v", err)
	}
	_, _, err = w.recipients.Withdraw(ctx, w.System(), recipient.ConsentWithdraw{ConsentID: given.ID, ExpectedVersion: given.Version})
	testkit.WantCode(t, err, "")
	_, err = w.take(to, v.ID)
	testkit.WantCode(t, err, fault.CodeConsentRequired)
	_, _, err = w.recipients.Grant(ctx, w.System(), recipient.ConsentGrant{RecipientID: person, Purpose: "REFERRAL", GivenBy: recipient.ByRecipient, Evidence: ptr("同意书001")})
	testkit.WantCode(t, err, "")
	v, err = w.take(to, v.ID)
	testkit.WantCode(t, err, "")
	if v.Title == nil || v.Recipient == nil || v.Station.ID != other || v.State != request.Triaged {
		t.Errorf("the receiver has %+v", v)
	}
	if _, err := w.recipients.Get(ctx, to, person); err != nil {
		t.Errorf("the person is hidden from who serves them: %v", err)
	}
	was, err := w.Get(ctx, from, v.ID)
	if err != nil || was.Title != nil || len(was.AllowedActions) != 0 {
		t.Errorf("who referred it sees %+v, %v", was, err)
	}
	w.total(t, from, 1)
	w.total(t, to, 1)
	if got := w.kinds(t, v.ID); !slices.Equal(got, []string{"request.submitted", "request.triaged", "request.referred", "request.referral.accepted"}) {
		t.Errorf("log %v", got)
	}

	// Given back to be completed it returns to who gave it back, and once it has ended the
	// person is their own station's again.
	v, _, err = w.Return(ctx, to, request.ReturnInput{ServiceRequestID: v.ID, Missing: []string{"TIME"}, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, w.System(), v)
	if v.Station.ID != other {
		t.Errorf("came back to %s", v.Station.ID)
	}
	_, _, err = w.Cancel(ctx, to, request.CancelInput{ServiceRequestID: v.ID, Reason: "SOLVED_OTHERWISE", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	if _, err := w.recipients.Get(ctx, to, person); fault.CodeOf(err) != fault.CodeNotFound {
		t.Errorf("the person is still seen: %v", err)
	}
}

func TestWhereARequestCanBeReferredTo(t *testing.T) {
	t.Parallel()
	w := open(t)
	far := w.AddStation(t, "路北区社工站", station.SocialWork, station.County, testkit.Lubei)
	near := w.AddStation(t, "路南区社工站", station.SocialWork, station.County, testkit.Lunan)
	helpers := w.AddStation(t, "志愿服务站", station.Volunteer, station.County, testkit.Lunan)
	planned, _, err := w.Stations.Create(ctx, w.System(), station.Create{Name: "在建站", Kind: station.MinorsProtection, Level: station.County, DivisionID: "div_130202000000"})
	testkit.WantCode(t, err, "")
	person := w.person(t, access.Restricted)
	for name, c := range map[string]struct {
		to    string
		class access.Class
		rule  string
	}{
		"itself": {w.Station, access.Restricted, "ANOTHER_STATION"}, "not in operation": {planned.ID, access.Restricted, "STATION_OPERATING"},
		"of volunteers": {helpers, access.Restricted, "KIND"}, "a guarded one out of its county": {far, access.Protected, "AREA"},
		"a guarded one": {near, access.Protected, ""}, "another county": {far, access.Restricted, ""},
	} {
		_, err := w.refer(w.System(), w.triaged(t, person, c.class), c.to, ptr("LEGAL_DUTY"))
		e, _ := fault.As(err)
		if (c.rule == "") != (err == nil) || c.rule != "" && (e == nil || e.Params["rule"] != c.rule || !slices.Equal(e.Path, []string{"input", "stationId"})) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err = w.Stations.Close(ctx, w.System(), station.Close{StationID: near, Note: "撤并", ExpectedVersion: 2})
	testkit.WantCode(t, err, "") // what is only referred to it holds nobody
}

// A guarded request is taken over by an officer with a desk at the receiver, by nobody else.
func TestOnlyAnOfficerOfTheReceiverTakesAGuardedRequest(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := w.AddStation(t, "未保站", station.MinorsProtection, station.County, testkit.Lunan)
	v := w.triaged(t, w.person(t, access.Restricted), access.Protected)
	_, err := w.refer(w.Coordinator(), v, other, ptr("LEGAL_DUTY"))
	testkit.WantCode(t, err, fault.CodeOfficerRequired)
	_, err = w.refer(w.Officer(), v, other, ptr("LEGAL_DUTY"))
	testkit.WantCode(t, err, "")
	_, err = w.take(desk(other), v.ID)
	testkit.WantCode(t, err, fault.CodeOfficerRequired)
	_, err = w.take(w.Officer(), v.ID) // of the county, with a desk where it was referred from
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, err = w.take(testkit.As("officer2", access.Grant{Role: access.ProtectionOfficer, Scope: other, Area: testkit.Lunan}), v.ID)
	testkit.WantCode(t, err, "")
}

func TestASilentReferralIsFlaggedOnceAndBouncesBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := w.AddStation(t, "区社工站", station.SocialWork, station.County, testkit.Lunan)
	person, lead := w.person(t, access.Restricted), w.AddWorker(t, "李社工")
	v := w.triaged(t, person, access.Restricted)
	v, _, err := w.LeadAppoint(ctx, w.Coordinator(), request.LeadAppointInput{ServiceRequestID: v.ID, SocialWorkerID: lead, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, err = w.refer(w.Coordinator(), v, other, ptr("LEGAL_DUTY"))
	testkit.WantCode(t, err, "")
	w.Clock.Advance(3*24*time.Hour - time.Millisecond)
	w.elapse(t, 0)
	w.Clock.Advance(time.Millisecond)
	w.elapse(t, 1)
	w.elapse(t, 0)
	if got := w.kinds(t, v.ID); got[len(got)-1] != "request.referral.silent" {
		t.Errorf("log %v", got)
	}
	for _, a := range []access.Actor{w.Coordinator(), desk(other), w.Supervisor()} {
		if seen, err := w.Get(ctx, a, v.ID); err != nil || !seen.Escalated || seen.Version != v.Version {
			t.Errorf("%s sees %+v, %v", a.ID, seen, err)
		}
	}
	none, _, err := w.ReferralDecline(ctx, desk(other), request.ReferralDeclineInput{ServiceRequestID: v.ID, Reason: "NOT_ELIGIBLE", Note: ptr("不符合"), ExpectedVersion: v.Version})
	if none != nil || err != nil {
		t.Errorf("%+v, %v", none, err)
	}
	back, err := w.Get(ctx, w.Coordinator(), v.ID)
	if err != nil || back.State != request.Triaged || back.Escalated || *back.ReasonNote != "不符合" || back.Reason.ID != "NOT_ELIGIBLE" || back.Lead == nil || back.Referral.State != request.ReferralDeclined {
		t.Errorf("%+v, %v", back, err)
	}
	// Once taken over by a station where the lead may not work on, it is without one.
	err = w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		row, err := w.Workers.Rows().Get(ctx, lead)
		if err != nil {
			return err
		}
		row.Header.Place(testkit.Lubei)
		return w.Workers.Rows().Touch(ctx, row, store.Note{Kind: "worker.changed"})
	})
	testkit.WantCode(t, err, "")
	back, err = w.refer(w.Coordinator(), back, other, ptr("LEGAL_DUTY"))
	testkit.WantCode(t, err, "")
	v, err = w.take(desk(other), back.ID)
	if err != nil || v.Lead != nil {
		t.Errorf("%+v, %v", v, err)
	}
	rcp, err := w.recipients.Load(ctx, person)
	if err != nil || slices.Contains(rcp.Header.Parties, access.PartyLead.Of(lead)) || rcp.Where != testkit.Community1 {
		t.Errorf("%v at %s, %v", rcp.Header.Parties, community.ID(rcp.Where), err)
	}
}

// elapse takes the steps that time makes due and says how many there should be.
func (w *world) elapse(t *testing.T, want int) {
	t.Helper()
	n, err := w.Elapse(ctx, w.System())
	if err != nil || n != want {
		t.Fatalf("%d requests moved, want %d: %v", n, want, err)
	}
}

// Passed on from station to station, a request takes the sight of its recipient along: who
// passed it on sees them no more once the next one has it, and who never answered never did.
func TestTheSightOfARecipientGoesWithTheReferral(t *testing.T) {
	t.Parallel()
	w := open(t)
	b := w.AddStation(t, "区社工站", station.SocialWork, station.County, testkit.Lunan)
	c := w.AddStation(t, "路南区二站", station.SocialWork, station.County, testkit.Lunan)
	person := w.person(t, access.Restricted)
	home := w.Coordinator()
	w.edit(t, w.triaged(t, person, access.Restricted).ID, func(r *request.Request) { r.Header.State = string(request.Cancelled) })
	sees := func(want ...bool) {
		t.Helper()
		for i, a := range []access.Actor{home, desk(b), desk(c)} {
			_, err := w.recipients.Get(ctx, a, person)
			if (err == nil) != want[i] {
				t.Errorf("%s sees the person: %v", a.ID, err)
			}
		}
	}
	v := w.triaged(t, person, access.Restricted)
	on := func(from access.Actor, to string) {
		t.Helper()
		var err error
		v, err = w.refer(from, v, to, ptr("LEGAL_DUTY"))
		testkit.WantCode(t, err, "")
	}
	taken := func(by string) {
		t.Helper()
		var err error
		v, err = w.take(desk(by), v.ID)
		testkit.WantCode(t, err, "")
	}
	on(home, b)
	sees(true, false, false)
	taken(b)
	sees(true, true, false) // the home's own people stay theirs
	second := w.triaged(t, person, access.Restricted)
	on(desk(b), c)
	sees(true, true, false)
	taken(c)
	sees(true, false, true)
	// Who has another request of theirs goes on seeing them.
	first := v
	v = second
	on(home, b)
	taken(b)
	v = first
	on(desk(c), b)
	taken(b)
	sees(true, true, false)
	v, _, err := w.Cancel(ctx, desk(b), request.CancelInput{ServiceRequestID: v.ID, Reason: "SOLVED_OTHERWISE", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	sees(true, true, false)
	_, _, err = w.Cancel(ctx, desk(b), request.CancelInput{ServiceRequestID: second.ID, Reason: "SOLVED_OTHERWISE", ExpectedVersion: second.Version + 2})
	testkit.WantCode(t, err, "")
	sees(true, false, false)
}
