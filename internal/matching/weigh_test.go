package matching

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/rota"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

var monday = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // 9:00 in China

// usual are the rates of the built-in policy.
var usual = ratesOf(policy.Version{Terms: policy.Standard})

func hours(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }

func window(t *rapid.T, name string, from, to int) *measure.Window {
	if rapid.IntRange(0, 3).Draw(t, name+" none") == 0 {
		return nil
	}
	a := rapid.IntRange(from, to-1).Draw(t, name)
	return &measure.Window{From: hours(a), To: hours(rapid.IntRange(a+1, to).Draw(t, name+" to"))}
}

// drawn is any pair of a resource and a line of its kind.
func drawn(t *rapid.T) pair {
	kind := rapid.SampledFrom(resource.Kinds).Draw(t, "kind")
	unit := measure.Piece
	if kind == resource.Venue {
		unit = measure.Minute
	}
	amount := func(name string, most int64) int64 { return 60 * rapid.Int64Range(1, most).Draw(t, name) }
	line := request.Line{ID: "nl_1", Kind: request.Kind(kind), Category: "MEAL_DELIVERY", Need: measure.Quantity{Value: amount("need", 6), Unit: unit}, Window: window(t, "wanted", -20, 40)}
	r := &request.Request{Place: "130202001001", Lines: []request.Line{line}}
	res := &resource.Resource{
		Head: store.Head{ID: "res_1"}, Kind: kind, Category: "MEAL_DELIVERY", Owner: "org_1", Total: measure.Quantity{Value: amount("total", 8), Unit: unit},
		Minimum: 30 * rapid.Int64Range(0, 8).Draw(t, "minimum"), Window: window(t, "open", -20, 40),
		Area:        rapid.SampledFrom([]string{"13", "1302", "130202", "130202001", "130202001001", "130203", "130203001", "130283", "11"}).Draw(t, "area"),
		Eligibility: rapid.SampledFrom([][]string{nil, {"ELDERLY"}, {"DISABLED"}}).Draw(t, "eligibility"),
	}
	if rapid.Bool().Draw(t, "expires") {
		res.ExpiresAt = hours(rapid.IntRange(-10, 30).Draw(t, "expiry"))
	}
	if kind == resource.Goods && rapid.Bool().Draw(t, "batched") {
		res.Total.Value = 0
		for i := range rapid.IntRange(1, 3).Draw(t, "batches") {
			b := resource.Batch{ID: fmt.Sprint("b", i), Received: amount("received", 3)}
			if rapid.Bool().Draw(t, "goes off") {
				b.ExpiresAt = hours(rapid.IntRange(-10, 30).Draw(t, "goes off at"))
			}
			res.Batches, res.Total.Value = append(res.Batches, b), res.Total.Value+b.Received
			if i == 0 || (!res.ExpiresAt.IsZero() && (b.ExpiresAt.IsZero() || b.ExpiresAt.After(res.ExpiresAt))) {
				res.ExpiresAt = b.ExpiresAt
			}
		}
	}
	if kind == resource.Serving && rapid.Bool().Draw(t, "by period") {
		res.Per = rapid.SampledFrom(resource.Periods).Draw(t, "per")
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "holds") {
		from := rapid.IntRange(0, 30).Draw(t, "hold")
		h := resource.Hold{AllocationID: fmt.Sprint(i), Value: 60, Window: &measure.Window{From: hours(from), To: hours(from + rapid.IntRange(1, 4).Draw(t, "long"))}}
		if res.Per != "" {
			if h.At = h.Window.From; res.FreeAt(h.At, monday) < h.Value {
				continue
			}
		}
		if len(res.Batches) > 0 {
			h.Until, h.At = monday.Add(time.Hour), h.Window.From
			if res.FreeAt(h.At, monday) < h.Value {
				continue
			}
		}
		res.Holds = append(res.Holds, h)
	}
	res.Header.State = string(resource.Published)
	owner := &organisation.Organisation{Credit: organisation.Normal}
	owner.Header.State = string(organisation.Admitted)
	return pair{by: usual, request: r, line: &r.Lines[0], resource: res, owner: owner, group: "ELDERLY", now: monday}
}

