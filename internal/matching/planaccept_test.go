package matching

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/testkit"
)

// Of one call nobody is offered two things at a time; one after the other is no clash, and
// another's time is not theirs.
func TestNobodyIsOfferedTwoThingsAtATime(t *testing.T) {
	t.Parallel()
	one, other := "vol_1", "vol_2"
	window := func(hour int, minutes int64) measure.Window {
		at := monday.Add(time.Duration(hour) * time.Hour)
		w, err := PlanAcceptItem{VolunteerID: &one, StartsAt: &at, Quantity: measure.Quantity{Value: minutes, Unit: measure.Minute}}.window(nil)
		testkit.WantCode(t, err, "")
		return *w
	}
	busy := map[string][]measure.Task{one: {window(9, 60).Whole()}}
	testkit.WantCode(t, clash(window(9, 30), busy[one]), fault.CodeOverlap)
	testkit.WantCode(t, clash(window(8, 61), busy[one]), fault.CodeOverlap)
	testkit.WantCode(t, clash(window(10, 60), busy[one]), "")
	testkit.WantCode(t, clash(window(9, 60), busy[other]), "")
	w, err := PlanAcceptItem{VolunteerID: &one}.window(nil)
	if testkit.WantCode(t, err, ""); w != nil {
		t.Errorf("without a start: %v", w)
	}
}
