package request

import (
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Noun is what access has to know: while supply is being found, partners and
// volunteers of the city see the request blinded.
var Noun = access.Noun{Name: "request", Screened: true, Offered: []string{string(Matching)}}

// Urgency is how soon help is needed.
type Urgency string

// The urgencies.
const (
	Normal Urgency = "NORMAL"
	High   Urgency = "HIGH"
	Urgent Urgency = "URGENT"
)

// Risk is how dangerous the situation is; "" before triage.
type Risk string

// The risk ratings.
const (
	RiskLow     Risk = "LOW"
	RiskMedium  Risk = "MEDIUM"
	RiskHigh    Risk = "HIGH"
	RiskExtreme Risk = "EXTREME"
)

// Request is a service request as stored. Header.State is its state, Header.Class
// its sensitivity, Header.Subject its recipient.
type Request struct {
	store.Head  `bson:",inline"`
	Header      access.Header   `bson:"h"`
	Number      string          `bson:"number"`
	Category    string          `bson:"category"`
	Urgency     Urgency         `bson:"urgency"`
	Risk        Risk            `bson:"risk"`
	Window      *measure.Window `bson:"window"`
	Constraints []string        `bson:"constraints"`
	Channel     string          `bson:"channel"`
	Place       string          `bson:"place"` // 12-digit code of the community
	Lead        string          `bson:"lead"`
	LeadSince   time.Time       `bson:"leadSince"`
	Lines       []Line          `bson:"lines"`
	Escalated   bool            `bson:"escalated"`
	Reminded    bool            `bson:"reminded"` // of the confirmation
	Disputed    bool            `bson:"disputed"`
	DeclineBy   string          `bson:"declineBy"`  // account that proposed to decline
	DeclinedBy  []string        `bson:"declinedBy"` // accounts that declined it the last time
	Appeal      *Appeal         `bson:"appeal"`     // against the last decline
	Partial     bool            `bson:"partial"`    // arranged although not all is covered
	// ReopenedFreely: the recipient's side has opened it again once, which it may do without a reason.
	ReopenedFreely bool            `bson:"reopenedFreely"`
	DueAt          time.Time       `bson:"due"`
	Wait           *Wait           `bson:"wait"` // what DueAt stands for where the calendar ends
	ResumeOn       usecase.Date    `bson:"resumeOn"`
	HeldFrom       State           `bson:"heldFrom"`
	Reason         string          `bson:"reason"`
	ReasonList     string          `bson:"reasonList"`
	Missing        []string        `bson:"missing"`
	Consent        string          `bson:"consent"`
	Basis          string          `bson:"basis"`
	Policy         string          `bson:"policy"`   // label of the matching policy that it was accepted by, "" before
	PolicyID       string          `bson:"policyId"` // "" for the built-in one
	Confirmed      *Confirmation   `bson:"confirmed"`
	Parts          []Participation `bson:"parts"` // final once closed
	SubmittedAt    time.Time       `bson:"submittedAt"`
	TriagedAt      time.Time       `bson:"triagedAt"`
	AcceptedAt     time.Time       `bson:"acceptedAt"`
	DeliveredAt    time.Time       `bson:"deliveredAt"`
	EndedAt        time.Time       `bson:"endedAt"`
	Link           string          `bson:"link"` // the one-time link in force
	Referral       *Referral       `bson:"referral"`
	Taken          string          `bson:"taken"`      // station that took it over by a referral; "" for none
	Merge          *Merge          `bson:"merge"`      // while it is merged into another
	Merged         []string        `bson:"merged"`     // ids of the requests that were merged into it
	Series         *Series         `bson:"series"`     // of the first occurrence
	OccurrenceOf   string          `bson:"occurrence"` // id of the first occurrence, of the others
	Wording        int64           `bson:"wording"`    // how often the words of an open need have changed
	Private        Private         `bson:"private"`
}

// Private is the part of a request that is about the recipient and can be erased.
type Private struct {
	Title       string `bson:"title"`
	Description string `bson:"description"`
	Note        string `bson:"note"`
	Address     string `bson:"address"`
	ReasonNote  string `bson:"reasonNote"`
	Report      string `bson:"report"`
	Witness     string `bson:"witness"`
	Said        string `bson:"said"`   // the recipient's own words at confirmation
	Appeal      string `bson:"appeal"` // the asking side's words
	// Lines are the titles of the need lines by id: free words about the person.
	Lines map[string]string `bson:"lines"`
	Later *Later            `bson:"later"` // of a series: what its later occurrences say
}

// words are those that an open need shows, but for the titles of its lines.
func (p *Private) words() [4]string { return [...]string{p.Title, p.Description, p.Note, p.Address} }

// Later is what the later occurrences of a series say.
type Later struct {
	Title       string            `bson:"title"`
	Description string            `bson:"description"`
	Address     string            `bson:"address"`
	Lines       map[string]string `bson:"lines"`
}

// Confirmation is how a delivery was confirmed.
type Confirmation struct {
	By           string    `bson:"by"` // RECIPIENT, GUARDIAN, LINK, WITNESS
	At           time.Time `bson:"at"`
	Satisfaction int       `bson:"satisfaction"` // 1 to 5; 0 when not said
	Reason       string    `bson:"reason"`
}

// Participation is one of the five societies taking part.
type Participation struct {
	Society string        `bson:"society"`
	Role    string        `bson:"role"`
	Party   string        `bson:"party"` // id
	Since   time.Time     `bson:"since"`
	Lasted  time.Duration `bson:"lasted"`
	Display string        `bson:"display"` // of organisations and resources; people are named when read
}

// State is the request's state, as in its header.
func (r *Request) State() State { return State(r.Header.State) }

// Guarded reports whether only a protection officer may handle the request.
func (r *Request) Guarded() bool {
	return r.Header.Guarded()
}
