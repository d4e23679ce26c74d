package allocation_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

// wantFenced wants a refusal that carries both numbers.
func wantFenced(t *testing.T, err error, given, current int) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code != fault.CodeFenced || f.Params["given"] != given || f.Params["current"] != current {
		t.Errorf("%v, want FENCED with %d and %d", err, given, current)
	}
}

// Who holds the fence needs no version: steps that others took meanwhile do not stop a
// step that is still due.
func TestWhoHoldsTheFenceDeliversLate(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, line := w.need(t, 10)
	l := w.hold(t, line, w.stock(t, 20), 10)
	if l.Fence != 1 {
		t.Fatalf("fence %d", l.Fence)
	}
	testkit.WantCode(t, w.commit(l), "")
	_, _, err := w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID})
	testkit.WantCode(t, err, fault.CodeRequired)
	_, _, err = w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID, ExpectedVersion: ptr(l.Version), Fence: &l.Fence})
	testkit.WantCode(t, err, fault.CodeConflict) // both are held to
	_, _, err = w.Dispatch(ctx, w.Partner(), allocation.DispatchInput{AllocationID: l.ID, Fence: &l.Fence})
	testkit.WantCode(t, err, "")
	v, _, err := w.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: l.ID, Fence: &l.Fence})
	if err != nil || v.State != allocation.Delivered || v.Fence != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	_, _, err = w.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: l.ID, Fence: &l.Fence})
	testkit.WantCode(t, err, fault.CodeTransition)
}

// Whatever gives it up moves the fence: the late step is refused with both numbers.
func TestALateStepIsFenced(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(*world, *allocation.View) error{
		"released": func(w *world, l *allocation.View) error {
			_, _, err := w.ReleaseOne(ctx, w.Coordinator(), allocation.ReleaseInput{AllocationID: l.ID, Reason: "OVERLOAD", ExpectedVersion: l.Version})
			return err
		},
		"lapsed": func(w *world, _ *allocation.View) error {
			w.Clock.Advance(2 * time.Hour)
			_, err := w.Lapse(ctx, w.System())
			return err
		},
		"of a stopped owner": func(w *world, _ *allocation.View) error { return w.suspend() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			_, line := w.need(t, 10)
			l := w.hold(t, line, w.stock(t, 20), 10)
			testkit.WantCode(t, give(w, l), "")
			_, _, err := w.Dispatch(ctx, w.Coordinator(), allocation.DispatchInput{AllocationID: l.ID, Fence: &l.Fence})
			wantFenced(t, err, 1, 2)
		})
	}
	w := open(t)
	_, _, _, l := w.sent(t)
	_, _, err := w.ReturnOne(ctx, w.Coordinator(), allocation.ReturnInput{AllocationID: l.ID, Reason: "RECALLED", Fence: &l.Fence})
	testkit.WantCode(t, err, "")
	_, _, err = w.LoseOne(ctx, w.Coordinator(), allocation.LoseInput{AllocationID: l.ID, Reason: "LOST", Fence: &l.Fence})
	wantFenced(t, err, 1, 2)
	_, _, err = w.Deliver(ctx, w.Coordinator(), allocation.DeliverInput{AllocationID: l.ID, Fence: &l.Fence})
	wantFenced(t, err, 1, 2)
}
