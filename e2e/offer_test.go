package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// giveWord makes an offer of a resource hold, by those whose steps they are; its id.
func (e *env) giveWord(t *testing.T, resource string, terms object) string {
	t.Helper()
	return e.giveWordTo(t, "qiaotun", "coordinator", resource, terms)
}

func (e *env) giveWordTo(t *testing.T, station, coordinator, resource string, terms object) string {
	t.Helper()
	in := object{"charityResourceId": resource, "stationId": e.names["stations."+station]}
	for k, v := range terms {
		in[k] = v
	}
	id := e.ask(t, "partner", `mutation($input: OfferDraftInput!) { offerDraft(input: $input) { offer { id } errors { code message path } } }`, input(in)).text("offerDraft.offer.id")
	e.step(t, "partner", "Submit", id, 1, "")
	e.step(t, coordinator, "Publish", id, 2, "")
	return id
}

// step takes a step with an offer.
func (e *env) step(t *testing.T, actor, step, id string, version int, more string) answer {
	t.Helper()
	doc := fmt.Sprintf(`mutation($id: ID!, $v: Int!) { offer%s(input: {offerId: $id, expectedVersion: $v %s}) { offer { state } errors { code message } } }`, step, more)
	return e.ask(t, actor, doc, object{"id": id, "v": version}).at("offer" + step + ".offer")
}

// stand lets the platform propose by offers, as several processes at once.
func (e *env) stand(t *testing.T) {
	t.Helper()
	same(t, "errors", atOnce(4, func(int) string {
		if _, err := e.Offers.Stand(t.Context(), sys); err != nil {
			return err.Error()
		}
		return ""
	}), map[string]int{"": 4})
}

// byOffer are the proposals that an offer made: state and quantity by turn.
func (e *env) byOffer(t *testing.T, id string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	must(t, e.Matching.Rows().Each(t.Context(), store.Query{Sort: "created"}, func(p *matching.Proposal) error {
		if len(p.Turn) > len(id) && p.Turn[:len(id)] == id {
			out[p.Turn] = append(out[p.Turn], fmt.Sprint(p.Header.State, " ", p.Quantity.Value))
		}
		return nil
	}))
	return out
}

// proposal is the open proposal for a thread's line, as its station sees it.
func (t *thread) proposal(tt *testing.T) answer {
	tt.Helper()
	for _, p := range t.ask(tt, "coordinator", `query($id: ID!) { matchProposals(filter: {serviceRequestId: $id}, first: 100) {
		nodes { id version state side offerId quantity { value } window { from } allowedActions reason { id } history(first: 5) { nodes { kind actor { display onBehalfOf } } } } } }`,
		object{"id": t.get("request")}).list("matchProposals.nodes") {
		return p
	}
	return answer{}
}

