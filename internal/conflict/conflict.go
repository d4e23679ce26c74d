package conflict

import (
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

const (
	prefix  = "cfl"
	maxOpen = 50 // in force for one person, or one request
)

// Noun is what access has to know: who is barred reads neither their own conflict nor that
// of others with the same person.
var Noun = access.Noun{Name: "conflict", Screened: true}

// State is the life of a conflict.
type State string

// The states.
const (
	InForce State = "IN_FORCE"
	Lifted  State = "LIFTED"
)

// States lists them.
var States = []State{InForce, Lifted}

// Action is a step with a conflict, as allowedActions names it.
type Action string

// ActLift is `conflictLift`.
const ActLift Action = "LIFT"

// Conflict is one party that must not meet one recipient, in all that concerns them, or in
// one request alone.
type Conflict struct {
	store.Head `bson:",inline"`
	Header     access.Header `bson:"h"`
	Recipient  string        `bson:"recipient"` // "" for one request's alone
	Request    string        `bson:"request"`   // "" for all of a recipient's
	Party      string        `bson:"party"`     // account, volunteer, social worker or organisation
	Persons    []string      `bson:"persons"`   // ids that are barred for it: an account's volunteer and worker too
	Relation   string        `bson:"relation"`  // code of CONFLICT_RELATION
	LiftedAt   time.Time     `bson:"liftedAt"`
	Private    private       `bson:"private"`
}

// private is what was said: it is about the recipient.
type private struct {
	Reason string `bson:"reason"`
	Lifted string `bson:"lifted"`
}

// State is the conflict's state, as in its header.
func (c *Conflict) State() State { return State(c.Header.State) }

// head copies the header of the person or request that it is about, without them, their
// guardians and who entered them: only those at work may read it, and of nobody's less
// than restricted.
func (c *Conflict) head(of *access.Header) {
	state := c.Header.State
	c.Header = *of
	c.Header.State, c.Header.Class, c.Header.Parties = state, access.Stricter(of.Class, access.Restricted), nil
	c.hide(of.Barred)
	for _, entry := range of.Parties {
		if p, id, _ := strings.Cut(entry, ":"); access.Party(p) == access.PartyLead || access.Party(p) == access.PartyHelp && strings.HasPrefix(id, "sta_") {
			c.Header.Parties = append(c.Header.Parties, entry)
		}
	}
}

// hide keeps it from those who are barred from what it is about, and always from whom it
// names: they do not read what was said of them, lifted or not.
func (c *Conflict) hide(barred []string) {
	c.Header.Barred = append(slices.Clone(barred), c.Persons...)
	slices.Sort(c.Header.Barred)
	c.Header.Barred = slices.Compact(c.Header.Barred)
}

// lift ends it, or says that it has ended: ALREADY_DECIDED.
func (c *Conflict) lift(why string, now time.Time) error {
	if c.State() == Lifted {
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "conflictId"), fault.P("state", string(Lifted)))
	}
	c.Header.State, c.LiftedAt, c.Private.Lifted = string(Lifted), now, why
	return nil
}

// barred are those whom conflicts in force bar from a recipient and, of requests, from these.
func barred(all []*Conflict, requests ...string) []string {
	var out []string
	for _, c := range all {
		if c.State() == InForce && (c.Request == "" || slices.Contains(requests, c.Request)) {
			out = append(out, c.Persons...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func spec() store.Spec[Conflict] {
	s := store.Spec[Conflict]{
		Name: Noun.Name,
		Fields: access.Fields(func(c *Conflict) *access.Header { return &c.Header },
			store.Field[Conflict]{Name: "created", Kind: store.Int, Mask: access.Full, Get: func(c *Conflict) any { return c.CreatedAt }},
			store.Field[Conflict]{Name: "request", Kind: store.Text, Mask: access.Full, Get: func(c *Conflict) any { return c.Request }},
			store.Field[Conflict]{Name: "persons", Kind: store.Texts, Mask: access.Unseen, Get: func(c *Conflict) any { return c.Persons }},
		),
		Guards: func(c *Conflict) (out []string) {
			for _, id := range append([]string{c.Header.Subject, c.Request}, c.Persons...) {
				if id != "" { // a guard of nothing would set all against each other
					out = append(out, guard(id))
				}
			}
			return out
		},
		Personal: func(c *Conflict) []store.Personal {
			if c.Header.Subject == "" {
				return nil
			}
			return []store.Personal{{Subject: c.Header.Subject, Fields: []string{"private"}}}
		},
	}
	for _, way := range [][]string{{"subject"}, {"request"}, {"persons"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}

// guard names the conflicts of a recipient, of a request, or with a party.
func guard(id string) string { return store.GuardName(Noun.Name, id) }
