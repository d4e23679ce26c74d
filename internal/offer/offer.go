package offer

import (
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of offers' ids.
const prefix = "ofr"

// Noun is what access knows of offers: anybody sees those that hold, as anybody sees the
// resource. A protection station has no coordinator: its officers review what is offered to it.
var Noun = access.Noun{Name: "offer", Shown: []string{string(Published), string(Paused), string(Exhausted)}, Desk: true}

// State is a state of an offer's life.
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
)

// States lists the states.
var States = []State{Draft, InReview, Published, Paused, Exhausted, Expired, Withdrawn}

// open are the states in which something may still come of an offer.
var open = []State{Draft, InReview, Published, Paused, Exhausted}

// Action is a step with an offer, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange   Action = "CHANGE"
	ActSubmit   Action = "SUBMIT"
	ActPublish  Action = "PUBLISH"
	ActReturn   Action = "RETURN"
	ActPause    Action = "PAUSE"
	ActResume   Action = "RESUME"
	ActWithdraw Action = "WITHDRAW"
)

// life is the one table of steps: from which states, to which, with which right, and what
// the log calls it. EXHAUSTED and EXPIRED are reached by themselves.
var life = []struct {
	act   Action
	from  []State
	to    State
	may   access.Action
	event string
}{
	{ActChange, []State{Draft}, Draft, "offer.change", "offer.changed"},
	{ActSubmit, []State{Draft}, InReview, "offer.change", "offer.submitted"},
	{ActPublish, []State{InReview}, Published, "offer.review", "offer.published"},
	{ActReturn, []State{InReview}, Draft, "offer.review", "offer.returned"},
	{ActPause, []State{Published}, Paused, "offer.end", "offer.paused"},
	{ActResume, []State{Paused, Exhausted}, Published, "offer.end", "offer.resumed"},
	{ActWithdraw, open, Withdrawn, "offer.end", "offer.withdrawn"},
}

// Offer is an owner's word to a station about a resource. Its class is PUBLIC, its place
// that of the station.
type Offer struct {
	store.Head  `bson:",inline"`
	Header      access.Header     `bson:"h"`
	Resource    string            `bson:"resource"`
	Owner       string            `bson:"owner"`     // org_…
	Quantity    measure.Quantity  `bson:"quantity"`  // of each occurrence
	Areas       []string          `bson:"areas"`     // short codes; empty: wherever the resource may go
	Urgencies   []request.Urgency `bson:"urgencies"` // empty: all
	Rule        string            `bson:"rule"`      // RRULE; "" for one occurrence that lasts to EndsOn
	WorkingDays bool              `bson:"working"`
	StartsOn    usecase.Date      `bson:"startsOn"`
	EndsOn      usecase.Date      `bson:"endsOn"` // the last day, of a recurring one too
	Note        string            `bson:"note"`
	SubmittedBy string            `bson:"submittedBy"` // acc_…
	Returned    string            `bson:"returned"`    // what the station asked to have mended
	Reason      string            `bson:"reason"`      // RELEASE_REASON of its withdrawal
}

// State is the offer's state as stored, in the header.
func (o *Offer) State() State { return State(o.Header.State) }

// ends is the moment from which nothing comes of it any more.
func (o *Offer) ends() time.Time {
	start, _ := o.EndsOn.Start() // checked when it was entered
	return start.Add(24 * time.Hour)
}

// Now is the state that a reader should see.
func (o *Offer) Now(now time.Time) State {
	if slices.Contains(open, o.State()) && !now.Before(o.ends()) {
		return Expired
	}
	return o.State()
}

// take goes where a step leads, and is what the log calls it. TRANSITION_NOT_ALLOWED names
// the steps that the actor could take.
func (o *Offer) take(act Action, allowed []Action, now time.Time) (string, error) {
	for _, t := range life {
		if t.act == act && slices.Contains(t.from, o.Now(now)) {
			o.Header.State = string(t.to)
			return t.event, nil
		}
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return "", fault.New(fault.CodeTransition, fault.P("from", string(o.Now(now))), fault.P("allowed", names))
}

// Turn is one occurrence of an offer.
type Turn struct {
	Key string // of the proposals made in it
	measure.Window
}

// turns are the occurrences in their order: each day of the rule, or the whole time of an
// offer without one. Errors of the rule as of request.Days.
func (o *Offer) turns() ([]Turn, error) {
	start, err := o.StartsOn.Start()
	if err != nil {
		return nil, err
	}
	if o.Rule == "" {
		return []Turn{{o.ID + "/" + string(o.EndsOn), measure.Window{From: start, To: o.ends()}}}, nil
	}
	days, err := request.Days(o.Rule, o.WorkingDays, start)
	out := make([]Turn, len(days))
	for i, at := range days {
		out[i] = Turn{o.ID + "/" + string(usecase.DateOf(at)), measure.Window{From: at, To: at.In(clock.China).AddDate(0, 0, 1).UTC()}}
	}
	return out, err
}

// wants reports whether a request's need lines are among those that the offer is for;
// whether the resource fits one, the policy says.
func (o *Offer) wants(r *request.Request) bool {
	there := r.Header.Station == o.Header.Station && (len(o.Areas) == 0 || slices.ContainsFunc(o.Areas, func(area string) bool { return strings.HasPrefix(r.Place, area) }))
	return there && (len(o.Urgencies) == 0 || slices.Contains(o.Urgencies, r.Urgency))
}
