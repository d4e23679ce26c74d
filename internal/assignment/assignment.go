package assignment

import (
	"math"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
)

// Noun is what access has to know.
var Noun = access.Noun{Name: "assignment", Copied: true, Screened: true}

// State is a state of an assignment's life.
type State string

// The states.
const (
	Offered    State = "OFFERED"
	Accepted   State = "ACCEPTED"
	EnRoute    State = "EN_ROUTE"
	CheckedIn  State = "CHECKED_IN"
	CheckedOut State = "CHECKED_OUT"
	Completed  State = "COMPLETED"
	Verified   State = "VERIFIED"
	Declined   State = "DECLINED"
	NoShow     State = "NO_SHOW"
	Released   State = "RELEASED"
	Reassigned State = "REASSIGNED"
	Expired    State = "EXPIRED"
)

// Step is something done to an assignment: a value of the schema's AssignmentAction.
type Step string

// The steps.
const (
	Accept   Step = "ACCEPT"
	Decline  Step = "DECLINE"
	Release  Step = "RELEASE"
	CheckIn  Step = "CHECK_IN"
	CheckOut Step = "CHECK_OUT"
	Complete Step = "COMPLETE"
	Verify   Step = "VERIFY"
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
	{Accept, []State{Offered}, Accepted, "assignment.answer", "assignment.accepted"},
	{Decline, []State{Offered}, Declined, "assignment.answer", "assignment.declined"},
	{Release, []State{Offered, Accepted}, Released, "assignment.release", "assignment.released"},
	{CheckIn, []State{Accepted}, CheckedIn, "assignment.check", "assignment.checked_in"},
	{CheckOut, []State{CheckedIn}, CheckedOut, "assignment.check", "assignment.checked_out"},
	{Complete, []State{CheckedOut}, Completed, "assignment.check", "assignment.completed"},
	{Verify, []State{Completed}, Verified, "assignment.verify", "assignment.verified"},
}

// action is the right that a step asks for.
func action(step Step) access.Action {
	for _, t := range life {
		if t.step == step {
			return t.may
		}
	}
	panic("assignment: no row for step " + string(step))
}

// Assignment is a volunteer's part in a request.
type Assignment struct {
	store.Head   `bson:",inline"`
	Header       access.Header  `bson:"h"`
	Request      string         `bson:"request"`
	Line         string         `bson:"line"` // "" when it fills none
	Volunteer    string         `bson:"volunteer"`
	Fence        int            `bson:"fence"`
	Window       measure.Window `bson:"window"`
	Planned      int            `bson:"planned"` // minutes
	ExpiresAt    time.Time      `bson:"expiresAt"`
	CheckedInAt  time.Time      `bson:"checkedInAt"`
	CheckedOutAt time.Time      `bson:"checkedOutAt"`
	Minutes      int            `bson:"minutes"`
	Capped       bool           `bson:"capped"`
	VerifiedBy   string         `bson:"verifiedBy"` // social worker
	VerifiedAt   time.Time      `bson:"verifiedAt"`
	Reason       string         `bson:"reason"`
	ReasonList   string         `bson:"reasonList"`
	Private      Private        `bson:"private"`
	Track        track          `bson:"track"`
}

// Private is about the recipient and can be erased.
type Private struct {
	Task         string `bson:"task"`
	MeetingPoint string `bson:"meetingPoint"`
	SafeContact  string `bson:"safeContact"` // from acceptance on, with consent
	Address      string `bson:"address"`     // from acceptance on, with consent, ordinary classes
	Report       string `bson:"report"`
}

// track is where the volunteer checked in: at the recipient's, whose it is then.
type track struct {
	Point *place.Point `bson:"point"`
}

// State is the assignment's state, as in its header.
func (g *Assignment) State() State { return State(g.Header.State) }

// Now is the state a reader should see: an unanswered offer whose time is over has
// expired, whether or not the timer has said so.
func (g *Assignment) Now(now time.Time) State {
	if g.State() == Offered && !now.Before(g.ExpiresAt) {
		return Expired
	}
	return g.State()
}

