package claim_test

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func TestAClaimFollowsWhatIsGiven(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10, request.Normal, access.Restricted)
	res := w.stock(t, w.Organisation, 20)
	c := w.granted(t, line, 8)
	if got := w.want(t, c.ID, claim.Granted, 0, 8, ""); !got.DueAt.Equal(testkit.Start.Add(48 * time.Hour)) {
		t.Fatalf("due %s", got.DueAt)
	}
	_, err := w.hold(w.Partner(), line, res, 5)
	testkit.WantCode(t, err, "")
	if got := w.want(t, c.ID, claim.Active, 5, 3, ""); !got.DueAt.Equal(testkit.Start.Add(72 * time.Hour)) {
		t.Fatalf("due %s", got.DueAt)
	}
	_, err = w.hold(w.Partner(), line, res, 3)
	testkit.WantCode(t, err, "")
	if got := w.want(t, c.ID, claim.Active, 8, 0, ""); !got.DueAt.IsZero() {
		t.Fatalf("all is given, and due %s", got.DueAt)
	}
	// A hold that lapses is to be given again, and speaks for itself until then.
	w.Clock.Advance(2 * time.Hour)
	_, err = w.allocations.Lapse(ctx, w.System())
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Active, 0, 8, "")
	l, err := w.hold(w.Partner(), line, res, 8)
	testkit.WantCode(t, err, "")
	_, _, err = w.allocations.Commit(ctx, w.Coordinator(), allocation.StepInput{AllocationID: l.ID, ExpectedVersion: l.Version})
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Active, 8, 0, "")
	_, _, err = w.allocations.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID, ExpectedVersion: ptr(l.Version + 1)})
	testkit.WantCode(t, err, "")
	_, _, err = w.allocations.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: l.ID, Delivered: ptr(pieces(8)), ExpectedVersion: ptr(l.Version + 2)})
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Completed, 8, 0, "")
}

// What was given before a claim does not count as its own; what others give ends it when
// there is nothing left to give.
func TestAClaimCountsWhatComesAfterIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10, request.Normal, access.Restricted)
	mine, theirs := w.stock(t, w.Organisation, 20), w.stock(t, w.other, 20)
	_, err := w.hold(w.Partner(), line, mine, 4)
	testkit.WantCode(t, err, "")
	c := w.granted(t, line, 6)
	w.want(t, c.ID, claim.Granted, 0, 6, "")
	l, err := w.hold(w.rival(), line, theirs, 6)
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Granted, 0, 0, "") // it is only held: it may come back
	_, _, err = w.allocations.ReleaseOne(ctx, w.Coordinator(), allocation.ReleaseInput{AllocationID: l.ID, Reason: "SAFETY", ExpectedVersion: l.Version})
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Granted, 0, 6, "")
}

// What was given before a claim may fall away: what comes after still counts as the claim's.
func TestWhatFellAwayIsNotMadeUpByAClaim(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10, request.Normal, access.Restricted)
	mine := w.stock(t, w.Organisation, 20)
	before, err := w.hold(w.Partner(), line, mine, 4)
	testkit.WantCode(t, err, "")
	c := w.granted(t, line, 6)
	_, _, err = w.allocations.ReleaseOne(ctx, w.Coordinator(), allocation.ReleaseInput{AllocationID: before.ID, Reason: "SAFETY", ExpectedVersion: before.Version})
	testkit.WantCode(t, err, "")
	_, err = w.hold(w.Partner(), line, mine, 3)
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Active, 3, 3, "")
	_, err = w.hold(w.Partner(), line, mine, 3)
	testkit.WantCode(t, err, "")
	if got := w.want(t, c.ID, claim.Active, 6, 0, ""); !got.DueAt.IsZero() {
		t.Errorf("all is given, and due %s", got.DueAt)
	}
}

