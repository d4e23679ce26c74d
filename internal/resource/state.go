package resource

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// State is a state of a resource's life.
type State string

// The states. EXPIRED also follows from the calendar before the timer stores it.
const (
	Draft     State = "DRAFT"
	InReview  State = "IN_REVIEW"
	Published State = "PUBLISHED"
	Paused    State = "PAUSED"
	Exhausted State = "EXHAUSTED"
	Expired   State = "EXPIRED"
	Withdrawn State = "WITHDRAWN"
	Recalled  State = "RECALLED"
)

// States lists the states.
var States = []State{Draft, InReview, Published, Paused, Exhausted, Expired, Withdrawn, Recalled}

// Action is a step with a resource, as allowedActions names it.
type Action string

// The steps. PROPOSE is taken by package matching.
const (
	ActChange      Action = "CHANGE"
	ActPublish     Action = "PUBLISH"
	ActPause       Action = "PAUSE"
	ActWithdraw    Action = "WITHDRAW"
	ActConfirm     Action = "CONFIRM"
	ActRecall      Action = "RECALL"
	ActReceive     Action = "RECEIVE"
	ActRecallBatch Action = "RECALL_BATCH"
	ActPropose     Action = "PROPOSE"
)

// life is the one table of steps: of which kinds (nil: all), from which states, to
// which ("": it stays).
var life = []struct {
	act   Action
	kinds []Kind
	from  []State
	to    State
}{
	{ActChange, nil, []State{Draft, InReview, Published, Paused, Exhausted, Expired}, ""},
	{ActPublish, nil, []State{Draft, InReview, Paused, Expired}, Published},
	{ActPause, nil, []State{Published}, Paused},
	{ActWithdraw, nil, []State{Draft, InReview, Published, Paused, Exhausted, Expired}, Withdrawn},
	{ActConfirm, nil, []State{Draft, InReview, Published, Paused, Exhausted, Expired}, ""},
	{ActReceive, []Kind{Goods}, []State{Draft, InReview, Published, Paused, Exhausted, Expired}, ""},
	{ActRecallBatch, []Kind{Goods}, []State{Draft, InReview, Published, Paused, Exhausted, Expired, Withdrawn}, ""},
	{ActRecall, []Kind{Goods, InKind}, []State{Published, Paused, Exhausted, Expired, Withdrawn}, Recalled}, // what was given can be called back too
}

// State is the state as stored, in the header.
func (r *Resource) State() State { return State(r.Header.State) }

// Now is the state that a reader should see: what is on offer and has ended is
// EXPIRED, whether or not the timer has said so.
func (r *Resource) Now(now time.Time) State {
	if s := r.State(); (s == Published || s == Paused) && r.ended(now) {
		return Expired
	}
	return r.State()
}

// open lists the steps that the state allows.
func (r *Resource) open(now time.Time) []Action {
	var out []Action
	for _, s := range life {
		if s.act == ActRecallBatch && len(r.Batches) == 0 {
			continue
		}
		if slices.Contains(s.from, r.Now(now)) && (s.kinds == nil || slices.Contains(s.kinds, r.Kind)) {
			out = append(out, s.act)
		}
	}
	return out
}

// take goes where the step leads. TRANSITION_NOT_ALLOWED names the steps there are.
func (r *Resource) take(act Action, allowed []Action, now time.Time) error {
	if slices.Contains(r.open(now), act) {
		for _, s := range life {
			if s.act == act && s.to != "" {
				r.Header.State = string(s.to)
			}
		}
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fault.New(fault.CodeTransition, fault.P("from", string(r.Now(now))), fault.P("allowed", names))
}

// stop is what its owner's end means for it, and the kind of the log entry, "" when
// nothing changes: for good it is withdrawn, else what is on offer pauses.
func (r *Resource) stop(forGood bool) (event string) {
	switch s := r.State(); {
	case forGood && s != Withdrawn && s != Recalled:
		r.Header.State, event = string(Withdrawn), "resource.withdrawn"
	case !forGood && s == Published:
		r.Header.State, event = string(Paused), "resource.paused"
	default:
		return ""
	}
	r.drop()
	return event
}

// settle follows the stock: all given or lost is EXHAUSTED, more offered is on show again.
func (r *Resource) settle() {
	if r.Per != "" {
		return // there is more in the next period
	}
	left := r.Used+r.Lost < r.Total.Value
	switch s := r.State(); {
	case !left && s == Published: // what is paused stays so, and is not back by a delivery
		r.Header.State = string(Exhausted)
	case left && s == Exhausted:
		r.Header.State = string(Published)
	}
}