// offersStand: five visits a day, promised beforehand: what needs come are proposed at once
// and never more of a day; a no is not asked again; what ends, ends what waits.
func offersStand(t *testing.T, e *env) {
	visits := ordinary
	e.names["standing"] = e.stockOf(t, "HOME_VISIT", "400")
	visits.resource, visits.category = "standing", "HOME_VISIT"
	res := e.names["standing"].(string)
	id := e.giveWord(t, res, object{
		"quantity": amount("5", "PIECE"), "recurrence": object{"rule": "FREQ=DAILY;COUNT=3"}, "divisionIds": []any{e.names["county"]},
		"startsOn": e.now().Add(2 * day).Format("2006-01-02"),
	})
	var all []*thread
	for i := range 9 { // two pieces each: 15 of the 18 can be had, two and two and one a day
		th, err := e.play(t.Context(), fmt.Sprint(t.Name(), i), "matching", visits, nil)
		must(t, err)
		all = append(all, th)
	}
	sealed, err := e.play(t.Context(), t.Name()+"sealed", "matching", cast{"guardian", "officer", "recipients.xiaoming", "standing", "SEALED", "HOME_VISIT", "GUARDIAN"}, nil)
	must(t, err)
	e.stand(t)
	made := e.byOffer(t, id)
	same(t, "turns", len(made), 3)
	for turn, list := range made {
		same(t, turn, list, []string{"PROPOSED 2", "PROPOSED 2", "PROPOSED 1"})
	}
	e.stand(t)
	same(t, "nothing twice", e.byOffer(t, id), made)
	same(t, "what is sealed is nobody's but the officer's", e.ask(t, "officer", `query($id: ID!) { matchProposals(filter: {serviceRequestId: $id}) { nodes { id } } }`, object{"id": sealed.get("request")}).list("matchProposals.nodes"), []answer{})

	first, second := all[0].proposal(t), all[1].proposal(t)
	same(t, "who proposed, and what the station may do", fmt.Sprint(first.text("side"), " ", first.text("offerId") == id, " ", first.text("allowedActions")), "OWNER true [ACCEPT DECLINE]")
	same(t, "the log says for whom", first.text("history.nodes.0.kind")+first.text("history.nodes.0.actor.display")+first.text("history.nodes.0.actor.onBehalfOf"), "proposal.proposedSYSTEM唐山市暖胃助餐服务中心（合成示例）")
	e.ask(t, "coordinator", acceptProposal, input(object{"matchProposalId": first.text("id"), "expectedVersion": 1}))
	e.ask(t, "coordinator", `mutation($input: MatchProposalDeclineInput!) { matchProposalDecline(input: $input) { errors { code } } }`, input(object{"matchProposalId": second.text("id"), "reason": "DISTANCE", "expectedVersion": 1}))
	e.stand(t)
	same(t, "a no is not asked again", all[1].proposal(t).text("state"), "DECLINED")
	var again int64
	for turn := range made {
		must(t, e.Core.DB.Tx(t.Context(), func(ctx context.Context) error {
			n, _, err := e.Matching.InTurn(ctx, turn, e.now())
			if n > 5 {
				t.Errorf("%s: %d of 5", turn, n)
			}
			again += n
			return err
		}))
	}
	same(t, "what was given back is there again", again, 13)
	same(t, "withdrawn", e.step(t, "partner", "Withdraw", id, 3, `reason: "OVERLOAD"`).text("state"), "WITHDRAWN")
	same(t, "what waited", all[2].proposal(t).text("state")+all[2].proposal(t).text("reason.id"), "SUPERSEDEDOVERLOAD")
	same(t, "what was accepted", all[0].proposal(t).text("state"), "ACCEPTED")
	for _, th := range append(all, sealed) {
		must(t, th.refresh(t.Context()))
		must(t, th.cancel(t.Context()))
	}
}

// offersEnd: an offer given once is used up; what its resource or owner loses, it loses.
func offersEnd(t *testing.T, e *env) {
	visits := ordinary
	e.names["once"] = e.stockOf(t, "HOME_VISIT", "10")
	visits.resource, visits.category = "once", "HOME_VISIT"
	res := e.names["once"].(string)
	th, err := e.play(t.Context(), t.Name(), "matching", visits, nil)
	must(t, err)
	id := e.giveWord(t, res, object{"quantity": amount("2", "PIECE"), "endsOn": e.now().Add(5 * day).Format("2006-01-02")})
	e.stand(t)
	e.ask(t, "coordinator", acceptProposal, input(object{"matchProposalId": th.proposal(t).text("id"), "expectedVersion": 1}))
	e.stand(t)
	state := func(of string) string {
		return e.ask(t, "partner", `query($id: ID!) { offer(id: $id) { state reason { id } } }`, object{"id": of}).text("offer.state")
	}
	same(t, "all is promised", state(id), "EXHAUSTED")
	must(t, th.refresh(t.Context()))
	must(t, th.cancel(t.Context()))
	same(t, "resumed", e.step(t, "partner", "Resume", id, 3, "").text("state"), "PUBLISHED")
	e.stand(t)
	same(t, "what came back is there again", state(id), "PUBLISHED")
	waits := e.giveWord(t, res, object{"quantity": amount("1", "PIECE"), "endsOn": e.now().Add(5 * day).Format("2006-01-02")})
	same(t, "not to be retired", e.refused(t, "admin", `mutation($id: ID!) { entryRetire(input: {nodeId: $id, reason: "OTHER", expectedVersion: 2}) { errors { code } } }`, object{"id": res}), "WORK_OPEN")
	e.ask(t, "partner", `mutation($id: ID!) { charityResourceWithdraw(input: {charityResourceId: $id, reason: "OVERLOAD", expectedVersion: 2}) { errors { code } } }`, object{"id": res})
	same(t, "gone with the resource", state(id)+state(waits), "WITHDRAWNWITHDRAWN")
}

