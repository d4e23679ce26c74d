package conflict_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	conflicts  *conflict.Service
	volunteers *volunteer.Service
	recipients *recipient.Service
	requests   *request.Service
	person     string
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.recipients = recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations)
		w.volunteers = volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations)
		w.requests = request.New(tk.Core, request.Nouns{
			Divisions: tk.Divisions, Communities: tk.Communities, Stations: tk.Stations, Workers: tk.Workers,
			Recipients: w.recipients, Volunteers: w.volunteers, Policies: policy.New(tk.Core, tk.Divisions),
		})
		w.conflicts = conflict.New(tk.Core, conflict.Nouns{
			Recipients: w.recipients, Requests: w.requests, Organisations: tk.Organisations, Volunteers: w.volunteers, Workers: tk.Workers,
			Persons: func(_ context.Context, id string) ([]string, bool, error) {
				switch id {
				case "acc_kin":
					return []string{"vol_kin"}, false, nil
				case "acc_above":
					return nil, true, nil
				}
				return nil, false, fault.New(fault.CodeNotFound)
			},
		})
	})
	v, _, err := w.recipients.Register(ctx, w.System(), recipient.Register{Name: "王桂兰", Category: "ELDERLY", CommunityID: community.ID(testkit.Community1)})
	testkit.WantCode(t, err, "")
	w.person = v.ID
	return w
}

