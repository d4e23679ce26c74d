package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const (
	proposalCells = `cursor kind matchProposal { id state side allowedActions charityResource { id } }`
	watchProposal = `subscription($organisation: ID, $after: String) { proposalFeed(organisationId: $organisation, after: $after) {
	__typename
	... on ProposalEntered { ` + proposalCells + ` }
	... on ProposalChanged { ` + proposalCells + ` }
	... on ProposalLeft { cursor matchProposalId }
	... on FeedGap { cursor }
	... on FeedCheckpoint { cursor }
} }`
	capacityCells = `cursor kind charityResource { id state capacity confirmedAt stock { free unusable } }`
	watchCapacity = `subscription($kinds: [CharityResourceKind!], $divisions: [ID!], $after: String) { capacityChanges(kinds: $kinds, divisionIds: $divisions, after: $after) {
	__typename
	... on CapacityEntered { ` + capacityCells + ` }
	... on CapacityChanged { ` + capacityCells + ` }
	... on CapacityLeft { cursor charityResourceId }
	... on FeedGap { cursor }
	... on FeedCheckpoint { cursor }
} }`
	watchParts = `subscription($after: String) { assignmentFeed(after: $after) {
	__typename
	... on AssignmentEntered { cursor kind assignment { id state } }
	... on AssignmentChanged { cursor kind assignment { id state } }
	... on AssignmentLeft { cursor assignmentId }
	... on FeedGap { cursor }
	... on FeedCheckpoint { cursor }
} }`
)

// says is the next event's kind with what it tells of the object, or what left.
func (b *board) says(t *testing.T, object string, cells ...string) string {
	t.Helper()
	ev := b.next(t)
	out := ev.text("__typename") + " " + ev.text("kind")
	for _, c := range cells {
		out += " " + ev.text(object+"."+c)
	}
	return out
}

// refuses is the code with which a subscription ends.
func (b *board) refuses(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	_, err := b.Next(ctx)
	var refused *wsclient.OperationError
	if !errors.As(err, &refused) {
		t.Fatalf("not refused: %v", err)
	}
	return refused.Code()
}

// proposalsAreLive: each side hears at once what the other does, nobody else does, and who
// comes back hears what they missed.
func proposalsAreLive(t *testing.T, e *env) {
	th := e.stage(t, "matching", ordinary)
	kitchen := object{"organisation": e.names["organisations.kitchen"]}
	owner := e.open(t, "partner", "proposalFeed", watchProposal, "", kitchen)
	desk := e.open(t, "coordinator", "proposalFeed", watchProposal, "", object{})
	other := e.open(t, "partner-aid", "proposalFeed", watchProposal, "", object{})
	must(t, th.propose(t.Context()))
	same(t, "the owner is asked", owner.says(t, "matchProposal", "state", "allowedActions"), "ProposalEntered proposal.proposed PROPOSED [ACCEPT DECLINE]")
	same(t, "so the desk sees", desk.says(t, "matchProposal", "state", "allowedActions"), "ProposalEntered proposal.proposed PROPOSED [WITHDRAW]")
	must(t, owner.client.Close())
	must(t, th.hold(t.Context()))
	same(t, "the desk hears", desk.says(t, "matchProposal", "state"), "ProposalChanged proposal.accepted ACCEPTED")
	again := e.open(t, "partner", "proposalFeed", watchProposal, owner.cursor, kitchen)
	same(t, "what the owner missed", again.says(t, "matchProposal", "state"), "ProposalChanged proposal.accepted ACCEPTED")

	th = e.stage(t, "proposed", ordinary)
	same(t, "asked again", again.says(t, "matchProposal", "state"), "ProposalEntered proposal.proposed PROPOSED")
	must(t, th.cancel(t.Context()))
	same(t, "ends with the request", again.says(t, "matchProposal", "state", "allowedActions"), "ProposalChanged proposal.superseded SUPERSEDED []")

	// Another organisation was told nothing of all this: what it hears first is its own.
	must(t, e.stage(t, "matching", guarded).propose(t.Context()))
	same(t, "another's first", other.says(t, "matchProposal", "charityResource.id"), "ProposalEntered proposal.proposed "+e.names["resources.talks"].(string))
	same(t, "no organisation", e.open(t, "partner", "proposalFeed", watchProposal, "", object{"organisation": "sta_1"}).refuses(t), "ID_INVALID")
	same(t, "no cursor", e.open(t, "partner", "proposalFeed", watchProposal, "hello", kitchen).refuses(t), "CURSOR_INVALID")
}