// weigh puts the resource to the line for as much as could be proposed, if it may be.
func (p pair) weigh() (Weighed, bool) {
	if p, ok := p.beside(); ok {
		return p.weighed(), true
	}
	return Weighed{}, false
}

func (h helper) weigh() (Weighed, bool) { return h.weighed(), !h.barred() }

// relaxed is the pair with the change made. smaller is the next smaller change.
func (p pair) relaxed(x *Relaxation, smaller bool) pair {
	line, res := *p.line, *p.resource
	p.line, p.resource = &line, &res
	tick := map[bool]time.Duration{true: 0, false: time.Millisecond}[smaller]
	wanted := line.WindowOr(p.request)
	switch x.Kind {
	case AskFor:
		line.Need.Value = x.Quantity.Value - map[bool]int64{true: 1, false: 0}[smaller]
	case Serve:
		for smaller && len(division.Parent(res.Area)) > len(x.Area) { // the next smaller that holds its own area
			res.Area = division.Parent(res.Area)
		}
		if !smaller {
			res.Area = x.Area
		}
	case Reach:
		line.Window = &measure.Window{From: wanted.From, To: x.At.Add(tick)}
	case Before:
		line.Window = &measure.Window{From: x.At.Add(-tick), To: x.At.Add(time.Hour)}
	case StartAt:
		length := time.Duration(p.most().Value) * time.Minute
		at := x.At
		if p.resource.Per != "" { // it may begin later in its window
			length = time.Minute
		}
		if smaller {
			at = at.Add(-time.Minute)
		}
		line.Window = &measure.Window{From: at, To: at.Add(length)}
	case Admit:
		if !smaller {
			res.Eligibility = append(slices.Clone(res.Eligibility), x.Codes...)
		}
	}
	return p
}

func fails(w Weighed, name string) bool {
	return slices.ContainsFunc(w.Failures, func(f Failure) bool { return f.Rule == name })
}

// Making the change that is told makes its rule hold; anything smaller does not.
func TestTheLeastChangeIsTheLeast(t *testing.T) {
	t.Parallel()
	seen := map[RelaxationKind]int{}
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		w, ok := p.weigh()
		if !ok {
			t.Fatal("nobody is barred")
		}
		for _, f := range w.Failures {
			if f.Relax == nil {
				continue
			}
			after, _ := p.relaxed(f.Relax, false).weigh()
			if fails(after, f.Rule) {
				t.Fatalf("%s fails after %+v: %+v", f.Rule, f.Relax, after.Failures)
			}
			less, _ := p.relaxed(f.Relax, true).weigh()
			if f.Relax.Kind == StartAt && p.slotBefore(f.Relax.At) {
				continue // an earlier free slot lies before the wanted window
			}
			if !fails(less, f.Rule) {
				t.Fatalf("%s: less than %+v is enough", f.Rule, f.Relax)
			}
			seen[f.Relax.Kind]++
		}
	})
	for _, k := range []RelaxationKind{AskFor, Serve, Reach, Before, Admit} {
		if seen[k] == 0 {
			t.Errorf("no case of %s", k)
		}
	}
}

// slotBefore reports whether one minute before a slot is a slot too: then it lies before
// what was wanted, and is no smaller change but another.
func (p pair) slotBefore(at time.Time) bool {
	length := time.Duration(p.most().Value) * time.Minute
	earlier := at.Add(-time.Minute)
	return p.resource.FreeFrom(earlier, length, p.now).Equal(earlier) && !earlier.Before(p.now)
}

