package team

import (
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of teams' ids.
const prefix = "tem"

// Noun is what access knows of teams: anybody sees those that are there.
var Noun = access.Noun{Name: "team", Shown: []string{string(Active)}}

// State is a state of a team's life.
type State string

// The states.
const (
	Active    State = "ACTIVE"
	Dissolved State = "DISSOLVED"
)

// States lists the states.
var States = []State{Active, Dissolved}

// Action is a step with a team, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange   Action = "CHANGE"
	ActJoin     Action = "JOIN"
	ActLeave    Action = "LEAVE"
	ActLead     Action = "LEAD"
	ActDissolve Action = "DISSOLVE"
)

// transition is one row of the table of steps: all of them need an active team.
type transition struct {
	step  Action
	may   access.Action
	event string
}

var life = []transition{
	{ActChange, "team.change", "team.changed"},
	{ActJoin, "team.join", "team.joined"},
	{ActLeave, "team.leave", "team.left"},
	{ActLead, "team.dissolve", "team.led"},
	{ActDissolve, "team.dissolve", "team.dissolved"},
}

// MaxMembers bounds a team; larger ones are several.
const MaxMembers = 200

// Team is a team of volunteers at a station. Its class is PUBLIC; Header.State is its
// state. Members stand among the parties as helpers, the leader as owner too.
type Team struct {
	store.Head `bson:",inline"`
	Header     access.Header `bson:"h"`
	Name       string        `bson:"name"`
	About      string        `bson:"about"`
	Leader     string        `bson:"leader"` // vol_…, "" for none
	Members    []Member      `bson:"members"`
}

// Member is one volunteer in a team.
type Member struct {
	ID   string       `bson:"id"`
	From usecase.Date `bson:"from"`
}

// State is the team's state, as in the header.
func (t *Team) State() State { return State(t.Header.State) }

// open lists the steps that the state allows.
func (t *Team) open() []Action {
	if t.State() != Active {
		return []Action{}
	}
	out := make([]Action, len(life))
	for i, row := range life {
		out[i] = row.step
	}
	return out
}

func (t *Team) has(id string) bool {
	return slices.ContainsFunc(t.Members, func(m Member) bool { return m.ID == id })
}

// join takes a volunteer in from a day on. DUPLICATE for a member, TOO_MANY above
// MaxMembers.
func (t *Team) join(id string, on usecase.Date) error {
	switch {
	case t.has(id):
		return fault.New(fault.CodeDuplicate, fault.P("field", "volunteerId"))
	case len(t.Members) >= MaxMembers:
		return fault.New(fault.CodeTooMany, fault.P("max", MaxMembers))
	}
	t.Members = append(slices.Clone(t.Members), Member{ID: id, From: on})
	t.Header.Relate(access.PartyHelp, id)
	return nil
}

// leave takes a member out; a leader who leaves leads no more. NOT_FOUND for one who
// is no member.
func (t *Team) leave(id string) error {
	if !t.has(id) {
		return fault.New(fault.CodeNotFound)
	}
	t.Members = slices.DeleteFunc(slices.Clone(t.Members), func(m Member) bool { return m.ID == id })
	t.Header.Unrelate(access.PartyHelp, id)
	if t.Leader == id {
		t.lead("")
	}
	return nil
}

// lead makes a member the leader; "" leaves the team without one.
func (t *Team) lead(id string) {
	t.Header.Unrelate(access.PartySelf, t.Leader)
	t.Header.Relate(access.PartySelf, id)
	t.Leader = id
}

// dissolve ends the team: nobody is in it any more.
func (t *Team) dissolve() {
	t.lead("")
	for _, m := range t.Members {
		t.Header.Unrelate(access.PartyHelp, m.ID)
	}
	t.Members, t.Header.State = []Member{}, string(Dissolved)
}
