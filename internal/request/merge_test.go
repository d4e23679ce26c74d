package request_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

func (w *world) merge(t *testing.T, a access.Actor, id, into string) (*request.View, error) {
	t.Helper()
	r, err := w.Load(ctx, id)
	testkit.WantCode(t, err, "")
	v, _, err := w.Merge(ctx, a, request.MergeInput{ServiceRequestID: id, SurvivorID: into, ExpectedVersion: r.Version})
	return v, err
}

func (w *world) unmerge(t *testing.T, a access.Actor, id string) (*request.View, error) {
	t.Helper()
	r, err := w.Load(ctx, id)
	testkit.WantCode(t, err, "")
	v, _, err := w.Unmerge(ctx, a, request.UnmergeInput{ServiceRequestID: id, ExpectedVersion: r.Version})
	return v, err
}

func TestWhatCanBeMergedIntoWhat(t *testing.T) {
	t.Parallel()
	w := open(t)
	person, other := w.person(t, access.Restricted), w.person(t, access.Restricted)
	dup := w.triaged(t, person, access.Restricted)
	there, _, err := w.Draft(ctx, w.System(), request.DraftInput{CommunityID: ptr(community.ID(testkit.Community2)), Category: "MEAL_DELIVERY", Title: "每日送餐"})
	testkit.WantCode(t, err, "")
	there, _ = w.submit(t, w.System(), there)
	here, _ := w.submit(t, w.System(), w.draft(t, w.System(), nil))
	elsewhere := w.triaged(t, person, access.Restricted)
	w.edit(t, elsewhere.ID, func(r *request.Request) { r.Header.Station = "sta_other" })
	full := w.triaged(t, person, access.Restricted)
	w.edit(t, full.ID, func(r *request.Request) { r.Merged = make([]string, 50) })
	protected := w.triaged(t, person, access.Protected)
	for name, c := range map[string]struct {
		id, into string
		actor    access.Actor
		code     fault.Code
		rule     string
	}{
		"itself":                  {dup.ID, dup.ID, w.Coordinator(), fault.CodeInvalid, "ANOTHER_REQUEST"},
		"a draft":                 {dup.ID, w.draft(t, w.System(), &person).ID, w.System(), fault.CodeInvalid, "OPEN_REQUEST"},
		"one that has ended":      {dup.ID, w.closed(t, person, access.Restricted, nil), w.Coordinator(), fault.CodeInvalid, "OPEN_REQUEST"},
		"another person's":        {dup.ID, w.triaged(t, other, access.Restricted).ID, w.Coordinator(), fault.CodeInvalid, "SAME_RECIPIENT"},
		"nobody's":                {dup.ID, here.ID, w.Coordinator(), fault.CodeInvalid, "SAME_RECIPIENT"},
		"another station's":       {dup.ID, elsewhere.ID, w.System(), fault.CodeInvalid, "SAME_STATION"},
		"one that is not seen":    {dup.ID, elsewhere.ID, w.Coordinator(), fault.CodeNotFound, ""},
		"another community's":     {here.ID, there.ID, w.Coordinator(), fault.CodeInvalid, "SAME_PLACE"},
		"one that took fifty in":  {dup.ID, full.ID, w.Coordinator(), fault.CodeTooMany, ""},
		"a protected one":         {dup.ID, protected.ID, w.Coordinator(), fault.CodeOfficerRequired, ""},
		"no request":              {dup.ID, "sta_x", w.Coordinator(), fault.CodeIDInvalid, ""},
		"by the asking side":      {dup.ID, full.ID, resident(person), fault.CodeForbidden, ""},
		"by somebody":             {dup.ID, full.ID, w.Stranger(), fault.CodeNotFound, ""},
		"one that is merged":      {w.mergedAway(t, person), full.ID, w.Coordinator(), fault.CodeTransition, ""},
		"into one that is merged": {dup.ID, w.mergedAway(t, person), w.Coordinator(), fault.CodeInvalid, "OPEN_REQUEST"},
	} {
		_, err := w.merge(t, c.actor, c.id, c.into)
		e, _ := fault.As(err)
		if e == nil || e.Code != c.code || c.rule != "" && e.Params["rule"] != c.rule {
			t.Errorf("%s: %v, want %s %s", name, err, c.code, c.rule)
		}
	}
}