// TestOffersEndByThemselves: with the station, after the last day, and when the owner is
// suspended; nobody publishes what they have handed in, and at a station of officers an
// officer does.
func TestOffersEndByThemselves(t *testing.T) {
	t.Parallel()
	e, c := fresh(t)
	meals := e.names["resources.meals"].(string)
	one := amount("1", "PIECE")
	soon := e.giveWord(t, meals, object{"quantity": one, "recurrence": object{"rule": "FREQ=DAILY;COUNT=2"}})
	there := e.giveWordTo(t, "wenhua", "coordinator-wenhua", meals, object{"quantity": one, "endsOn": "2026-12-31"})
	stored := func(id string) string {
		o, err := e.Offers.Rows().Get(t.Context(), id)
		must(t, err)
		return o.Header.State
	}
	wenhua := e.names["stations.wenhua"].(string)
	version, err := e.version(t.Context(), wenhua)
	must(t, err)
	e.ask(t, "admin", `mutation($id: ID!, $v: Int!) { stationClose(input: {stationId: $id, note: "并入乔屯", expectedVersion: $v}) { errors { code message } } }`, object{"id": wenhua, "v": version})
	same(t, "with its station", stored(there), "WITHDRAWN")

	e.ask(t, "admin", `mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }`,
		input(object{"accountId": e.names["accounts.partner"], "role": "COORDINATOR", "scopeId": e.names["stations.qiaotun"]}))
	id := e.ask(t, "partner", `mutation($input: OfferDraftInput!) { offerDraft(input: $input) { offer { id } errors { code message } } }`,
		input(object{"charityResourceId": meals, "stationId": e.names["stations.qiaotun"], "quantity": one, "endsOn": "2026-12-31"})).text("offerDraft.offer.id")
	e.step(t, "partner", "Submit", id, 1, "")
	same(t, "two pairs of eyes", e.refused(t, "partner", `mutation($id: ID!) { offerPublish(input: {offerId: $id, expectedVersion: 2}) { errors { code } } }`, object{"id": id}), "SECOND_PERSON_REQUIRED")

	officers := e.ask(t, "partner", `mutation($input: OfferDraftInput!) { offerDraft(input: $input) { offer { id } errors { code message } } }`,
		input(object{"charityResourceId": meals, "stationId": e.names["stations.minors"], "quantity": one, "endsOn": "2026-12-31"})).text("offerDraft.offer.id")
	e.step(t, "partner", "Submit", officers, 1, "")
	same(t, "another station's desk", e.refused(t, "coordinator", `mutation($id: ID!) { offerPublish(input: {offerId: $id, expectedVersion: 2}) { errors { code } } }`, object{"id": officers}), "NOT_FOUND")
	same(t, "an officer gives back", e.step(t, "officer", "Return", officers, 2, `note: "请改时间"`).text("state"), "DRAFT")
	e.step(t, "partner", "Submit", officers, 3, "")
	same(t, "an officer's review", e.step(t, "officer", "Publish", officers, 4, "").text("state"), "PUBLISHED")

	read := func() string {
		v, err := e.Offers.Get(t.Context(), sys, soon)
		must(t, err)
		over := offer.Expired
		page, err := e.Offers.List(t.Context(), sys, offer.Filter{State: &over}, usecase.Paging{})
		must(t, err)
		return fmt.Sprint(v.State, " ", len(page.Rows))
	}
	c.Advance(time.Date(2026, 3, 3, 15, 59, 0, 0, time.UTC).Sub(c.Now())) // a minute before midnight in China
	must(t, e.Tick(t.Context()))
	same(t, "on its last day", stored(soon), "PUBLISHED")
	c.Advance(time.Minute)
	same(t, "as read before the timer", read(), "EXPIRED 1")
	must(t, e.Tick(t.Context()))
	same(t, "after it", stored(soon)+stored(id), "EXPIREDIN_REVIEW")

	kitchen := e.names["organisations.kitchen"].(string)
	owner, err := e.Organisations.Load(t.Context(), kitchen)
	must(t, err)
	_, _, err = e.Organisations.Suspend(t.Context(), sys, organisation.Suspend{OrganisationID: kitchen, Reason: "COMPLAINT", ExpectedVersion: owner.Version})
	must(t, err)
	same(t, "with its owner's part", stored(id)+stored(officers)+stored(soon), "WITHDRAWNWITHDRAWNEXPIRED")
	gone, err := e.Offers.Rows().Get(t.Context(), officers)
	must(t, err)
	same(t, "why", gone.Reason, "OWNER_STOPPED")
}
