package request

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
)

// State is a state of a request's life.
type State string

// The states.
const (
	Draft      State = "DRAFT"
	Submitted  State = "SUBMITTED"
	Triaged    State = "TRIAGED"
	Accepted   State = "ACCEPTED"
	Returned   State = "RETURNED"
	Declined   State = "DECLINED"
	Referred   State = "REFERRED_OUT"
	Merged     State = "MERGED_INTO"
	Matching   State = "MATCHING"
	Arranged   State = "ARRANGED"
	InService  State = "IN_SERVICE"
	Delivered  State = "DELIVERED"
	Confirmed  State = "CONFIRMED"
	Closed     State = "CLOSED"
	OnHold     State = "ON_HOLD"
	Cancelled  State = "CANCELLED"
	Reopened   State = "REOPENED"
	sameAsFrom State = "" // a step that leaves the state as it is
)

// Step is something done to a request. Those that people do are the values of the
// schema's ServiceRequestAction.
type Step string

// The steps.
const (
	StepChange  Step = "CHANGE"
	StepSubmit  Step = "SUBMIT"
	StepTriage  Step = "TRIAGE"
	StepAccept  Step = "ACCEPT"
	StepReturn  Step = "RETURN"
	StepDecline Step = "DECLINE"
	StepLead    Step = "LEAD_APPOINT"
	StepPropose Step = "PROPOSE"
	StepAssign  Step = "ASSIGN"
	StepArrange Step = "ARRANGE"
	StepHold    Step = "HOLD"
	StepResume  Step = "RESUME"
	StepCancel  Step = "CANCEL"
	StepShort   Step = "LINE_SHORT"
	StepDeliver Step = "DELIVER"
	StepLink    Step = "LINK_ISSUE"
	StepConfirm Step = "CONFIRM"
	StepWitness Step = "WITNESS"
	StepDispute Step = "DISPUTE"
	StepSettle  Step = "DISPUTE_SETTLE"
	StepClose   Step = "CLOSE"
	StepReopen  Step = "REOPEN"

	StepRefer            Step = "REFER"
	StepReferralAccept   Step = "REFERRAL_ACCEPT"
	StepReferralDecline  Step = "REFERRAL_DECLINE"
	StepReferralWithdraw Step = "REFERRAL_WITHDRAW"
	StepMerge            Step = "MERGE"
	StepUnmerge          Step = "UNMERGE"
	StepAppeal           Step = "APPEAL"
	StepAppealSettle     Step = "APPEAL_SETTLE"

	systemMatch    Step = "match"    // follows ACCEPT
	systemArrange  Step = "covered"  // a promise completed the coverage
	systemReopen   Step = "opened"   // a promise fell away
	systemStart    Step = "start"    // first check-in or dispatch
	systemRework   Step = "rework"   // a dispute was settled that way
	systemUphold   Step = "upheld"   // an appeal was settled that way
	systemEscalate Step = "escalate" // what was due did not come in time
	systemSilent   Step = "silence"  // a referral was not answered in time
	systemRemind   Step = "remind"   // a delivery was not confirmed in time
)

// Transition is one row of the life table: domain.md §3b.
type Transition struct {
	Step  Step
	From  []State
	To    State         // "" leaves the state
	May   access.Action // "" for steps of the system, taken by the use case that causes them
	Event string        // kind of the log entry
	Due   time.Duration // time for the next step; 0 for none; urgent requests see dueAfter
	Guard string        // what else has to hold, or follows, in words: the use case sees to it
}

var (
	open     = []State{Submitted, Triaged, Accepted, Returned, Referred, Matching, Arranged, InService, OnHold, Reopened}
	holdable = []State{Submitted, Triaged, Matching, Arranged, InService}
	editable = []State{Draft, Returned, Submitted, Triaged, Matching, Reopened}
	// mergeable: what is with another station has to come back first.
	mergeable = []State{Submitted, Triaged, Accepted, Returned, Matching, Arranged, InService, OnHold, Reopened}
	// awaited: what somebody has to do there is due at a time.
	awaited  = []State{Submitted, Triaged, Declined, Matching, InService, Delivered, Confirmed, Reopened}
	leadable = []State{Triaged, Matching, Arranged, InService}
)

const day = 24 * time.Hour

