package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// scenes are the thread's own suites: each runs on both stores, on a world of its
// store, with requests of its own.
var scenes = []struct {
	name string
	play func(*testing.T, *env)
}{
	{"whole_thread", wholeThread},
	{"one_stock_for_many", oneStockForMany},
	{"one_proposal_accepted_many_times", oneProposalManyTimes},
	{"link_works_once", linkWorksOnce},
	{"resource_withdrawn_while_held", withdrawnWhileHeld},
	{"cancel_releases_all", cancelReleasesAll},
	{"repeat_by_key", repeatByKey},
	{"link_repeats", linkRepeats},
	{"nobody_at_two_places", nobodyAtTwoPlaces},
	{"lowered_to_what_is_there", loweredToWhatIsThere},
	{"plan_taken_whole", planTakenWhole},
	{"policy_pinned_and_tried", policyPinned},
	{"who_helped_before", helpedBefore},
	{"counted_by_who_served", countedByWhoServed},
	{"hold_and_resume", holdAndResume},
	{"decline_takes_two", declineTakesTwo},
	{"dispute_and_rework", disputeAndRework},
	{"reopened_and_served_again", reopenedAndServedAgain},
	{"came_back_lost_and_found_anew", cameBackLostAndFoundAnew},
	{"protected_before_and_after", protectedBeforeAndAfter},
	{"parts_tell_no_more_than_their_need", partsTellNoMore},
	{"feed_of_a_thread", feedOfAThread},
	{"one_document_for_many", oneDocumentForMany},
	{"feed_resumes_under_todays_rights", feedResumes},
	{"feed_resumes_by_the_class_of_today", resumesByTheClassOfToday},
	{"proposals_are_live", proposalsAreLive},
	{"capacity_is_live", capacityIsLive},
	{"parts_are_live", partsAreLive},
	{"open_needs_of_a_thread", openNeedsOfAThread},
	{"claims_meet", claimsMeet},
	{"the_barred_meet_nobody", theBarredMeetNobody},
	{"the_others_hear_nothing", theOthersHearNothing},
	{"the_barred_serve_to_the_end", theBarredServeToTheEnd},
	{"offers_stand", offersStand},
	{"offers_end_with_their_ground", offersEnd},
	{"revocation_closes_the_socket_in_sequence", revocationCloses},
	{"same_cells_by_every_way", sameCells},
	{"an_erased_person_is_nowhere", erasedIsNowhere},
	{"searches_by_hand", searchesByHand},
	{"owner_listed_and_let_back_in", ownerListed},
	{"owner_stopped", ownerStopped},
	{"retired_or_at_work", retiredOrAtWork},
	{"every_declared_query_walks_its_index", func(t *testing.T, e *env) { storetest.AssertPlans(t, e.Core.DB) }},
}

func TestThread(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "thread.db") },
		"mongo":  func(t *testing.T) string { return mongotest.URI(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := run(context.Background(), address(t), config(time.Now)) // searches want all communities
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := e.stop(); err != nil {
					t.Error(err)
				}
			})
			if err := e.settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, who := range []cast{ordinary, guarded} {
				if err := e.consents(t.Context(), who); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range scenes {
				t.Run(s.name, func(t *testing.T) {
					s.play(t, e)
					e.checkHeaders(t)
				})
			}
		})
	}
}