// mergedAway is a request of a person that was merged into another of theirs.
func (w *world) mergedAway(t *testing.T, person string) string {
	t.Helper()
	dup, into := w.triaged(t, person, access.Restricted), w.triaged(t, person, access.Restricted)
	_, err := w.merge(t, w.Coordinator(), dup.ID, into.ID)
	testkit.WantCode(t, err, "")
	return dup.ID
}

func TestAMergingIsTakenBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	person, lead := w.person(t, access.Restricted), w.AddWorker(t, "李社工")
	into := w.triaged(t, person, access.Restricted)
	dup := w.triaged(t, person, access.Restricted)
	dup, _, err := w.LeadAppoint(ctx, w.Coordinator(), request.LeadAppointInput{ServiceRequestID: dup.ID, SocialWorkerID: lead, ExpectedVersion: dup.Version})
	testkit.WantCode(t, err, "")
	w.edit(t, dup.ID, func(r *request.Request) {
		r.Header.Class = access.Protected
		r.Header.Relate(access.PartySupply, "org_a")
	})
	w.Clock.Advance(time.Hour)
	_, err = w.merge(t, w.Officer(), dup.ID, into.ID) // who sees nothing of the other one
	testkit.WantCode(t, err, fault.CodeNotFound)
	both := testkit.As("both", append(w.Coordinator().Grants, w.Officer().Grants...)...)
	v, err := w.merge(t, both, dup.ID, into.ID)
	testkit.WantCode(t, err, "")
	if v.State != request.Merged || v.DueAt != nil || v.EndedAt == nil || !slices.Equal(v.AllowedActions, []request.Step{request.StepUnmerge}) {
		t.Errorf("%+v", v)
	}
	survivor, err := w.Get(ctx, w.Officer(), into.ID)
	if err != nil || survivor.Version != into.Version || survivor.Class != access.Protected {
		t.Errorf("the survivor is %+v, %v", survivor, err)
	}
	to, err := w.MergedInto(ctx, w.Officer(), []*request.View{survivor, v})
	if err != nil || to[0] != nil || to[1].ID != into.ID {
		t.Errorf("%+v, %v", to, err)
	}
	from, err := w.MergedHere(ctx, w.Officer(), into.ID)
	if err != nil || len(from) != 1 || from[0].ID != dup.ID {
		t.Errorf("%+v, %v", from, err)
	}
	r, err := w.Load(ctx, dup.ID)
	if err != nil || !slices.Contains(r.Header.Parties, access.PartyServed.Of("org_a")) {
		t.Errorf("who supplied is %v, %v", r.Header.Parties, err)
	}

	late := w.mergedAway(t, person)
	w.Clock.Advance(7*24*time.Hour - time.Millisecond)
	v, err = w.unmerge(t, w.Officer(), dup.ID)
	testkit.WantCode(t, err, "")
	left := dup.DueAt.Sub(testkit.Start.Add(time.Hour)) // of the day to judge it
	if v.State != request.Triaged || v.EndedAt != nil || !v.DueAt.Equal(w.Core.Time().Add(left)) || v.Lead == nil {
		t.Errorf("%+v", v)
	}
	if r, err = w.Load(ctx, dup.ID); err != nil || !slices.Contains(r.Header.Parties, access.PartySupply.Of("org_a")) || r.Merge != nil {
		t.Errorf("who supplied is %v, %v", r.Header.Parties, err)
	}
	rcp, err := w.recipients.Load(ctx, person)
	if err != nil || !slices.Contains(rcp.Header.Parties, access.PartyLead.Of(lead)) {
		t.Errorf("the lead does not see the person again: %v, %v", rcp.Header.Parties, err)
	}
	if got := w.kinds(t, dup.ID); !slices.Equal(got[len(got)-2:], []string{"request.merged", "request.unmerged"}) {
		t.Errorf("log %v", got)
	}
	if got := w.kinds(t, into.ID); !slices.Equal(got[len(got)-2:], []string{"request.absorbed", "request.separated"}) {
		t.Errorf("log of the survivor %v", got)
	}

	w.Clock.Advance(time.Millisecond)
	_, err = w.unmerge(t, w.Coordinator(), late)
	testkit.WantCode(t, err, fault.CodeMergeOver)
}

