package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// state reads a request's state and flag.
func (e *env) state(t *testing.T, stage string) string {
	t.Helper()
	r, err := e.Requests.Get(t.Context(), sys, e.names[stage+".request"].(string))
	must(t, err)
	if r.Escalated {
		return string(r.State) + " escalated"
	}
	return string(r.State)
}

// last is the kind of an object's last log entry, and who wrote it.
func (e *env) last(t *testing.T, noun, name string) string {
	t.Helper()
	entries, err := e.Core.DB.Log(t.Context(), store.LogQuery{Noun: noun, ID: e.names[name].(string), Desc: true, Limit: 1})
	must(t, err)
	return entries[0].Kind + " by " + entries[0].Actor
}

// What time makes due happens by itself, each at its moment and none before.
func TestTimeTakesItsSteps(t *testing.T) {
	t.Parallel()
	e, c := fresh(t)
	began, before := c.Now(), e.last(t, "assignment", "offered.assignment")
	for _, at := range []struct {
		passed                               time.Duration
		matching, proposed, returned, onHold string
		assignment                           string
	}{
		{0, "MATCHING", "MATCHING", "RETURNED", "ON_HOLD", ""},
		{23 * time.Hour, "MATCHING", "MATCHING", "RETURNED", "ON_HOLD", ""},
		{25 * time.Hour, "MATCHING", "MATCHING", "RETURNED", "ON_HOLD", "assignment.expired by system"},
		{49 * time.Hour, "MATCHING escalated", "MATCHING escalated", "RETURNED", "ON_HOLD", "assignment.expired by system"},
		{6*day + 20*time.Hour, "MATCHING escalated", "MATCHING escalated", "RETURNED", "MATCHING", "assignment.expired by system"},
		{7*day + time.Hour, "MATCHING escalated", "MATCHING escalated", "CANCELLED", "MATCHING", "assignment.expired by system"},
		{9*day + time.Hour, "MATCHING escalated", "MATCHING escalated", "CANCELLED", "MATCHING escalated", "assignment.expired by system"},
	} {
		c.Advance(began.Add(at.passed).Sub(c.Now()))
		must(t, e.Tick(t.Context()))
		for what, pair := range map[string][2]string{
			"matching": {e.state(t, "matching"), at.matching}, "proposed": {e.state(t, "proposed"), at.proposed},
			"returned": {e.state(t, "returned"), at.returned}, "on hold": {e.state(t, "on_hold"), at.onHold}, "assignment": {e.last(t, "assignment", "offered.assignment"), at.assignment},
		} {
			if what == "assignment" && pair[1] == "" {
				pair[1] = before
			}
			same(t, what+" after "+at.passed.String(), pair[0], pair[1])
		}
	}
	g, err := e.Assignments.Rows().Get(t.Context(), e.names["offered.assignment"].(string))
	must(t, err)
	same(t, "the offer as stored", string(g.State())+g.Reason, "EXPIREDNO_REPLY")
	e.checkHeaders(t)
	same(t, "the log's last word on it", e.last(t, "request", "on_hold.request"), "request.escalated by system")
	escalated := true
	for role, want := range map[access.Role]bool{access.Supervisor: true, access.Coordinator: false} {
		a := access.Actor{ID: "acc_above", Grants: []access.Grant{{ID: "grt_above", Role: role, Scope: "div_130203000000", Area: "130203"}}}
		page, err := e.Requests.List(t.Context(), a, &request.Filter{Escalated: &escalated}, "DUE_AT_ASC", usecase.Paging{})
		must(t, err)
		same(t, string(role)+" is shown what is escalated", slices.Contains(ids(page.Rows), e.names["matching.request"].(string)), want)
	}
}

// A link goes when its time is over. One that was used says no more, and is kept thirty
// days beyond it, so that a late click is told what it was.
func TestLinksAreForgotten(t *testing.T) {
	t.Parallel()
	e, c := fresh(t)
	th := e.stage(t, "delivered", ordinary)
	key := "one link"
	issue := request.LinkIssueInput{ServiceRequestID: th.get("request").(string), For: recipient.ByRecipient, IdempotencyKey: &key}
	secret, until, err := e.Requests.LinkIssue(t.Context(), sys, issue)
	must(t, err)
	confirm := func() error {
		_, _, _, err := e.Requests.ConfirmByLink(t.Context(), request.ConfirmByLinkInput{Token: secret})
		return err
	}
	must(t, confirm())
	_, _, err = e.Requests.LinkIssue(t.Context(), sys, issue)
	same(t, "a repeat for a used link", fault.CodeOf(err), fault.CodeLinkUsed)
	forget := func(at time.Time) int {
		c.Advance(at.Sub(c.Now()))
		n, err := e.Requests.Forget(t.Context(), sys)
		must(t, err)
		return n
	}
	same(t, "before their time", forget(c.Now()), 0)
	if n := forget(until.Add(time.Minute)); n == 0 {
		t.Error("no unused link was forgotten")
	}
	same(t, "a late click", fault.CodeOf(confirm()), fault.CodeLinkUsed)
	same(t, "thirty days later", forget(until.Add(30*day+time.Minute)), 1)
	same(t, "a later click", fault.CodeOf(confirm()), fault.CodeLinkInvalid)
	same(t, "again", forget(c.Now()), 0)
}

func ids(rows []*request.View) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}
