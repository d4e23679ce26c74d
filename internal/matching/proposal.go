package matching

import (
	"math"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
)

// Noun is what access has to know.
var Noun = access.Noun{Name: "proposal", Copied: true, Screened: true}

// State is a state of a proposal's life.
type State string

// The states.
const (
	Proposed   State = "PROPOSED"
	Accepted   State = "ACCEPTED"
	Declined   State = "DECLINED"
	Expired    State = "EXPIRED"
	Withdrawn  State = "WITHDRAWN"
	Superseded State = "SUPERSEDED"
)

// Side is the side that proposed; the other one answers.
type Side string

// The sides.
const (
	Station Side = "STATION"
	Owner   Side = "OWNER"
)

// Step is something done to a proposal: a value of the schema's MatchProposalAction.
type Step string

// The steps.
const (
	Accept   Step = "ACCEPT"
	Decline  Step = "DECLINE"
	Withdraw Step = "WITHDRAW"
)

// Proposal is a resource put to a need line.
type Proposal struct {
	store.Head `bson:",inline"`
	Header     access.Header    `bson:"h"`
	Side       Side             `bson:"side"`
	Request    string           `bson:"request"`
	Line       string           `bson:"line"`
	Resource   string           `bson:"resource"`
	Owner      string           `bson:"owner"` // organisation
	Turn       string           `bson:"turn"`  // "<offer>/<day>" where an offer made it
	Quantity   measure.Quantity `bson:"quantity"`
	Window     *measure.Window  `bson:"window"`
	Reasons    []Reason         `bson:"reasons"`
	Score      float64          `bson:"score"`    // 0 to 1
	Policy     string           `bson:"policy"`   // label of the version that judged
	PolicyID   string           `bson:"policyId"` // "" for the built-in one
	ExpiresAt  time.Time        `bson:"expiresAt"`
	Reason     string           `bson:"reason"`
	ReasonList string           `bson:"reasonList"`
	Allocation string           `bson:"allocation"`
	DecidedAt  time.Time        `bson:"decidedAt"`
	Private    private          `bson:"private"`
}

// private is the word to the other side: it may be about the recipient.
type private struct {
	Note string `bson:"note"`
}

// State is the proposal's state, as in its header.
func (p *Proposal) State() State { return State(p.Header.State) }

// Now is the state a reader should see: an unanswered proposal whose time is over
// has expired, whether or not the timer has said so.
func (p *Proposal) Now(now time.Time) State {
	if p.State() == Proposed && !now.Before(p.ExpiresAt) {
		return Expired
	}
	return p.State()
}

// decide ends an open proposal, or says what has become of it: ALREADY_DECIDED.
func (p *Proposal) decide(to State, now time.Time) error {
	if s := p.Now(now); s != Proposed {
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "matchProposalId"), fault.P("state", string(s)))
	}
	p.Header.State, p.DecidedAt = string(to), now
	return nil
}

// overtake ends it without an answer, for a reason of RELEASE_REASON; "" where another was
// accepted.
func (p *Proposal) overtake(reason string, now time.Time) {
	p.Header.State, p.DecidedAt = string(Superseded), now
	if reason != "" {
		p.Reason, p.ReasonList = reason, string(codes.ReleaseReason)
	}
}

// head copies the request's header with the proposal's own state and parties. The
// owner's side is a party by ownership, whoever proposed.
func (p *Proposal) head(r *request.Request) {
	state := p.Header.State
	p.Header = r.Header
	p.Header.State, p.Header.Parties = state, nil
	p.Header.Relate(access.PartyOwner, p.Owner)
	p.Header.Relate(access.PartyLead, r.Lead)
}

func spec() store.Spec[Proposal] {
	s := store.Spec[Proposal]{
		Name: "proposal",
		Fields: access.Fields(func(p *Proposal) *access.Header { return &p.Header },
			store.Field[Proposal]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(p *Proposal) any { return p.CreatedAt }},
			store.Field[Proposal]{Name: "request", Kind: store.Text, Mask: access.Blind, Get: func(p *Proposal) any { return p.Request }},
			store.Field[Proposal]{Name: "resource", Kind: store.Text, Mask: access.Limited, Get: func(p *Proposal) any { return p.Resource }},
			store.Field[Proposal]{Name: "owner", Kind: store.Text, Mask: access.Limited, Route: true, Get: func(p *Proposal) any { return p.Owner }},
			store.Field[Proposal]{Name: "turn", Kind: store.Text, Mask: access.Limited, Get: func(p *Proposal) any { return p.Turn }},
			store.Field[Proposal]{Name: "expires", Kind: store.Int, Mask: access.Blind, Get: expiresKey},
		),
		Personal: func(p *Proposal) []store.Personal {
			if p.Header.Subject == "" {
				return nil
			}
			return []store.Personal{{Subject: p.Header.Subject, Fields: []string{"private"}}}
		},
		Guards: func(p *Proposal) []string {
			out := []string{store.GuardName("proposal", p.Request), store.GuardName("proposal", p.Resource), store.GuardName("proposal", p.Owner)}
			if p.Turn != "" {
				out = append(out, store.GuardName("proposal", p.Turn), store.GuardName("proposal", p.offer()))
			}
			return out
		},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"county"}, {"town"}, {"request"}, {"resource"}, {"owner"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	s.Indexes = append(s.Indexes, []string{"expires"}, []string{"turn"})
	s.Queries = append(s.Queries, store.Shape{Sort: "expires"}, store.Shape{Sort: "turn"})
	return s
}

// offer is the offer that made it, "" for none.
func (p *Proposal) offer() string {
	id, _, _ := strings.Cut(p.Turn, "/")
	return id
}

// expiresKey puts what is decided behind all that still waits for an answer.
func expiresKey(p *Proposal) any {
	if p.State() != Proposed {
		return int64(math.MaxInt64)
	}
	return p.ExpiresAt
}
