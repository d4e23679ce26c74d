package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/resolvers"
)

const (
	recordConflict = `mutation($input: ConflictRecordInput!) { conflictRecord(input: $input) { conflict { id version state } errors { code path } } }`
	liftConflict   = `mutation($input: ConflictLiftInput!) { conflictLift(input: $input) { conflict { id state liftReason } errors { code path } } }`
	readConflicts  = `query($id: ID!) { conflicts(serviceRequestId: $id) { id } }`
	proposeIt      = `mutation($input: MatchProposalProposeInput!) { matchProposalPropose(input: $input) { matchProposal { id } errors { code path } } }`
	whoCouldServe  = `query($line: ID!) { matchCandidates(needLineId: $line, best: 50, nearMisses: 50) { candidates { charityResource { id } } nearMisses { charityResource { id } } } }`
	whatWouldServe = `query($id: ID!) { matchPlan(stationId: $id) { items { needLine { id } candidate { charityResource { owner { id } } } } } }`
)

// theBarredMeetNobody: what is said of a party holds at once on every path, tells it
// nothing, and is gone when it is lifted.
func theBarredMeetNobody(t *testing.T, e *env) {
	ctx := t.Context()
	kitchen, meals := e.names["organisations.kitchen"], e.names["resources.meals"]
	asked := e.stage(t, "proposed", ordinary)
	held, err := e.play(ctx, t.Name()+"-held", "held", ordinary, nil)
	must(t, err)
	free, err := e.play(ctx, t.Name()+"-free", "matching", ordinary, nil)
	must(t, err)
	line := free.get("line.service")
	// among says where the kitchen's meals stand beside the need that waits.
	among := func() string {
		a := e.ask(t, "coordinator", whoCouldServe, object{"line": line}).at("matchCandidates")
		for _, list := range []string{"candidates", "nearMisses"} {
			for _, c := range a.list(list) {
				if c.text("charityResource.id") == meals {
					return list
				}
			}
		}
		return "gone"
	}
	planned := func() bool {
		for _, it := range e.ask(t, "coordinator", whatWouldServe, object{"id": e.names["stations.qiaotun"]}).at("matchPlan").list("items") {
			if it.text("needLine.id") == line && it.text("candidate.charityResource.owner.id") == kitchen {
				return true
			}
		}
		return false
	}
	bar := func(actor string, th *thread) string {
		a, err := e.post(ctx, actor, recordConflict, input(object{"serviceRequestId": th.get("request"), "partyId": kitchen, "relation": "EMPLOYER", "reason": "施暴人的用人单位"}))
		must(t, err)
		if code := a.code(); code != "" {
			return code
		}
		return a.text("data.conflictRecord.conflict.id")
	}
	same(t, "before", among(), "candidates")
	live := e.watchNeeds(t, "partner", e.needsNow(t, "partner"), nil, line)
	same(t, "who asks for help may not say it", bar("resident", free), "FORBIDDEN")
	same(t, "another station may not", bar("coordinator-wenhua", free), "NOT_FOUND")
	said := bar("coordinator", free)
	same(t, "once", bar("coordinator", free), "DUPLICATE")
	same(t, "beside the need", among(), "gone")
	same(t, "planned", planned(), false)
	same(t, "live", live.next(t), "Left a  ")
	same(t, "the need", free.see(t, "partner").value, nil)
	// What was shown a moment before does not fail for what is hidden by now.
	kin := testkit.As("partner", access.Grant{Role: access.Partner, Scope: kitchen.(string), Area: "1302"})
	trail, err := (&resolvers.Resolver{P: e.Platform}).ServiceRequest().History(account.WithActor(ctx, kin), &request.View{ID: free.get("request").(string)}, nil, nil, nil, nil)
	must(t, err)
	same(t, "its history", len(trail.Nodes), 0)
	same(t, "by its id", e.ask(t, "partner", `query($id: ID!) { node(id: $id) { id } }`, object{"id": said}).at("node").value, nil)
	for actor, want := range map[string]int{"partner": 0, "resident": 0, "coordinator": 1} {
		read := e.ask(t, actor, readConflicts, object{"id": free.get("request")})
		same(t, actor+" reads it", len(read.list("conflicts")), want)
		same(t, actor+" is told of none", read.at("conflicts").value == nil, want == 0)
	}
	for actor, code := range map[string]string{"partner": "NOT_FOUND", "resident": "NOT_FOUND", "admin": "NOT_FOUND", "supervisor": "", "coordinator": ""} {
		same(t, actor+" reads its history", e.refused(t, actor, `query($id: ID!) { history(nodeId: $id, first: 5) { nodes { kind } } }`, object{"id": said}), code)
	}
	give := input(object{"needLineId": line, "charityResourceId": meals, "quantity": amount("1", "PIECE")})
	same(t, "it offers", e.refused(t, "partner", proposeIt, give), "NOT_FOUND")
	same(t, "it is asked", e.refused(t, "coordinator", proposeIt, give), "INVALID")
	same(t, "it claims", e.refused(t, "partner", claimLine, input(object{"needLineId": line, "organisationId": kitchen, "quantity": amount("1", "PIECE")})), "NOT_FOUND")

	for _, th := range []*thread{asked, held} {
		bar("coordinator", th)
		same(t, "seen", th.see(t, "partner").value, nil)
	}
	same(t, "what was proposed", asked.see(t, "coordinator").text("matchProposals.0.state"), "SUPERSEDED")
	over := e.ask(t, "partner", `query($id: ID!) { matchProposal(id: $id) { state reason { id } } }`, object{"id": asked.get("proposal")}).at("matchProposal")
	same(t, "its owner reads", over.text("state")+over.text("reason.id"), "SUPERSEDEDREARRANGED")
	same(t, "accepting it", e.refused(t, "partner", acceptProposal, input(object{"matchProposalId": asked.get("proposal"), "expectedVersion": 1})), "ALREADY_DECIDED")
	r := held.see(t, "coordinator")
	same(t, "what was held", r.text("allocations.0.state")+r.text("allocations.0.reason.id")+r.text("coverage"), "RELEASEDREARRANGEDNONE")

	lift := input(object{"conflictId": said, "reason": "查无此事", "expectedVersion": 1})
	same(t, "it lifts it itself", e.refused(t, "partner", liftConflict, lift), "NOT_FOUND")
	a := e.ask(t, "coordinator", liftConflict, lift).at("conflictLift.conflict")
	same(t, "lifted", a.text("state")+a.text("liftReason"), "LIFTED查无此事")
	same(t, "back live", live.next(t), "Entered a 2 0")
	same(t, "back beside the need", among(), "candidates")
	same(t, "back in sight", free.see(t, "partner").text("id"), free.get("request"))
}

