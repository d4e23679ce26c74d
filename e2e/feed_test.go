package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/wsclient"
)

const cells = `id number state coverage class urgency category { id } title description address window { from to } channel { id } area { id } station { id } hidden`

const watchFeed = `subscription($filter: RequestFeedFilter, $after: String) { requestFeed(filter: $filter, after: $after) {
	__typename
	... on RequestEntered { cursor kind serviceRequest { ` + cells + ` } }
	... on RequestChanged { cursor kind serviceRequest { ` + cells + ` } }
	... on RequestLeft { cursor serviceRequestId }
	... on FeedGap { cursor keptSince }
	... on FeedCheckpoint { cursor }
} }`

// board is one actor's open feed.
type board struct {
	*standing
	client *wsclient.Client
	field  string // of the document: the feed
	cursor string // of the last event
}

// watch opens the feed of requests over a websocket; it is closed with the test.
func (e *env) watch(t *testing.T, actor, after string, filter object) *board {
	t.Helper()
	return e.open(t, actor, "requestFeed", watchFeed, after, object{"filter": filter})
}

// open subscribes to one field of a document over a websocket of its own, which is closed
// with the test.
func (e *env) open(t *testing.T, actor, field, document, after string, variables object) *board {
	t.Helper()
	c, err := wsclient.Dial(t.Context(), "ws"+strings.TrimPrefix(e.url, "http")+"/graphql", e.tokens[actor], wsclient.Options{Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if after != "" {
		variables["after"] = after
	}
	return &board{standing: subscribed(t, c, document, variables), client: c, field: field}
}

// standing is a subscription that the server has begun to serve.
type standing struct {
	*wsclient.Subscription
	kept  bool // what came first has not been handed out
	first wsclient.Message
	err   error
}

// subscribed waits for what a feed says first, a checkpoint if nothing is past: what
// happens from then on is heard. Nothing else says that a subscription has begun.
func subscribed(t *testing.T, c *wsclient.Client, document string, variables object) *standing {
	t.Helper()
	sub, err := c.Subscribe(t.Context(), document, variables, "")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	s := &standing{Subscription: sub, kept: true}
	if s.first, s.err = sub.Next(ctx); ctx.Err() != nil {
		t.Fatal("a subscription hears nothing at all")
	}
	return s
}

// Next is the next message, what came first included.
func (s *standing) Next(ctx context.Context) (wsclient.Message, error) {
	if s.kept {
		s.kept = false
		return s.first, s.err
	}
	return s.Subscription.Next(ctx)
}

// next is the next event that is about an object.
func (b *board) next(t *testing.T) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for {
		m, err := b.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a, err := parse(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		ev := a.at(b.field)
		b.cursor = ev.text("cursor")
		if ev.text("__typename") != "FeedCheckpoint" {
			return ev
		}
	}
}

// until is the first event of a kind.
func (b *board) until(t *testing.T, kind string) answer {
	t.Helper()
	for {
		if ev := b.next(t); ev.text("kind") == kind {
			return ev
		}
	}
}

// cursorNow is where the feed stands.
func (e *env) cursorNow(t *testing.T, actor string) string {
	t.Helper()
	return e.ask(t, actor, `{ serviceRequests(first: 1) { feedCursor } }`, nil).text("serviceRequests.feedCursor")
}

func feedOfAThread(t *testing.T, e *env) {
	th := e.stage(t, "draft", ordinary)
	only := object{"serviceRequestId": th.get("request")}
	desk, partner := e.watch(t, "coordinator", e.cursorNow(t, "coordinator"), only), e.watch(t, "partner-fund", e.cursorNow(t, "partner-fund"), only)
	for _, step := range []func(*thread, context.Context) error{(*thread).submit, (*thread).triage, (*thread).accept} {
		if err := step(th, t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	entered := desk.next(t)
	same(t, "the station's first", entered.text("__typename")+entered.text("kind"), "RequestEnteredrequest.submitted")
	changed := desk.next(t)
	same(t, "the station's second", changed.text("__typename")+changed.text("serviceRequest.state"), "RequestChangedTRIAGED")
	desk.until(t, "request.matching")
	came := partner.next(t)
	same(t, "the partner's first", came.text("__typename")+came.text("serviceRequest.state")+came.text("serviceRequest.title"), "RequestEnteredMATCHING")
	if err := th.pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := partner.next(t)
	same(t, "then it leaves", left.text("__typename")+left.text("serviceRequestId"), "RequestLeft"+th.get("request").(string))
	same(t, "the station stays", desk.until(t, "request.held").text("__typename"), "RequestChanged")
}

const watchHistory = `subscription($filter: RequestFeedFilter, $after: String) { requestFeed(filter: $filter, after: $after) {
	__typename
	... on RequestChanged { cursor kind serviceRequest { history(last: 9) { nodes { sequence kind actor { display role } changes { field } } } } }
	... on FeedCheckpoint { cursor }
} }`

// oneDocumentForMany: a document that asks who reads is answered to each by its own rights,
// whoever subscribed first.
func oneDocumentForMany(t *testing.T, e *env) {
	th := e.stage(t, "proposed", ordinary)
	boards := map[string]*board{}
	for _, who := range []string{"coordinator", "partner-fund", "admin"} {
		boards[who] = e.open(t, who, "requestFeed", watchHistory, e.cursorNow(t, who), object{"filter": object{"serviceRequestId": th.get("request")}})
	}
	if err := th.hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for who, b := range boards {
		asked := e.ask(t, who, `query($id: ID!) { serviceRequest(id: $id) { history(last: 9) { nodes { sequence kind actor { display role } changes { field } } } } }`, object{"id": th.get("request")})
		seen[who] = fmt.Sprint(b.until(t, "request.covered").at("serviceRequest.history").value)
		same(t, "the history that "+who+" is shown", seen[who], fmt.Sprint(asked.at("serviceRequest.history").value))
	}
	if seen["coordinator"] == seen["partner-fund"] {
		t.Error("two readers of different rights are shown the same history")
	}
}

func feedResumes(t *testing.T, e *env) {
	th := e.stage(t, "submitted", ordinary)
	only := object{"serviceRequestId": th.get("request")}
	desk := e.watch(t, "coordinator", e.cursorNow(t, "coordinator"), only)
	if err := th.triage(t.Context()); err != nil {
		t.Fatal(err)
	}
	desk.until(t, "request.triaged")
	_ = desk.client.Close()
	if err := th.accept(t.Context()); err != nil { // nobody watches
		t.Fatal(err)
	}
	again := e.watch(t, "coordinator", desk.cursor, only)
	same(t, "first missed", again.next(t).text("kind"), "request.accepted")
	same(t, "second missed", again.next(t).text("kind"), "request.matching")

	// A helper who was released meanwhile resumes with what they may see today.
	th = e.stage(t, "arranged", ordinary)
	only = object{"serviceRequestId": th.get("request")}
	from := e.cursorNow(t, "volunteer")
	e.ask(t, "coordinator", `mutation($input: AssignmentReleaseInput!) { assignmentRelease(input: $input) { errors { code } } }`, input(th.duty(true, object{"reason": "OVERLOAD"})))
	if err := th.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := th.pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	helper := e.watch(t, "volunteer", from, only)
	for {
		ev := helper.next(t)
		same(t, "an address in "+ev.text("kind"), ev.text("serviceRequest.address"), "")
		if ev.text("__typename") == "RequestLeft" {
			return
		}
	}
}

// revocationCloses: what is committed before the revocation arrives, nothing after it.
func revocationCloses(t *testing.T, e *env) {
	grant := e.ask(t, "admin", `mutation($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } errors { code path } } }`,
		input(object{"accountId": e.names["accounts.stranger"], "role": "COORDINATOR", "scopeId": e.names["stations.qiaotun"]})).text("roleGrant.grant.id")
	th := e.stage(t, "submitted", ordinary)
	b := e.watch(t, "stranger", e.cursorNow(t, "stranger"), object{"serviceRequestId": th.get("request")})
	if err := th.triage(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.ask(t, "admin", `mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { errors { code path } } }`, input(object{"grantId": grant, "reason": "OTHER"}))
	if err := th.accept(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	var closed *wsclient.CloseError
	for {
		m, err := b.Next(ctx)
		if errors.As(err, &closed) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(m.Data), "request.accepted") || strings.Contains(string(m.Data), "request.matching") {
			t.Errorf("after the revocation: %s", m.Data)
		}
	}
	same(t, "close code", closed.Code, 4403)
}

// sameCells: whatever the way, an actor reads the same of a request.
func sameCells(t *testing.T, e *env) {
	for _, who := range []cast{ordinary, guarded} {
		th := e.stage(t, "arranged", who)
		id := th.get("request")
		from := map[string]string{}
		actors := []string{who.asker, "coordinator", "officer", "socialworker", "volunteer", th.owner(), "supervisor"}
		boards := map[string]*board{}
		for _, actor := range actors {
			from[actor] = e.cursorNow(t, actor)
			boards[actor] = e.watch(t, actor, from[actor], object{"serviceRequestId": id})
		}
		if err := th.dispatch(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, actor := range actors {
			direct := e.ask(t, actor, `query($id: ID!) { serviceRequest(id: $id) { `+cells+` } }`, object{"id": id}).at("serviceRequest")
			if direct.value == nil {
				continue
			}
			ways := map[string]answer{
				"node":   e.ask(t, actor, `query($id: ID!) { node(id: $id) { ... on ServiceRequest { `+cells+` } } }`, object{"id": id}).at("node"),
				"nodes":  e.ask(t, actor, `query($id: ID!) { nodes(ids: [$id]) { ... on ServiceRequest { `+cells+` } } }`, object{"id": id}).at("nodes.0"),
				"list":   e.inList(t, actor, id),
				"feed":   boards[actor].until(t, "request.started").at("serviceRequest"),
				"resume": e.watch(t, actor, from[actor], object{"serviceRequestId": id}).until(t, "request.started").at("serviceRequest"),
			}
			want, err := json.Marshal(direct.value)
			if err != nil {
				t.Fatal(err)
			}
			for way, got := range ways {
				have, err := json.Marshal(got.value)
				if err != nil {
					t.Fatal(err)
				}
				same(t, who.class+" to "+actor+" by "+way, string(have), string(want))
			}
			e.sameHistory(t, actor, id, direct)
		}
	}
}

// inList finds a request in an actor's list.
func (e *env) inList(t *testing.T, actor string, id any) answer {
	t.Helper()
	for _, n := range e.ask(t, actor, `{ serviceRequests(first: 100, sort: UPDATED_AT_DESC) { nodes { `+cells+` } } }`, nil).list("serviceRequests.nodes") {
		if n.text("id") == id {
			return n
		}
	}
	return answer{}
}

// sameHistory: the history names no field that the object hides.
func (e *env) sameHistory(t *testing.T, actor string, id any, direct answer) {
	t.Helper()
	a, err := e.post(t.Context(), actor, `query($id: ID!) { history(nodeId: $id, first: 50) { nodes { kind changes { field after } } } }`, object{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]bool{}
	for _, f := range direct.list("hidden") {
		hidden[f.value.(string)] = true
	}
	for _, n := range a.list("data.history.nodes") {
		for _, c := range n.list("changes") {
			if hidden[c.text("field")] {
				t.Errorf("%s reads %s in the history, which is hidden in the object", actor, c.text("field"))
			}
		}
	}
}

const (
	closely = `serviceRequest { id class category { id } constraints { id } recurrence { rule } window { from } area { id } station { id } }`
	// resumeNeeds follows the needs and what tells where and when they are.
	resumeNeeds = `subscription($after: String) { openNeeds(after: $after) {
		__typename
		... on FeedEvent { cursor }
		... on OpenNeedEntered { openNeed { needLine { id category { id } window { from } } ` + closely + ` } }
		... on OpenNeedChanged { openNeed { needLine { id category { id } window { from } } ` + closely + ` } }
	} }`
)

// resumesByTheClassOfToday: who resumes after the recipient was put into a stricter class
// reads of what happened before no more than that class shows them.
func resumesByTheClassOfToday(t *testing.T, e *env) {
	paper := "纸质同意书（示例）"
	for class, hidden := range map[access.Class][]string{
		access.Protected: {"area.id", "station.id"},
		access.Sealed:    {"area.id", "station.id", "category.id", "window.from"},
	} {
		v, _, err := e.Recipients.Register(t.Context(), sys, recipient.Register{Name: "梅示例", Category: "ELDERLY", Class: access.Restricted, CommunityID: e.names["community"].(string)})
		must(t, err)
		who := ordinary
		who.asker, who.recipient = "coordinator", t.Name()+string(class)
		e.names[who.recipient] = v.ID
		for _, purpose := range []string{"SERVICE", "SHARE_CONTACT"} {
			_, _, err = e.Recipients.Grant(t.Context(), sys, recipient.ConsentGrant{RecipientID: v.ID, Purpose: purpose, GivenBy: recipient.ByRecipient, Evidence: &paper})
			must(t, err)
		}
		from := map[string]string{"volunteer": e.cursorNow(t, "volunteer"), "partner": e.cursorNow(t, "partner")}
		th, err := e.play(t.Context(), t.Name()+string(class), "proposed", who, nil)
		must(t, err)
		id := th.get("request")
		now, err := e.Recipients.Load(t.Context(), v.ID)
		must(t, err)
		was := e.ask(t, "partner", `query($id: ID!) { serviceRequest(id: $id) { `+cells+` } }`, object{"id": id}).at("serviceRequest")
		_, _, err = e.Recipients.Reclassify(t.Context(), sys, recipient.Reclassify{RecipientID: v.ID, Class: class, Note: "示例", ExpectedVersion: now.Version})
		must(t, err)
		for actor, cursor := range from {
			if class == access.Sealed && actor == "volunteer" { // sees no sealed one at all
				continue
			}
			past := []answer{
				e.watch(t, actor, cursor, object{"serviceRequestId": id}).until(t, "request.matching").at("serviceRequest"),
				e.open(t, actor, "openNeeds", resumeNeeds, cursor, object{}).untilOf(t, id),
			}
			for i, r := range past {
				same(t, "class", r.text("class"), string(class))
				for _, field := range hidden {
					if was.text(field) == "" {
						t.Errorf("%s was not shown before", field)
					}
					if got := r.text(field); got != "CONFIDENTIAL" && got != "" && (field != "area.id" || got == was.text(field)) {
						t.Errorf("%s: %s reads %s %q by way %d", class, actor, field, got, i)
					}
				}
			}
		}
	}
}

// untilOf is the request in the first event about it.
func (b *board) untilOf(t *testing.T, id any) answer {
	t.Helper()
	for {
		if r := b.next(t).at("openNeed.serviceRequest"); r.text("id") == id {
			return r
		}
	}
}
