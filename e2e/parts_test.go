package e2e

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

const acceptPart = `mutation($input: AssignmentAcceptInput!) { assignmentAccept(input: $input) { assignment { state } errors { code path message } } }`

// part offers a volunteer a part in a request, for its whole window unless minutes are given.
func (e *env) part(t *testing.T, requestID any, from time.Time, length time.Duration, minutes *int) string {
	t.Helper()
	meet, lasts := "站点", 7*day
	g, _, err := e.Assignments.Offer(t.Context(), sys, assignment.OfferInput{
		ServiceRequestID: requestID.(string), VolunteerID: e.names["volunteers.zhou"].(string), Task: "陪伴", MeetingPoint: &meet,
		Window: measure.Window{From: from, To: from.Add(length)}, PlannedMinutes: minutes, Lasts: &lasts,
	})
	must(t, err)
	return g.ID
}

// nobodyAtTwoPlaces: of parts at the same time one is taken, whoever is faster; what can
// be served one after the other is no clash.
func nobodyAtTwoPlaces(t *testing.T, e *env) {
	one, other := e.stage(t, "matching", ordinary), e.stage(t, "matching", guarded)
	from, half := e.now().Add(30*day).Truncate(time.Minute), 30
	accept := func(id string) string {
		return e.refused(t, "volunteer", acceptPart, input(object{"assignmentId": id, "expectedVersion": 1}))
	}
	// Of concurrent units the order is another each time, and the more there are the more
	// stand between reading and saving at one moment: without the guard several get through.
	zhou := testkit.As("zhou", access.Grant{Role: access.Volunteer, Scope: e.names["volunteers.zhou"].(string), Area: "1302"})
	for range 3 {
		var parts []string
		for i := range 8 {
			th := []*thread{one, other}[i%2]
			parts = append(parts, e.part(t, th.get("request"), from.Add(time.Duration(i)*time.Minute), 2*time.Hour, nil))
		}
		same(t, "answers", atOnce(len(parts), func(i int) string {
			_, err := e.Assignments.Accept(t.Context(), zhou, assignment.StepInput{AssignmentID: parts[i], ExpectedVersion: 1})
			if err == nil {
				return ""
			}
			return string(fault.CodeOf(err))
		}), map[string]int{"": 1, "ASSIGNMENT_OVERLAP": 7})
		from = from.Add(day)
	}
	same(t, "the whole of an hour", accept(e.part(t, one.get("request"), from, time.Hour, nil)), "")
	same(t, "the hour after it", accept(e.part(t, one.get("request"), from.Add(time.Hour), time.Hour, nil)), "")
	same(t, "half an hour within the two", accept(e.part(t, one.get("request"), from, 2*time.Hour, &half)), "ASSIGNMENT_OVERLAP")
	same(t, "half an hour within the day", accept(e.part(t, one.get("request"), from, 20*time.Hour, &half)), "")
}

// loweredToWhatIsThere: a line that asks for no more than is held completes the coverage.
func loweredToWhatIsThere(t *testing.T, e *env) {
	th := e.stage(t, "matching", ordinary)
	id := th.get("request").(string)
	p := e.ask(t, "coordinator", `mutation($input: MatchProposalProposeInput!) { matchProposalPropose(input: $input) { matchProposal { id } errors { code path message } } }`,
		input(object{"needLineId": th.get("line.service"), "charityResourceId": e.names["resources.meals"], "quantity": amount("1", "PIECE")})).text("matchProposalPropose.matchProposal.id")
	same(t, "held", e.refused(t, "partner", acceptProposal, input(object{"matchProposalId": p, "expectedVersion": 1})), "")
	must(t, th.refresh(t.Context()))
	v, _, err := e.Requests.LineCancel(t.Context(), sys, request.LineCancelInput{NeedLineID: th.get("line.hours").(string), ExpectedVersion: th.version64(t)})
	must(t, err)
	same(t, "one of two pieces", v.State, request.Matching)
	v, _, err = e.Requests.LineChange(t.Context(), sys, request.LineChangeInput{
		NeedLineID: th.get("line.service").(string), Quantity: &measure.Quantity{Value: 1, Unit: measure.Piece}, ExpectedVersion: v.Version,
	})
	must(t, err)
	same(t, "one of one", v.State, request.Arranged)
	kinds := e.ask(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { history(first: 2) { nodes { kind } } } }`, object{"id": id}).at("serviceRequest.history")
	same(t, "the log", kinds.text("nodes.0.kind")+kinds.text("nodes.1.kind"), "request.arrangedrequest.changed")
}

func (t *thread) version64(tt *testing.T) int64 {
	v, err := t.Requests.Get(tt.Context(), sys, t.get("request").(string))
	must(tt, err)
	return v.Version
}

// linkRepeats: a repeat with the same key is told the same link, of which one exists.
func linkRepeats(t *testing.T, e *env) {
	th := e.stage(t, "delivered", ordinary)
	key := t.Name()[:min(64, len(t.Name()))]
	issue := func(key *string) string {
		secret, _, err := e.Requests.LinkIssue(t.Context(), sys, request.LinkIssueInput{ServiceRequestID: th.get("request").(string), For: recipient.ByRecipient, IdempotencyKey: key})
		must(t, err)
		return secret
	}
	first := issue(&key)
	same(t, "a repeat", issue(&key), first)
	about := func(secret string) any {
		return e.ask(t, "", `query($token: String!) { confirmLink(token: $token) { number } }`, object{"token": secret}).at("confirmLink").value
	}
	if about(first) == nil {
		t.Error("the link opens nothing")
	}
	if other := issue(nil); other == first || about(first) != nil || about(other) == nil {
		t.Error("another call makes another link, and the first ends")
	}
	same(t, "a repeat is told the link that ended", issue(&key), first)
}

// A clearance that has run out is asked for again, when the part is taken and when it
// begins.
func TestAClearanceIsAskedAgain(t *testing.T) {
	t.Parallel()
	e, c := fresh(t)
	zhou, err := e.Volunteers.Load(t.Context(), e.names["volunteers.zhou"].(string))
	must(t, err)
	ends, err := zhou.ClearedTo().Start()
	must(t, err)
	c.Advance(ends.Add(-day).Sub(c.Now()))
	requestID := e.names["protected.dispatched.request"] // its recipient is a child
	taken := e.part(t, requestID, c.Now().Add(2*day), time.Hour, nil)
	_, err = e.Assignments.Accept(t.Context(), sys, assignment.StepInput{AssignmentID: taken, ExpectedVersion: 1})
	must(t, err)
	offered := e.part(t, requestID, c.Now().Add(3*day), time.Hour, nil)
	c.Advance(2 * day)
	_, err = e.Assignments.Accept(t.Context(), sys, assignment.StepInput{AssignmentID: offered, ExpectedVersion: 1})
	same(t, "accepting", fault.CodeOf(err), fault.CodeMinorBlocked)
	_, err = e.Assignments.CheckIn(t.Context(), sys, assignment.CheckInInput{AssignmentID: taken, Fence: 1})
	same(t, "checking in", fault.CodeOf(err), fault.CodeMinorBlocked)
}
