package allocation

import (
	"math"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
)

// Noun is what access has to know.
var Noun = access.Noun{Name: "allocation", Copied: true, Screened: true}

// State is a state of an allocation's life.
type State string

// The states.
const (
	Held       State = "HELD"
	Committed  State = "COMMITTED"
	Dispatched State = "DISPATCHED"
	Delivered  State = "DELIVERED"
	Settled    State = "SETTLED"
	Released   State = "RELEASED"
	Returned   State = "RETURNED"
	Lost       State = "LOST"
)

// Step is something done to an allocation: a value of the schema's AllocationAction.
type Step string

// The steps.
const (
	Commit   Step = "COMMIT"
	Dispatch Step = "DISPATCH"
	Deliver  Step = "DELIVER"
	Settle   Step = "SETTLE"
	Release  Step = "RELEASE"
	Return   Step = "RETURN"
	Lose     Step = "LOSE"
)

// transition is one row of the life table.
type transition struct {
	step  Step
	from  []State
	to    State
	may   access.Action
	event string
}

var life = []transition{
	{Commit, []State{Held}, Committed, "allocation.commit", "allocation.committed"},
	{Dispatch, []State{Committed}, Dispatched, "allocation.dispatch", "allocation.dispatched"},
	{Deliver, []State{Dispatched}, Delivered, "allocation.deliver", "allocation.delivered"},
	{Settle, []State{Delivered}, Settled, "allocation.commit", "allocation.settled"},
	{Release, []State{Held, Committed}, Released, "allocation.release", "allocation.released"},
	{Return, []State{Dispatched}, Returned, "allocation.return", "allocation.returned"},
	{Lose, []State{Dispatched}, Lost, "allocation.lose", "allocation.lost"},
}

// Allocation is a part of a resource for a need line.
type Allocation struct {
	store.Head   `bson:",inline"`
	Header       access.Header    `bson:"h"`
	Request      string           `bson:"request"`
	Line         string           `bson:"line"`
	Resource     string           `bson:"resource"`
	Owner        string           `bson:"owner"` // organisation
	Proposal     string           `bson:"proposal"`
	Quantity     measure.Quantity `bson:"quantity"`
	Window       *measure.Window  `bson:"window"`
	At           time.Time        `bson:"at"`      // when it is needed; zero or past for now
	Parts        []resource.Part  `bson:"parts"`   // once promised, where the resource has batches
	Arrived      int64            `bson:"arrived"` // of Quantity, once delivered
	Lost         int64            `bson:"lost"`    // of Quantity, on its way; the rest came back
	Fence        int              `bson:"fence"`   // moves on when nobody has it in hand any more
	Until        time.Time        `bson:"until"`   // of the hold
	Reason       string           `bson:"reason"`
	DispatchedAt time.Time        `bson:"dispatchedAt"`
	DeliveredAt  time.Time        `bson:"deliveredAt"`
	Private      private          `bson:"private"`
}

// private is what is said of the delivery: about the recipient.
type private struct {
	Note string `bson:"note"`
}

// State is the allocation's state, as in its header.
func (l *Allocation) State() State { return State(l.Header.State) }

// live reports whether it is not over yet: held, promised, on its way or to be settled.
func (l *Allocation) live() bool {
	return slices.Contains([]State{Held, Committed, Dispatched, Delivered}, l.State())
}

// over reports whether what became of it on its way is known.
func (l *Allocation) over() bool {
	return slices.Contains([]State{Delivered, Settled, Returned, Lost}, l.State())
}

// reasons is the list that its reason is from: one that was delivered has a reason
// only for what was lost on the way.
func (l *Allocation) reasons() codes.List {
	switch l.State() {
	case Returned:
		return codes.ReturnReason
	case Lost, Delivered, Settled:
		return codes.LossReason
	case Held, Committed, Dispatched, Released:
	}
	return codes.ReleaseReason
}

