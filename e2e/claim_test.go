package e2e

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const (
	watchNeeds = `subscription($kinds: [NeedLineKind!], $after: String) { openNeeds(kinds: $kinds, after: $after) {
		__typename
		... on FeedEvent { cursor }
		... on OpenNeedEntered { openNeed { needLine { id title missing { value } claimed { value } } serviceRequest { id title revision } } }
		... on OpenNeedChanged { openNeed { needLine { id title missing { value } claimed { value } } serviceRequest { id title revision } } }
		... on OpenNeedLeft { needLineId }
	} }`
	claimLine  = `mutation($input: NeedLineClaimInput!) { needLineClaim(input: $input) { claim { id } errors { code path } } }`
	grantClaim = `mutation($input: ClaimGrantInput!) { claimGrant(input: $input) { claim { id state } errors { code path } } }`
)

// needs is one actor's open feed of open needs.
type needs struct {
	*standing
	lines  []any // those that the test is about
	cursor string
}

func (e *env) watchNeeds(t *testing.T, actor, after string, kinds []string, lines ...any) *needs {
	t.Helper()
	c, err := wsclient.Dial(t.Context(), "ws"+strings.TrimPrefix(e.url, "http")+"/graphql", e.tokens[actor], wsclient.Options{Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &needs{standing: subscribed(t, c, watchNeeds, object{"kinds": kinds, "after": after}), lines: lines}
}

// next says of the next event about one of the lines what kind it is, which line, and how
// much of it is missing and claimed.
func (n *needs) next(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for {
		m, err := n.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a, err := parse(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		ev := a.at("openNeeds")
		id := ev.text("needLineId") + ev.text("openNeed.needLine.id")
		for i, line := range n.lines {
			if id == line {
				n.cursor = ev.text("cursor")
				if title := ev.text("openNeed.serviceRequest.title") + ev.text("openNeed.needLine.title"); title != "" {
					t.Errorf("a blinded need has the title %q", title)
				}
				return strings.Join([]string{strings.TrimPrefix(ev.text("__typename"), "OpenNeed"), string(rune('a' + i)), ev.text("openNeed.needLine.missing.value"), ev.text("openNeed.needLine.claimed.value")}, " ")
			}
		}
	}
}

func (e *env) needsNow(t *testing.T, actor string) string {
	t.Helper()
	return e.ask(t, actor, `{ openNeeds(first: 1) { feedCursor } }`, nil).text("openNeeds.feedCursor")
}

// openNeedsOfAThread: each line is told of by itself, blinded, to whom it is of use; who
// resumes hears the same again, also from between two lines of one change.
func openNeedsOfAThread(t *testing.T, e *env) {
	th := e.stage(t, "triaged", ordinary)
	service, hours := th.get("line.service"), th.get("line.hours")
	from := e.needsNow(t, "partner-fund")
	all, some := e.watchNeeds(t, "partner-fund", from, nil, service, hours), e.watchNeeds(t, "volunteer", e.needsNow(t, "volunteer"), []string{"HOURS"}, service, hours)
	if err := th.accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	told[all.next(t)] = true
	between := all.cursor
	told[all.next(t)] = true
	same(t, "both lines enter", told, map[string]bool{"Entered a 2 0": true, "Entered b 60 0": true})
	same(t, "the volunteer's", some.next(t), "Entered b 60 0")

	must(t, th.refresh(t.Context()))
	e.ask(t, "coordinator", `mutation($input: ServiceRequestChangeInput!) { serviceRequestChange(input: $input) { errors { code path } } }`, object{"input": th.of(object{"title": "改了题目"})})
	told = map[string]bool{all.next(t): true, all.next(t): true}
	same(t, "its title changes", told, map[string]bool{"Changed a 2 0": true, "Changed b 60 0": true})
	same(t, "the volunteer's", some.next(t), "Changed b 60 0")

	claimID := e.ask(t, "partner-fund", claimLine, input(object{"needLineId": service, "organisationId": e.names["organisations.fund"], "quantity": amount("1", "PIECE")})).text("needLineClaim.claim.id")
	e.ask(t, "coordinator", grantClaim, input(object{"claimId": claimID, "expectedVersion": 1}))
	same(t, "a claim is granted", all.next(t), "Changed a 2 1")
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.propose(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "covered", all.next(t), "Left a  ")
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "on hold", all.next(t), "Left b  ")
	same(t, "the volunteer's", some.next(t), "Left b  ")

	for name, after := range map[string]string{"the start": from, "between": between} {
		again := e.watchNeeds(t, "partner-fund", after, nil, service, hours)
		for {
			ev := again.next(t)
			if strings.HasPrefix(ev, "Left a") {
				break
			}
			if !strings.HasPrefix(ev, "Left") {
				t.Errorf("resumed from %s: %s of a request that is not open any more", name, ev)
			}
		}
		same(t, "resumed from "+name, again.next(t), "Left b  ")
	}
}

// claimsMeet: of grants over the same quantity one holds, whatever store; what is held then
// makes it active, and the end of the request releases it.
func claimsMeet(t *testing.T, e *env) {
	th := e.stage(t, "matching", ordinary)
	var ids [3]string
	for i, who := range [][2]string{{"partner", "kitchen"}, {"partner-fund", "fund"}, {"partner-aid", "aid"}} {
		ids[i] = e.ask(t, who[0], claimLine, input(object{"needLineId": th.get("line.service"), "organisationId": e.names["organisations."+who[1]], "quantity": amount("2", "PIECE")})).text("needLineClaim.claim.id")
	}
	var codes [3]string
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			codes[i] = e.refused(t, "coordinator", grantClaim, input(object{"claimId": id, "expectedVersion": 1}))
		})
	}
	wg.Wait()
	count := map[string]int{}
	for _, c := range codes {
		count[c]++
	}
	same(t, "grants", count, map[string]int{"": 1, "LINE_CLAIMED": 2})
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		same(t, "after the end", e.ask(t, "coordinator", `query($id: ID!) { claim(id: $id) { state reason { id } } }`, object{"id": id}).text("claim.reason.id"), "REQUEST_ENDED")
	}
	e.checkHeaders(t)
}