// Life is the one table of a request's life. The allowed actions and every use case
// read it, and docs/request-life.md is written from it.
var Life = []Transition{
	{StepChange, editable, sameAsFrom, "request.change", "request.changed", 0, "the asking side a draft or a return, the station the others"},
	{StepSubmit, []State{Draft, Returned}, Submitted, "request.submit", "request.submitted", day, "a consent in force or another lawful basis; likely duplicates are shown"},
	{StepTriage, []State{Submitted, Reopened}, Triaged, "request.triage", "request.triaged", day, "urgency, risk and class are set; a protected class is an officer's"},
	{StepAccept, []State{Triaged}, Accepted, "request.accept", "request.accepted", day, "a need line with unit and window that still misses something"},
	{systemMatch, []State{Accepted}, Matching, "", "request.matching", matchLife, "at once after ACCEPT; the matching policy is pinned"},
	{systemEscalate, awaited, sameAsFrom, "", "request.escalated", 0, "what was due did not come in time; raises a flag for the level above, until the next state"},
	{StepReturn, []State{Triaged}, Returned, "request.return", "request.returned", returnLife, "what is missing is listed; the time is the same for every urgency"},
	{StepDecline, []State{Triaged}, Declined, "request.decline", "request.declined", 0, "reason and alternative; a second person for protected classes"},
	{StepAppeal, []State{Declined}, sameAsFrom, "request.appeal", "request.appealed", appealTried, "within 15 days of the decline, once, with a reason; the level above has to settle it"},
	{StepAppealSettle, []State{Declined}, sameAsFrom, "request.settle", "request.appeal.settled", 0, "a pending appeal, never by who declined or appealed; a reason to refuse it"},
	{systemUphold, []State{Declined}, Triaged, "", "request.appeal.upheld", day, "an appeal was upheld; back to the station that is responsible today, on a consent in force or the lawful basis it had"},
	{StepRefer, []State{Triaged}, Referred, "request.refer", "request.referred", 3 * day, "another station in operation, of the same county for a protected class; a consent to be referred or another lawful basis; until it accepts the receiver sees what is needed, not of whom"},
	{StepReferralAccept, []State{Referred}, Triaged, "request.referral", "request.referral.accepted", day, "the request, its history and all that belongs to it are the receiver's; the consent is still in force"},
	{StepReferralDecline, []State{Referred}, Triaged, "request.referral", "request.referral.declined", day, "a reason; back to the station that referred it"},
	{StepReferralWithdraw, []State{Referred}, Triaged, "request.refer", "request.referral.withdrawn", day, "taken back by the station that referred it"},
	{systemSilent, []State{Referred}, sameAsFrom, "", "request.referral.silent", 0, "no answer in time; raises a flag for both stations and the level above"},
	{StepLead, leadable, sameAsFrom, "request.lead", "request.led", 0, "a social worker at work in the place"},
	{StepPropose, []State{Matching, InService}, sameAsFrom, "proposal.create", "", 0, "the hard rules of the matching policy hold; in service for what a line misses again"},
	{StepAssign, []State{Matching, Arranged, InService}, sameAsFrom, "assignment.offer", "", 0, "a volunteer who may, at a free time"},
	{StepArrange, []State{Matching}, Arranged, "request.arrange", "request.arranged", 0, "something is covered; a reason when not all is"},
	{systemArrange, []State{Matching}, Arranged, "", "request.arranged", 0, "a promise completed the coverage"},
	{systemReopen, []State{Arranged}, Matching, "", "request.matching", matchLife, "a promise fell away"},
	{systemStart, []State{Matching, Arranged}, InService, "", "request.started", day, "the first check-in or dispatch; the time begins when the last window of its lines ends"},
	{StepHold, holdable, OnHold, "request.hold", "request.held", 0, "a reason and a day within a year; what is held or promised is released"},
	{StepResume, []State{OnHold}, sameAsFrom, "request.resume", "request.resumed", 2 * day, "back to where it was held, to MATCHING when supply has to be found again"},
	{StepCancel, append([]State{Draft}, open...), Cancelled, "request.cancel", "request.cancelled", 0, "a reason; nothing on its way and nobody serving; what is held, promised or assigned is released"},
	{StepMerge, mergeable, Merged, "request.merge", "request.merged", 0, "another open request of the same recipient (or, without one, community) and station; nothing on its way and nobody serving; what is held, promised or assigned is released"},
	{StepUnmerge, []State{Merged}, sameAsFrom, "request.merge", "request.unmerged", 0, "within 7 days; back to where it stood, with the time that was left, or to MATCHING when supply has to be found again"},
	{StepShort, []State{Matching, Arranged, InService}, sameAsFrom, "request.shorten", "request.line.short", 0, "a reason; what is only held for the line is released"},
	{StepDeliver, []State{InService}, Delivered, "request.deliver", "request.delivered", 7 * day, "every need line fulfilled, short or cancelled; a report"},
	{StepLink, []State{Delivered}, sameAsFrom, "request.link", "request.link.issued", 0, "never for a sealed request, never by who served"},
	{StepConfirm, []State{Delivered}, Confirmed, "request.confirm", "request.confirmed", 7 * day, "never by who served; ends a dispute"},
	{StepWitness, []State{Delivered}, Confirmed, "request.witness", "request.confirmed", 7 * day, "a witness and a reason, never by who served"},
	{systemRemind, []State{Delivered}, sameAsFrom, "", "request.reminded", 7 * day, "no word from the recipient's side; once, then the level above is told: nothing is confirmed by silence"},
	{StepDispute, []State{Delivered}, sameAsFrom, "request.dispute", "request.disputed", 5 * day, "a reason; raises a flag that forbids closing"},
	{StepSettle, []State{Delivered}, sameAsFrom, "request.witness", "request.undisputed", 7 * day, "never by who served; lowers the flag"},
	{systemRework, []State{Delivered}, InService, "", "request.reworked", day, "a dispute was settled with rework"},
	{StepClose, []State{Confirmed}, Closed, "request.close", "request.closed", 0, "no dispute, nothing on its way; what was delivered is settled, who took part is stored"},
	{StepReopen, []State{Closed}, Reopened, "request.reopen", "request.reopened", day, "within 30 days of the end; the recipient's side once freely, others with a reason; a consent in force or another lawful basis"},
}

