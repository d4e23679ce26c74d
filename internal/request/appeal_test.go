package request_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

// declined is a person's request that the actor's station has declined.
func (w *world) declined(t *testing.T, person string, by access.Actor, class access.Class) *request.View {
	t.Helper()
	v := w.triaged(t, person, class)
	v, _, err := w.Decline(ctx, by, request.DeclineInput{ServiceRequestID: v.ID, Reason: "NOT_ELIGIBLE", Alternative: "区民政局", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v
}

func (w *world) appeal(a access.Actor, v *request.View) (*request.View, error) {
	out, _, err := w.Appeal(ctx, a, request.AppealInput{ServiceRequestID: v.ID, Reason: "FACTS_WRONG", Note: ptr("我已年满八十"), ExpectedVersion: v.Version})
	return out, err
}

func (w *world) judge(a access.Actor, v *request.View, refusal *string) (*request.View, error) {
	out, _, err := w.AppealSettle(ctx, a, request.AppealSettleInput{ServiceRequestID: v.ID, Refusal: refusal, ExpectedVersion: v.Version})
	return out, err
}

func TestAnAppealIsSettledByTheLevelAbove(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	above := w.Supervisor()
	v := w.declined(t, person, w.Coordinator(), access.Restricted)
	_, err := w.judge(above, v, nil)
	testkit.WantCode(t, err, fault.CodeInvalid)
	_, err = w.appeal(w.Coordinator(), v)
	testkit.WantCode(t, err, fault.CodeForbidden)

	v, err = w.appeal(resident(person), v)
	testkit.WantCode(t, err, "")
	if v.State != request.Declined || v.Appeal.State != request.AppealPending || *v.Appeal.Note != "我已年满八十" || v.DueAt == nil || slices.Contains(v.AllowedActions, request.StepAppeal) {
		t.Fatalf("%+v", v)
	}
	_, err = w.appeal(resident(person), v)
	testkit.WantCode(t, err, fault.CodeAlreadyDecided)
	seen, err := w.Get(ctx, above, v.ID)
	if err != nil || seen.Appeal.Note == nil || *seen.Appeal.Note != "我已年满八十" || seen.ReasonNote == nil || *seen.ReasonNote != "区民政局" || slices.Contains(seen.Hidden, "description") ||
		seen.Address != nil || seen.Note != nil || seen.Appeal.Reason.ID != "FACTS_WRONG" || !slices.Equal(seen.AllowedActions, []request.Step{request.StepAppealSettle}) {
		t.Errorf("the level above sees %+v, %v", seen, err)
	}
	for name, a := range map[string]access.Actor{"the station": w.Coordinator(), "the resident": resident(person)} {
		if _, err := w.judge(a, v, nil); fault.CodeOf(err) != fault.CodeForbidden {
			t.Errorf("%s settles it: %v", name, err)
		}
	}
	// What nobody settles is flagged once.
	w.Clock.Advance(v.DueAt.Sub(w.Core.Time()))
	w.elapse(t, 1)
	w.elapse(t, 0)
	if seen, err = w.Get(ctx, above, v.ID); err != nil || !seen.Escalated {
		t.Errorf("%+v, %v", seen, err)
	}

	refused, err := w.judge(above, v, ptr("DECLINE_STANDS"))
	testkit.WantCode(t, err, "")
	if refused.State != request.Declined || refused.Appeal.State != request.AppealRefused || refused.Appeal.Refusal.ID != "DECLINE_STANDS" || refused.DueAt != nil || refused.Escalated || refused.Reason.ID != "NOT_ELIGIBLE" {
		t.Errorf("%+v", refused)
	}
	_, err = w.judge(above, refused, nil)
	testkit.WantCode(t, err, fault.CodeAlreadyDecided)
	_, err = w.appeal(resident(person), refused)
	testkit.WantCode(t, err, fault.CodeAlreadyDecided)
	if got := w.kinds(t, v.ID); !slices.Equal(got[2:], []string{"request.declined", "request.appealed", "request.escalated", "request.appeal.settled"}) {
		t.Errorf("log %v", got)
	}
}

func TestAnUpheldAppealGoesBackToTheStation(t *testing.T) {
	t.Parallel()
	w := open(t)
	person, lead := w.person(t, access.Restricted), w.AddWorker(t, "李社工")
	v := w.triaged(t, person, access.Restricted)
	v, _, err := w.LeadAppoint(ctx, w.Coordinator(), request.LeadAppointInput{ServiceRequestID: v.ID, SocialWorkerID: lead, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	decline := request.DeclineInput{ServiceRequestID: v.ID, Reason: "OUT_OF_AREA", Alternative: "邻街道社工站", ExpectedVersion: v.Version}
	v, _, err = w.Decline(ctx, w.Coordinator(), decline)
	testkit.WantCode(t, err, "")
	leads := func() bool {
		rcp, err := w.recipients.Load(ctx, person)
		testkit.WantCode(t, err, "")
		return slices.Contains(rcp.Header.Parties, access.PartyLead.Of(lead))
	}
	if leads() {
		t.Error("who led sees the person after the decline")
	}
	v, err = w.appeal(resident(person), v)
	testkit.WantCode(t, err, "")
	v, err = w.judge(w.Supervisor(), v, nil)
	testkit.WantCode(t, err, "")
	v, err = w.Get(ctx, w.Coordinator(), v.ID)
	if err != nil || v.State != request.Triaged || v.Appeal.State != request.AppealUpheld || v.EndedAt != nil || v.Reason != nil || v.Lead == nil || !leads() || v.DueAt == nil || !v.DueAt.Equal(w.Core.Time().Add(24*time.Hour)) {
		t.Errorf("%+v, %v", v, err)
	}
	got := w.kinds(t, v.ID)
	if !slices.Equal(got[len(got)-2:], []string{"request.appeal.settled", "request.appeal.upheld"}) {
		t.Errorf("log %v", got)
	}
	// Declined again, it is another decision, against which one may appeal.
	decline.ExpectedVersion = v.Version
	v, _, err = w.Decline(ctx, w.Coordinator(), decline)
	testkit.WantCode(t, err, "")
	if v.Appeal != nil {
		t.Errorf("the appeal is against the last decline: %+v", v.Appeal)
	}
	w.Clock.Advance(15*24*time.Hour - time.Millisecond)
	if seen, err := w.Get(ctx, resident(person), v.ID); err != nil || !slices.Equal(seen.AllowedActions, []request.Step{request.StepAppeal}) {
		t.Errorf("%+v, %v", seen, err)
	}
	w.Clock.Advance(time.Millisecond)
	_, err = w.appeal(resident(person), v)
	testkit.WantCode(t, err, fault.CodeAppealOver)
}

// Of a protected request officers alone settle, and none of those who declined it.
func TestWhoDeclinedSettlesNoAppeal(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Protected)
	first, second, third := w.Officer(), w.Officer(), w.Officer()
	second.ID, third.ID = "acc_second", "acc_third"
	v := w.declined(t, person, first, access.Protected)
	v, _, err := w.Decline(ctx, second, request.DeclineInput{ServiceRequestID: v.ID, Reason: "NOT_ELIGIBLE", Alternative: "区民政局", ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	guardian := testkit.As("guardian", access.Grant{Role: access.Guardian, Scope: person, Area: testkit.Community1})
	w.edit(t, v.ID, func(r *request.Request) { r.Header.Relate(access.PartyGuardian, person) })
	v, err = w.appeal(guardian, v)
	testkit.WantCode(t, err, "")
	for _, c := range []struct {
		by   access.Actor
		want fault.Code
	}{{w.Supervisor(), fault.CodeOfficerRequired}, {first, fault.CodeSecondPersonRequired}, {second, fault.CodeSecondPersonRequired}, {third, ""}} {
		if _, err := w.judge(c.by, v, ptr("NO_NEW_FACTS")); (err != nil || c.want != "") && fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.by.ID, err, c.want)
		}
	}
}
