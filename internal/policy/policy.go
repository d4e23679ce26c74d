package policy

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// prefix is that of policies' ids.
const prefix = "pol"

// Noun is what access knows of policies: anybody sees those that are or were in force.
var Noun = access.Noun{Name: "policy", Shown: []string{string(Active), string(Superseded)}}

// State is a state of a policy's life.
type State string

// The states.
const (
	Draft      State = "DRAFT"
	Active     State = "ACTIVE"
	Superseded State = "SUPERSEDED"
	Discarded  State = "DISCARDED"
)

// States lists the states.
var States = []State{Draft, Active, Superseded, Discarded}

// Action is a step with a policy, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange   Action = "CHANGE"
	ActActivate Action = "ACTIVATE"
	ActWithdraw Action = "WITHDRAW"
)

// transition is one row of the life table: from which states, and what the log calls it.
// One right is asked for all: policy.change.
type transition struct {
	step  Action
	from  []State
	event string
}

// life is the one table of steps that people take; activation supersedes what was in
// force.
var life = []transition{
	{ActChange, []State{Draft}, "policy.changed"},
	{ActActivate, []State{Draft}, "policy.activated"},
	{ActWithdraw, []State{Draft, Active}, "policy.withdrawn"},
}

// Policy is a version of the matching policy of a division. Its class is PUBLIC;
// Header.State is its state, and its place the division.
type Policy struct {
	store.Head  `bson:",inline"`
	Header      access.Header `bson:"h"`
	Division    string        `bson:"division"` // short code
	Label       string        `bson:"label"`
	Terms       Terms         `bson:"terms"`
	ActivatedAt time.Time     `bson:"activatedAt"`
	EndedAt     time.Time     `bson:"endedAt"` // superseded, withdrawn or discarded
}

// State is the policy's state, as in the header.
func (p *Policy) State() State { return State(p.Header.State) }

// open lists the steps that the state allows.
func (p *Policy) open() []Action {
	out := []Action{}
	for _, t := range life {
		if slices.Contains(t.from, p.State()) {
			out = append(out, t.step)
		}
	}
	return out
}

// may refuses a step in this state: TRANSITION_NOT_ALLOWED names those that it allows.
func (p *Policy) may(step Action) error {
	if slices.Contains(p.open(), step) {
		return nil
	}
	names := []string{}
	for _, a := range p.open() {
		names = append(names, string(a))
	}
	return fault.New(fault.CodeTransition, fault.P("from", p.Header.State), fault.P("allowed", names))
}

// end takes a policy out of force; a draft comes to nothing.
func (p *Policy) end(now time.Time) {
	to := Superseded
	if p.State() == Draft {
		to = Discarded
	}
	p.Header.State, p.EndedAt = string(to), now
}

// force is the division where the policy is in force, "" nowhere: no two share one.
func (p *Policy) force() string {
	if p.State() != Active {
		return ""
	}
	return p.Division
}

func spec() store.Spec[Policy] {
	s := store.Spec[Policy]{
		Name: "policy",
		Fields: access.Fields(func(p *Policy) *access.Header { return &p.Header },
			store.Field[Policy]{Name: "created", Kind: store.Int, Mask: access.Limited, Get: func(p *Policy) any { return p.CreatedAt }},
			store.Field[Policy]{Name: "division", Kind: store.Text, Mask: access.Limited, Get: func(p *Policy) any { return p.Division }},
			store.Field[Policy]{Name: "force", Kind: store.Text, Mask: access.Limited, Get: func(p *Policy) any { return p.force() }},
		),
		Unique: [][]string{{"force"}},
		Guards: func(p *Policy) []string {
			if p.ActivatedAt.IsZero() {
				return []string{guard(p.Division)}
			}
			return []string{guard(p.Division), guard(inForce)}
		},
		Indexes: [][]string{{"force"}},
		Queries: []store.Shape{{Where: []string{"force"}}},
	}
	for _, way := range [][]string{{}, {"state"}, {"division"}, {"province"}, {"city"}, {"county"}, {"town"}, {"community"}, {"parties"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}

// inForce is what is guarded when somebody decides by what is in force: it moves with
// each activation anywhere, which is rare.
const inForce = "force"

// guard names what writes of a policy bump.
func guard(what string) string { return store.GuardName("policy", what) }

// lineage is the codes of a place's divisions, the nearest first.
func lineage(place string) (out []string) {
	for code := division.Short(place); code != ""; code = division.Parent(code) {
		out = append(out, code)
	}
	return out
}