// What weigh calls fit, judge accepts as a proposal; what it does not, judge refuses.
func TestACandidateCanBeProposed(t *testing.T) {
	t.Parallel()
	fit := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		w, _ := p.weigh()
		p.quantity = w.Quantity
		if p.resource.Per != "" && !w.Start.IsZero() {
			p.window = &measure.Window{From: w.Start, To: w.Start.Add(time.Millisecond)}
		}
		if p.resource.Kind == resource.Venue && !w.Start.IsZero() {
			p.window = &measure.Window{From: w.Start, To: w.Start.Add(time.Duration(w.Quantity.Value) * time.Minute)}
		}
		_, score, err := p.judge()
		if len(w.Failures) == 0 && (err != nil || score != w.Score) {
			t.Fatalf("a candidate is refused: %v, or scored %f for %f", err, score, w.Score)
		}
		if len(w.Failures) == 0 {
			fit++
		}
	})
	if fit == 0 {
		t.Error("no candidate was drawn")
	}
}

// Whoever is barred is not weighed, and order hangs on what is weighed alone.
func TestWhoIsBarredIsNotThereAndOrderIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		p.request.Header.Barred = []string{"org_1"}
		if _, ok := p.weigh(); ok {
			t.Fatal("a barred owner is weighed")
		}
		var list []Weighed
		for i := range 8 {
			q := drawn(t)
			q.resource.ID = fmt.Sprint("res_", i%6, i)
			w, _ := q.weigh()
			list = append(list, w)
		}
		order := func() string {
			slices.SortFunc(list, func(x, y Weighed) int { return x.compare(&y) })
			var ids []string
			for i := range list {
				ids = append(ids, list[i].id())
			}
			return strings.Join(ids, " ")
		}
		first := order()
		slices.Reverse(list)
		if again := order(); again != first {
			t.Fatalf("%s, then %s", first, again)
		}
	})
}

