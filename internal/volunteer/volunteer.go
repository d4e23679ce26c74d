package volunteer

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of volunteers' ids.
const prefix = "vol"

// Noun is what access knows of volunteers: a desk finds them in its area.
var Noun = access.Noun{Name: "volunteer", Staff: true}

// State is a state of a volunteer's life.
type State string

// The states.
const (
	Registered State = "REGISTERED"
	Verified   State = "REAL_NAME_VERIFIED"
	Active     State = "ACTIVE"
	Paused     State = "PAUSED"
	Exited     State = "EXITED"
	Suspended  State = "SUSPENDED"
)

// Action is a step with a volunteer, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange   Action = "CHANGE"
	ActVerify   Action = "VERIFY"
	ActActivate Action = "ACTIVATE"
	ActPause    Action = "PAUSE"
	ActSuspend  Action = "SUSPEND"
	ActExit     Action = "EXIT"
	ActClear    Action = "MINORS_CLEAR"
)

// transition is one row of the life table.
type transition struct {
	step  Action
	from  []State
	to    State // "" leaves the state
	may   access.Action
	event string
}

var stay = []State{Registered, Verified, Active, Paused, Suspended}

// life is the one table of steps. A suspended volunteer whose name changed is
// verified without being let back in.
var life = []transition{
	{ActChange, stay, "", "volunteer.change", "volunteer.changed"},
	{ActVerify, []State{Registered}, Verified, "volunteer.verify", "volunteer.verified"},
	{ActVerify, []State{Suspended}, "", "volunteer.verify", "volunteer.verified"},
	{ActActivate, []State{Verified, Paused, Suspended}, Active, "volunteer.change", "volunteer.activated"},
	{ActPause, []State{Active}, Paused, "volunteer.change", "volunteer.paused"},
	{ActSuspend, []State{Registered, Verified, Active, Paused}, Suspended, "volunteer.suspend", "volunteer.suspended"},
	{ActExit, stay, Exited, "volunteer.change", "volunteer.exited"},
	{ActClear, stay, "", "volunteer.clear", "volunteer.cleared"},
}

// open lists the steps that the volunteer's state allows, each once.
func (v *Volunteer) open() []transition {
	var out []transition
	for _, t := range life {
		switch {
		case !slices.Contains(t.from, v.State()):
		case t.step == ActVerify && v.Verified: // there is nothing to check
		case t.step == ActActivate && !v.Verified:
		default:
			out = append(out, t)
		}
	}
	return out
}

// Volunteer is one person. The class is RESTRICTED; Header.Place is where they serve.
type Volunteer struct {
	store.Head  `bson:",inline"`
	Header      access.Header `bson:"h"`
	Private     Private       `bson:"private"`
	Skills      []string      `bson:"skills"`
	Community   string        `bson:"community"` // 12-digit code
	ReachMetres int           `bson:"reach"`
	Hours       rota.Rota     `bson:"hours"`     // when they are free in an ordinary week; empty: not told
	Verified    bool          `bson:"verified"`  // name and person belong together
	ClearedOn   usecase.Date  `bson:"clearedOn"` // of the query for offenders; "" for none
}

// Private is what is about the person alone.
type Private struct {
	Name      string       `bson:"name"`
	Number    string       `bson:"number"`
	Phone     string       `bson:"phone"`
	BornOn    usecase.Date `bson:"born"`
	Consent   *Consent     `bson:"consent"`
	Location  *place.Point `bson:"location"`  // where they usually start from
	Evidence  string       `bson:"evidence"`  // of the name check
	Clearance string       `bson:"clearance"` // where the query for offenders was made
}

// Consent is a guardian's consent for a minor.
type Consent struct {
	Name    string       `bson:"name"`
	Phone   string       `bson:"phone"`
	GivenOn usecase.Date `bson:"on"`
}

// State is the volunteer's state, as in the header.
func (v *Volunteer) State() State { return State(v.Header.State) }

// CanServe refuses a volunteer who may not take assignments now:
// RESOURCE_UNAVAILABLE with the state.
func (v *Volunteer) CanServe() error {
	if v.State() != Active {
		return fault.New(fault.CodeResourceUnavailable, fault.P("state", string(v.State())))
	}
	return nil
}

// clearance is how long a clean query counts: recruited volunteers are asked again
// each year, as staff are (Minors Protection Law art. 62).
const clearance = 1

// ClearedTo is the last day on which they may meet minors; "" for none.
func (v *Volunteer) ClearedTo() usecase.Date {
	on, err := v.ClearedOn.Start()
	if err != nil {
		return ""
	}
	return usecase.DateOf(on.AddDate(clearance, 0, -1))
}

// ClearedForMinors reports whether they may meet minors at a moment.
func (v *Volunteer) ClearedForMinors(now time.Time) bool {
	to := v.ClearedTo()
	return to != "" && usecase.DateOf(now) <= to
}

// consented refuses a minor without a guardian's consent: GUARDIAN_CONSENT_REQUIRED.
func (v *Volunteer) consented(today usecase.Date) error {
	if v.Private.BornOn.YearsTo(today) < usecase.Adult && v.Private.Consent == nil {
		return fault.New(fault.CodeGuardianConsent, fault.At("input", "guardianConsent"))
	}
	return nil
}

// take applies a step. TRANSITION_NOT_ALLOWED names those that the actor may take.
func (v *Volunteer) take(step Action, allowed []Action) (event string, err error) {
	for _, t := range v.open() {
		if t.step != step {
			continue
		}
		if t.to != "" {
			v.Header.State = string(t.to)
		}
		return t.event, nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return "", fault.New(fault.CodeTransition, fault.P("from", v.Header.State), fault.P("allowed", names))
}

// renamed is what a new name does: it has to be verified again, and until then the
// volunteer takes nothing on.
func (v *Volunteer) renamed() {
	v.Verified = false
	if v.State() != Suspended {
		v.Header.State = string(Registered)
	}
}
