package matching

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// helper is a volunteer put to a need line of hours.
type helper struct {
	request   *request.Request
	line      *request.Line
	volunteer *volunteer.Volunteer
	taken     []Taken // what they have promised already
	minors    bool    // they would meet minors
	minutes   int64   // how long they would help; 0: as long as is missing
	past      *past   // nil where nobody asks
	record    record  // zero where nobody asks
	now       time.Time
	by        *rates
}

// past is how often volunteers were vouched for as helpers of a recipient, and beside the
// social worker who leads, by their ids: as far as who asks sees it.
type past struct{ helped, paired map[string]int }

// barred reports whether they must not meet the recipient: who is barred from the request
// is not weighed.
func (h helper) barred() bool { return slices.Contains(h.request.Header.Barred, h.volunteer.ID) }

// weighed is the volunteer put to the line for as long as is missing, within the window of
// the need.
func (h helper) weighed() Weighed {
	w := Weighed{Volunteer: h.volunteer, Quantity: h.line.Need.Of(int64(h.length() / time.Minute)), Start: h.start()}
	w.apply(h.rules())
	w.Reasons, w.Score = append(w.Reasons, h.scores()...), h.score()
	return w
}

// rules are the hard rules, in the order in which they are told.
func (h helper) rules() []rule {
	return []rule{
		{"QUANTITY", h.wanted, nil},
		{"SKILL", h.skills, h.relaxSkills},
		{"WINDOW", h.free, h.relaxFree},
		{"MINORS_CLEARANCE", h.cleared, func() *Relaxation { return &Relaxation{Kind: Clear} }},
	}
}

// length is how long one of them would help: what is missing may be more than what is
// left of the window holds, for then it is the work of several.
func (h helper) length() time.Duration {
	if h.minutes > 0 {
		return time.Duration(h.minutes) * time.Minute
	}
	missing := h.line.Missing(h.now)
	return time.Duration(min(missing, left(h.line.WindowOr(h.request), h.now, missing))) * time.Minute
}

// lacking are the wanted skills that they do not have.
func (h helper) lacking() []string {
	return slices.DeleteFunc(slices.Clone(h.line.Skills), func(s string) bool { return slices.Contains(h.volunteer.Skills, s) })
}

// wanted: some time is missing, and some of the window is left.
func (h helper) wanted() (Reason, error) {
	if h.length() <= 0 {
		return Reason{}, unfit("QUANTITY", "quantity")
	}
	return Reason{Rule: "QUANTITY", Detail: fmt.Sprint(int64(h.length() / time.Minute))}, nil
}

func (h helper) skills() (Reason, error) {
	if len(h.lacking()) > 0 {
		return Reason{}, unfit("SKILL", "skills")
	}
	return Reason{Rule: "SKILL", Detail: strings.Join(h.line.Skills, " ")}, nil
}

func (h helper) relaxSkills() *Relaxation { return &Relaxation{Kind: Without, Codes: h.lacking()} }

// start is the first moment, not before the need's window, from which they are free for
// as long as is wanted: by their week, where they told one, and by what they promised.
// Zero if there is none within two weeks, or if a promise that the asker does not see
// stands in the way.
func (h helper) start() time.Time {
	at := earliest(h.line.WindowOr(h.request), h.now)
	limit, length := at.AddDate(0, 0, 14), h.length()
	for !at.After(limit) {
		if len(h.volunteer.Hours) > 0 {
			if at = h.volunteer.Hours.Next(at, length); at.IsZero() {
				return at
			}
		}
		asked := measure.Task{Window: measure.Window{From: at, To: at.Add(length)}, Length: length}
		if asked.Clash(h.promised(false)).IsZero() {
			return at
		}
		if at = asked.Clash(h.promised(true)); at.IsZero() { // when it is over would tell of what the asker may not see
			return at
		}
	}
	return time.Time{}
}

// promised is what they have promised, all of it or only what the asker sees.
func (h helper) promised(shown bool) []measure.Task {
	var out []measure.Task
	for _, t := range h.taken {
		if t.Shown || !shown {
			out = append(out, t.Task)
		}
	}
	return out
}

func (h helper) free() (Reason, error) {
	wanted, start := h.line.WindowOr(h.request), h.start()
	if start.IsZero() || (wanted != nil && start.Add(h.length()).After(wanted.To)) {
		return Reason{}, unfit("WINDOW", "window")
	}
	return Reason{Rule: "WINDOW", Detail: start.Format(time.RFC3339)}, nil
}

func (h helper) relaxFree() *Relaxation {
	if start := h.start(); !start.IsZero() {
		return &Relaxation{Kind: StartAt, At: start}
	}
	return nil
}

func (h helper) cleared() (Reason, error) {
	if h.minors && !h.volunteer.ClearedForMinors(h.now) {
		return Reason{}, unfit("MINORS_CLEARANCE")
	}
	return Reason{Rule: "MINORS_CLEARANCE"}, nil
}

// distance is by division.
func (h helper) distance() (float64, string) {
	return h.by.nearness(h.volunteer.Community, h.request.Place)
}

// load prefers who has promised less, as far as the asker sees it: fairness among those
// who help.
func (h helper) load() float64 { return 1 / float64(1+h.promises()) }

func (h helper) loaded() string { return strconv.Itoa(h.promises()) }

func (h helper) promises() (n int) {
	for _, t := range h.taken {
		if t.Shown {
			n++
		}
	}
	return n
}

// helped is how often they helped the recipient: continuity prefers whom the recipient
// knows.
func (h helper) helped() int {
	if h.past == nil {
		return 0
	}
	return h.past.helped[h.volunteer.ID]
}

// paired is how often they worked with the social worker who leads.
func (h helper) paired() int {
	if h.past == nil {
		return 0
	}
	return h.past.paired[h.volunteer.ID]
}

// often scores a first time with a half, and each further one with less.
func often(n int) float64 { return 1 - 1/float64(1+n) }

// versatile prefers who can do more than is asked, as often.
func (h helper) versatile() float64 { return often(len(h.more())) }

func (h helper) beyond() string { return strings.Join(slices.Sorted(slices.Values(h.more())), " ") }

// more are the skills that they have and nobody asks for.
func (h helper) more() []string {
	return slices.DeleteFunc(slices.Clone(h.volunteer.Skills), func(s string) bool { return slices.Contains(h.line.Skills, s) })
}
