package allocation

import (
	"fmt"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
)

// The whole table of life: every step from every state, told apart from the code's own.
func TestEveryStepFromEveryState(t *testing.T) {
	t.Parallel()
	leads := map[State]map[Step]State{
		Held:       {Commit: Committed, Release: Released},
		Committed:  {Dispatch: Dispatched, Release: Released},
		Dispatched: {Deliver: Delivered, Return: Returned, Lose: Lost},
		Delivered:  {Settle: Settled},
		Settled:    {}, Released: {}, Returned: {}, Lost: {},
	}
	for from, steps := range leads {
		for _, step := range []Step{Commit, Dispatch, Deliver, Settle, Release, Return, Lose} {
			l := &Allocation{}
			l.Header.State = string(from)
			event, err := l.take(step)
			to, ok := steps[step]
			switch {
			case ok && (err != nil || l.State() != to || event == ""):
				t.Errorf("%s from %s: %s %q %v, want %s", step, from, l.State(), event, err, to)
			case !ok && (fault.CodeOf(err) != fault.CodeTransition || l.State() != from):
				t.Errorf("%s from %s: %s %v, want a refusal", step, from, l.State(), err)
			}
			if f, refused := fault.As(err); refused {
				if list, _ := f.Params["allowed"].([]string); len(list) != len(steps) {
					t.Errorf("%s from %s: allowed %v, want %v", step, from, list, steps)
				}
			}
		}
	}
}

// What a line may count on, by state; only what arrived is fulfilled.
func TestWhatAnAllocationPromisesByState(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for state, want := range map[State]request.Promise{
		Held:       {ID: "alc_a", Value: 10, Stage: request.Held, Until: until},
		Committed:  {ID: "alc_a", Value: 10, Stage: request.Committed},
		Dispatched: {ID: "alc_a", Value: 10, Stage: request.Committed},
		Delivered:  {ID: "alc_a", Value: 7, Stage: request.Fulfilled},
		Settled:    {ID: "alc_a", Value: 7, Stage: request.Fulfilled},
		Released:   {ID: "alc_a"}, Returned: {ID: "alc_a"}, Lost: {ID: "alc_a"},
	} {
		l := &Allocation{Quantity: measure.Quantity{Value: 10}, Arrived: 7, Until: until}
		l.ID, l.Header.State = "alc_a", string(state)
		if got := l.promise(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %+v", state, got, want)
		}
		for _, now := range []time.Time{until.Add(-time.Millisecond), until} {
			if got, want := l.Lapsed(now), state == Held && now.Equal(until); got != want {
				t.Errorf("%s at %s: lapsed %t", state, now, got)
			}
		}
	}
}
