package allocation_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/testkit"
)

// take sets whom a resource takes on.
func (w *world) take(t *testing.T, res string, c resource.Capacity) {
	t.Helper()
	v, err := w.resources.Get(ctx, w.Partner(), res)
	testkit.WantCode(t, err, "")
	_, _, err = w.resources.Change(ctx, w.Partner(), resource.Change{CharityResourceID: res, Capacity: &c, ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
}

// fits is the rule that keeps the only resource from a line, "" for none.
func (w *world) fits(t *testing.T, line string) string {
	t.Helper()
	c, err := w.matching.Candidates(ctx, w.Coordinator(), line, 5, 5)
	testkit.WantCode(t, err, "")
	if len(c.Candidates) == 1 {
		return ""
	}
	if len(c.NearMisses) != 1 || len(c.NearMisses[0].Failures) != 1 || c.NearMisses[0].Failures[0].Relaxation != nil {
		t.Fatalf("%+v", c)
	}
	return c.NearMisses[0].Failures[0].Rule.ID
}

func TestOnlyWhomTheOwnerTakesOnIsProposed(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 20)
	person := w.person(t)
	_, line := w.needOf(t, person, access.Restricted, 2)
	_, others := w.needOf(t, w.person(t), access.Restricted, 2)
	_, communitys := w.need(t, 2)
	for _, c := range []struct {
		takes                     resource.Capacity
		known, stranger, nobodyIn string
	}{
		{resource.AcceptsNew, "", "", ""},
		{resource.AcceptsNone, "CAPACITY", "CAPACITY", "CAPACITY"},
		{resource.ExistingOnly, "CAPACITY", "CAPACITY", "CAPACITY"},
		{resource.ExistingFamilies, "CAPACITY", "CAPACITY", "CAPACITY"},
	} {
		w.take(t, res, c.takes)
		if got := [3]string{w.fits(t, line), w.fits(t, others), w.fits(t, communitys)}; got != [3]string{c.known, c.stranger, c.nobodyIn} {
			t.Errorf("before, %s: %v", c.takes, got)
		}
	}
	w.take(t, res, resource.AcceptsNew)
	l := w.hold(t, line, res, 2)
	testkit.WantCode(t, w.commit(l), "")
	_, _, err := w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID, Fence: &l.Fence})
	testkit.WantCode(t, err, "")
	_, again := w.needOf(t, person, access.Restricted, 3)
	w.take(t, res, resource.ExistingOnly)
	if got := w.fits(t, again); got != "CAPACITY" {
		t.Errorf("what is on its way has served nobody yet: %q", got)
	}
	_, _, err = w.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: l.ID, Fence: &l.Fence})
	testkit.WantCode(t, err, "")
	for takes, want := range map[resource.Capacity][2]string{
		resource.ExistingOnly: {"", "CAPACITY"}, resource.ExistingFamilies: {"", "CAPACITY"}, resource.AcceptsNone: {"CAPACITY", "CAPACITY"},
	} {
		w.take(t, res, takes)
		if got := [2]string{w.fits(t, again), w.fits(t, others)}; got != want {
			t.Errorf("afterwards, %s: %v", takes, got)
		}
	}
	w.take(t, res, resource.ExistingOnly)
	_, guarded := w.needOf(t, person, access.Protected, 2)
	for name, c := range map[string]struct {
		actor access.Actor
		line  string
		want  fault.Code
	}{
		"known": {w.Partner(), again, ""}, "stranger": {w.Partner(), others, fault.CodeInvalid}, "guarded": {w.Officer(), guarded, ""},
		// It would tell the owner who the recipient is.
		"guarded, to the owner": {w.Partner(), guarded, fault.CodeInvalid},
	} {
		_, _, err := w.matching.Propose(ctx, c.actor, matching.ProposeInput{NeedLineID: c.line, CharityResourceID: res, Quantity: pieces(1)})
		if fault.CodeOf(err) != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnOldOfferScoresLess(t *testing.T) {
	t.Parallel()
	w := open(t)
	res := w.stock(t, 20)
	_, line := w.need(t, 5)
	score := func() (float64, string) {
		c, err := w.matching.Candidates(ctx, w.Coordinator(), line, 5, 5)
		testkit.WantCode(t, err, "")
		if len(c.Candidates) != 1 {
			t.Fatalf("%+v", c)
		}
		all := c.Candidates[0].Reasons
		return c.Candidates[0].Score, all[len(all)-1].Rule.ID
	}
	fresh, _ := score()
	w.Clock.Advance(30*24*time.Hour + time.Second)
	old, why := score()
	if why != "CONFIRMED" || old != 0.8*fresh {
		t.Errorf("%s: %f of %f", why, old, fresh)
	}
	_, _, err := w.resources.Confirm(ctx, w.Partner(), resource.Confirm{CharityResourceID: res, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
	if again, _ := score(); again != fresh {
		t.Errorf("confirmed: %f of %f", again, fresh)
	}
}
