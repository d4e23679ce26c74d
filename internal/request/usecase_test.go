package request_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

type world struct {
	*testkit.World
	*request.Service
	recipients *recipient.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) {
		w.recipients = recipient.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations, tk.Organisations)
		w.Service = request.New(tk.Core, request.Nouns{
			Divisions: tk.Divisions, Communities: tk.Communities, Stations: tk.Stations, Workers: tk.Workers, Recipients: w.recipients,
			Volunteers: volunteer.New(tk.Core, tk.Divisions, tk.Communities, tk.Stations),
			Policies:   policy.New(tk.Core, tk.Divisions),
		})
	})
	return w
}

// person registers a recipient of a class, by the system.
func (w *world) person(t *testing.T, class access.Class) string {
	t.Helper()
	v, _, err := w.recipients.Register(ctx, w.System(), recipient.Register{
		Name: "欧阳桂兰", Category: "ELDERLY", Class: class, CommunityID: community.ID(testkit.Community1),
	})
	testkit.WantCode(t, err, "")
	return v.ID
}

func (w *world) draft(t *testing.T, a access.Actor, recipientID *string) *request.View {
	t.Helper()
	v, _, err := w.Draft(ctx, a, request.DraftInput{
		RecipientID: recipientID, CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "每日送餐",
		Window: &measure.Window{From: testkit.Start.Add(24 * time.Hour), To: testkit.Start.Add(48 * time.Hour)},
	})
	testkit.WantCode(t, err, "")
	return v
}