// theOthersHearNothing: that somebody must not meet a person, and that this is over, tells
// nobody anything to whom nothing else changed: not the person's side, not who serves, not who
// was barred before; no history, no copy, no time, no count.
func theOthersHearNothing(t *testing.T, e *env) {
	const (
		need  = `r: serviceRequest(id: $id) { version revision updatedAt history(first: 50) { nodes { kind at version } } }`
		mine  = `p: node(id: $part) { ... on MatchProposal { version updatedAt state history(first: 50) { nodes { kind at } } } }`
		who   = `w: node(id: $who) { ... on Recipient { version updatedAt history(first: 50) { nodes { kind at } } } }`
		moved = `query($nouns: [Noun!]!, $after: String) { changes(nouns: $nouns, first: 100, after: $after) { end events { __typename } } }`
	)
	asked := e.stage(t, "proposed", ordinary)
	free, err := e.play(t.Context(), t.Name()+"-free", "matching", ordinary, nil)
	must(t, err)
	ids := func(th *thread) object {
		return object{"id": th.get("request"), "part": asked.get("proposal"), "who": e.names[ordinary.recipient]}
	}
	nouns := object{"nouns": []string{"RECIPIENT", "CONSENT", "SERVICE_REQUEST", "MATCH_PROPOSAL"}}
	actors := map[string]string{
		"resident": `query($id: ID!, $who: ID!) { ` + need + who + ` }`, "coordinator": `query($id: ID!, $part: ID!, $who: ID!) { ` + need + mine + who + ` }`,
		"partner": `query($id: ID!, $part: ID!) { ` + need + mine + ` }`, "partner-fund": `query($id: ID!) { ` + need + ` }`, "volunteer": `query($id: ID!) { ` + need + ` }`,
	}
	read := func() map[string]any {
		out := map[string]any{}
		for actor, doc := range actors {
			for name, th := range map[string]*thread{"asked": asked, "free": free} {
				out[actor+" "+name] = e.ask(t, actor, doc, ids(th)).value
			}
		}
		return out
	}
	ends := map[string]string{}
	for actor := range actors {
		ends[actor] = e.ask(t, actor, moved, nouns).text("changes.end")
	}
	silent := func(what string, before map[string]any) {
		for name, was := range before {
			same(t, what+": "+name, read()[name], was)
		}
		for actor := range actors {
			same(t, what+": told to "+actor, e.ask(t, actor, moved, object{"nouns": nouns["nouns"], "after": ends[actor]}).list("changes.events"), []answer{})
		}
	}
	bar := func(of string, id any, party string) string {
		return e.ask(t, "coordinator", recordConflict, input(object{of: id, "partyId": e.names[party], "relation": "RELATIVE", "reason": "x"})).text("conflictRecord.conflict.id")
	}
	person := e.names[ordinary.recipient]
	lift := func(id string) {
		e.ask(t, "coordinator", liftConflict, input(object{"conflictId": id, "reason": "x", "expectedVersion": 1}))
	}
	before := read()
	other := bar("recipientId", person, "accounts.stranger")
	silent("recorded", before)
	lift(other)
	silent("lifted", before)

	kitchen := bar("serviceRequestId", asked.get("request"), "organisations.kitchen")
	last := func(id any) string {
		r := e.ask(t, "resident", `query($id: ID!) { r: serviceRequest(id: $id) { history(first: 1) { nodes { kind } } } }`, object{"id": id})
		return r.text("r.history.nodes.0.kind")
	}
	same(t, "the person's side of what was proposed", last(asked.get("request")), "request.answered")
	for _, granted := range []bool{false, true} {
		need, err := e.play(t.Context(), fmt.Sprint(t.Name(), "-claimed-", granted), "matching", ordinary, nil)
		must(t, err)
		claim := e.ask(t, "partner-fund", claimLine, input(object{"needLineId": need.get("line.service"), "organisationId": e.names["organisations.fund"], "quantity": amount("1", "PIECE")})).text("needLineClaim.claim.id")
		if granted {
			e.ask(t, "coordinator", grantClaim, input(object{"claimId": claim, "expectedVersion": 1}))
		}
		bar("serviceRequestId", need.get("request"), "organisations.fund")
		same(t, "and of what was claimed", last(need.get("request")), "request.claimed")
	}
	actors = map[string]string{"partner": `query($part: ID!) { ` + mine + ` }`}
	part := func() answer {
		return e.ask(t, "partner", actors["partner"], object{"part": asked.get("proposal")}).at("p")
	}
	was, kinds := part(), ""
	for _, entry := range was.list("history.nodes") {
		kinds += " " + entry.text("kind")
	}
	same(t, "the barred owner's proposal", was.text("state")+kinds, "SUPERSEDED proposal.superseded proposal.proposed")
	ends["partner"] = e.ask(t, "partner", moved, nouns).text("changes.end")
	other = bar("recipientId", person, "accounts.stranger")
	same(t, "of its later fellows", part().value, was.value)
	silent("its later fellows", nil)
	lift(other)
	lift(kitchen)
}

