package request_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

const month = 30 * 24 * time.Hour

// closed is a person's request that has just been closed; its versions go on from 3.
func (w *world) closed(t *testing.T, person string, class access.Class, edit func(*request.Request)) string {
	t.Helper()
	v := w.draft(t, w.System(), &person)
	v, _ = w.submit(t, w.System(), v)
	v = w.triage(t, w.System(), v, class)
	w.edit(t, v.ID, func(r *request.Request) {
		r.Header.State, r.EndedAt = string(request.Closed), w.Core.Time()
		r.Confirmed = &request.Confirmation{By: "WITNESS", At: w.Core.Time()}
		r.Private.Said, r.Private.Witness = "谢谢", "李四"
		if edit != nil {
			edit(r)
		}
	})
	return v.ID
}

// edit changes a stored request past its use cases.
func (w *world) edit(t *testing.T, id string, fn func(*request.Request)) {
	t.Helper()
	err := w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := w.Rows().Get(ctx, id)
		if err != nil {
			return err
		}
		fn(r)
		return w.Rows().Touch(ctx, r, store.Note{Kind: "request.related"})
	})
	testkit.WantCode(t, err, "")
}

func (w *world) reopen(a access.Actor, id string, version int64, reason string) (*request.View, error) {
	in := request.ReopenInput{ServiceRequestID: id, ExpectedVersion: version}
	if reason != "" {
		in.Reason = &reason
	}
	v, _, err := w.Reopen(ctx, a, in)
	return v, err
}

func resident(person string) access.Actor {
	return testkit.As("resident", access.Grant{Role: access.Resident, Scope: person, Area: testkit.Community1})
}

