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
	item := func(volunteer *string, hour int, minutes int64) PlanAcceptItem {
		at := monday.Add(time.Duration(hour) * time.Hour)
		return PlanAcceptItem{VolunteerID: volunteer, StartsAt: &at, Quantity: measure.Quantity{Value: minutes, Unit: measure.Minute}}
	}
	busy := map[string][]measure.Task{one: {item(&one, 9, 60).task()}}
	testkit.WantCode(t, item(&one, 9, 30).clash(busy), fault.CodeOverlap)
	testkit.WantCode(t, item(&one, 8, 61).clash(busy), fault.CodeOverlap)
	testkit.WantCode(t, item(&one, 10, 60).clash(busy), "")
	testkit.WantCode(t, item(&other, 9, 60).clash(busy), "")
	testkit.WantCode(t, PlanAcceptItem{VolunteerID: &one}.clash(busy), "")
}
