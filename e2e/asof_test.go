package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/store"
)

// looks are the cells that two ways to one object are compared by, by the id's prefix.
var looks = map[string]string{
	"alc": "Allocation { version state lapsed heldUntil quantity { value } note reason { id } hidden dispatchedAt }",
	"asg": "Assignment { version state fence task meetingPoint safeContact address report minutes reason { id } hidden }",
	"cns": "Consent { version purpose { id } givenOn state evidence withdrawnAt }",
	"mat": "MatchProposal { version state quantity { value } score reasons { detail } note reason { id } hidden decidedAt }",
	"pol": "MatchingPolicy { version label state terms { unconfirmed } endedAt }",
	"pst": "Post { version state title duties taken holders { heldFrom } hidden }",
	"req": "ServiceRequest { version state coverage class category { id } title description note address reasonNote area { id } risk needLines { id state title held { value } } hidden dueAt }",
	"res": "CharityResource { version state title description stock { total free } batch hidden }",
	"rcp": "Recipient { version name phone hidden }",
	"tem": "VolunteerTeam { version state name size members { joinedFrom } hidden }",
	"vol": "Volunteer { version state name phone minorsCleared hidden }",
}

func look(id string) string { return "... on " + looks[store.IDPrefix(id)] }

// asOf asks for an object as it was; the answer is of the object alone.
func (e *env) asOf(t *testing.T, actor, id string, at time.Time) answer {
	t.Helper()
	doc := `query($id: ID!, $at: DateTime!) { asOf(nodeId: $id, at: $at) { node { ` + look(id) + ` } } }`
	got, err := e.post(t.Context(), actor, doc, object{"id": id, "at": at.UTC().Format(time.RFC3339Nano)})
	must(t, err)
	return got
}

// TestAsOfThisMomentIsWhatStands: whoever may read what an object was reads, for this
// moment, just what the object shows them; whom it is hidden from, it is hidden from here
// too.
func TestAsOfThisMomentIsWhatStands(t *testing.T) {
	t.Parallel()
	e, _ := fresh(t)
	compared := map[string]int{}
	for _, id := range e.loggedIDs(t, 12) {
		for _, actor := range slices.Sorted(maps.Keys(e.tokens)) {
			past := e.asOf(t, actor, id, e.now())
			now, err := e.post(t.Context(), actor, `query($id: ID!) { node(id: $id) { `+look(id)+` } }`, object{"id": id})
			must(t, err)
			switch code := past.code(); {
			case code == "FORBIDDEN": // the object, and not its trail
			case code != "":
				t.Errorf("%s reads %s: %s", actor, id, code)
			default:
				if a, b := fmt.Sprint(past.at("data.asOf.node").value), fmt.Sprint(now.at("data.node").value); a != b {
					t.Errorf("%s reads %s\n as of now %s\n as it is  %s", actor, id, a, b)
				} else if now.at("data.node").value != nil {
					compared[store.IDPrefix(id)]++
				}
			}
		}
	}
	for prefix := range looks {
		if compared[prefix] == 0 && prefix != "pol" && prefix != "pst" && prefix != "tem" { // the world has none
			t.Errorf("no %s was compared", prefix)
		}
	}
}

// loggedIDs are up to most objects of each noun that stand and that the log tells of.
func (e *env) loggedIDs(t *testing.T, most int) (ids []string) {
	t.Helper()
	count, seen := map[string]int{}, int64(0)
	for {
		entries, err := e.Core.DB.Log(t.Context(), store.LogQuery{After: seen})
		must(t, err)
		if len(entries) == 0 {
			return ids
		}
		for _, entry := range entries {
			seen = entry.Seq
			prefix := store.IDPrefix(entry.ID)
			if looks[prefix] != "" && count[prefix] < most && !slices.Contains(ids, entry.ID) && entry.After != nil {
				count[prefix]++
				ids = append(ids, entry.ID)
			}
		}
	}
}

// TestThePastTellsNothingThatWasTakenBack: where a helper was to go and whom to call ends
// with their part, and what was sealed since is not told by what it was before.
func TestThePastTellsNothingThatWasTakenBack(t *testing.T) {
	t.Parallel()
	e, c := fresh(t)
	part, need := e.names["arranged.assignment"].(string), e.names["matching.request"].(string)
	was := c.Now()
	if e.asOf(t, "volunteer", part, was).text("data.asOf.node.safeContact") == "" {
		t.Fatal("the helper knows nobody to call")
	}
	if e.asOf(t, "coordinator", need, was).text("data.asOf.node.category.id") == "CONFIDENTIAL" {
		t.Fatal("the need is sealed already")
	}
	c.Advance(time.Hour)
	_, err := e.must(t.Context(), "volunteer", `mutation($input: AssignmentReleaseInput!) { assignmentRelease(input: $input) { errors { code } } }`,
		input(object{"assignmentId": part, "reason": "ILLNESS", "expectedVersion": e.names["arranged.assignment.version"]}))
	must(t, err)
	subject, err := e.Recipients.Load(t.Context(), e.names["recipients.wang"].(string))
	must(t, err)
	_, _, err = e.Recipients.Reclassify(t.Context(), sys, recipient.Reclassify{RecipientID: subject.ID, Class: access.Sealed, Note: "示例", ExpectedVersion: subject.Version})
	must(t, err)
	past := e.asOf(t, "volunteer", part, was)
	same(t, "state then", past.text("data.asOf.node.state"), "ACCEPTED")
	same(t, "whom to call", past.text("data.asOf.node.safeContact"), "")
	same(t, "where to go", past.text("data.asOf.node.address"), "")
	past = e.asOf(t, "coordinator", need, was)
	same(t, "what it was about", past.text("data.asOf.node.category.id"), "CONFIDENTIAL")
	same(t, "where it was", past.text("data.asOf.node.area.id"), "")
}
