package request

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
)

var update = flag.Bool("update", false, "write docs/request-life.md anew; read the difference before you commit it")

// lifeDoc is the page that is written from the table of life.
const lifeDoc = "../../docs/request-life.md"

// The documentation is what the table says: this fails until the page is written again.
func TestTheDocumentedLifeIsTheTable(t *testing.T) {
	t.Parallel()
	got := page()
	if *update {
		if err := os.WriteFile(lifeDoc, []byte(got), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(lifeDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the table of life says; run go test ./internal/request -run DocumentedLife -update and read the difference", lifeDoc)
	}
}

// states is every state in the order in which the diagram names them.
var states = []State{
	Draft, Submitted, Triaged, Accepted, Returned, Declined, Referred, Merged, Matching, Arranged,
	InService, Delivered, Confirmed, Closed, OnHold, Cancelled, Reopened,
}

// leads is where a step leads from a state: nowhere else for one that leaves it.
func (t Transition) leads(from State) []State {
	switch {
	case t.Step == StepResume:
		var out []State
		for _, held := range holdable {
			r := &Request{HeldFrom: held, Lines: []Line{{Promises: []Promise{{ID: "a", Value: 1}}}}}
			if r.resume(now); !slices.Contains(out, r.State()) {
				out = append(out, r.State())
			}
		}
		return out
	case t.Step == StepUnmerge:
		var out []State
		for _, stood := range mergeable {
			r := &Request{Merge: &Merge{From: stood}}
			if r.unmerge(now); !slices.Contains(out, r.State()) {
				out = append(out, r.State())
			}
		}
		return out
	case t.To != sameAsFrom:
		return []State{t.To}
	}
	return nil
}

// near are the ways to stand to a request, as the schema's words name people.
var near = []struct {
	rel  access.Relation
	name string
}{
	{access.ToCreated, "who entered it"},
	{access.ToSelf, "the recipient"},
	{access.ToWard, "a GUARDIAN"},
	{access.ToLinked, "the holder of a one-time link"},
	{access.ToLed, "the SOCIAL_WORKER who leads"},
	{access.ToStation, "COORDINATOR of the station"},
	{access.ToProtected, "PROTECTION_OFFICER"},
	{access.ToSupervised, "SUPERVISOR above"},
	{access.ToHelped, "who helps or supplies"},
	{access.ToOffered, "PARTNER who is offered it"},
	{access.ToAsked, "PARTNER who was asked"},
}

func (t Transition) who() string {
	if t.May == "" {
		return "the platform"
	}
	var out []string
	for _, n := range near {
		if access.Actions()[t.May].Relations.Has(n.rel) {
			out = append(out, n.name)
		}
	}
	return strings.Join(out, ", ")
}

// span is a time in the unit that people would say.
func span(d time.Duration) string {
	if d >= 2*day && d%day == 0 {
		return fmt.Sprintf("%d d", d/day)
	}
	if d >= time.Hour {
		return fmt.Sprintf("%g h", d.Hours())
	}
	return fmt.Sprintf("%g min", d.Minutes())
}

func (t Transition) due() string {
	switch {
	case t.Due == 0:
		return "–"
	case t.Step == StepReturn:
		return span(t.Due)
	}
	r := &Request{Disputed: t.Step == StepDispute}
	if r.Header.State = string(t.To); t.To == sameAsFrom {
		r.Header.State = string(t.From[0])
	}
	working := ""
	if t.Step == StepResume || r.atOffice() {
		working = " of working days"
	}
	return fmt.Sprintf("%s%s; HIGH %s, URGENT %s", span(t.Due), working, span(t.Due/highShare), span(t.Due/urgentShare))
}

func page() string {
	var b strings.Builder
	b.WriteString("# The life of a service request\n\n")
	b.WriteString("<!-- Written from the table in internal/request/state.go; do not edit: go test ./internal/request -run DocumentedLife -update -->\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> DRAFT\n")
	var idle []string
	for _, from := range states {
		b.WriteString(arrows(from))
		if reached, left := isReached(from), len(from.all()) > 0; !reached && !left {
			idle = append(idle, string(from))
		}
	}
	b.WriteString("```\n\n")
	b.WriteString("CANCEL ends every open request, and is not drawn. Steps in small letters are the platform's own. Coverage is no state: it is computed from the promises to the need lines.\n")
	if len(idle) > 0 {
		fmt.Fprintf(&b, "No step leads to %s yet.\n", strings.Join(idle, " or "))
	}
	b.WriteString("\n## Steps\n\nA step in another state than those named is refused with TRANSITION_NOT_ALLOWED, which names the steps there are.\nOf a protected or sealed request what a station may do only a PROTECTION_OFFICER does.\n\n")
	b.WriteString("| step | from | to | who | guard | next step due | log |\n|---|---|---|---|---|---|---|\n")
	for _, t := range Life {
		to := "as it was"
		if leads := t.leads(t.From[0]); len(leads) > 0 {
			to = names(leads)
		}
		entry := "–"
		if t.Event != "" {
			entry = "`" + t.Event + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", t.Step, names(t.From), to, t.who(), t.Guard, t.due(), entry)
	}
	b.WriteString("\nWorking days are those of the State Council's notices: a time of them stands still on weekends and holidays, and that of HIGH too; what is URGENT runs on the clock. The year after the last notice has none: until the notice is there `dueAt` is null and nothing is taken for late.\n")
	b.WriteString("\n## What time does\n\n| state | when the time is over |\n|---|---|\n")
	for _, s := range states {
		r := &Request{}
		r.Header.State = string(s)
		if step, ok := r.elapses(); ok {
			then := ""
			if r.Reminded = true; step == systemRemind {
				next, _ := r.elapses()
				then = fmt.Sprintf(", then %s", next)
			}
			fmt.Fprintf(&b, "| %s | %s%s |\n", s, step, then)
		}
	}
	return b.String()
}

// arrows are the lines of the diagram from one state; steps that lead to the same
// state share one.
func arrows(from State) string {
	steps, order := map[State][]string{}, []State{}
	for _, t := range from.all() {
		if t.Step == StepCancel {
			continue
		}
		for _, to := range t.leads(from) {
			if steps[to] == nil {
				order = append(order, to)
			}
			steps[to] = append(steps[to], string(t.Step))
		}
	}
	out := ""
	for _, to := range order {
		out += fmt.Sprintf("    %s --> %s: %s\n", from, to, strings.Join(steps[to], ", "))
	}
	if len(from.all()) == 0 && isReached(from) {
		out += fmt.Sprintf("    %s --> [*]\n", from)
	}
	return out
}

// all are the rows of the table that start at a state.
func (s State) all() []Transition {
	var out []Transition
	for _, t := range Life {
		if slices.Contains(t.From, s) {
			out = append(out, t)
		}
	}
	return out
}

func isReached(s State) bool {
	for _, t := range Life {
		for _, from := range t.From {
			if slices.Contains(t.leads(from), s) {
				return true
			}
		}
	}
	return false
}

func names(states []State) string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}