// need is a request of the person, handed in.
func (w *world) need(t *testing.T, every *request.RecurrenceInput) string {
	t.Helper()
	v, _, err := w.requests.Draft(ctx, w.System(), request.DraftInput{
		RecipientID: &w.person, Category: "MEAL_DELIVERY", Title: "送餐", Recurrence: every,
		Window:    &measure.Window{From: testkit.Start.Add(24 * time.Hour), To: testkit.Start.Add(26 * time.Hour)},
		NeedLines: []request.LineInput{{Kind: request.KindService, Quantity: measure.Quantity{Value: 1, Unit: measure.Piece}}},
	})
	testkit.WantCode(t, err, "")
	_, _, _, err = w.requests.Submit(ctx, w.System(), request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: ptr("LEGAL_DUTY"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v.ID
}

func (w *world) say(t *testing.T, a access.Actor, in conflict.RecordInput) *conflict.View {
	t.Helper()
	in.Relation, in.Reason = "RELATIVE", "亲属"
	v, _, err := w.conflicts.Record(ctx, a, in)
	testkit.WantCode(t, err, "")
	return v
}

func (w *world) barred(t *testing.T, id string, want ...string) {
	t.Helper()
	r, err := w.requests.Load(ctx, id)
	testkit.WantCode(t, err, "")
	if !slices.Equal(r.Header.Barred, want) {
		t.Errorf("barred are %v, want %v", r.Header.Barred, want)
	}
}

// What is said of a person holds for all requests of theirs, those to come as well; what is
// said of one, for that alone. What is lifted leaves what else bars the same party.
func TestWhatIsSaidWhereHoldsWhere(t *testing.T) {
	t.Parallel()
	w := open(t)
	one, other := w.need(t, nil), w.need(t, nil)
	w.say(t, w.Coordinator(), conflict.RecordInput{ServiceRequestID: &one, PartyID: w.Organisation})
	w.barred(t, one, w.Organisation)
	w.barred(t, other)
	all := w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: w.Organisation})
	w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	later := w.need(t, nil)
	for _, id := range []string{one, other, later} {
		w.barred(t, id, "acc_kin", w.Organisation, "vol_kin")
	}
	_, _, err := w.conflicts.Lift(ctx, w.Coordinator(), conflict.LiftInput{ConflictID: all.ID, Reason: "查无此事", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	w.barred(t, one, "acc_kin", w.Organisation, "vol_kin")
	w.barred(t, other, "acc_kin", "vol_kin")
	_, _, err = w.conflicts.Lift(ctx, w.Coordinator(), conflict.LiftInput{ConflictID: all.ID, Reason: "再次", ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeAlreadyDecided)
}

// A request merged into another brings its barred along.
func TestTheSurvivorKeepsAway(t *testing.T) {
	t.Parallel()
	w := open(t)
	from, into := w.need(t, nil), w.need(t, nil)
	w.say(t, w.Coordinator(), conflict.RecordInput{ServiceRequestID: &from, PartyID: w.Organisation})
	_, _, err := w.requests.Merge(ctx, w.Coordinator(), request.MergeInput{ServiceRequestID: from, SurvivorID: into, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	w.barred(t, into, w.Organisation)
}

// What was said of a request holds for what it was merged into, and again for what that one
// was merged into, whatever else is said or lifted later.
func TestTheLastSurvivorKeepsAway(t *testing.T) {
	t.Parallel()
	w := open(t)
	x, y, z := w.need(t, nil), w.need(t, nil), w.need(t, nil)
	own := w.say(t, w.Coordinator(), conflict.RecordInput{ServiceRequestID: &x, PartyID: w.Organisation})
	_, _, err := w.requests.Merge(ctx, w.Coordinator(), request.MergeInput{ServiceRequestID: x, SurvivorID: y, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	r, err := w.requests.Load(ctx, y)
	testkit.WantCode(t, err, "")
	_, _, err = w.requests.Merge(ctx, w.Coordinator(), request.MergeInput{ServiceRequestID: y, SurvivorID: z, ExpectedVersion: r.Version})
	testkit.WantCode(t, err, "")
	w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	w.barred(t, z, "acc_kin", w.Organisation, "vol_kin")
	_, _, err = w.conflicts.Lift(ctx, w.Coordinator(), conflict.LiftInput{ConflictID: own.ID, Reason: "查无此事", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	w.barred(t, z, "acc_kin", "vol_kin")
}

// What is taken apart again bars each for what was said of it alone, and all for what was said
// of the person.
func TestWhatIsTakenApartKeepsItsOwn(t *testing.T) {
	t.Parallel()
	w := open(t)
	from, into := w.need(t, nil), w.need(t, nil)
	w.say(t, w.Coordinator(), conflict.RecordInput{ServiceRequestID: &from, PartyID: w.Organisation})
	_, _, err := w.requests.Merge(ctx, w.Coordinator(), request.MergeInput{ServiceRequestID: from, SurvivorID: into, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	w.barred(t, into, "acc_kin", w.Organisation, "vol_kin")
	r, err := w.requests.Load(ctx, from)
	testkit.WantCode(t, err, "")
	_, _, err = w.requests.Unmerge(ctx, w.Coordinator(), request.UnmergeInput{ServiceRequestID: from, ExpectedVersion: r.Version})
	testkit.WantCode(t, err, "")
	w.barred(t, into, "acc_kin", "vol_kin")
	w.barred(t, from, "acc_kin", w.Organisation, "vol_kin")
}

// Whoever looks after the work of the desk is not kept out by it, and reads and lifts what the
// desk said; who was named reads nothing of it, lifted or not.
func TestTheDeskIsLookedAfter(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.need(t, nil)
	in := conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_above", Relation: "RELATIVE", Reason: "亲属"}
	_, _, err := w.conflicts.Record(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, fault.CodeForbidden)
	said := w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	above := w.Coordinator()
	above.ID, above.Grants = "acc_above", []access.Grant{{ID: "grt_s", Role: access.Supervisor, Scope: "div_130200", Area: "1302"}}
	list, err := w.conflicts.List(ctx, above, conflict.ListInput{RecipientID: &w.person})
	if err != nil || len(list) != 1 || len(list[0].AllowedActions) != 1 {
		t.Fatal(list, err)
	}
	_, _, err = w.conflicts.Record(ctx, above, conflict.RecordInput{RecipientID: &w.person, PartyID: w.Organisation, Relation: "RELATIVE", Reason: "亲属"})
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, _, err = w.conflicts.Lift(ctx, above, conflict.LiftInput{ConflictID: said.ID, Reason: "查无此事", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	kin := w.Coordinator()
	kin.ID = "acc_kin"
	_, err = w.conflicts.Get(ctx, kin, said.ID)
	testkit.WantCode(t, err, fault.CodeNotFound)
	kin.ID, kin.Acts = "acc_other", []string{"vol_kin"}
	_, err = w.conflicts.Get(ctx, kin, said.ID)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// A relative who volunteers in another town is named by their id, and by that alone: the desk
// sees no more of them. There has to be one.
func TestWhoIsNotSeenCanBeNamed(t *testing.T) {
	t.Parallel()
	w := open(t)
	kin, _, err := w.volunteers.Register(ctx, w.System(), volunteer.Register{Name: "远亲", BornOn: "1980-01-01", CommunityID: community.ID(testkit.Elsewhere)})
	testkit.WantCode(t, err, "")
	seen, err := w.volunteers.Views(ctx, w.Coordinator(), []string{kin.ID})
	if err != nil || seen[kin.ID] != nil {
		t.Fatal(seen, err)
	}
	said := w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: kin.ID})
	if said.PartyID != kin.ID || said.Volunteer != nil {
		t.Errorf("%+v", said)
	}
	w.barred(t, w.need(t, nil), kin.ID)
	for _, id := range []string{w.Core.DB.NewID("vol"), w.Core.DB.NewID("wrk"), w.Core.DB.NewID("org"), w.Core.DB.NewID("acc")} {
		_, _, err = w.conflicts.Record(ctx, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: id, Relation: "RELATIVE", Reason: "亲属"})
		testkit.WantCode(t, err, fault.CodeNotFound)
	}
}

// A role that has ended, or is left out of what an account may do here, hides no less: the
// person is the same.
func TestAPersonIsBarredWhateverTheRole(t *testing.T) {
	t.Parallel()
	w := open(t)
	req := w.need(t, nil)
	w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	desk := w.Coordinator()
	desk.ID, desk.Acts = "acc_other", []string{"vol_kin"}
	_, err := w.requests.Get(ctx, desk, req)
	testkit.WantCode(t, err, fault.CodeNotFound)
	_, err = w.requests.Get(ctx, desk.Nameless(), req)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// One at the desk who is barred sees neither the person, nor the need, nor that it was said.
func TestTheDeskCanBeBarred(t *testing.T) {
	t.Parallel()
	w := open(t)
	req := w.need(t, nil)
	kin := w.Coordinator()
	kin.ID = "acc_kin"
	said := w.say(t, kin, conflict.RecordInput{RecipientID: &w.person, PartyID: "acc_kin"})
	if said != nil {
		t.Error("who named themselves reads on")
	}
	list, err := w.conflicts.List(ctx, w.Coordinator(), conflict.ListInput{RecipientID: &w.person})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	_, err = w.conflicts.Get(ctx, kin, list[0].ID)
	testkit.WantCode(t, err, fault.CodeNotFound)
	_, err = w.requests.Get(ctx, kin, req)
	testkit.WantCode(t, err, fault.CodeNotFound)
	_, err = w.recipients.Get(ctx, kin, w.person)
	testkit.WantCode(t, err, fault.CodeNotFound)
	page, err := w.requests.List(ctx, kin, nil, "CREATED_AT_DESC", usecase.Paging{})
	if err != nil || len(page.Rows) != 0 {
		t.Fatal(page, err)
	}
}

// A wrong id is told at the input that holds it, once.
func TestWrongIdsAreToldWhereTheyStand(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, x := range []struct {
		in   conflict.RecordInput
		want string
	}{
		{conflict.RecordInput{RecipientID: ptr("req_x")}, "input.recipientId"}, {conflict.RecordInput{ServiceRequestID: ptr("rcp_x")}, "input.serviceRequestId"},
	} {
		x.in.PartyID, x.in.Relation, x.in.Reason = w.Organisation, "RELATIVE", "亲属"
		_, _, err := w.conflicts.Record(ctx, w.Coordinator(), x.in)
		if f, ok := fault.As(err); !ok || f.Code != fault.CodeIDInvalid || strings.Join(f.Path, ".") != x.want {
			t.Errorf("%v, want it at %s", err, x.want)
		}
	}
}

// What is said goes with the person; who is barred stays so.
func TestErasureEmptiesWhatWasSaid(t *testing.T) {
	t.Parallel()
	w := open(t)
	said := w.say(t, w.Coordinator(), conflict.RecordInput{RecipientID: &w.person, PartyID: w.Organisation})
	r, err := w.recipients.Load(ctx, w.person)
	testkit.WantCode(t, err, "")
	_, _, err = w.recipients.Erase(ctx, w.System(), recipient.Erase{RecipientID: w.person, Reason: "CONSENT_WITHDRAWN", ExpectedVersion: r.Version})
	testkit.WantCode(t, err, "")
	v, err := w.conflicts.Get(ctx, w.System(), said.ID)
	if err != nil || v.Reason != nil || v.State != conflict.InForce {
		t.Fatal(v, err)
	}
}
