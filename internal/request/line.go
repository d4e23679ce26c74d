package request

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
)

// Kind is what kind of thing a need line asks for.
type Kind string

// The kinds. Hours are supplied by assignments, all others by charity resources.
const (
	KindGoods   Kind = "GOODS"
	KindFund    Kind = "FUND"
	KindVenue   Kind = "VENUE"
	KindService Kind = "SERVICE"
	KindInKind  Kind = "IN_KIND"
	KindHours   Kind = "HOURS"
)

// Kinds lists the kinds.
var Kinds = []Kind{KindGoods, KindFund, KindVenue, KindService, KindInKind, KindHours}

// LineState is a need line's state. It is computed from the promises unless the
// line was closed short or cancelled.
type LineState string

// The states of a line.
const (
	LineOpen      LineState = "OPEN"
	LineHeld      LineState = "HELD"
	LineCommitted LineState = "COMMITTED"
	LineFulfilled LineState = "FULFILLED"
	LineShort     LineState = "SHORT"
	LineCancelled LineState = "CANCELLED"
)

// Line is one thing that a request needs.
type Line struct {
	ID       string           `bson:"id"`
	Kind     Kind             `bson:"kind"`
	Category string           `bson:"category"`
	Need     measure.Quantity `bson:"need"`
	Window   *measure.Window  `bson:"window"`
	Skills   []string         `bson:"skills"`
	Ended    LineState        `bson:"ended"` // SHORT or CANCELLED; "" while it lives
	Reason   string           `bson:"reason"`
	Promises []Promise        `bson:"promises"`
	Claims   []LineClaim      `bson:"claims"` // the open ones
}

// Stage is how firm a promise is.
type Stage string

// The stages.
const (
	Held      Stage = "HELD"
	Committed Stage = "COMMITTED"
	Fulfilled Stage = "FULFILLED"
)

// Promise is what an allocation or an assignment gives to a line.
type Promise struct {
	ID    string    `bson:"id"` // alc_… or asg_…
	Stage Stage     `bson:"stage"`
	Value int64     `bson:"value"` // in the line's unit
	Until time.Time `bson:"until"` // of a hold; zero: no end
	By    string    `bson:"by"`    // organisation that gives it; "" of people's time
}

// live reports whether the promise still counts.
func (p Promise) live(now time.Time) bool {
	return p.Stage != Held || p.Until.IsZero() || now.Before(p.Until)
}

// Sum adds up the live promises of a stage.
func (l *Line) Sum(stage Stage, now time.Time) (n int64) {
	for _, p := range l.Promises {
		if p.Stage == stage && p.live(now) {
			n += p.Value
		}
	}
	return n
}

// Missing is what is still to be found.
func (l *Line) Missing(now time.Time) int64 {
	if l.Ended != "" {
		return 0
	}
	return max(0, l.Need.Value-l.Sum(Held, now)-l.Sum(Committed, now)-l.Sum(Fulfilled, now))
}

// Covered says that a line misses less than would be given: LINE_COVERED at the path.
func Covered(missing, wanted int64, path ...string) error {
	return fault.New(fault.CodeLineCovered, fault.At(path...), fault.P("missing", max(0, missing)), fault.P("wanted", wanted))
}

// State is computed from the promises unless the line has ended.
func (l *Line) State(now time.Time) LineState {
	fulfilled := l.Sum(Fulfilled, now)
	committed := fulfilled + l.Sum(Committed, now)
	switch {
	case l.Ended != "":
		return l.Ended
	case fulfilled >= l.Need.Value:
		return LineFulfilled
	case committed >= l.Need.Value:
		return LineCommitted
	case committed+l.Sum(Held, now) >= l.Need.Value:
		return LineHeld
	}
	return LineOpen
}

// Promise sets what a child gives to the line: a value of 0 takes the promise away.
func (l *Line) Promise(p Promise) {
	l.Promises = slices.DeleteFunc(slices.Clone(l.Promises), func(o Promise) bool { return o.ID == p.ID })
	if p.Value > 0 {
		l.Promises = append(l.Promises, p)
	}
}

// WindowOr is the line's window, or the request's where it has none.
func (l *Line) WindowOr(r *Request) *measure.Window {
	if l.Window != nil {
		return l.Window
	}
	return r.Window
}

// Coverage is how much of the need is covered.
type Coverage string

// The coverages.
const (
	None    Coverage = "NONE"
	Partial Coverage = "PARTIAL"
	Full    Coverage = "FULL"
)

// Coverage is computed from the lines: a line that ended counts as covered, a
// request without living lines has none.
func (r *Request) Coverage(now time.Time) Coverage {
	full, some, lines := true, false, 0
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Ended == LineCancelled {
			continue
		}
		lines++
		full = full && l.Missing(now) == 0
		some = some || l.Need.Value > l.Missing(now) && l.Ended == "" || len(l.Promises) > 0 && l.Ended == LineShort
	}
	switch {
	case lines == 0:
		return None
	case full:
		return Full
	case some:
		return Partial
	}
	return None
}

// entitle sets a line's title; the map is copied, since masked copies share it.
func (r *Request) entitle(lineID, title string) {
	if r.Private.Lines[lineID] != title {
		r.Wording++
	}
	m := make(map[string]string, len(r.Private.Lines)+1)
	for k, v := range r.Private.Lines {
		m[k] = v
	}
	if m[lineID] = title; title == "" {
		delete(m, lineID)
	}
	r.Private.Lines = m
}

// Line finds a line by id, nil if there is none.
func (r *Request) Line(id string) *Line {
	for i := range r.Lines {
		if r.Lines[i].ID == id {
			return &r.Lines[i]
		}
	}
	return nil
}

// unfinished lists the ids of lines that are neither fulfilled nor ended.
func (r *Request) unfinished(now time.Time) []string {
	var out []string
	for i := range r.Lines {
		switch r.Lines[i].State(now) {
		case LineFulfilled, LineShort, LineCancelled:
		default:
			out = append(out, r.Lines[i].ID)
		}
	}
	return out
}