func TestAMergedRequestGoesBackWhereItStood(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	into := w.triaged(t, person, access.Restricted)
	due := w.Core.Time().Add(5 * 24 * time.Hour)
	for stood, want := range map[request.State]request.State{
		request.Submitted: request.Submitted, request.Returned: request.Returned, request.Matching: request.Matching, request.Arranged: request.Matching,
		request.InService: request.Matching, request.OnHold: request.OnHold, request.Reopened: request.Reopened,
	} {
		dup := w.triaged(t, person, access.Restricted)
		w.edit(t, dup.ID, func(r *request.Request) { r.Header.State, r.DueAt = string(stood), due })
		_, err := w.merge(t, w.Coordinator(), dup.ID, into.ID)
		testkit.WantCode(t, err, "")
		v, err := w.unmerge(t, w.Coordinator(), dup.ID)
		if err != nil || v.State != want {
			t.Errorf("%s came back to %+v, %v", stood, v, err)
		}
	}
	gone := w.mergedAway(t, person)
	w.edit(t, into.ID, func(r *request.Request) { r.Header.State = string(request.Cancelled) })
	err := w.Rows().Each(ctx, store.Query{Where: store.Is("subject", person), Sort: "created"}, func(r *request.Request) error {
		w.edit(t, r.ID, func(r *request.Request) {
			if r.State() != request.Merged {
				r.Header.State = string(request.Cancelled)
			}
		})
		return nil
	})
	testkit.WantCode(t, err, "")
	_, _, err = w.recipients.Erase(ctx, w.System(), recipient.Erase{RecipientID: person, Reason: "SUBJECT_REQUEST", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, err = w.unmerge(t, w.Coordinator(), gone)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// What was merged into one that was merged itself comes back alone, whichever is taken back
// first, and each survivor knows whom it still has.
func TestMergingsInAChainAreTakenBackOneByOne(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"the first first": {0, 1}, "the last first": {1, 0}} {
		w := open(t)
		person := w.person(t, access.Restricted)
		var ids []string
		for range 3 {
			ids = append(ids, w.triaged(t, person, access.Restricted).ID)
		}
		for i := range 2 {
			_, err := w.merge(t, w.Coordinator(), ids[i], ids[i+1])
			testkit.WantCode(t, err, "")
		}
		_, err := w.merge(t, w.Coordinator(), ids[2], ids[0]) // no ring
		testkit.WantCode(t, err, fault.CodeInvalid)
		for n, i := range order {
			v, err := w.unmerge(t, w.Coordinator(), ids[i])
			if err != nil || v.State != request.Triaged {
				t.Errorf("%s: %+v, %v", name, v, err)
			}
			left, err := w.Load(ctx, ids[i+1])
			if err != nil || len(left.Merged) != 0 {
				t.Errorf("%s: the survivor has %v, %v", name, left.Merged, err)
			}
			other, err := w.Load(ctx, ids[1-i])
			if want := []request.State{request.Merged, request.Triaged}[n]; err != nil || other.State() != want {
				t.Errorf("%s: the other one is %s, want %s: %v", name, other.State(), want, err)
			}
		}
	}
}
