package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

const (
	draftPolicy    = `mutation($input: MatchingPolicyDraftInput!) { matchingPolicyDraft(input: $input) { matchingPolicy { id } errors { code message path } } }`
	activatePolicy = `mutation($input: MatchingPolicyActivateInput!) { matchingPolicyActivate(input: $input) { matchingPolicy { id } errors { code message path } } }`
	withdrawPolicy = `mutation($input: MatchingPolicyWithdrawInput!) { matchingPolicyWithdraw(input: $input) { matchingPolicy { state } errors { code message path } } }`
	judgedBy       = `query($line: ID!) { matchCandidates(needLineId: $line, best: 50, nearMisses: 0) { policy matchingPolicy { id } candidates { charityResource { id } score } } }`
	proposedBy     = `query($id: ID!) { matchProposal(id: $id) { policyVersion matchingPolicy { id state } score } }`
	dryRun         = `query($policy: ID!, $station: ID!) { matchingPolicyDryRun(matchingPolicyId: $policy, stationId: $station) {
		needLines governed otherBest otherScore gain lose kept before { items } after { items } lines { needLine { id } before { score } after { score } } } }`
)

// policyPinned: a request goes by the version that was in force at its place when it was
// accepted, and its proposals say so, whatever is put into force or taken back later; one
// that is accepted anew goes by what is in force then.
func policyPinned(t *testing.T, e *env) {
	ctx := t.Context()
	play := func(name, stage string) *thread {
		t.Helper()
		th, err := e.play(ctx, t.Name()+name, stage, ordinary, nil)
		must(t, err)
		return th
	}
	// judged is what says how the meals fit the thread's line: by which version, and the score.
	judged := func(th *thread) string {
		t.Helper()
		a := e.ask(t, "coordinator", judgedBy, object{"line": th.get("line.service")}).at("matchCandidates")
		for _, c := range a.list("candidates") {
			if c.at("charityResource.id").value == e.names["resources.meals"] {
				return a.text("policy") + " " + c.text("score")
			}
		}
		t.Error("the meals are no candidate")
		return ""
	}
	proposed := func(th *thread) string {
		t.Helper()
		must(t, th.propose(ctx))
		a := e.ask(t, "partner", proposedBy, object{"id": th.get("proposal")}).at("matchProposal")
		return a.text("policyVersion") + " " + a.text("matchingPolicy.state") + " " + a.text("score")
	}
	draft := func(division, label string, expiry int) string {
		t.Helper()
		return e.ask(t, "supervisor", draftPolicy, input(object{"divisionId": division, "label": label, "terms": object{
			"resourceWeights": []any{object{"part": "EXPIRY", "weight": expiry}, object{"part": "DISTANCE", "weight": 1}},
		}})).text("matchingPolicyDraft.matchingPolicy.id")
	}
	activate := func(id string) {
		t.Helper()
		e.ask(t, "admin", activatePolicy, input(object{"matchingPolicyId": id, "expectedVersion": 1}))
	}
	withdraw := func(id string) {
		t.Helper()
		v, err := e.version(ctx, id)
		must(t, err)
		e.ask(t, "admin", withdrawPolicy, input(object{"matchingPolicyId": id, "expectedVersion": v}))
	}

	first, again := play("first", "matching"), play("again", "closed")
	city := draft("div_130200000000", "the city's", 0)
	tried := e.ask(t, "supervisor", dryRun, object{"policy": city, "station": e.names["stations.qiaotun"]}).at("matchingPolicyDryRun")
	same(t, "of the board the draft would govern", tried.text("governed"), tried.text("needLines"))
	found := false
	for _, l := range tried.list("lines") {
		if l.at("needLine.id").value == first.get("line.service") {
			found = true
			same(t, "before and after", l.text("before.score")+" "+l.text("after.score"), "0.7 0.6")
		}
	}
	same(t, "the line is told of", found, true)
	activate(city)
	second := play("second", "matching")
	county := draft("div_130203000000", "the county's", 3)
	activate(county)
	third := play("third", "matching")

	byCounty := "the county's 0.525" // 3/4 of 0.5, 1/4 of 0.6
	check := func() {
		t.Helper()
		same(t, "accepted before any", judged(first), "2026-11 0.7")
		same(t, "accepted by the city's", judged(second), "the city's 0.6")
		same(t, "accepted by the county's", judged(third), byCounty)
	}
	check()
	same(t, "proposed by the built-in one", proposed(first), "2026-11  0.7")
	same(t, "proposed by the city's", proposed(second), "the city's ACTIVE 0.6")
	withdraw(county)
	withdraw(city)
	check()
	same(t, "what was in force still says who judged", proposed(third), "the county's SUPERSEDED 0.525")
	must(t, third.refresh(ctx))
	must(t, third.pause(ctx))
	must(t, third.refresh(ctx))
	e.ask(t, "coordinator", `mutation($input: ServiceRequestResumeInput!) { serviceRequestResume(input: $input) { serviceRequest { state } errors { code } } }`, input(third.of(nil)))
	same(t, "back in matching", judged(third), byCounty)

	// Accepted anew, by what is in force by then.
	last := draft("div_130203000000", "the last", 0)
	activate(last)
	e.ask(t, "resident", `mutation($input: ServiceRequestReopenInput!) { serviceRequestReopen(input: $input) { serviceRequest { state } errors { code path } } }`, input(again.of(nil)))
	must(t, again.refresh(ctx))
	must(t, again.triage(ctx))
	must(t, again.refresh(ctx))
	a := e.ask(t, "coordinator", `mutation($input: NeedLineAddInput!) { needLineAdd(input: $input) { needLine { id } errors { code path } } }`,
		input(again.of(object{"line": object{"kind": "SERVICE", "title": "again", "quantity": amount("2", "PIECE")}})))
	again.set("line.service", a.text("needLineAdd.needLine.id"))
	for _, fn := range []func(*thread, context.Context) error{(*thread).refresh, (*thread).accept} {
		must(t, fn(again, ctx))
	}
	same(t, "accepted anew", judged(again), "the last 0.6")
	withdraw(last)
}

