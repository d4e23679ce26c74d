package policy_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

type world struct {
	*testkit.World
	*policy.Service
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.World = testkit.Open(t, func(tk *testkit.World) { w.Service = policy.New(tk.Core, tk.Divisions) })
	return w
}

func (w *world) draft(t *testing.T, code, label string, farther int) *policy.View {
	t.Helper()
	v, _, err := w.Draft(ctx, w.Supervisor(), policy.DraftInput{
		DivisionID: division.ID(code), Label: label,
		Terms: &policy.TermsInput{Nearness: &policy.Nearness{Community: 1000, Town: 800, County: 600, City: 400, Farther: farther}},
	})
	testkit.WantCode(t, err, "")
	return v
}

// activate puts a draft into force in the place of another, nil for none.
func (w *world) activate(a access.Actor, v, old *policy.View) (*policy.View, error) {
	in := policy.ActivateInput{MatchingPolicyID: v.ID, ExpectedVersion: v.Version}
	if old != nil {
		in.ReplacesID = &old.ID
	}
	return w.Activate(ctx, a, in)
}

func (w *world) inForce(t *testing.T, place string) string {
	t.Helper()
	v, err := w.For(ctx, place)
	testkit.WantCode(t, err, "")
	return fmt.Sprint(v.Label, " ", v.Terms.Nearness.Farther)
}

// A place goes by the nearest division above it that has a policy in force, else by the
// built-in one; a draft moves nothing, and one that is taken back leaves what it covered.
func TestThePolicyOfThePlaceIsTheNearest(t *testing.T) {
	t.Parallel()
	w := open(t)
	is := func(place, want string) {
		t.Helper()
		if got := w.inForce(t, place); got != want {
			t.Errorf("%s goes by %s, want %s", place, got, want)
		}
	}
	is(testkit.Community1, "2026-11 200")
	city, county := w.draft(t, testkit.City, "市 1", 100), w.draft(t, testkit.Lunan, "区 1", 50)
	is(testkit.Community1, "2026-11 200")
	county, err := w.activate(w.Supervisor(), county, nil)
	testkit.WantCode(t, err, "")
	city, err = w.activate(w.Admin(), city, nil)
	testkit.WantCode(t, err, "")
	is(testkit.Community1, "区 1 50")
	is(testkit.Street, "区 1 50")
	is(testkit.Elsewhere, "市 1 100")
	is(testkit.City, "市 1 100")
	is("13", "2026-11 200")
	is("310101001001", "2026-11 200")
	is("", "2026-11 200")
	inherits := w.draft(t, testkit.Lubei, "区 1", 0)
	if inherits.Terms.Unconfirmed != 800 || inherits.Terms.ResourceWeights[0].Share != 0.5 {
		t.Errorf("what a draft leaves out: %+v", inherits.Terms)
	}
	county, err = w.Withdraw(ctx, w.Admin(), policy.WithdrawInput{MatchingPolicyID: county.ID, ExpectedVersion: county.Version})
	testkit.WantCode(t, err, "")
	if county.State != policy.Superseded || county.EndedAt == nil {
		t.Errorf("one in force that is taken back: %+v", county)
	}
	is(testkit.Community1, "市 1 100")
	v, err := w.Pinned(ctx, county.ID)
	testkit.WantCode(t, err, "")
	if v.Terms.Nearness.Farther != 50 {
		t.Errorf("what was in force says %+v", v.Terms)
	}
	shown, err := w.InForce(ctx, w.Stranger(), division.ID(testkit.Street))
	testkit.WantCode(t, err, "")
	if shown.Policy == nil || shown.Policy.ID != city.ID || len(shown.Policy.AllowedActions) != 0 {
		t.Errorf("in force for a stranger: %+v", shown.Policy)
	}
}