// theBarredServeToTheEnd: a volunteer who is in the house knows the task until they are out of
// it, and then no more; what was called off reads the same for whatever reason.
func theBarredServeToTheEnd(t *testing.T, e *env) {
	part := func(id any) string {
		g := e.ask(t, "volunteer", `query($id: ID!) { assignment(id: $id) { state task meetingPoint reason { id } hidden } }`, object{"id": id}).at("assignment")
		return fmt.Sprintf("%s%s %t %t", g.text("state"), g.text("reason.id"), g.at("task").value != nil, g.at("meetingPoint").value != nil)
	}
	bar := func(th *thread) {
		e.ask(t, "coordinator", recordConflict, input(object{"serviceRequestId": th.get("request"), "partyId": e.names["volunteers.zhou"], "relation": "RELATIVE", "reason": "x"}))
	}
	there := e.stage(t, "in_service", ordinary)
	bar(there)
	same(t, "in the house", part(there.get("assignment")), "CHECKED_IN true true")
	must(t, there.refresh(t.Context()))
	must(t, there.checkOut(t.Context()))
	same(t, "out of it", part(there.get("assignment")), "CHECKED_OUT false false")
	// A copy of a part that stays hears when less and when more of it is shown.
	served := e.stage(t, "verified", ordinary)
	const moved = `query($nouns: [Noun!]!, $after: String) { changes(nouns: $nouns, first: 100, after: $after) { end events { __typename } } }`
	parts := object{"nouns": []string{"ASSIGNMENT"}}
	parts["after"] = e.ask(t, "volunteer", moved, parts).text("changes.end")
	bar(served)
	same(t, "hidden", len(e.ask(t, "volunteer", moved, parts).list("changes.events")), 1)

	later := e.stage(t, "matching", ordinary)
	from := e.now().Add(60 * day).Truncate(time.Minute)
	byHand := e.part(t, later.get("request"), from, time.Hour, nil)
	e.ask(t, "coordinator", `mutation($input: AssignmentReleaseInput!) { assignmentRelease(input: $input) { errors { code path } } }`, input(object{"assignmentId": byHand, "reason": "REARRANGED", "expectedVersion": 1}))
	barred := e.part(t, later.get("request"), from, time.Hour, nil)
	same(t, "offered", part(barred), "OFFERED true true")
	bar(later)
	same(t, "barred", part(barred), "RELEASEDREARRANGED false false")
	same(t, "called off by hand", part(byHand), part(barred))
}
