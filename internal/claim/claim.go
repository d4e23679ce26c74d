package claim

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
)

// Noun is what access has to know. Stores call it by another word than everybody else: an
// engine has a collection of its own named claim.
var Noun = access.Noun{Name: "needclaim", Copied: true, Screened: true}

// MaxOpen is how many open claims one organisation may have at once.
const MaxOpen = 20

// Times for requests of normal urgency; urgent ones take a 24th, high ones half.
const (
	answerLife = 7 * 24 * time.Hour // for the station to answer
	moveLife   = 2 * 24 * time.Hour // for a granted claim to bring the first
	restLife   = 3 * 24 * time.Hour // for an active one to bring more
)

// State is a state of a claim's life.
type State string

// The states.
const (
	Pending   State = "PENDING"
	Granted   State = "GRANTED"
	Active    State = "ACTIVE"
	Completed State = "COMPLETED"
	Declined  State = "DECLINED"
	Released  State = "RELEASED"
	Lapsed    State = "LAPSED"
)

// Open reports whether the claim goes on.
func (s State) Open() bool { return s == Pending || s == Granted || s == Active }

// Step is something done to a claim: the first three are the values of the schema's
// ClaimAction.
type Step string

// The steps. Time and the promises of the line take the last three.
const (
	Grant    Step = "GRANT"
	Decline  Step = "DECLINE"
	Release  Step = "RELEASE"
	activate Step = "activate"
	complete Step = "complete"
	lapse    Step = "lapse"
)

// transition is one row of the life table.
type transition struct {
	step  Step
	from  []State
	to    State
	may   access.Action // "" for steps of the system
	event string
}

// life is the one table of a claim's life.
var life = []transition{
	{Grant, []State{Pending}, Granted, "claim.decide", "claim.granted"},
	{Decline, []State{Pending}, Declined, "claim.decide", "claim.declined"},
	{Release, []State{Pending, Granted, Active}, Released, "claim.release", "claim.released"},
	{activate, []State{Granted, Active}, Active, "", "claim.activated"},
	{complete, []State{Granted, Active}, Completed, "", "claim.completed"},
	{lapse, []State{Granted, Active}, Lapsed, "", "claim.lapsed"},
}

// Claim is an organisation's claim on a need line. What it has given is kept as it was
// when the line was last looked at.
type Claim struct {
	store.Head   `bson:",inline"`
	Header       access.Header    `bson:"h"`
	Request      string           `bson:"request"`
	Line         string           `bson:"line"`
	Organisation string           `bson:"organisation"`
	Quantity     measure.Quantity `bson:"quantity"`
	Given        int64            `bson:"given"`
	TakeOver     bool             `bson:"takeOver"`
	DueAt        time.Time        `bson:"due"` // zero: nothing is waited for
	Reason       string           `bson:"reason"`
	ReasonList   string           `bson:"reasonList"`
	DecidedAt    time.Time        `bson:"decidedAt"`
	EndedAt      time.Time        `bson:"endedAt"`
}

// State is the claim's state, as in its header.
func (c *Claim) State() State { return State(c.Header.State) }

// allows reports whether the state admits the step.
func (c *Claim) allows(step Step) bool {
	return slices.ContainsFunc(life, func(t transition) bool { return t.step == step && slices.Contains(t.from, c.State()) })
}

// take applies a step, or says what has become of the claim: ALREADY_DECIDED. It returns
// the kind of the log entry.
func (c *Claim) take(step Step, now time.Time) (string, error) {
	for _, t := range life {
		if t.step != step || !slices.Contains(t.from, c.State()) {
			continue
		}
		if step == Grant || step == Decline {
			c.DecidedAt = now
		}
		if c.Header.State = string(t.to); !t.to.Open() {
			c.EndedAt, c.DueAt = now, time.Time{}
		}
		return t.event, nil
	}
	return "", fault.New(fault.CodeAlreadyDecided, fault.At("input", "claimId"), fault.P("state", c.Header.State))
}

// because says why the claim ends.
func (c *Claim) because(list codes.List, reason string) {
	c.Reason, c.ReasonList = reason, string(list)
}

// move follows the promises of the line: it is the step that they take, "" for none. A
// reason comes with a release alone.
func (c *Claim) move(r *request.Request, l *request.Line, now time.Time) (step Step, reason string) {
	known := l.ClaimOf(c.ID)
	if known == nil || !c.State().Open() {
		return "", ""
	}
	state := l.State(now)
	given, delivered := l.Since(known, now)
	settled := state == request.LineCommitted || state == request.LineFulfilled
	switch {
	case settled && given == 0:
		return Release, "COVERED"
	case c.State() == Pending:
		return "", ""
	case given >= c.Quantity.Value && delivered == given, state == request.LineFulfilled:
		c.Given = given
		return complete, ""
	case given != c.Given || (given > 0 && c.State() == Granted):
		c.Given, c.DueAt = given, time.Time{}
		if given < c.Quantity.Value { // what is held or promised has timers of its own
			c.DueAt = r.After(restLife, now)
		}
		return activate, ""
	}
	return "", ""
}

// head copies the request's header with the claim's own state and parties. The claim is its
// organisation's, and stays so for who is barred from the request: it ends readably.
func (c *Claim) head(r *request.Request) {
	state := c.Header.State
	c.Header = r.Header
	c.Header.State, c.Header.Parties = state, nil
	c.Header.Relate(access.PartyOwner, c.Organisation)
	c.Header.Relate(access.PartyLead, r.Lead)
}