// take applies a step, or refuses with the steps that the state admits.
func (g *Assignment) take(step Step, now time.Time) (string, error) {
	var allowed []string
	for _, t := range life {
		if !slices.Contains(t.from, g.Now(now)) {
			continue
		}
		if t.step == step {
			g.Header.State = string(t.to)
			return t.event, nil
		}
		allowed = append(allowed, string(t.step))
	}
	return "", fault.New(fault.CodeTransition, fault.P("from", string(g.Now(now))), fault.P("allowed", allowed))
}

// fenced refuses an action that comes after the assignment changed hands.
func (g *Assignment) fenced(given int) error {
	if given != g.Fence {
		return fault.New(fault.CodeFenced, fault.At("input", "fence"), fault.P("given", given), fault.P("current", g.Fence))
	}
	return nil
}

// head copies the request's header with the assignment's own state and parties.
// The recipient's side sees who comes.
func (g *Assignment) head(r *request.Request) {
	state := g.Header.State
	g.Header = r.Header
	g.Header.State, g.Header.Parties = state, nil
	g.Header.Relate(access.PartySelf, g.Volunteer)
	g.Header.Relate(access.PartyLead, r.Lead)
	if r.Header.Subject != "" {
		g.Header.Relate(access.PartyRecipient, r.Header.Subject)
		g.Header.Relate(access.PartyGuardian, r.Header.Subject)
	}
}

// promise is what the assignment gives to its line now.
func (g *Assignment) promise() request.Promise {
	p := request.Promise{ID: g.ID, Value: int64(g.Planned)}
	switch g.State() {
	case Offered:
		p.Stage, p.Until = request.Held, g.ExpiresAt
	case Accepted, EnRoute, CheckedIn, CheckedOut, Completed:
		p.Stage = request.Committed
	case Verified:
		p.Stage, p.Value = request.Fulfilled, int64(g.Minutes)
	case Declined, NoShow, Released, Reassigned, Expired:
		p.Value = 0
	}
	return p
}

// busy is until when the volunteer is promised, or serves; 0 when they are not.
func busy(g *Assignment) any {
	switch g.State() {
	case Accepted, EnRoute, CheckedIn:
		return g.Window.To
	}
	return int64(0)
}

// lapses is when an unanswered offer does; answered ones stand behind all others.
func lapses(g *Assignment) any {
	if g.State() == Offered {
		return g.ExpiresAt
	}
	return int64(math.MaxInt64)
}

func spec() store.Spec[Assignment] {
	s := store.Spec[Assignment]{
		Name: "assignment",
		Fields: access.Fields(func(g *Assignment) *access.Header { return &g.Header },
			store.Field[Assignment]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(g *Assignment) any { return g.CreatedAt }},
			store.Field[Assignment]{Name: "request", Kind: store.Text, Mask: access.Blind, Get: func(g *Assignment) any { return g.Request }},
			store.Field[Assignment]{Name: "volunteer", Kind: store.Text, Mask: access.Limited, Get: func(g *Assignment) any { return g.Volunteer }},
			store.Field[Assignment]{Name: "busy", Kind: store.Int, Mask: access.Full, Get: busy},
			store.Field[Assignment]{Name: "lapses", Kind: store.Int, Mask: access.Full, Get: lapses},
		),
		Personal: func(g *Assignment) []store.Personal {
			if g.Header.Subject == "" {
				return []store.Personal{{Subject: g.Volunteer, Fields: []string{"track"}}}
			}
			return []store.Personal{{Subject: g.Header.Subject, Fields: []string{"private", "track"}}}
		},
		// What a request has been given and what a volunteer has promised are decided upon
		// by search.
		Guards: func(g *Assignment) []string {
			return []string{store.GuardName("assignment", g.Request), store.GuardName("assignment", g.Volunteer)}
		},
		Indexes: [][]string{{"volunteer", "busy"}, {"county", "busy"}, {"lapses"}},
		Queries: []store.Shape{{Where: []string{"volunteer"}, Sort: "busy"}, {Where: []string{"county"}, Sort: "busy"}, {Sort: "lapses"}},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"county"}, {"town"}, {"request"}, {"volunteer"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}