// Activation supersedes what was in force, and only what the caller saw.
func TestActivationReplacesWhatWasSeen(t *testing.T) {
	t.Parallel()
	w := open(t)
	one, two, three := w.draft(t, testkit.City, "1", 1), w.draft(t, testkit.City, "2", 2), w.draft(t, testkit.City, "3", 3)
	one, err := w.activate(w.Admin(), one, nil)
	testkit.WantCode(t, err, "")
	_, err = w.activate(w.Admin(), two, nil)
	testkit.WantCode(t, err, fault.CodePolicyReplaced)
	two, err = w.activate(w.Admin(), two, one)
	testkit.WantCode(t, err, "")
	_, err = w.activate(w.Admin(), three, one)
	testkit.WantCode(t, err, fault.CodePolicyReplaced)
	one, err = w.Get(ctx, w.Stranger(), one.ID)
	testkit.WantCode(t, err, "")
	if one.State != policy.Superseded || two.State != policy.Active {
		t.Errorf("%s, then %s", one.State, two.State)
	}
	for _, again := range []*policy.View{one, two} { // what is or was in force stays as it is
		_, err = w.activate(w.Admin(), again, two)
		testkit.WantCode(t, err, fault.CodeTransition)
		_, _, err = w.Change(ctx, w.Admin(), policy.ChangeInput{MatchingPolicyID: again.ID, ExpectedVersion: again.Version, Terms: &policy.TermsInput{Unconfirmed: new(int)}})
		testkit.WantCode(t, err, fault.CodeTransition)
	}
	_, _, err = w.Change(ctx, w.Admin(), policy.ChangeInput{MatchingPolicyID: three.ID, ExpectedVersion: three.Version, Label: &two.Label})
	testkit.WantCode(t, err, fault.CodeDuplicate)
	three, err = w.Withdraw(ctx, w.Admin(), policy.WithdrawInput{MatchingPolicyID: three.ID, ExpectedVersion: three.Version})
	testkit.WantCode(t, err, "")
	if three.State != policy.Discarded {
		t.Errorf("a draft that is taken back is %s", three.State)
	}
	w.draft(t, testkit.City, "3", 4) // its name is free again
}

// Of many who replace the same policy at once one wins; the others hear that it is gone.
func TestOfTwoActivationsOneWins(t *testing.T) {
	t.Parallel()
	w := open(t)
	for round := range 8 {
		old, err := w.InForce(ctx, w.Admin(), division.ID(testkit.City))
		testkit.WantCode(t, err, "")
		var drafts []*policy.View
		for i := range 4 {
			drafts = append(drafts, w.draft(t, testkit.City, fmt.Sprint(round, "-", i), i))
		}
		errs := make([]error, len(drafts))
		var all sync.WaitGroup
		for i, d := range drafts {
			all.Go(func() { _, errs[i] = w.activate(w.Admin(), d, old.Policy) })
		}
		all.Wait()
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won < 0:
				won = i
			case fault.CodeOf(err) != fault.CodePolicyReplaced:
				t.Fatalf("round %d: %v, and %d has won", round, err, won)
			}
		}
		active := policy.Active
		page, err := w.List(ctx, w.Admin(), policy.Filter{State: &active}, usecase.Paging{})
		testkit.WantCode(t, err, "")
		if won < 0 || len(page.Rows) != 1 || page.Rows[0].ID != drafts[won].ID {
			t.Fatalf("round %d: %d has won, in force are %d", round, won, len(page.Rows))
		}
	}
}