// Needs are found by as small a division as each reader is shown of them, and by no smaller.
func TestNeedsAreFoundByWhatIsShownOfTheirPlace(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, class := range access.Classes {
		w.need(t, 10, request.Normal, class)
	}
	for code, want := range map[string]struct{ partner, coordinator, officer string }{
		testkit.City:       {"PUBLIC RESTRICTED PROTECTED ", "PUBLIC RESTRICTED PROTECTED SEALED ", "PROTECTED SEALED "},
		testkit.Lunan:      {"PUBLIC RESTRICTED PROTECTED ", "PUBLIC RESTRICTED PROTECTED SEALED ", "PROTECTED SEALED "},
		testkit.Street:     {"PUBLIC RESTRICTED ", "PUBLIC RESTRICTED PROTECTED ", "PROTECTED SEALED "},
		testkit.Community1: {"PUBLIC ", "PUBLIC RESTRICTED PROTECTED ", "PROTECTED SEALED "},
		testkit.Community2: {}, testkit.Lubei: {}, testkit.Town: {},
	} {
		for _, x := range []struct {
			actor access.Actor
			want  string
		}{{w.Partner(), want.partner}, {w.Coordinator(), want.coordinator}, {w.Officer(), want.officer}} {
			for _, ids := range [][]string{{division.ID(code)}, {division.ID(code), division.ID(testkit.Elsewhere)}} {
				page, err := w.requests.OpenNeeds(ctx, x.actor, request.NeedsInput{DivisionIDs: ids}, nil, nil)
				testkit.WantCode(t, err, "")
				got := ""
				for _, n := range page.Needs {
					got += string(n.ServiceRequest.Class) + " "
				}
				if got != x.want {
					t.Errorf("%s in %v: %q, want %q", x.actor.ID, ids, got, x.want)
				}
			}
		}
	}
}

// What is given back before an answer was never decided.
func TestWhenAClaimWasDecided(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10, request.Normal, access.Restricted)
	for name, end := range map[string]func(context.Context, access.Actor, claim.EndInput) (*claim.View, error){"OVERLOAD": w.claims.GiveBack, "CONFLICT": w.claims.Decline} {
		c, err := w.make(w.Partner(), line, w.Organisation, 1, false)
		testkit.WantCode(t, err, "")
		c, err = end(ctx, w.Coordinator(), claim.EndInput{ClaimID: c.ID, Reason: name, ExpectedVersion: c.Version})
		testkit.WantCode(t, err, "")
		if (c.DecidedAt != nil) != (name == "CONFLICT") || c.EndedAt == nil {
			t.Errorf("%s: decided %v, ended %v", c.State, c.DecidedAt, c.EndedAt)
		}
	}
}

// A partner finds all claims of its own organisation, and others find of them what they see
// closely enough to know whose they are.
func TestAPartnerFindsItsOwnClaims(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, class := range []access.Class{access.Public, access.Restricted, access.Protected} {
		_, line := w.need(t, 10, request.Normal, class)
		for _, of := range []struct {
			a   access.Actor
			org string
		}{{w.Partner(), w.Organisation}, {w.rival(), w.other}} {
			_, err := w.make(of.a, line, of.org, 1, false)
			testkit.WantCode(t, err, "")
		}
	}
	for name, x := range map[string]struct {
		a    access.Actor
		want int
	}{"its partner": {w.Partner(), 3}, "another": {w.rival(), 0}, "the station": {w.Coordinator(), 3}, "its supervisor": {w.Supervisor(), 2}} {
		page, err := w.claims.List(ctx, x.a, &claim.Filter{OrganisationID: &w.Organisation}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		for _, c := range page.Rows {
			if c.Organisation == nil || c.Organisation.ID != w.Organisation {
				t.Errorf("%s: a claim of %v", name, c.Organisation)
			}
		}
		if len(page.Rows) != x.want {
			t.Errorf("%s finds %d, want %d", name, len(page.Rows), x.want)
		}
	}
}

// What the platform alone finds is no reason that people give; it finds that itself.
func TestReasonsOfPeopleAndOfThePlatform(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10, request.Normal, access.Restricted)
	c := w.granted(t, line, 8)
	for _, reason := range []string{"CREDIT_LISTED", "TAKEN_OVER", "COVERED", "REQUEST_ENDED", "OWNER_STOPPED", "HOLD_LAPSED", "CLEARANCE_LAPSED"} {
		for _, a := range []access.Actor{w.Partner(), w.Coordinator()} {
			_, err := w.claims.GiveBack(ctx, a, claim.EndInput{ClaimID: c.ID, Reason: reason, ExpectedVersion: c.Version})
			if f, ok := fault.As(err); !ok || f.Code != fault.CodeInvalid || f.Params["rule"] != "REASON_BY_PEOPLE" {
				t.Errorf("%s: %v", reason, err)
			}
		}
	}
	next, err := w.make(w.rival(), line, w.other, 8, true)
	testkit.WantCode(t, err, "")
	_, err = w.claims.Decline(ctx, w.Coordinator(), claim.EndInput{ClaimID: next.ID, Reason: "NO_REPLY", ExpectedVersion: next.Version})
	testkit.WantCode(t, err, fault.CodeInvalid)
	_, err = w.claims.Grant(ctx, w.Coordinator(), claim.GrantInput{ClaimID: next.ID, ReleaseClaimIDs: []string{c.ID}, ExpectedVersion: next.Version})
	testkit.WantCode(t, err, "")
	w.want(t, c.ID, claim.Released, 0, 8, "TAKEN_OVER")
	w.want(t, next.ID, claim.Granted, 0, 8, "")
	last, err := w.Core.DB.EntryAt(ctx, claim.Noun.Name, c.ID, w.Core.Time())
	testkit.WantCode(t, err, "")
	if last.Kind != "claim.released" || last.Reason != "TAKEN_OVER" {
		t.Errorf("the log says %s %s", last.Kind, last.Reason)
	}
}