// helpedBefore: whose help was vouched for is known by the recipient and by who led, to
// whoever sees it.
func helpedBefore(t *testing.T, e *env) {
	th := e.stage(t, "verified", ordinary)
	r, err := e.Requests.Load(t.Context(), th.get("request").(string))
	must(t, err)
	for _, entry := range []string{access.PartyRecipient.Of(r.Header.Subject), access.PartyLead.Of(r.Lead)} {
		for _, who := range []access.Actor{sys, {ID: "acc_stranger"}} {
			met := map[string]int{}
			must(t, e.Assignments.Vouched(t.Context(), who, entry, func(id string) { met[id]++ }))
			same(t, entry+" known to "+who.ID, len(met) > 0, who.IsSystem())
		}
	}
}

// countedByWhoServed: how a recipient answers is counted for the volunteer and the
// organisation who served, and counted back with a dispute, its rework and a reopening.
func countedByWhoServed(t *testing.T, e *env) {
	ctx := t.Context()
	th := e.stage(t, "delivered", ordinary)
	r, err := e.Requests.Load(ctx, th.get("request").(string))
	must(t, err)
	var who []string
	for _, entry := range r.Header.Parties {
		if p, id, _ := strings.Cut(entry, ":"); p == string(access.PartySupply) || p == string(access.PartyServed) {
			who = append(who, id)
		}
	}
	same(t, "a volunteer and an organisation served", len(who), 2)
	before, err := e.Requests.Outcomes(ctx, who)
	must(t, err)
	counted := func(when string, confirmed, unconfirmed int64) {
		t.Helper()
		now, err := e.Requests.Outcomes(ctx, who)
		must(t, err)
		for _, id := range who {
			same(t, when+": "+id, fmt.Sprint(now[id].Confirmed-before[id].Confirmed, now[id].Unconfirmed-before[id].Unconfirmed), fmt.Sprint(confirmed, unconfirmed))
		}
	}
	steps := func(list ...func(*thread, context.Context) error) {
		t.Helper()
		for _, step := range list {
			must(t, th.refresh(ctx))
			must(t, step(th, ctx))
		}
		must(t, th.refresh(ctx))
	}
	steps((*thread).dispute)
	counted("disputed", 0, 1)
	e.ask(t, "coordinator", `mutation($input: ServiceRequestDisputeSettleInput!) { serviceRequestDisputeSettle(input: $input) { serviceRequest { state } errors { code } } }`,
		input(th.of(object{"note": "one more lunch", "rework": true})))
	counted("in service again", 0, 0)
	steps((*thread).deliver, (*thread).link, (*thread).confirm)
	counted("confirmed", 1, 0)
	steps((*thread).close)
	counted("closed", 1, 0)
	e.ask(t, "resident", `mutation($input: ServiceRequestReopenInput!) { serviceRequestReopen(input: $input) { serviceRequest { state } errors { code path } } }`, input(th.of(nil)))
	counted("opened again", 0, 0)
}