// Who sets up or oversees a subtree writes its policies; drafts are theirs to see.
func TestWhoMayWritePolicies(t *testing.T) {
	t.Parallel()
	w := open(t)
	for name, a := range map[string]access.Actor{
		"coordinator": w.Coordinator(), "stranger": w.Stranger(), "partner": w.Partner(), "of another county": w.OtherAdmin(),
	} {
		_, _, err := w.Draft(ctx, a, policy.DraftInput{DivisionID: division.ID(testkit.Lunan), Label: "x"})
		if fault.CodeOf(err) != fault.CodeForbidden {
			t.Errorf("%s drafts: %v", name, err)
		}
	}
	_, _, err := w.Draft(ctx, w.Supervisor(), policy.DraftInput{DivisionID: division.ID("13"), Label: "x"})
	testkit.WantCode(t, err, fault.CodeForbidden)
	_, _, err = w.Draft(ctx, w.Supervisor(), policy.DraftInput{DivisionID: division.ID(testkit.Lunan), Label: policy.StandardLabel})
	testkit.WantCode(t, err, fault.CodeDuplicate)
	d := w.draft(t, testkit.Lunan, "x", 0)
	label := "问 11010519491231002X"
	masked, notices, err := w.Change(ctx, w.Supervisor(), policy.ChangeInput{MatchingPolicyID: d.ID, Label: &label, ExpectedVersion: d.Version})
	if err != nil || masked.Label == label || len(notices) != 1 || notices[0].Code != "ID_NUMBER_MASKED" {
		t.Errorf("%+v, %v, %v", masked, notices, err)
	}
	d = masked
	for _, a := range []access.Actor{w.Coordinator(), w.Officer(), w.Stranger(), w.OtherAdmin(), access.Nobody()} {
		_, err := w.Get(ctx, a, d.ID)
		testkit.WantCode(t, err, fault.CodeNotFound)
		_, err = w.Try(ctx, a, d.ID, testkit.Elsewhere)
		testkit.WantCode(t, err, fault.CodeNotFound)
		if _, err = w.activate(a, d, nil); err == nil {
			t.Error("who may not has activated it")
		}
	}
	// The desks try what would judge their boards; they do not find it otherwise.
	city := w.draft(t, testkit.City, "y", 0)
	for _, c := range []struct {
		by     access.Actor
		policy *policy.View
		at     string
		want   fault.Code
	}{
		{w.Coordinator(), d, testkit.Street, ""},
		{w.Officer(), city, testkit.Street, ""},
		{w.OtherAdmin(), city, testkit.Lubei, ""},
		{w.Coordinator(), d, testkit.Elsewhere, fault.CodeNotFound},
		{w.OtherAdmin(), d, testkit.Lubei, fault.CodeNotFound},
		{w.Partner(), d, testkit.Street, fault.CodeNotFound},
	} {
		trial, err := w.Try(ctx, c.by, c.policy.ID, c.at)
		testkit.WantCode(t, err, c.want)
		if c.want == "" {
			v, err := trial.View(ctx, c.by)
			if err != nil || v.ID != c.policy.ID || len(v.AllowedActions) > 0 {
				t.Errorf("%s tries %+v, %v", c.by.ID, v, err)
			}
		}
	}
	_, err = w.Withdraw(ctx, w.Supervisor(), policy.WithdrawInput{MatchingPolicyID: city.ID, ExpectedVersion: city.Version})
	testkit.WantCode(t, err, "")
	_, err = w.Try(ctx, w.Coordinator(), city.ID, testkit.Street)
	testkit.WantCode(t, err, fault.CodeNotFound)
	d, err = w.activate(w.Supervisor(), d, nil)
	testkit.WantCode(t, err, "")
	_, err = w.Get(ctx, w.Stranger(), d.ID)
	testkit.WantCode(t, err, "")
	_, err = w.Withdraw(ctx, w.Coordinator(), policy.WithdrawInput{MatchingPolicyID: d.ID, ExpectedVersion: d.Version})
	testkit.WantCode(t, err, fault.CodeForbidden)
}

// What is tried counts where it would be in force: not where a nearer one is, and not
// beyond its division.
func TestATrialCountsWhereItWouldBeInForce(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, err := w.activate(w.Admin(), w.draft(t, testkit.Lubei, "b", 1), nil)
	testkit.WantCode(t, err, "")
	trial, err := w.Try(ctx, w.Admin(), w.draft(t, testkit.City, "c", 2).ID, testkit.Lubei)
	testkit.WantCode(t, err, "")
	for place, want := range map[string]string{
		testkit.Community1: "2026-11 c", testkit.Elsewhere: "b b", "130900": "2026-11 2026-11",
	} {
		now, then, err := trial.For(ctx, place)
		testkit.WantCode(t, err, "")
		if got := now.Label + " " + then.Label; got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
	}
}