// capacityIsLive: whoever looks for supply sees it come, be taken, be given back and go.
func capacityIsLive(t *testing.T, e *env) {
	th := e.stage(t, "proposed", ordinary)
	here := object{"kinds": []string{"SERVICE"}, "divisions": []any{e.names["street"]}}
	b := e.open(t, "stranger", "capacityChanges", watchCapacity, "", here)
	goods := e.open(t, "coordinator", "capacityChanges", watchCapacity, "", object{"kinds": []string{"GOODS"}})
	free := func() string {
		return e.ask(t, "stranger", `query($id: ID!) { charityResource(id: $id) { stock { free } } }`, object{"id": e.names["resources.meals"]}).text("charityResource.stock.free")
	}
	must(t, th.hold(t.Context()))
	same(t, "held", b.says(t, "charityResource", "id", "stock.free"), fmt.Sprint("CapacityChanged resource.held ", e.names["resources.meals"], " ", free()))
	must(t, th.cancel(t.Context()))
	same(t, "given back", b.says(t, "charityResource", "stock.free"), "CapacityChanged resource.released "+free())

	id := e.stock(t, "5")
	same(t, "offered", b.says(t, "charityResource", "id", "state", "stock.free"), "CapacityEntered resource.published "+id+" PUBLISHED 5")
	for i, c := range []struct{ mutation, more, want string }{
		{"Change", `capacity: ACCEPTS_NONE`, "CapacityChanged resource.changed PUBLISHED ACCEPTS_NONE 5 0"},
		{"Pause", ``, "CapacityChanged resource.paused PAUSED ACCEPTS_NONE 5 0"},
		{"Withdraw", `reason: "OVERLOAD"`, "CapacityLeft "},
	} {
		e.ask(t, "partner", fmt.Sprintf(`mutation($id: ID!, $v: Int!) { charityResource%s(input: {charityResourceId: $id, expectedVersion: $v %s}) { errors { code message } } }`, c.mutation, c.more), object{"id": id, "v": i + 2})
		same(t, c.mutation, strings.TrimRight(b.says(t, "charityResource", "state", "capacity", "stock.free", "stock.unusable"), " "), strings.TrimRight(c.want, " "))
	}

	id = e.ask(t, "partner", `mutation($input: CharityResourceCreateInput!) { charityResourceCreate(input: $input) { charityResource { id } errors { code path } } }`, input(object{
		"ownerId": e.names["organisations.kitchen"], "title": t.Name(), "kind": "GOODS", "category": "HARDSHIP_RELIEF", "quantity": amount("8", "PIECE"), "areaId": e.names["city"],
	})).text("charityResourceCreate.charityResource.id")
	for i, m := range []string{"Publish", "Recall"} {
		more := map[string]string{"Recall": `reason: "UNSAFE"`}[m]
		e.ask(t, "partner", fmt.Sprintf(`mutation($id: ID!, $v: Int!) { charityResource%s(input: {charityResourceId: $id, expectedVersion: $v %s}) { errors { code message } } }`, m, more), object{"id": id, "v": i + 1})
	}
	said := ""
	for !strings.Contains(said, "resource.recalled") {
		said = goods.says(t, "charityResource", "state", "stock.free", "stock.unusable")
	}
	same(t, "called back", said, "CapacityChanged resource.recalled RECALLED 0 8")
	same(t, "no division", e.open(t, "stranger", "capacityChanges", watchCapacity, "", object{"divisions": []string{"com_1"}}).refuses(t), "ID_INVALID")
	same(t, "nobody", e.open(t, "", "capacityChanges", watchCapacity, "", object{}).refuses(t), "UNAUTHENTICATED")
}

// partsAreLive: a volunteer hears of their own parts, and who is none of nothing.
func partsAreLive(t *testing.T, e *env) {
	th := e.stage(t, "led", ordinary)
	b := e.open(t, "volunteer", "assignmentFeed", watchParts, "", object{})
	must(t, th.offer(t.Context()))
	same(t, "offered", b.says(t, "assignment", "id", "state"), "AssignmentEntered assignment.offered "+th.get("assignment").(string)+" OFFERED")
	e.ask(t, "coordinator", `mutation($input: AssignmentReleaseInput!) { assignmentRelease(input: $input) { errors { code } } }`, input(th.duty(true, object{"reason": "OVERLOAD"})))
	same(t, "revoked", b.says(t, "assignment", "state"), "AssignmentChanged assignment.released RELEASED")
	same(t, "a coordinator", e.open(t, "coordinator", "assignmentFeed", watchParts, "", object{}).refuses(t), "FORBIDDEN")
}
