package e2e

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// marker stands in everything that is said of the person to be erased.
const marker = "查无此人"

// about are the nouns that keep words about a recipient.
var about = []string{"allocation", "assignment", "consent", "proposal", "recipient", "request"}

// An erased person is nowhere: not in a stored row, not in the log; others are as they
// were, and what is left can be read (PIPL art. 47).
func erasedIsNowhere(t *testing.T, e *env) {
	person, id := e.servedInWords(t)
	cursor, before := e.cursorNow(t, "coordinator"), e.bodies(t)
	if marked := holding(before, marker); !slices.Equal(marked, about) {
		t.Fatalf("the marker stands in %v only", marked)
	}
	v, err := e.Recipients.Get(t.Context(), sys, person)
	must(t, err)
	_, _, err = e.Recipients.Erase(t.Context(), sys, recipient.Erase{RecipientID: person, Reason: "SUBJECT_REQUEST", ExpectedVersion: v.Version})
	must(t, err)
	after := e.bodies(t)
	if marked := holding(after, marker); len(marked) > 0 {
		t.Errorf("rows of %v still hold it", marked)
	}
	for key, body := range before {
		if slices.Contains(about, key.Noun) && !bytes.Contains(body, []byte(person)) && !bytes.Equal(body, after[key]) {
			t.Errorf("%v is another's and has changed", key)
		}
	}
	if links := len(after) - len(before); links != -1 {
		t.Errorf("%d rows came or went: the link alone should have gone", links)
	}
	e.logWithout(t, marker)
	seen := e.ask(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { state title history(first: 100) { nodes { kind } } assignments { task report } } }`, object{"id": id})
	if n := len(seen.list("serviceRequest.history.nodes")); n < 20 || seen.text("serviceRequest.state") != "CLOSED" || seen.text("serviceRequest.title") != "" {
		t.Errorf("after it the coordinator reads %d entries: %v", n, seen.value)
	}
	ev := e.watch(t, "coordinator", cursor, object{"serviceRequestId": id}).until(t, "request.erased")
	same(t, "the feed's request", ev.text("serviceRequest.id"), id)
}

// bodies are the stored bodies of all nouns.
func (e *env) bodies(t *testing.T) map[store.Key][]byte {
	t.Helper()
	out := map[store.Key][]byte{}
	for _, d := range e.Core.DB.Definitions() {
		scan := store.Scan{Noun: d, Limit: 1000}
		for {
			rows, err := e.adapter.Find(t.Context(), scan)
			must(t, err)
			for _, r := range rows {
				out[store.Key{Noun: d.Name, ID: r.ID}] = bytes.Clone(r.Body)
				scan.After = &store.Pos{ID: r.ID}
			}
			if len(rows) < scan.Limit {
				break
			}
		}
	}
	return out
}

// holding are the nouns of which a row holds the words.
func holding(bodies map[store.Key][]byte, words string) (out []string) {
	for key, body := range bodies {
		if bytes.Contains(body, []byte(words)) {
			out = append(out, key.Noun)
		}
	}
	return sorted(out)
}

func (e *env) logWithout(t *testing.T, words string) {
	t.Helper()
	var after int64
	for {
		entries, err := e.Core.DB.Log(t.Context(), store.LogQuery{After: after, Limit: 1000})
		must(t, err)
		for _, l := range entries {
			after = l.Seq
			for _, p := range append(l.Parts, store.Part{Body: l.Body}, store.Part{Body: []byte(l.Reason)}) {
				if bytes.Contains(p.Body, []byte(words)) {
					t.Errorf("%s of %s still holds it", l.Kind, l.ID)
				}
			}
		}
		if len(entries) < 1000 {
			return
		}
	}
}

var sys = access.System("test")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// words is the marker with what it stands for.
func words(of string) string { return marker + of }

// num is a version, said.
func num(v int64) *int64 { return &v }

func say(of string) *string { s := words(of); return &s }

// servedInWords is a person with a closed request, the marker in every text there is.
func (e *env) servedInWords(t *testing.T) (person, id string) {
	t.Helper()
	ctx, community := t.Context(), e.names["community"].(string)
	rcp, _, err := e.Recipients.Register(ctx, sys, recipient.Register{
		Name: words("名"), DisplayName: say("称"), Category: "ELDERLY", Class: access.Restricted, Phone: say("话"), Address: say("址"),
		GuardianName: say("护"), GuardianPhone: say("电"), CareNote: say("注"), CommunityID: community,
	})
	must(t, err)
	for _, purpose := range []string{"SERVICE", "SHARE_CONTACT"} {
		_, _, err = e.Recipients.Grant(ctx, sys, recipient.ConsentGrant{RecipientID: rcp.ID, Purpose: purpose, GivenBy: recipient.ByRecipient, Evidence: say("证")})
		must(t, err)
	}
	window := measure.Window{From: e.now().Add(-time.Hour), To: e.now().Add(22 * time.Hour)}
	r, _, err := e.Requests.Draft(ctx, sys, request.DraftInput{
		RecipientID: &rcp.ID, Category: "MEAL_DELIVERY", Title: words("题"), Description: say("述"), Address: say("址"), Window: &window,
		NeedLines: []request.LineInput{
			{Kind: request.KindService, Title: say("行"), Quantity: measure.Quantity{Value: 2, Unit: measure.Piece}},
			{Kind: request.KindHours, Title: say("时"), Quantity: measure.Quantity{Value: 60, Unit: measure.Minute}},
		},
	})
	must(t, err)
	version := func() int64 {
		v, err := e.Requests.Get(ctx, sys, r.ID)
		must(t, err)
		return v.Version
	}
	_, _, _, err = e.Requests.Submit(ctx, sys, request.SubmitInput{ServiceRequestID: r.ID, ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.Triage(ctx, sys, request.TriageInput{
		ServiceRequestID: r.ID, Urgency: request.Normal, Risk: request.RiskLow, Class: access.Restricted, Note: say("记"), ExpectedVersion: version(),
	})
	must(t, err)
	_, _, err = e.Requests.Accept(ctx, sys, request.AcceptInput{ServiceRequestID: r.ID, ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.LeadAppoint(ctx, sys, request.LeadAppointInput{ServiceRequestID: r.ID, SocialWorkerID: e.names["socialworkers.li"].(string), ExpectedVersion: version()})
	must(t, err)
	alc := e.suppliedInWords(ctx, t, r.NeedLines[0].ID)
	e.helpedInWords(ctx, t, r.ID, r.NeedLines[1].ID, window)
	_, _, err = e.Allocations.Deliver(ctx, sys, allocation.DeliverInput{AllocationID: alc, Note: say("收"), ExpectedVersion: num(3)})
	must(t, err)
	_, _, err = e.Requests.Deliver(ctx, sys, request.DeliverInput{ServiceRequestID: r.ID, Report: words("报"), ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.LinkIssue(ctx, sys, request.LinkIssueInput{ServiceRequestID: r.ID, For: recipient.ByRecipient})
	must(t, err)
	_, _, err = e.Requests.Dispute(ctx, sys, request.DisputeInput{ServiceRequestID: r.ID, Reason: "QUALITY", Note: say("诉"), ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.DisputeSettle(ctx, sys, request.DisputeSettleInput{ServiceRequestID: r.ID, Note: words("解"), ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.Witness(ctx, sys, request.WitnessInput{ServiceRequestID: r.ID, Witness: words("人"), Reason: "NO_REPLY", Note: say("言"), ExpectedVersion: version()})
	must(t, err)
	_, _, err = e.Requests.Close(ctx, sys, request.CloseInput{ServiceRequestID: r.ID, ExpectedVersion: version()})
	must(t, err)
	return rcp.ID, r.ID
}

// suppliedInWords brings one part of a resource on its way, after another was declined.
func (e *env) suppliedInWords(ctx context.Context, t *testing.T, line string) (allocationID string) {
	t.Helper()
	meals := e.names["resources.meals"].(string)
	res, err := e.Resources.Load(ctx, meals)
	must(t, err)
	owner := access.Actor{ID: "acc_owner", Grants: []access.Grant{{ID: "grt_owner", Role: access.Partner, Scope: res.Owner, Area: "1302"}}}
	propose := func() *matching.View {
		p, _, err := e.Matching.Propose(ctx, sys, matching.ProposeInput{
			NeedLineID: line, CharityResourceID: meals, Quantity: measure.Quantity{Value: 2, Unit: measure.Piece}, Note: say("荐"),
		})
		must(t, err)
		return p
	}
	_, _, err = e.Matching.Decline(ctx, owner, matching.EndInput{MatchProposalID: propose().ID, Reason: "TIME", ExpectedVersion: 1})
	must(t, err)
	_, l, err := e.Matching.Accept(ctx, owner, matching.AcceptInput{MatchProposalID: propose().ID, ExpectedVersion: 1})
	must(t, err)
	_, _, err = e.Allocations.Commit(ctx, sys, allocation.StepInput{AllocationID: l.ID, ExpectedVersion: 1})
	must(t, err)
	_, _, err = e.Allocations.Dispatch(ctx, sys, allocation.DispatchInput{AllocationID: l.ID, ExpectedVersion: num(2)})
	must(t, err)
	return l.ID
}

// helpedInWords brings one part of a volunteer to its end, after another was declined.
func (e *env) helpedInWords(ctx context.Context, t *testing.T, requestID, line string, window measure.Window) {
	t.Helper()
	sixty := 60
	offer := func(line *string) string {
		g, _, err := e.Assignments.Offer(ctx, sys, assignment.OfferInput{
			ServiceRequestID: requestID, NeedLineID: line, VolunteerID: e.names["volunteers.wu"].(string), Task: words("活"), Window: window,
			PlannedMinutes: &sixty, MeetingPoint: say("点"),
		})
		must(t, err)
		return g.ID
	}
	_, err := e.Assignments.Decline(ctx, sys, assignment.EndInput{AssignmentID: offer(nil), Reason: "TIME", ExpectedVersion: 1})
	must(t, err)
	id := offer(&line)
	taken, err := e.Assignments.Accept(ctx, sys, assignment.StepInput{AssignmentID: id, ExpectedVersion: 1})
	must(t, err)
	if *taken.SafeContact != words("称")+" "+words("话") || *taken.Address != words("址") {
		t.Fatalf("who accepts is told %v, %v", taken.SafeContact, taken.Address)
	}
	_, err = e.Assignments.CheckIn(ctx, sys, assignment.CheckInInput{AssignmentID: id, Fence: 1, At: &window.From, Location: &usecase.GeoPoint{Latitude: 39.63, Longitude: 118.18}})
	must(t, err)
	_, err = e.Assignments.CheckOut(ctx, sys, assignment.CheckOutInput{AssignmentID: id, Fence: 1})
	must(t, err)
	_, _, err = e.Assignments.Complete(ctx, sys, assignment.CompleteInput{AssignmentID: id, Fence: 1, Report: words("做")})
	must(t, err)
	_, err = e.Assignments.Verify(ctx, sys, assignment.StepInput{AssignmentID: id, ExpectedVersion: 5})
	must(t, err)
}