// Lapsed reports whether it is held but its time is over: the stock ignores it.
func (l *Allocation) Lapsed(now time.Time) bool { return l.State() == Held && !now.Before(l.Until) }

// fenced refuses a step by who had it in hand before it was given up: FENCED with both
// numbers.
func (l *Allocation) fenced(given int) error {
	if given != l.Fence {
		return fault.New(fault.CodeFenced, fault.At("input", "fence"), fault.P("given", given), fault.P("current", l.Fence))
	}
	return nil
}

// hold is the part of the stock that it stands for.
func (l *Allocation) hold() resource.Hold {
	return resource.Hold{AllocationID: l.ID, Value: l.Quantity.Value, Until: l.Until, Window: l.Window, At: l.At}
}

// take applies a step, or refuses with the steps that the state admits.
func (l *Allocation) take(step Step) (string, error) {
	var allowed []string
	for _, t := range life {
		if !slices.Contains(t.from, l.State()) {
			continue
		}
		if t.step == step {
			l.Header.State = string(t.to)
			if slices.Contains([]State{Released, Returned, Lost}, t.to) {
				l.Fence++
			}
			return t.event, nil
		}
		allowed = append(allowed, string(t.step))
	}
	return "", fault.New(fault.CodeTransition, fault.P("from", l.Header.State), fault.P("allowed", allowed))
}

// head copies the request's header: the same place, class and station, but the
// allocation's own state and parties.
func (l *Allocation) head(r *request.Request) {
	state := l.Header.State
	l.Header = r.Header
	l.Header.State, l.Header.Parties = state, nil
	l.Header.Relate(access.PartyOwner, l.Owner)
	l.Header.Relate(access.PartyLead, r.Lead)
}

// promise is what the allocation gives to its line now.
func (l *Allocation) promise() request.Promise {
	p := request.Promise{ID: l.ID, Value: l.Quantity.Value, By: l.Owner}
	switch l.State() {
	case Held:
		p.Stage, p.Until = request.Held, l.Until
	case Committed, Dispatched:
		p.Stage = request.Committed
	case Delivered, Settled:
		p.Stage, p.Value = request.Fulfilled, l.Arrived
	case Released, Returned, Lost:
		p.Value = 0
	}
	return p
}

func spec() store.Spec[Allocation] {
	s := store.Spec[Allocation]{
		Name: "allocation",
		Fields: access.Fields(func(l *Allocation) *access.Header { return &l.Header },
			store.Field[Allocation]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(l *Allocation) any { return l.CreatedAt }},
			store.Field[Allocation]{Name: "request", Kind: store.Text, Mask: access.Blind, Get: func(l *Allocation) any { return l.Request }},
			store.Field[Allocation]{Name: "resource", Kind: store.Text, Mask: access.Limited, Get: func(l *Allocation) any { return l.Resource }},
			store.Field[Allocation]{Name: "owner", Kind: store.Text, Mask: access.Limited, Get: func(l *Allocation) any { return l.Owner }},
			store.Field[Allocation]{Name: "lapses", Kind: store.Int, Mask: access.Limited, Get: lapsesKey},
		),
		Personal: func(l *Allocation) []store.Personal {
			if l.Header.Subject == "" {
				return nil
			}
			return []store.Personal{{Subject: l.Header.Subject, Fields: []string{"private"}}}
		},
		// What a request has been given, and what a resource or its owner gives, is decided
		// upon by search.
		Guards: func(l *Allocation) []string {
			return []string{store.GuardName("allocation", l.Request), store.GuardName("allocation", l.Resource), store.GuardName("allocation", l.Owner)}
		},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"county"}, {"town"}, {"request"}, {"resource"}, {"owner"}, {"subject"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	s.Indexes = append(s.Indexes, []string{"lapses"})
	s.Queries = append(s.Queries, store.Shape{Sort: "lapses"})
	return s
}

// lapsesKey puts what does not lapse behind all that does.
func lapsesKey(l *Allocation) any {
	if l.State() != Held {
		return int64(math.MaxInt64)
	}
	return l.Until
}