// Who may do what with a claim, on an ordinary and on a guarded request.
func TestWrongActors(t *testing.T) {
	t.Parallel()
	w := open(t)
	both := testkit.As("both", access.Grant{ID: "1", Role: access.Coordinator, Scope: w.Station, Area: testkit.Street},
		access.Grant{ID: "2", Role: access.Partner, Scope: w.Organisation, Area: testkit.City})
	volunteer := testkit.As("volunteer", access.Grant{Role: access.Volunteer, Scope: "vol_x", Area: testkit.City})
	for class, grants := range map[access.Class]map[string]fault.Code{
		access.Restricted: {"coordinator": "", "officer": fault.CodeNotFound, "both": fault.CodeSecondPersonRequired},
		access.Protected:  {"coordinator": fault.CodeOfficerRequired, "officer": "", "both": fault.CodeOfficerRequired},
	} {
		_, line := w.need(t, 10, request.Normal, class)
		for name, x := range map[string]struct {
			actor access.Actor
			want  fault.Code
		}{
			"nobody": {access.Actor{}, fault.CodeUnauthenticated}, "stranger": {w.Stranger(), fault.CodeNotFound},
			"coordinator": {w.Coordinator(), fault.CodeForbidden}, "volunteer": {volunteer, fault.CodeForbidden}, "rival": {w.rival(), fault.CodeForbidden},
		} {
			_, err := w.make(x.actor, line, w.Organisation, 1, false)
			if fault.CodeOf(err) != x.want {
				t.Errorf("%s: %s claims: %v", class, name, err)
			}
		}
		for name, actor := range map[string]access.Actor{
			"coordinator": w.Coordinator(), "officer": w.Officer(), "both": both, "partner": w.Partner(), "rival": w.rival(),
			"stranger": w.Stranger(), "supervisor": w.Supervisor(), "volunteer": volunteer,
		} {
			want, named := grants[name]
			switch {
			case named:
			case name == "partner" || name == "supervisor":
				want = fault.CodeForbidden
			default:
				want = fault.CodeNotFound
			}
			c, err := w.make(w.Partner(), line, w.Organisation, 1, false)
			testkit.WantCode(t, err, "")
			_, err = w.claims.Decline(ctx, actor, claim.EndInput{ClaimID: c.ID, Reason: "CONFLICT", ExpectedVersion: c.Version})
			if code := fault.CodeOf(err); code != want && (err != nil || want != "") {
				t.Errorf("%s: %s declines: %v, want %q", class, name, err, want)
			}
			if err != nil {
				_, err = w.claims.GiveBack(ctx, w.Partner(), claim.EndInput{ClaimID: c.ID, Reason: "OVERLOAD", ExpectedVersion: c.Version})
				testkit.WantCode(t, err, "")
			}
		}
	}
}

