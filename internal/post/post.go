package post

import (
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of posts' ids.
const prefix = "pst"

// Noun is what access knows of posts: anybody sees those that are not drafts or past.
var Noun = access.Noun{Name: "post", Shown: []string{string(Open), string(Filled)}}

// Kind says whom a post is for.
type Kind string

// The kinds.
const (
	ForVolunteer    Kind = "VOLUNTEER"
	ForSocialWorker Kind = "SOCIAL_WORKER"
)

// Kinds lists the kinds.
var Kinds = []Kind{ForVolunteer, ForSocialWorker}

// State is a state of a post's life.
type State string

// The states. OPEN and FILLED follow from how many hold it.
const (
	Draft  State = "DRAFT"
	Open   State = "OPEN"
	Filled State = "FILLED"
	Closed State = "CLOSED"
)

// States lists the states.
var States = []State{Draft, Open, Filled, Closed}

// Action is a step with a post, as allowedActions names it.
type Action string

// The steps.
const (
	ActChange  Action = "CHANGE"
	ActPublish Action = "PUBLISH"
	ActAppoint Action = "APPOINT"
	ActRelease Action = "RELEASE"
	ActClose   Action = "CLOSE"
)

// transition is one row of the life table: from which states, with which right, and
// what the log calls it.
type transition struct {
	step  Action
	from  []State
	may   access.Action
	event string
}

// life is the one table of steps.
var life = []transition{
	{ActChange, []State{Draft, Open, Filled}, "post.change", "post.changed"},
	{ActPublish, []State{Draft}, "post.change", "post.published"},
	{ActAppoint, []State{Open}, "post.change", "post.appointed"},
	{ActRelease, []State{Open, Filled}, "post.release", "post.released"},
	{ActClose, []State{Draft, Open, Filled}, "post.change", "post.closed"},
}

// Post is a post at a station. Its class is PUBLIC; Header.State is its state and
// Header.Station its station. Holders stand among the parties too, as helpers.
type Post struct {
	store.Head `bson:",inline"`
	Header     access.Header `bson:"h"`
	Kind       Kind          `bson:"kind"`
	Title      string        `bson:"title"`
	Duties     string        `bson:"duties"`
	Skills     []string      `bson:"skills"`     // all of them are asked for
	WithMinors bool          `bson:"withMinors"` // its holders meet minors
	Places     int           `bson:"places"`     // how many may hold it at a time
	Holders    []Holder      `bson:"holders"`
}

// Holder is one who holds a post.
type Holder struct {
	ID   string       `bson:"id"` // vol_… or wrk_…
	From usecase.Date `bson:"from"`
}

// State is the post's state, as in the header.
func (p *Post) State() State { return State(p.Header.State) }

// open lists the steps that the state allows.
func (p *Post) open() []Action {
	out := []Action{}
	for _, t := range life {
		if slices.Contains(t.from, p.State()) {
			out = append(out, t.step)
		}
	}
	return out
}

// may refuses a step in this state: TRANSITION_NOT_ALLOWED names those that the
// actor could take.
func (p *Post) may(step Action, allowed []Action) error {
	if slices.Contains(p.open(), step) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fault.New(fault.CodeTransition, fault.P("from", p.Header.State), fault.P("allowed", names))
}

// Candidate is what a post has to know of one who is to hold it.
type Candidate struct {
	ID      string
	Kind    Kind
	Skills  []string
	Cleared bool // may meet minors
}

// appoint gives a place to a candidate from a day on. REQUIREMENTS_UNMET names what
// is missing, MINORS_CLEARANCE_REQUIRED comes before it, DUPLICATE for a holder.
func (p *Post) appoint(c Candidate, on usecase.Date) error {
	if p.holds(c.ID) {
		return fault.New(fault.CodeDuplicate, fault.P("field", "holderId"))
	}
	if p.WithMinors && !c.Cleared {
		return fault.New(fault.CodeMinorBlocked)
	}
	var missing []string
	if c.Kind != p.Kind {
		missing = append(missing, string(p.Kind))
	}
	for _, s := range p.Skills {
		if !slices.Contains(c.Skills, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		return fault.New(fault.CodeRequirementsUnmet, fault.P("missing", missing))
	}
	p.Holders = append(slices.Clone(p.Holders), Holder{ID: c.ID, From: on})
	p.Header.Relate(access.PartyHelp, c.ID)
	p.count()
	return nil
}

// release takes the place of a holder back. It reports whether they held one.
func (p *Post) release(id string) bool {
	if !p.holds(id) {
		return false
	}
	p.Holders = slices.DeleteFunc(slices.Clone(p.Holders), func(h Holder) bool { return h.ID == id })
	p.Header.Unrelate(access.PartyHelp, id)
	p.count()
	return true
}

func (p *Post) holds(id string) bool {
	return slices.ContainsFunc(p.Holders, func(h Holder) bool { return h.ID == id })
}

// count sets the state that follows from the places.
func (p *Post) count() {
	switch {
	case p.State() == Draft, p.State() == Closed:
	case len(p.Holders) < p.Places:
		p.Header.State = string(Open)
	default:
		p.Header.State = string(Filled)
	}
}

// end closes the post: nobody holds it any more.
func (p *Post) end() {
	for _, h := range p.Holders {
		p.Header.Unrelate(access.PartyHelp, h.ID)
	}
	p.Holders, p.Header.State = []Holder{}, string(Closed)
}