// transition finds the row of a step.
func transition(step Step) Transition {
	for _, t := range Life {
		if t.Step == step {
			return t
		}
	}
	panic("request: no row for step " + string(step))
}

// Allows reports whether the state admits the step.
func (s State) Allows(step Step) bool { return slices.Contains(transition(step).From, s) }

// Open reports whether the request still goes on.
func (s State) Open() bool {
	return s == Draft || s == Delivered || s == Confirmed || slices.Contains(open, s)
}

// steps that people may take from a state, in the order of the table.
func (s State) steps() []Step {
	var out []Step
	for _, t := range Life {
		if t.May != "" && slices.Contains(t.From, s) {
			out = append(out, t.Step)
		}
	}
	return out
}

// take applies a step: TRANSITION_NOT_ALLOWED names the steps that the state
// admits. It sets the state, the due time, and returns the kind of the log entry.
func (r *Request) take(step Step, now time.Time) (string, error) {
	t := transition(step)
	if !r.State().Allows(step) {
		return "", r.refuse(r.State().steps())
	}
	if t.To != sameAsFrom {
		r.Header.State = string(t.To)
		if step != StepDecline { // a proposal to decline ends with the state it was made in
			r.DeclineBy = ""
		}
	}
	if t.To == InService {
		now = r.wanted(now)
	}
	if t.To != sameAsFrom || t.Due > 0 {
		r.wait(t.Due, now)
		r.Escalated, r.Reminded = false, step == systemRemind // what was late has come
	}
	return t.Event, nil
}

// waitAgain sets when the next step is due in a state that a request comes back to.
func (r *Request) waitAgain(now time.Time) {
	switch r.State() {
	case Matching:
		r.wait(matchLife, now)
	case InService:
		r.wait(day, r.wanted(now))
	default:
		r.wait(day, now)
	}
}

// wanted is when the last of what a request goes on for is wanted, not before now.
func (r *Request) wanted(now time.Time) time.Time {
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Ended == "" {
			if w := l.WindowOr(r); w != nil && w.To.After(now) {
				now = w.To
			}
		}
	}
	return now
}

func (r *Request) refuse(allowed []Step) error {
	names := make([]string, len(allowed))
	for i, s := range allowed {
		names[i] = string(s)
	}
	return fault.New(fault.CodeTransition, fault.P("from", r.Header.State), fault.P("allowed", names))
}
