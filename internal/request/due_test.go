package request_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

// Where the calendar ends nothing is taken for late: the operator is told, once for all that
// wait, and what else is due moves. Once the year is known what waited is counted.
func TestWhatTheCalendarDoesNotReachWaits(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Clock.Advance(time.Date(2026, 12, 31, 9, 0, 0, 0, clock.China).Sub(w.Core.Time()))
	submitted := func() *request.View {
		v, _, err := w.Draft(ctx, w.System(), request.DraftInput{
			CommunityID: ptr(community.ID(testkit.Community1)), Category: "MEAL_DELIVERY", Title: "每日送餐",
			Window: &measure.Window{From: w.Core.Time().Add(24 * time.Hour), To: w.Core.Time().Add(48 * time.Hour)},
		})
		testkit.WantCode(t, err, "")
		v, _ = w.submit(t, w.System(), v)
		return v
	}
	first, second, urgent := submitted(), submitted(), submitted()
	if first.DueAt != nil || first.State != request.Submitted {
		t.Fatalf("due %v in %s", first.DueAt, first.State)
	}
	w.edit(t, urgent.ID, func(r *request.Request) { // as if handed in as urgent
		r.Urgency, r.DueAt, r.Wait = request.Urgent, w.Core.Time().Add(time.Hour), nil
	})
	w.elapse(t, 0)
	w.Clock.Advance(3 * 24 * time.Hour)
	n, err := w.Elapse(ctx, w.System())
	if fault.CodeOf(err) != fault.CodeHolidaysUnknown || n != 1 || strings.Count(err.Error(), "2 requests wait") != 1 {
		t.Fatalf("%d moved, %v", n, err)
	}
	escalated := func(v *request.View) bool {
		t.Helper()
		now, err := w.Get(ctx, w.System(), v.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.Escalated
	}
	if escalated(first) || escalated(second) || !escalated(urgent) {
		t.Error("the wrong ones are late")
	}

	// As if the notice had come: the first one's time is in a year that is known.
	w.edit(t, first.ID, func(r *request.Request) {
		r.Wait = &request.Wait{From: time.Date(2026, 12, 30, 9, 0, 0, 0, clock.China), For: 24 * time.Hour}
	})
	if n, err = w.Elapse(ctx, w.System()); n != 1 || fault.CodeOf(err) != fault.CodeHolidaysUnknown || !escalated(first) || escalated(second) {
		t.Errorf("%d moved, %v", n, err)
	}
	r, err := w.Load(ctx, first.ID)
	if err != nil || r.Wait != nil || !r.DueAt.Equal(time.Date(2026, 12, 31, 9, 0, 0, 0, clock.China)) {
		t.Errorf("%+v, %v", r, err)
	}
}