// A volunteer's next free time is told when the wanted one does not suit.
func TestAVolunteersLeastChange(t *testing.T) {
	t.Parallel()
	line := request.Line{ID: "nl_1", Kind: request.KindHours, Need: measure.Quantity{Value: 120, Unit: measure.Minute}, Skills: []string{"DRIVING", "COOKING"}, Window: &measure.Window{From: hours(0), To: hours(3)}}
	r := &request.Request{Place: "130202001001", Lines: []request.Line{line}}
	base := helper{by: usual, request: r, line: &r.Lines[0], volunteer: &volunteer.Volunteer{Head: store.Head{ID: "vol_1"}, Skills: []string{"DRIVING", "COOKING"}, Community: "130202001002"}, now: monday}
	with := func(change func(h *helper, v *volunteer.Volunteer)) helper {
		h, v := base, *base.volunteer
		change(&h, &v)
		h.volunteer = &v
		return h
	}
	for name, c := range map[string]struct {
		h    helper
		want string
	}{
		"fits":    {base, "[]"},
		"no cook": {with(func(_ *helper, v *volunteer.Volunteer) { v.Skills = []string{"DRIVING"} }), "[SKILL WITHOUT [COOKING]]"},
		"free tomorrow": {with(func(_ *helper, v *volunteer.Volunteer) {
			v.Hours = rota.Rota{{Day: "TUESDAY", From: "09:00", To: "11:00"}}
		}), "[WINDOW START_AT 2026-03-03T01:00:00Z]"},
		"too short": {with(func(_ *helper, v *volunteer.Volunteer) {
			v.Hours = rota.Rota{{Day: "TUESDAY", From: "09:00", To: "10:59"}}
		}), "[WINDOW]"},
		"promised": {with(func(h *helper, _ *volunteer.Volunteer) {
			h.taken = []Taken{{measure.Task{Window: measure.Window{From: hours(0), To: hours(2)}, Length: 2 * time.Hour}, true}}
		}), "[WINDOW START_AT 2026-03-02T03:00:00Z]"},
		"part promised": {with(func(h *helper, _ *volunteer.Volunteer) {
			h.taken = []Taken{{measure.Task{Window: measure.Window{From: hours(0), To: hours(1)}, Length: 1 * time.Hour}, true}}
		}), "[]"},
		"secretly so": {with(func(h *helper, _ *volunteer.Volunteer) {
			h.taken = []Taken{{measure.Task{Window: measure.Window{From: hours(0), To: hours(2)}, Length: 2 * time.Hour}, false}}
		}), "[WINDOW]"},
		"an hour of the window": {with(func(h *helper, _ *volunteer.Volunteer) {
			h.taken = []Taken{{measure.Task{Window: measure.Window{From: hours(0), To: hours(3)}, Length: time.Hour}, true}}
		}), "[]"},
		"two of three": {with(func(h *helper, _ *volunteer.Volunteer) {
			h.taken = []Taken{{measure.Task{Window: measure.Window{From: hours(0), To: hours(3)}, Length: 2 * time.Hour}, true}}
		}), "[WINDOW START_AT 2026-03-02T03:00:00Z]"},
		"under way":   {with(func(h *helper, _ *volunteer.Volunteer) { h.now = hours(2) }), "[]"},
		"over":        {with(func(h *helper, _ *volunteer.Volunteer) { h.now = hours(3) }), "[QUANTITY]"},
		"not cleared": {with(func(h *helper, _ *volunteer.Volunteer) { h.minors = true }), "[MINORS_CLEARANCE CLEAR]"},
	} {
		w, ok := c.h.weigh()
		var got []string
		for _, f := range w.Failures {
			s := f.Rule
			if x := f.Relax; x != nil {
				s += " " + string(x.Kind)
				if !x.At.IsZero() {
					s += " " + x.At.Format(time.RFC3339)
				}
				if len(x.Codes) > 0 {
					s += " " + fmt.Sprint(x.Codes)
				}
			}
			got = append(got, s)
		}
		if !ok || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	r.Header.Barred = []string{"vol_1"}
	if _, ok := base.weigh(); ok {
		t.Error("a barred volunteer is weighed")
	}
}

// A room that somebody has is told with the first time at which it is free for as long.
func TestARoomsLeastChange(t *testing.T) {
	t.Parallel()
	line := request.Line{ID: "nl_1", Kind: request.KindVenue, Need: measure.Quantity{Value: 120, Unit: measure.Minute}, Window: &measure.Window{From: hours(0), To: hours(3)}}
	r := &request.Request{Place: "130202001001", Lines: []request.Line{line}}
	owner := &organisation.Organisation{Credit: organisation.Normal}
	owner.Header.State = string(organisation.Admitted)
	at := func(holds ...int) string {
		res := &resource.Resource{Head: store.Head{ID: "res_1"}, Kind: resource.Venue, Total: measure.Quantity{Value: 6000, Unit: measure.Minute}, Area: "1302"}
		res.Header.State = string(resource.Published)
		for i := 0; i < len(holds); i += 2 {
			res.Holds = append(res.Holds, resource.Hold{AllocationID: fmt.Sprint(i), Value: 60, Window: &measure.Window{From: hours(holds[i]), To: hours(holds[i+1])}})
		}
		w, _ := pair{by: usual, request: r, line: &r.Lines[0], resource: res, owner: owner, now: monday}.weigh()
		if len(w.Failures) == 0 {
			return "fits at " + w.Start.Sub(monday).String()
		}
		return fmt.Sprint(w.Failures[0].Rule, " ", w.Failures[0].Relax.Kind, " ", w.Failures[0].Relax.At.Sub(monday))
	}
	for want, got := range map[string]string{
		"fits at 0s":             at(),
		"fits at 1h0m0s":         at(0, 1),
		"WINDOW START_AT 2h0m0s": at(0, 2),
		"WINDOW START_AT 5h0m0s": at(1, 2, 3, 5),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
