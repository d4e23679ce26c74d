package matching

import (
	"cmp"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Weighed is one resource or volunteer put to a need line: what holds, how well it
// fits, and what fails. Without failures it is a candidate.
type Weighed struct {
	Resource  *resource.Resource
	Volunteer *volunteer.Volunteer
	Quantity  measure.Quantity // what could be proposed
	Start     time.Time        // when it could begin; zero: any time of the window
	Reasons   []Reason         // the rules that hold, then the scores
	Score     float64
	Failures  []Failure
}

// Failure is a hard rule that does not hold, with the least change that would make it.
type Failure struct {
	Rule  string // code of MATCH_RULE
	Relax *Relaxation
}

// Relaxation is the least change that makes one rule hold, all else being as it is:
// anything smaller does not. What it needs stands in the field of its kind.
type Relaxation struct {
	Kind     RelaxationKind
	Quantity measure.Quantity
	At       time.Time
	Area     string   // short code
	Codes    []string // of SKILL or RECIPIENT_CATEGORY
}

// RelaxationKind says what would have to change.
type RelaxationKind string

// The kinds.
const (
	AskFor  RelaxationKind = "ASK_FOR"  // ask for this quantity, the least that is given at once
	StartAt RelaxationKind = "START_AT" // begin at this moment
	Reach   RelaxationKind = "REACH"    // let the window reach beyond this moment
	Before  RelaxationKind = "BEFORE"   // let the window begin before this moment
	Serve   RelaxationKind = "SERVE"    // the resource would have to serve all of this division
	Without RelaxationKind = "WITHOUT"  // do without these skills
	Admit   RelaxationKind = "ADMIT"    // the resource would have to admit recipients of this group
	Clear   RelaxationKind = "CLEAR"    // clear them for contact with minors first
)

func (w *Weighed) head() *store.Head {
	if w.Resource != nil {
		return &w.Resource.Head
	}
	return &w.Volunteer.Head
}

func (w *Weighed) id() string { return w.head().ID }

// compare orders what is weighed: what fails fewer rules first, then what scores more;
// ties by when they were entered and by id, so that equal inputs give equal order, and
// that of the indexes.
func (w *Weighed) compare(o *Weighed) int {
	switch {
	case len(w.Failures) != len(o.Failures):
		return len(w.Failures) - len(o.Failures)
	case w.Score > o.Score:
		return -1
	case w.Score < o.Score:
		return 1
	}
	return cmp.Or(w.head().CreatedAt.Compare(o.head().CreatedAt), strings.Compare(w.id(), o.id()))
}

// rule is one hard rule: whether it holds, and the least that would make it hold, nil if
// no change of the need or of the offer would.
type rule struct {
	name  string
	check func() (Reason, error)
	relax func() *Relaxation
}

// apply notes all rules that fail, where judge stops at the first.
func (w *Weighed) apply(rules []rule) {
	for _, r := range rules {
		reason, err := r.check()
		if err == nil {
			w.Reasons = append(w.Reasons, reason)
			continue
		}
		f := Failure{Rule: r.name}
		if r.relax != nil {
			f.Relax = r.relax()
		}
		w.Failures = append(w.Failures, f)
	}
}

// hold reports whether all rules hold.
func hold(rules []rule) bool {
	for _, r := range rules {
		if _, err := r.check(); err != nil {
			return false
		}
	}
	return true
}

// beside puts the resource to the line for as much as could be proposed. Whoever is
// barred from the request is not put to it: nothing may tell that they stand beside it.
func (p pair) beside() (pair, bool) {
	if _, err := p.conflict(); err != nil {
		return p, false
	}
	if p.resource.Per != "" {
		p.at = p.turn()
	}
	p.quantity = p.most()
	return p, true
}

// weighed is the resource put to the line for a quantity.
func (p pair) weighed() Weighed {
	w := Weighed{Resource: p.resource, Quantity: p.quantity}
	if p.resource.Kind == resource.Venue {
		w.Start = p.slot()
	}
	if p.resource.Per != "" {
		w.Start = p.at
	}
	w.apply(p.rules())
	w.Reasons, w.Score = append(w.Reasons, p.scores()...), p.score()
	return w
}

// rules are the hard rules, in the order in which they are told.
func (p pair) rules() []rule {
	at := rule{"WINDOW", p.there, p.relaxThere}
	if p.resource.Kind == resource.Venue {
		at = rule{"WINDOW", p.room, p.relaxRoom}
	}
	if p.resource.Per != "" {
		at = rule{"WINDOW", p.open, p.relaxOpen}
	}
	return []rule{
		{"KIND", p.kind, nil},
		{"QUANTITY", p.enough, p.relaxAmount},
		{"AREA", p.area, p.relaxArea},
		at,
		{"EXPIRY", p.expiry, p.relaxExpiry},
		{"ELIGIBILITY", p.eligible, p.relaxEligible},
		{"CAPACITY", p.capacity, nil},
		{"ORG_CREDIT", p.credit, nil},
	}
}

// most is what could be proposed: all that is missing and that nobody else's granted claim
// speaks for, as far as it is there; of a room as much as what is left of the wanted window
// holds.
func (p pair) most() measure.Quantity {
	missing := p.line.Wanted(p.resource.Owner, p.now)
	if p.resource.Kind == resource.Venue {
		return p.line.Need.Of(min(missing, left(p.line.WindowOr(p.request), p.now, missing)))
	}
	return p.line.Need.Of(min(missing, p.free()))
}

// left is how many minutes of a window are not over; all that were asked for without one.
func left(w *measure.Window, now time.Time, all int64) int64 {
	if w == nil {
		return all
	}
	return max(0, int64(w.To.Sub(earliest(w, now))/time.Minute))
}

// earliest is when something wanted in a window can begin: not before it, nor before
// now; at once without one.
func earliest(w *measure.Window, now time.Time) time.Time {
	if w != nil && w.From.After(now) {
		return w.From
	}
	return now
}

// least is the least that is given at once.
func (p pair) least() int64 { return max(1, p.resource.Minimum) }

// enough: something is free, and no less than is given at once.
func (p pair) enough() (Reason, error) {
	if p.quantity.Value < p.least() {
		return Reason{}, unfit("QUANTITY", "quantity")
	}
	return p.amount()
}

func (p pair) relaxAmount() *Relaxation {
	room := p.resource.Kind == resource.Venue && left(p.line.WindowOr(p.request), p.now, p.least()) < p.least()
	if room || p.free() < p.least() {
		return nil
	}
	return &Relaxation{Kind: AskFor, Quantity: p.quantity.Of(p.least())}
}

// relaxArea: the smallest division that holds both the resource's area and the place.
func (p pair) relaxArea() *Relaxation {
	best := ""
	for _, area := range p.resource.Areas() {
		for area != "" && !strings.HasPrefix(p.request.Place, area) {
			area = division.Parent(area)
		}
		if len(area) > len(best) {
			best = area
		}
	}
	if best == "" {
		return nil
	}
	return &Relaxation{Kind: Serve, Area: best}
}

// there: the resource is to be had at some time of the wanted window.
func (p pair) there() (Reason, error) {
	wanted, open := p.line.WindowOr(p.request), p.resource.Window
	if wanted != nil && open != nil && !open.Overlaps(*wanted) {
		return Reason{}, unfit("WINDOW", "window")
	}
	return Reason{Rule: "WINDOW"}, nil
}

func (p pair) relaxThere() *Relaxation {
	open := p.resource.Window
	if !open.From.Before(p.line.WindowOr(p.request).To) {
		return &Relaxation{Kind: Reach, At: open.From}
	}
	return &Relaxation{Kind: Before, At: open.To}
}

// slot is when a room is first free for as long as is missing, not before it is wanted;
// zero if it never is.
func (p pair) slot() time.Time {
	from := earliest(p.line.WindowOr(p.request), p.now)
	return p.resource.FreeFrom(from, time.Duration(p.quantity.Value)*time.Minute, p.now)
}

// room: the room is free for as long as is missing within the wanted window.
func (p pair) room() (Reason, error) {
	wanted, start := p.line.WindowOr(p.request), p.slot()
	if start.IsZero() || (wanted != nil && start.Add(time.Duration(p.quantity.Value)*time.Minute).After(wanted.To)) {
		return Reason{}, unfit("WINDOW", "window")
	}
	return Reason{Rule: "WINDOW", Detail: start.Format(time.RFC3339)}, nil
}

func (p pair) relaxRoom() *Relaxation {
	if start := p.slot(); !start.IsZero() {
		return &Relaxation{Kind: StartAt, At: start}
	}
	return nil
}

// turn is when a service by period first has room for the least that is given at once,
// not before it is wanted; zero if it never has.
func (p pair) turn() time.Time {
	return p.resource.RoomFrom(earliest(p.line.WindowOr(p.request), p.now), p.least(), p.now)
}

// open: the service has room in a period of the wanted window.
func (p pair) open() (Reason, error) {
	wanted := p.line.WindowOr(p.request)
	if p.at.IsZero() || (wanted != nil && !p.at.Before(wanted.To)) {
		return Reason{}, unfit("WINDOW", "window")
	}
	return Reason{Rule: "WINDOW", Detail: p.at.Format(time.RFC3339)}, nil
}

func (p pair) relaxOpen() *Relaxation {
	if p.at.IsZero() { // it ends before it has room
		return nil
	}
	return &Relaxation{Kind: StartAt, At: p.at}
}

// relaxExpiry: begin before it expires, if it has not yet.
func (p pair) relaxExpiry() *Relaxation {
	until := p.resource.GoodUntil(p.least(), p.now)
	if !p.now.Before(until) {
		return nil
	}
	return &Relaxation{Kind: Before, At: until}
}

func (p pair) relaxEligible() *Relaxation {
	if p.group == "" {
		return nil
	}
	return &Relaxation{Kind: Admit, Codes: []string{p.group}}
}