// stage brings a new request of a cast to a stage.
func (e *env) stage(t *testing.T, stage string, who cast) *thread {
	t.Helper()
	th, err := e.play(t.Context(), t.Name(), stage, who, nil)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// ask runs a document that has to succeed.
func (e *env) ask(t *testing.T, actor, document string, variables object) answer {
	t.Helper()
	a, err := e.must(t.Context(), actor, document, variables)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// refused runs a document and is the code of its refusal.
func (e *env) refused(t *testing.T, actor, document string, variables object) string {
	t.Helper()
	a, err := e.post(t.Context(), actor, document, variables)
	if err != nil {
		t.Error(err) // also from goroutines
	}
	return a.code()
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func input(fields object) object { return object{"input": fields} }

const (
	readRequest = `query($id: ID!) { serviceRequest(id: $id) { id version state coverage class disputed title address note hidden
		resumeOn needLines { state held { value } committed { value } missing { value } }
		allocations { state reason { id } } assignments { state } matchProposals { state }
		participation { society } recipient { name phone } } }`
	acceptProposal = `mutation($input: MatchProposalAcceptInput!) { matchProposalAccept(input: $input) { allocation { id state } errors { code ... on StockError { free wanted } } } }`
)

// see reads the thread's request as an actor.
func (t *thread) see(tt *testing.T, actor string) answer {
	tt.Helper()
	return t.ask(tt, actor, readRequest, object{"id": t.get("request")}).at("serviceRequest")
}

func wholeThread(t *testing.T, e *env) {
	for _, who := range []cast{ordinary, guarded} {
		th := e.stage(t, "closed", who)
		r := th.see(t, who.desk)
		same(t, "state", r.text("state"), "CLOSED")
		took := map[string]bool{}
		for _, p := range r.list("participation") {
			took[p.text("society")] = true
		}
		same(t, "societies", len(took), 5)
	}
}

// atOnce runs calls together and counts their codes.
func atOnce(n int, call func(i int) string) map[string]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	start, codes := make(chan struct{}), map[string]int{}
	for i := range n {
		wg.Go(func() {
			<-start
			code := call(i)
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	close(start)
	wg.Wait()
	return codes
}

// stock makes a published resource of so many pieces and is its id.
func (e *env) stock(t *testing.T, pieces string) string {
	t.Helper()
	return e.stockOf(t, "MEAL_DELIVERY", pieces)
}

// stockOf makes one for another need, which no other scene has.
func (e *env) stockOf(t *testing.T, category, pieces string) string {
	t.Helper()
	a := e.ask(t, "partner", `mutation($input: CharityResourceCreateInput!) { charityResourceCreate(input: $input) { charityResource { id version } errors { code path } } }`, input(object{
		"ownerId": e.names["organisations.kitchen"], "title": t.Name(), "kind": "SERVICE", "category": category, "quantity": amount(pieces, "PIECE"), "areaId": e.names["city"],
	})).at("charityResourceCreate.charityResource")
	e.ask(t, "partner", `mutation($input: CharityResourcePublishInput!) { charityResourcePublish(input: $input) { charityResource { state } errors { code path message } } }`,
		input(object{"charityResourceId": a.text("id"), "expectedVersion": a.at("version").value}))
	return a.text("id")
}

const writers = 16

func oneStockForMany(t *testing.T, e *env) {
	who := ordinary
	e.names["stock"] = e.stock(t, "2")
	who.resource = "stock"
	var all []*thread
	for i := range writers {
		th, err := e.play(t.Context(), fmt.Sprint(t.Name(), i), "proposed", who, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, th)
	}
	codes := atOnce(writers, func(i int) string {
		return e.refused(t, "partner", acceptProposal, input(object{"matchProposalId": all[i].get("proposal"), "expectedVersion": 1}))
	})
	same(t, "answers", codes, map[string]int{"": 1, "STOCK_SHORT": writers - 1})
	r := e.ask(t, "partner", `query($id: ID!) { charityResource(id: $id) { stock { total held committed free } } }`, object{"id": e.names["stock"]}).at("charityResource.stock")
	same(t, "held", r.text("held"), 2)
	same(t, "free", r.text("free"), 0)
}

func oneProposalManyTimes(t *testing.T, e *env) {
	th := e.stage(t, "proposed", ordinary)
	codes := atOnce(writers, func(int) string {
		return e.refused(t, "partner", acceptProposal, input(object{"matchProposalId": th.get("proposal"), "expectedVersion": 1}))
	})
	same(t, "answers", codes, map[string]int{"": 1, "ALREADY_DECIDED": writers - 1})
	same(t, "held", th.see(t, "coordinator").text("needLines.0.held.value"), 2)
}

const byLink = `mutation($input: ServiceRequestConfirmByLinkInput!) { serviceRequestConfirmByLink(input: $input) { state errors { code } } }`

func linkWorksOnce(t *testing.T, e *env) {
	th := e.stage(t, "linked", ordinary)
	codes := atOnce(8, func(int) string { return e.refused(t, "", byLink, input(object{"token": th.get("token")})) })
	same(t, "answers", codes, map[string]int{"": 1, "LINK_USED": 7})
	same(t, "state", th.see(t, "resident").text("state"), "CONFIRMED")
}

func withdrawnWhileHeld(t *testing.T, e *env) {
	who := ordinary
	e.names["withdrawn"] = e.stock(t, "10")
	who.resource = "withdrawn"
	held := e.stage(t, "held", who)
	promised, err := e.play(t.Context(), t.Name()+"-committed", "committed", who, nil)
	if err != nil {
		t.Fatal(err)
	}
	proposed, err := e.play(t.Context(), t.Name()+"-proposed", "proposed", who, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.version(t.Context(), e.names["withdrawn"].(string))
	if err != nil {
		t.Fatal(err)
	}
	e.ask(t, "partner", `mutation($input: CharityResourceWithdrawInput!) { charityResourceWithdraw(input: $input) { charityResource { state } errors { code path message } } }`,
		input(object{"charityResourceId": e.names["withdrawn"], "reason": "SAFETY", "expectedVersion": v}))
	for _, th := range []*thread{held, promised} {
		r := th.see(t, "coordinator")
		same(t, "allocation", r.text("allocations.0.state")+r.text("allocations.0.reason.id"), "RELEASEDRESOURCE_WITHDRAWN")
		same(t, "request", r.text("state")+r.text("coverage"), "MATCHINGNONE")
	}
	same(t, "open proposal", proposed.see(t, "coordinator").text("matchProposals.0.state"), "SUPERSEDED")
	same(t, "accepting it", e.refused(t, "partner", acceptProposal, input(object{"matchProposalId": proposed.get("proposal"), "expectedVersion": 1})), "ALREADY_DECIDED")
}

// ownerListed: what the authorities publish against a partner stops it at once, and the
// feed says so; when it is taken off the list and let back in, it serves again.
func ownerListed(t *testing.T, e *env) {
	const (
		creditIt  = `mutation($input: OrganisationCreditRecordInput!) { organisationCreditRecord(input: $input) { organisation { admission credit } errors { code message } } }`
		admitIt   = `mutation($input: OrganisationAdmitInput!) { organisationAdmit(input: $input) { organisation { admission } errors { code message } } }`
		publishIt = `mutation($input: CharityResourcePublishInput!) { charityResourcePublish(input: $input) { charityResource { state } errors { code message } } }`
		whoCould  = `query($line: ID!) { matchCandidates(needLineId: $line) { candidates { charityResource { id } } nearMisses { charityResource { id } failures { rule { id } } } } }`
	)
	ctx := t.Context()
	stages := map[string]*thread{}
	for _, stage := range []string{"matching", "proposed", "held", "committed", "dispatched"} {
		th, err := e.play(ctx, t.Name()+"-"+stage, stage, guarded, nil)
		must(t, err)
		stages[stage] = th
	}
	org, talks := e.names["organisations.aid"].(string), e.names["resources.talks"].(string)
	at := func(id string) any {
		v, err := e.version(ctx, id)
		must(t, err)
		return v
	}
	// state is the owner's part of the candidates of the request that still waits.
	could := func() string {
		a := e.ask(t, "officer", whoCould, object{"line": stages["matching"].get("line.service")}).at("matchCandidates")
		for _, c := range a.list("candidates") {
			if c.text("charityResource.id") == talks {
				return "candidate"
			}
		}
		for _, c := range a.list("nearMisses") {
			if c.text("charityResource.id") == talks {
				return c.text("failures.0.rule.id")
			}
		}
		return "gone"
	}
	same(t, "at first", could(), "candidate")
	desk := e.watch(t, "officer", e.cursorNow(t, "officer"), object{"serviceRequestId": stages["committed"].get("request")})
	a := e.ask(t, "admin", creditIt, input(object{"organisationId": org, "credit": "ABNORMAL_LISTED", "source": "notice 2026-1", "expectedVersion": at(org)}))
	same(t, "listed", a.text("organisationCreditRecord.organisation.admission"), "SUSPENDED")
	freed := desk.next(t)
	same(t, "the feed", freed.text("__typename")+freed.text("serviceRequest.state")+freed.text("serviceRequest.coverage"), "RequestChangedMATCHINGNONE")
	same(t, "meanwhile", could(), "gone") // nothing of it is on offer
	same(t, "the open proposal", stages["proposed"].see(t, "officer").text("matchProposals.0.state"), "SUPERSEDED")
	for _, stage := range []string{"held", "committed"} {
		r := stages[stage].see(t, "officer")
		same(t, stage, r.text("allocations.0.state")+r.text("allocations.0.reason.id")+r.text("state"), "RELEASEDCREDIT_LISTEDMATCHING")
	}
	same(t, "on its way", stages["dispatched"].see(t, "officer").text("allocations.0.state"), "DISPATCHED")
	same(t, "let in while it is listed", e.refused(t, "admin", admitIt, input(object{"organisationId": org, "expectedVersion": at(org)})), "ORGANISATION_NOT_ADMITTED")

	a = e.ask(t, "admin", creditIt, input(object{"organisationId": org, "credit": "NORMAL", "source": "notice 2026-9", "expectedVersion": at(org)}))
	same(t, "off the list it is not back by itself", a.text("organisationCreditRecord.organisation.admission"), "SUSPENDED")
	same(t, "offering before", e.refused(t, "partner-aid", publishIt, input(object{"charityResourceId": talks, "expectedVersion": at(talks)})), "ORGANISATION_NOT_ADMITTED")
	a = e.ask(t, "admin", admitIt, input(object{"organisationId": org, "expectedVersion": at(org)}))
	same(t, "let back in", a.text("organisationAdmit.organisation.admission"), "ADMITTED")
	a = e.ask(t, "partner-aid", publishIt, input(object{"charityResourceId": talks, "expectedVersion": at(talks)}))
	same(t, "on offer", a.text("charityResourcePublish.charityResource.state"), "PUBLISHED")
	same(t, "at last", could(), "candidate")
	for _, step := range []func(*thread, context.Context) error{(*thread).propose, (*thread).hold, (*thread).commit} {
		must(t, stages["committed"].refresh(ctx))
		must(t, step(stages["committed"], ctx))
	}
	same(t, "promised again", stages["committed"].see(t, "officer").text("needLines.0.committed.value"), "2")
}

// ownerStopped ends the world's other partner: it is the last scene.
func ownerStopped(t *testing.T, e *env) {
	var all []*thread
	for _, stage := range []string{"proposed", "held", "committed", "dispatched"} {
		th, err := e.play(t.Context(), t.Name()+"-"+stage, stage, guarded, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, th)
	}
	org := e.names["organisations.aid"]
	v, err := e.version(t.Context(), org.(string))
	if err != nil {
		t.Fatal(err)
	}
	e.ask(t, "admin", `mutation($input: OrganisationSuspendInput!) { organisationSuspend(input: $input) { organisation { admission } errors { code path message } } }`,
		input(object{"organisationId": org, "reason": "COMPLAINT", "expectedVersion": v}))
	same(t, "open proposal", all[0].see(t, "officer").text("matchProposals.0.state"), "SUPERSEDED")
	same(t, "accepting it", e.refused(t, "partner-aid", acceptProposal, input(object{"matchProposalId": all[0].get("proposal"), "expectedVersion": 1})), "ALREADY_DECIDED")
	for _, th := range all[1:3] {
		r := th.see(t, "officer")
		same(t, "allocation", r.text("allocations.0.state")+r.text("allocations.0.reason.id"), "RELEASEDOWNER_STOPPED")
		same(t, "request", r.text("state")+r.text("coverage"), "MATCHINGNONE")
	}
	r := all[3].see(t, "officer")
	same(t, "on its way", r.text("state")+r.text("allocations.0.state"), "IN_SERVICEDISPATCHED")
}

// reopenedAndServedAgain goes the road a second time: what was served stays, what is
// missing now is found anew, and the books of both rounds are closed together.
func reopenedAndServedAgain(t *testing.T, e *env) {
	const (
		reopenIt = `mutation($input: ServiceRequestReopenInput!) { serviceRequestReopen(input: $input) { serviceRequest { state } errors { code path } } }`
		addLine  = `mutation($input: NeedLineAddInput!) { needLineAdd(input: $input) { needLine { id } errors { code path } } }`
		acceptIt = `mutation($input: ServiceRequestAcceptInput!) { serviceRequestAccept(input: $input) { errors { code } } }`
	)
	for _, who := range []cast{ordinary, guarded} {
		th := e.stage(t, "closed", who)
		ctx := t.Context()
		step := func(fn func(*thread, context.Context) error) {
			t.Helper()
			if err := th.refresh(ctx); err != nil {
				t.Fatal(err)
			}
			if err := fn(th, ctx); err != nil {
				t.Fatal(err)
			}
		}
		e.ask(t, who.asker, reopenIt, input(th.of(nil)))
		r := th.see(t, who.desk)
		same(t, "opened", r.text("state")+r.text("coverage"), "REOPENEDFULL")
		step((*thread).triage)
		same(t, "nothing is missing", e.refused(t, who.desk, acceptIt, input(th.of(nil))), "NEED_LINE_REQUIRED")
		a := e.ask(t, who.desk, addLine, input(th.of(object{"line": object{"kind": "SERVICE", "title": "again", "quantity": amount("2", "PIECE")}})))
		th.set("line.service", a.text("needLineAdd.needLine.id"))
		for _, fn := range []func(*thread, context.Context) error{
			(*thread).accept, (*thread).propose, (*thread).hold, (*thread).commit, (*thread).dispatch, (*thread).arrive, (*thread).deliver, (*thread).confirm, (*thread).close,
		} {
			step(fn)
		}
		r = th.see(t, who.desk)
		same(t, "closed again", r.text("state")+r.text("allocations.0.state")+r.text("allocations.1.state"), "CLOSEDSETTLEDSETTLED")
		same(t, "who took part", len(r.list("participation")), 5)
		same(t, "once freely", e.refused(t, who.asker, reopenIt, input(th.of(nil))), "REOPEN_SPENT")
	}
}

// cameBackLostAndFoundAnew sends three times for one line before anything arrives.
func cameBackLostAndFoundAnew(t *testing.T, e *env) {
	const (
		returnIt   = `mutation($input: AllocationReturnInput!) { allocationReturn(input: $input) { allocation { state returned { value } lost { value } } errors { code path } } }`
		loseIt     = `mutation($input: AllocationLoseInput!) { allocationLose(input: $input) { allocation { state lost { value } } errors { code path } } }`
		dispatchIt = `mutation($input: AllocationDispatchInput!) { allocationDispatch(input: $input) { errors { code } } }`
	)
	who := ordinary
	e.names["fragile"] = e.stock(t, "10")
	who.resource = "fragile"
	th := e.stage(t, "dispatched", who)
	again := func() {
		t.Helper()
		for _, fn := range []func(*thread, context.Context) error{(*thread).propose, (*thread).hold, (*thread).commit, (*thread).dispatch} {
			if err := fn(th, t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	stock := func(want string) {
		t.Helper()
		r := e.ask(t, "partner", `query($id: ID!) { charityResource(id: $id) { stock { committed delivered lost free } } }`, object{"id": e.names["fragile"]}).at("charityResource.stock")
		same(t, "committed, delivered, lost, free", r.text("committed")+" "+r.text("delivered")+" "+r.text("lost")+" "+r.text("free"), want)
	}
	stock("2 0 0 8")
	e.ask(t, "partner", returnIt, input(object{"allocationId": th.get("allocation"), "fence": 1, "reason": "NOBODY_THERE", "returned": amount("1", "PIECE")}))
	stock("0 0 1 9")
	same(t, "too late", e.refused(t, "coordinator", dispatchIt, input(object{"allocationId": th.get("allocation"), "fence": 1})), "FENCED")
	again()
	e.ask(t, "socialworker", loseIt, input(object{"allocationId": th.get("allocation"), "fence": 1, "reason": "SPOILED"}))
	stock("0 0 3 7")
	r := th.see(t, "coordinator")
	same(t, "request", r.text("state")+r.text("needLines.0.state"), "IN_SERVICEOPEN")
	again()
	if err := th.arrive(t.Context()); err != nil {
		t.Fatal(err)
	}
	stock("0 2 3 5")
	r = th.see(t, "coordinator")
	same(t, "line", r.text("needLines.0.state")+r.text("allocations.0.state")+r.text("allocations.1.state")+r.text("allocations.2.state"), "FULFILLEDDELIVEREDLOSTRETURNED")
}

func cancelReleasesAll(t *testing.T, e *env) {
	free := func() string {
		return e.ask(t, "partner", `query($id: ID!) { charityResource(id: $id) { stock { free } } }`, object{"id": e.names["resources.meals"]}).text("charityResource.stock.free")
	}
	before := free()
	th := e.stage(t, "arranged", ordinary)
	if err := th.cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := th.see(t, "coordinator")
	same(t, "all of it", r.text("state")+r.text("allocations.0.state")+r.text("assignments.0.state"), "CANCELLEDRELEASEDRELEASED")
	same(t, "free stock", free(), before)
	for _, gone := range []string{"partner", "volunteer"} { // the lead still reads what was
		same(t, gone+" sees", th.see(t, gone).value, nil)
	}
}

const draftIt = `mutation($input: ServiceRequestDraftInput!) { serviceRequestDraft(input: $input) { serviceRequest { id version } errors { code } } }`

func repeatByKey(t *testing.T, e *env) {
	in := object{"recipientId": e.names["recipients.wang"], "category": "HOME_VISIT", "title": "once", "idempotencyKey": t.Name()[:min(64, len(t.Name()))]}
	first, again := e.ask(t, "resident", draftIt, input(in)), e.ask(t, "resident", draftIt, input(in))
	same(t, "a repeat", again.value, first.value)
	in["title"] = "other"
	same(t, "another input", e.refused(t, "resident", draftIt, input(in)), "IDEMPOTENCY_KEY_REUSED")
	in["title"], in["recipientId"] = "once", e.names["recipients.xiaoming"]
	same(t, "another account's key is its own", e.refused(t, "guardian", draftIt, input(in)), "")
}

func holdAndResume(t *testing.T, e *env) {
	th := e.stage(t, "arranged", ordinary)
	if err := th.pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := th.see(t, "coordinator")
	same(t, "on hold", r.text("state")+r.text("allocations.0.state")+r.text("assignments.0.state"), "ON_HOLDRELEASEDRELEASED")
	e.ask(t, "coordinator", `mutation($input: ServiceRequestResumeInput!) { serviceRequestResume(input: $input) { serviceRequest { state } errors { code } } }`, input(th.of(nil)))
	same(t, "resumed", th.see(t, "coordinator").text("state"), "MATCHING")
}

const declineIt = `mutation($input: ServiceRequestDeclineInput!) { serviceRequestDecline(input: $input) { serviceRequest { state declineProposed } errors { code } } }`

func declineTakesTwo(t *testing.T, e *env) {
	th := e.stage(t, "triaged", guarded)
	why := object{"reason": "UNSAFE", "alternative": "the county's shelter"}
	same(t, "coordinator", e.refused(t, "coordinator", declineIt, input(th.of(why))), "OFFICER_REQUIRED")
	first := e.ask(t, "officer", declineIt, input(th.of(why))).at("serviceRequestDecline.serviceRequest")
	same(t, "first", first.text("state")+first.text("declineProposed"), "TRIAGEDtrue")
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "the same officer", e.refused(t, "officer", declineIt, input(th.of(why))), "SECOND_PERSON_REQUIRED")
	second := e.ask(t, "officer-2", declineIt, input(th.of(why))).at("serviceRequestDecline.serviceRequest")
	same(t, "second", second.text("state"), "DECLINED")
}

func disputeAndRework(t *testing.T, e *env) {
	th := e.stage(t, "delivered", ordinary)
	if err := th.dispute(t.Context()); err != nil {
		t.Fatal(err)
	}
	closeIt := `mutation($input: ServiceRequestCloseInput!) { serviceRequestClose(input: $input) { errors { code } } }`
	same(t, "closing", e.refused(t, "coordinator", closeIt, input(th.of(nil))), "TRANSITION_NOT_ALLOWED")
	e.ask(t, "coordinator", `mutation($input: ServiceRequestDisputeSettleInput!) { serviceRequestDisputeSettle(input: $input) { serviceRequest { state } errors { code } } }`,
		input(th.of(object{"note": "one more lunch", "rework": true})))
	r := th.see(t, "coordinator")
	same(t, "rework", r.text("state")+r.text("disputed"), "IN_SERVICEfalse")
	for _, step := range []func(*thread, context.Context) error{(*thread).refresh, (*thread).deliver, (*thread).link, (*thread).confirm, (*thread).close} {
		if err := step(th, t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "a link after the confirmation", e.refused(t, "", byLink, input(object{"token": th.get("token")})), "LINK_INVALID")
}

func protectedBeforeAndAfter(t *testing.T, e *env) {
	th := e.stage(t, "submitted", guarded)
	shows := func(actor string) string {
		r := th.see(t, actor)
		out := ""
		for _, field := range []string{"id", "title", "address", "recipient.name"} {
			if r.text(field) != "" {
				out += field[:1]
			}
		}
		return out
	}
	table := func(when string, want map[string]string) {
		t.Helper()
		for actor, fields := range want {
			same(t, when+": "+actor+" sees", shows(actor), fields)
		}
	}
	table("submitted", map[string]string{"guardian": "itar", "officer": "itar", "coordinator": "it", "partner-aid": "", "volunteer": "", "socialworker": "", "supervisor": "i", "stranger": "", "coordinator-wenhua": ""})
	for _, step := range []func(*thread, context.Context) error{(*thread).triage, (*thread).accept} {
		if err := step(th, t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	table("matching", map[string]string{"partner-aid": "i", "partner": "i", "volunteer": "i", "socialworker": "", "coordinator": "it"})
	for _, step := range []func(*thread, context.Context) error{(*thread).propose, (*thread).hold, (*thread).commit, (*thread).lead, (*thread).offer, (*thread).take} {
		if err := step(th, t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	table("arranged", map[string]string{"partner-aid": "it", "partner": "", "volunteer": "it", "volunteer-wu": "", "socialworker": "itar", "coordinator": "it", "officer": "itar"})
}