func TestWhoOpensAClosedRequestAgain(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	guardian := testkit.As("guardian", access.Grant{Role: access.Guardian, Scope: person, Area: testkit.Community1})
	spent := func(r *request.Request) { r.ReopenedFreely = true }
	for name, c := range map[string]struct {
		actor  access.Actor
		class  access.Class
		reason string
		edit   func(*request.Request)
		want   fault.Code
	}{
		"the recipient":                     {resident(person), access.Restricted, "", nil, ""},
		"the recipient, with a reason":      {resident(person), access.Restricted, "NOT_SOLVED", nil, ""},
		"a guardian":                        {guardian, access.Restricted, "", nil, ""},
		"the recipient a second time":       {resident(person), access.Restricted, "NOT_SOLVED", spent, fault.CodeReopenSpent},
		"the station":                       {w.Coordinator(), access.Restricted, "NOT_SOLVED", nil, ""},
		"the station after the recipient":   {w.Coordinator(), access.Restricted, "NOT_SOLVED", spent, ""},
		"the station without a reason":      {w.Coordinator(), access.Restricted, "", nil, fault.CodeRequired},
		"a reason of no list":               {w.Coordinator(), access.Restricted, "BECAUSE", nil, fault.CodeCodeUnknown},
		"a supervisor":                      {w.Supervisor(), access.Restricted, "COMPLAINT", nil, ""},
		"a supervisor without a reason":     {w.Supervisor(), access.Restricted, "", nil, fault.CodeRequired},
		"the station of a protected one":    {w.Coordinator(), access.Protected, "NOT_SOLVED", nil, fault.CodeOfficerRequired},
		"a supervisor of a protected one":   {w.Supervisor(), access.Protected, "NOT_SOLVED", nil, fault.CodeOfficerRequired},
		"an officer":                        {w.Officer(), access.Protected, "NOT_SOLVED", nil, ""},
		"an officer without a reason":       {w.Officer(), access.Protected, "", nil, fault.CodeRequired},
		"the recipient of a protected one":  {resident(person), access.Protected, "", nil, ""},
		"an administrator":                  {w.Admin(), access.Restricted, "NOT_SOLVED", nil, fault.CodeForbidden},
		"a partner":                         {w.Partner(), access.Restricted, "NOT_SOLVED", nil, fault.CodeNotFound},
		"somebody else":                     {w.Stranger(), access.Restricted, "NOT_SOLVED", nil, fault.CodeNotFound},
		"one that was confirmed, no more":   {w.Coordinator(), access.Restricted, "NOT_SOLVED", func(r *request.Request) { r.Header.State = string(request.Confirmed) }, fault.CodeTransition},
		"one that was cancelled":            {w.Coordinator(), access.Restricted, "NOT_SOLVED", func(r *request.Request) { r.Header.State = string(request.Cancelled) }, fault.CodeTransition},
		"one that rests on a consent ended": {resident(person), access.Restricted, "", func(r *request.Request) { r.Basis = "" }, fault.CodeConsentRequired},
	} {
		id := w.closed(t, person, c.class, c.edit)
		before, err := w.Get(ctx, w.System(), id)
		testkit.WantCode(t, err, "")
		mine, err := w.Views(ctx, c.actor, []string{id})
		testkit.WantCode(t, err, "")
		if v := mine[id]; v != nil {
			// What depends on the words of the call is not foretold.
			told, open := slices.Contains(v.AllowedActions, request.StepReopen), c.want == "" || c.want == fault.CodeRequired || c.want == fault.CodeCodeUnknown || c.want == fault.CodeConsentRequired
			if told != open {
				t.Errorf("%s: allowed %v", name, v.AllowedActions)
			}
		}
		if _, err := w.reopen(c.actor, id, before.Version, c.reason); (err != nil || c.want != "") && fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestAReopenedRequestIsJudgedAnew(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	lead := w.AddWorker(t, "李社工")
	id := w.closed(t, person, access.Restricted, func(r *request.Request) {
		r.Lead, r.Parts, r.Escalated, r.Partial = lead, []request.Participation{{Society: "COMMUNITY"}}, true, true
		r.Header.Relate(access.PartyLead, lead)
	})
	v, err := w.reopen(resident(person), id, 3, "CAME_BACK")
	testkit.WantCode(t, err, "")
	if v.State != request.Reopened || v.EndedAt != nil || v.TriagedAt != nil || v.Confirmation != nil || v.Escalated || v.Reason.ID != "CAME_BACK" {
		t.Errorf("%+v", v)
	}
	if want := w.Core.Time().Add(24 * time.Hour); v.DueAt == nil || !v.DueAt.Equal(want) {
		t.Errorf("due %v, want %v", v.DueAt, want)
	}
	r, err := w.Load(ctx, id)
	if err != nil || !r.ReopenedFreely || r.Parts != nil || r.Partial || r.Lead != lead || r.Private.Said+r.Private.Witness != "" {
		t.Errorf("%+v, %v", r, err)
	}
	rcp, err := w.recipients.Load(ctx, person)
	if err != nil || !slices.Contains(rcp.Header.Parties, access.PartyLead.Of(lead)) {
		t.Errorf("the lead does not see the recipient again: %v, %v", rcp.Header.Parties, err)
	}
	if got := w.kinds(t, id); got[len(got)-1] != "request.reopened" {
		t.Errorf("log %v", got)
	}
	desk, err := w.Get(ctx, w.Coordinator(), id)
	if err != nil || fmt.Sprint(desk.AllowedActions) != "[CHANGE TRIAGE CANCEL MERGE]" {
		t.Errorf("%v, %v", desk.AllowedActions, err)
	}
	v = w.triage(t, w.Coordinator(), desk, access.Restricted)
	_, _, err = w.Accept(ctx, w.Coordinator(), request.AcceptInput{ServiceRequestID: id, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, fault.CodeNeedLineRequired)
}

func TestTheTimeToReopenEndsToTheMillisecond(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	early, late := w.closed(t, person, access.Restricted, nil), w.closed(t, person, access.Restricted, nil)
	w.Clock.Advance(month - time.Millisecond)
	_, err := w.reopen(resident(person), early, 3, "")
	testkit.WantCode(t, err, "")
	w.Clock.Advance(time.Millisecond)
	for _, a := range []access.Actor{resident(person), w.Coordinator(), w.Supervisor()} {
		v, err := w.Get(ctx, a, late)
		testkit.WantCode(t, err, "")
		if slices.Contains(v.AllowedActions, request.StepReopen) {
			t.Errorf("%s: allowed %v", a.ID, v.AllowedActions)
		}
		_, err = w.reopen(a, late, 3, "NOT_SOLVED")
		testkit.WantCode(t, err, fault.CodeReopenOver)
	}
}

// What has changed since the end is asked anew: the person, the station, the lead.
func TestAReopenedRequestMeetsTheWorldOfToday(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	gone := w.AddWorker(t, "王社工")
	id := w.closed(t, person, access.Restricted, func(r *request.Request) {
		r.Lead = gone
		r.Header.Relate(access.PartyLead, gone)
		r.Header.Station = "sta_closed"
	})
	_, err := w.reopen(resident(person), id, 3, "")
	testkit.WantCode(t, err, "")
	r, err := w.Load(ctx, id)
	if err != nil || r.Header.Station != w.Station || r.Lead != gone {
		t.Errorf("%+v, %v", r, err)
	}
	away := w.closed(t, person, access.Restricted, func(r *request.Request) {
		r.Lead = gone
		r.Header.Relate(access.PartyLead, gone)
	})
	wrk, err := w.Workers.Load(ctx, gone)
	testkit.WantCode(t, err, "")
	err = w.Core.DB.Tx(ctx, func(ctx context.Context) error {
		row, err := w.Workers.Rows().Get(ctx, wrk.ID)
		if err != nil {
			return err
		}
		row.Header.Station = ""
		row.Header.Place(testkit.Lubei)
		return w.Workers.Rows().Touch(ctx, row, store.Note{Kind: "worker.changed"})
	})
	testkit.WantCode(t, err, "")
	_, err = w.reopen(resident(person), away, 3, "")
	testkit.WantCode(t, err, "")
	if r, err = w.Load(ctx, away); err != nil || r.Lead != "" || slices.Contains(r.Header.Parties, access.PartyLead.Of(gone)) {
		t.Errorf("%+v, %v", r, err)
	}
	other := w.person(t, access.Restricted)
	erased := w.closed(t, other, access.Restricted, nil)
	_, _, err = w.recipients.Erase(ctx, w.System(), recipient.Erase{RecipientID: other, Reason: "SUBJECT_REQUEST", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, err = w.reopen(w.Coordinator(), erased, 3, "NOT_SOLVED")
	testkit.WantCode(t, err, fault.CodeNotFound)
}