// An organisation that a request is kept from neither sees nor claims it, whoever asks.
func TestTheBarredNeverClaim(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line := w.need(t, 10, request.Normal, access.Restricted)
	w.bar(t, req, w.Organisation)
	two := testkit.As("two", access.Grant{ID: "1", Role: access.Partner, Scope: w.Organisation, Area: testkit.City},
		access.Grant{ID: "2", Role: access.Partner, Scope: w.other, Area: testkit.City})
	for _, a := range []access.Actor{w.Partner(), two} {
		_, err := w.make(a, line, w.Organisation, 1, false)
		testkit.WantCode(t, err, fault.CodeNotFound)
	}
	page, err := w.requests.OpenNeeds(ctx, w.Partner(), request.NeedsInput{}, nil, nil)
	if err != nil || len(page.Needs) != 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	// Who acts for another as well is kept from it with all they are.
	_, err = w.make(two, line, w.other, 1, false)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// What an organisation has claimed before the request was kept from it is not granted, and
// it sees no more of the request.
func TestTheBarredAreNotGranted(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line := w.need(t, 10, request.Normal, access.Restricted)
	c, err := w.make(w.Partner(), line, w.Organisation, 1, false)
	testkit.WantCode(t, err, "")
	w.bar(t, req, w.Organisation)
	_, err = w.claims.Grant(ctx, w.Coordinator(), claim.GrantInput{ClaimID: c.ID, ExpectedVersion: 1})
	if f, ok := fault.As(err); !ok || f.Code != fault.CodeInvalid || f.Params["rule"] != "ELIGIBILITY" {
		t.Error(err)
	}
	_, err = w.make(w.Partner(), line, w.Organisation, 1, false)
	testkit.WantCode(t, err, fault.CodeNotFound)
}

// The claim of who is barred ends as one that the station rearranged by hand: its organisation
// reads the same of both, and does nothing more with either.
func TestABarredClaimEndsReadably(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, byHand := w.need(t, 10, request.Normal, access.Restricted)
	req, kept := w.need(t, 10, request.Normal, access.Restricted)
	given, barred := w.granted(t, byHand, 1), w.granted(t, kept, 1)
	_, err := w.claims.GiveBack(ctx, w.Coordinator(), claim.EndInput{ClaimID: given.ID, Reason: "REARRANGED", ExpectedVersion: given.Version})
	testkit.WantCode(t, err, "")
	w.screen(t, req, w.Organisation)
	read := func(id string) claim.View {
		v, err := w.claims.Get(ctx, w.Partner(), id)
		testkit.WantCode(t, err, "")
		v.ID, v.ServiceRequest, v.NeedLine, v.Hidden, v.CreatedAt, v.UpdatedAt, v.DecidedAt, v.EndedAt = "", nil, nil, nil, time.Time{}, time.Time{}, nil, nil
		return *v
	}
	if a, b := read(given.ID), read(barred.ID); !reflect.DeepEqual(a, b) || a.State != claim.Released || a.Reason.ID != "REARRANGED" {
		t.Errorf("by hand %+v, barred %+v", a, b)
	}
	page, err := w.claims.List(ctx, w.Partner(), &claim.Filter{OrganisationID: &w.Organisation}, usecase.Paging{})
	if err != nil || len(page.Rows) != 2 {
		t.Errorf("%d are listed, %v", len(page.Rows), err)
	}
	c, err := w.claims.Rows().Get(ctx, given.ID)
	testkit.WantCode(t, err, "")
	if beside := access.See(w.Partner(), claim.Noun).Beside(c.Header.Values()); beside != access.Blind {
		t.Errorf("of the need's place its claim shows %d", beside)
	}
}

// A person who is barred takes no step for an organisation that is not: neither with what it is
// asked for, nor with what it has promised or claimed. Its other people do.
func TestTheBarredTakeNoStepForAnother(t *testing.T) {
	t.Parallel()
	w := open(t)
	req, line := w.need(t, 10, request.Normal, access.Restricted)
	res := w.stock(t, w.Organisation, 10)
	kin := testkit.As("kin", access.Grant{Role: access.Partner, Scope: w.Organisation, Area: testkit.City})
	c := w.granted(t, line, 2)
	l, err := w.hold(w.Partner(), line, res, 1)
	testkit.WantCode(t, err, "")
	asked, _, err := w.matching.Propose(ctx, w.Coordinator(), matching.ProposeInput{NeedLineID: line, CharityResourceID: res, Quantity: pieces(1)})
	testkit.WantCode(t, err, "")
	w.screen(t, req, kin.ID)
	for name, step := range map[string]func(a access.Actor) error{
		"accepts": func(a access.Actor) error {
			_, _, err := w.matching.Accept(ctx, a, matching.AcceptInput{MatchProposalID: asked.ID, ExpectedVersion: asked.Version})
			return err
		},
		"releases what is held": func(a access.Actor) error {
			_, _, err := w.allocations.ReleaseOne(ctx, a, allocation.ReleaseInput{AllocationID: l.ID, Reason: "OVERLOAD", ExpectedVersion: l.Version})
			return err
		},
		"releases the claim": func(a access.Actor) error {
			now, err := w.claims.Get(ctx, w.System(), c.ID)
			testkit.WantCode(t, err, "")
			_, err = w.claims.GiveBack(ctx, a, claim.EndInput{ClaimID: c.ID, Reason: "OVERLOAD", ExpectedVersion: now.Version})
			return err
		},
	} {
		if err := step(kin); fault.CodeOf(err) != fault.CodeNotFound {
			t.Errorf("who is barred %s: %v", name, err)
		}
		if err := step(w.Partner()); err != nil {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func TestOnlySoManyOpenClaims(t *testing.T) {
	t.Parallel()
	w := open(t)
	var last string
	for range claim.MaxOpen {
		_, line := w.need(t, 1, request.Normal, access.Restricted)
		c, err := w.make(w.Partner(), line, w.Organisation, 1, false)
		testkit.WantCode(t, err, "")
		last = c.ID
	}
	_, line := w.need(t, 1, request.Normal, access.Restricted)
	_, err := w.make(w.Partner(), line, w.Organisation, 1, false)
	if f, ok := fault.As(err); !ok || f.Code != fault.CodeInvalid || f.Params["rule"] != "CAP" {
		t.Fatal(err)
	}
	_, err = w.claims.GiveBack(ctx, w.Partner(), claim.EndInput{ClaimID: last, Reason: "OVERLOAD", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, err = w.make(w.Partner(), line, w.Organisation, 1, false)
	testkit.WantCode(t, err, "")
}

// Of two grants over the same quantity one holds, however they meet.
func TestTwoGrantsMeet(t *testing.T) {
	t.Parallel()
	w := open(t)
	for range 5 {
		_, line := w.need(t, 10, request.Normal, access.Restricted)
		a, err := w.make(w.Partner(), line, w.Organisation, 6, false)
		testkit.WantCode(t, err, "")
		b, err := w.make(w.rival(), line, w.other, 6, false)
		testkit.WantCode(t, err, "")
		var errs [2]error
		var wg sync.WaitGroup
		for i, c := range []*claim.View{a, b} {
			wg.Go(func() {
				_, errs[i] = w.claims.Grant(ctx, w.Coordinator(), claim.GrantInput{ClaimID: c.ID, ExpectedVersion: 1})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				testkit.WantCode(t, err, fault.CodeLineClaimed)
			}
		}
		if won != 1 {
			t.Fatalf("%d grants: %v", won, errs)
		}
	}
}

// A claim whose time is over lapses, or goes on when something is given at that moment:
// one of the two, and its line says the same.
func TestLapseMeetsActivation(t *testing.T) {
	t.Parallel()
	w := open(t)
	for range 5 {
		_, line := w.need(t, 10, request.Urgent, access.Restricted)
		c := w.granted(t, line, 5)
		res := w.stock(t, w.Organisation, 5)
		w.Clock.Advance(2*time.Hour + time.Minute) // a 24th of two days
		var wg sync.WaitGroup
		var held, lapsed error
		wg.Go(func() { _, held = w.hold(w.Partner(), line, res, 5) })
		wg.Go(func() { _, lapsed = w.claims.Lapse(ctx, w.System()) })
		wg.Wait()
		testkit.WantCode(t, held, "")
		testkit.WantCode(t, lapsed, "")
		got, err := w.claims.Rows().Get(ctx, c.ID)
		testkit.WantCode(t, err, "")
		switch got.State() {
		case claim.Active:
			w.want(t, c.ID, claim.Active, 5, 0, "")
		default:
			w.want(t, c.ID, claim.Lapsed, 0, 0, "")
		}
	}
}

// What time makes of claims: unanswered ones are declined, idle ones lapse, none before.
func TestTimeEndsClaims(t *testing.T) {
	t.Parallel()
	for urgency, share := range map[request.Urgency]time.Duration{request.Normal: 1, request.High: 2, request.Urgent: 24} {
		w := open(t)
		_, line := w.need(t, 10, urgency, access.Restricted)
		granted := w.granted(t, line, 5)
		pending, err := w.make(w.rival(), line, w.other, 5, false)
		testkit.WantCode(t, err, "")
		tick := func() {
			_, err := w.claims.Lapse(ctx, w.System())
			testkit.WantCode(t, err, "")
		}
		w.Clock.Advance(48*time.Hour/share - time.Minute)
		tick()
		w.want(t, granted.ID, claim.Granted, 0, 5, "")
		w.Clock.Advance(time.Minute)
		tick()
		w.want(t, granted.ID, claim.Lapsed, 0, 0, "")
		w.want(t, pending.ID, claim.Pending, 0, 0, "")
		w.Clock.Advance(5 * 24 * time.Hour)
		tick()
		w.want(t, pending.ID, claim.Declined, 0, 0, "NO_REPLY")
		if v, err := w.requests.Get(ctx, w.rival(), pending.ServiceRequest.ID); err != nil || len(v.Hidden) == 0 {
			t.Fatalf("%+v, %v", v, err)
		}
	}
}

// Whatever ends or stops under a claim releases it in the same unit.
func TestWhatReleasesClaims(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		end    func(w *world, req, line string, version int64) error
		reason string
	}{
		"cancelled": {func(w *world, req, _ string, v int64) error {
			_, _, err := w.requests.Cancel(ctx, w.Coordinator(), request.CancelInput{ServiceRequestID: req, Reason: "NO_LONGER_NEEDED", ExpectedVersion: v})
			return err
		}, "REQUEST_ENDED"},
		"on hold": {func(w *world, req, _ string, v int64) error {
			_, _, err := w.requests.Hold(ctx, w.Coordinator(), request.HoldInput{ServiceRequestID: req, Reason: "RECIPIENT_AWAY", ResumeOn: "2026-03-20", ExpectedVersion: v})
			return err
		}, "REQUEST_ENDED"},
		"merged": {func(w *world, req, _ string, v int64) error {
			_, _, err := w.requests.Merge(ctx, w.Coordinator(), request.MergeInput{ServiceRequestID: req, SurvivorID: w.survivor, ExpectedVersion: v})
			return err
		}, "REQUEST_ENDED"},
		"line closed short": {func(w *world, _, line string, v int64) error {
			_, _, err := w.requests.LineShort(ctx, w.Coordinator(), request.LineShortInput{NeedLineID: line, Reason: "STOCK", ExpectedVersion: v})
			return err
		}, "REQUEST_ENDED"},
		"covered by others": {func(w *world, _, line string, _ int64) error {
			l, err := w.hold(w.rival(), line, w.theirs, 10)
			if err == nil {
				_, _, err = w.allocations.Commit(ctx, w.Coordinator(), allocation.StepInput{AllocationID: l.ID, ExpectedVersion: l.Version})
			}
			return err
		}, "COVERED"},
		"line cancelled": {func(w *world, _, line string, v int64) error {
			_, _, err := w.requests.LineCancel(ctx, w.Coordinator(), request.LineCancelInput{NeedLineID: line, ExpectedVersion: v})
			return err
		}, "REQUEST_ENDED"},
		"suspended": {func(w *world, _, _ string, _ int64) error {
			_, _, err := w.Organisations.Suspend(ctx, w.Admin(), organisation.Suspend{OrganisationID: w.Organisation, Reason: "COMPLAINT", ExpectedVersion: 3})
			return err
		}, "OWNER_STOPPED"},
		"listed": {func(w *world, _, _ string, _ int64) error {
			_, _, err := w.Organisations.CreditRecord(ctx, w.Admin(), organisation.CreditRecord{
				OrganisationID: w.Organisation, Credit: organisation.AbnormalListed, Source: "公告 2026-1", ExpectedVersion: 3,
			})
			return err
		}, "CREDIT_LISTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			req, line := w.need(t, 10, request.Normal, access.Restricted)
			c := w.granted(t, line, 8)
			w.survivor, _ = w.need(t, 1, request.Normal, access.Restricted)
			w.theirs = w.stock(t, w.other, 20)
			if name != "covered by others" {
				_, err := w.hold(w.Partner(), line, w.stock(t, w.Organisation, 20), 3)
				testkit.WantCode(t, err, "")
			}
			r, err := w.requests.Load(ctx, req)
			testkit.WantCode(t, err, "")
			testkit.WantCode(t, x.end(w, req, line, r.Version), "")
			got, err := w.claims.Rows().Get(ctx, c.ID)
			testkit.WantCode(t, err, "")
			r, err = w.requests.Load(ctx, req)
			testkit.WantCode(t, err, "")
			if got.State() != claim.Released || got.Reason != x.reason || len(r.Lines[0].Claims) != 0 {
				t.Fatalf("%s %s, line %+v", got.State(), got.Reason, r.Lines[0].Claims)
			}
			for _, p := range r.Header.Parties {
				if p == access.PartyAsked.Of(w.Organisation) {
					t.Fatalf("still asked: %v", r.Header.Parties)
				}
			}
			if name == "suspended" || name == "listed" {
				_, err := w.make(w.Partner(), line, w.Organisation, 1, false)
				testkit.WantCode(t, err, fault.CodeOrganisationBarred)
			}
		})
	}
}