func (w *world) submit(t *testing.T, a access.Actor, v *request.View) (*request.View, []request.Duplicate) {
	t.Helper()
	v, like, _, err := w.Submit(ctx, a, request.SubmitInput{ServiceRequestID: v.ID, LawfulBasis: ptr("LEGAL_DUTY"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	return v, like
}

func (w *world) triage(t *testing.T, a access.Actor, v *request.View, class access.Class) *request.View {
	t.Helper()
	v, _, err := w.Triage(ctx, a, request.TriageInput{
		ServiceRequestID: v.ID, Urgency: request.Normal, Risk: request.RiskLow, Class: class, ExpectedVersion: v.Version,
	})
	testkit.WantCode(t, err, "")
	return v
}

// kinds are the kinds of an object's log entries, in their order.
func (w *world) kinds(t *testing.T, id string) []string {
	t.Helper()
	entries, err := w.Core.DB.Log(ctx, store.LogQuery{Noun: "request", ID: id})
	testkit.WantCode(t, err, "")
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Kind)
	}
	return out
}

func line(title string) request.LineInput {
	return request.LineInput{Kind: request.KindGoods, Title: &title, Quantity: measure.Quantity{Value: 1, Unit: measure.Piece}}
}

func TestWhatIsNeverHandedInLeavesNothingInTheLog(t *testing.T) {
	t.Parallel()
	w, a := open(t), testkit.As("asker")
	v := w.draft(t, a, nil)
	v, _, err := w.Change(ctx, a, request.ChangeInput{ServiceRequestID: v.ID, Title: ptr("两餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _, _, err = w.LineAdd(ctx, a, request.LineAddInput{ServiceRequestID: v.ID, Line: line("午餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	other := w.draft(t, a, nil)
	_, _, err = w.Cancel(ctx, a, request.CancelInput{ServiceRequestID: other.ID, Reason: "SOLVED_OTHERWISE", ExpectedVersion: other.Version})
	testkit.WantCode(t, err, "")
	if got := append(w.kinds(t, v.ID), w.kinds(t, other.ID)...); len(got) != 0 {
		t.Errorf("drafts left %v", got)
	}
	w.submit(t, a, v)
	if got := w.kinds(t, v.ID); !slices.Equal(got, []string{"request.submitted"}) {
		t.Errorf("got %v", got)
	}
}

func TestARepeatedLineAddAnswersWithItsOwnLine(t *testing.T) {
	t.Parallel()
	w, a := open(t), testkit.As("asker")
	v := w.draft(t, a, nil)
	in := request.LineAddInput{ServiceRequestID: v.ID, Line: line("午餐 11010519491231002X"), ExpectedVersion: v.Version, IdempotencyKey: ptr("k")}
	v, first, notices, err := w.LineAdd(ctx, a, in)
	testkit.WantCode(t, err, "")
	if len(notices) != 1 || notices[0].Code != "ID_NUMBER_MASKED" || !slices.Equal(notices[0].Path, []string{"input", "line", "title"}) {
		t.Errorf("notices %+v", notices)
	}
	_, second, _, err := w.LineAdd(ctx, a, request.LineAddInput{ServiceRequestID: v.ID, Line: line("晚餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	_, again, _, err := w.LineAdd(ctx, a, in)
	testkit.WantCode(t, err, "")
	if again != first || first == second {
		t.Errorf("first %s, second %s, repeated %s", first, second, again)
	}
}

func TestAMaskedNumberInALineIsSaid(t *testing.T) {
	t.Parallel()
	w, a := open(t), testkit.As("asker")
	v := w.draft(t, a, nil)
	v, id, _, err := w.LineAdd(ctx, a, request.LineAddInput{ServiceRequestID: v.ID, Line: line("午餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	_, notices, err := w.LineChange(ctx, a, request.LineChangeInput{NeedLineID: id, Title: ptr("给 11010519491231002X"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	if len(notices) != 1 {
		t.Errorf("change: %+v", notices)
	}
	_, notices, err = w.Draft(ctx, a, request.DraftInput{
		CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "送餐", NeedLines: []request.LineInput{line("给 11010519491231002X")},
	})
	testkit.WantCode(t, err, "")
	if len(notices) != 1 || !slices.Equal(notices[0].Path, []string{"input", "needLines", "0", "title"}) {
		t.Errorf("draft: %+v", notices)
	}
}

func TestWhoAsksCancelsNoLineThatTheStationHasTakenIn(t *testing.T) {
	t.Parallel()
	w, a := open(t), testkit.As("asker")
	v := w.draft(t, a, nil)
	v, id, _, err := w.LineAdd(ctx, a, request.LineAddInput{ServiceRequestID: v.ID, Line: line("午餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	v, _ = w.submit(t, a, v)
	in := request.LineCancelInput{NeedLineID: id, ExpectedVersion: v.Version}
	_, _, err = w.LineCancel(ctx, a, in)
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, _, err = w.LineCancel(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, "")
}

func TestNobodyDraftsForWhoWasErased(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	in := request.DraftInput{RecipientID: &person, Category: "MEAL_DELIVERY", Title: "送餐"}
	_, _, err := w.Draft(ctx, w.Stranger(), in)
	testkit.WantCode(t, err, fault.CodeNotFound)
	_, _, err = w.recipients.Erase(ctx, w.System(), recipient.Erase{RecipientID: person, Reason: "SUBJECT_REQUEST", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, _, err = w.Draft(ctx, w.Coordinator(), in)
	testkit.WantCode(t, err, fault.CodeTransition)
}

func TestTheDraftsOfWhoIsErasedGoWithThem(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	v, _, err := w.Draft(ctx, w.Coordinator(), request.DraftInput{RecipientID: &person, Category: "MEAL_DELIVERY", Title: "送餐"})
	testkit.WantCode(t, err, "")
	_, _, err = w.recipients.Erase(ctx, w.System(), recipient.Erase{RecipientID: person, Reason: "SUBJECT_REQUEST", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, _, _, err = w.Submit(ctx, w.Coordinator(), request.SubmitInput{ServiceRequestID: v.ID, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, fault.CodeNotFound)
	_, err = w.Get(ctx, w.Coordinator(), v.ID)
	testkit.WantCode(t, err, fault.CodeNotFound)
}
