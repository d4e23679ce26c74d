package matching

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/planning"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// drawnTerms are any terms that a policy may have, its weights up to a number.
func drawnTerms(t *rapid.T, most int) policy.Terms {
	list := func(parts []string) (out []policy.Weight) {
		for i, p := range parts {
			least := 0
			if i == 0 {
				least = 1 // not all are 0
			}
			out = append(out, policy.Weight{Part: p, Weight: rapid.IntRange(least, most).Draw(t, p)})
		}
		return out
	}
	near := rapid.SliceOfN(rapid.IntRange(0, policy.Most), 5, 5).Draw(t, "near")
	slices.Sort(near)
	return policy.Terms{
		Resources: list(policy.ResourceParts), Volunteers: list(policy.VolunteerParts), Unconfirmed: rapid.IntRange(0, policy.Most).Draw(t, "unconfirmed"),
		Nearness: policy.Nearness{Community: near[4], Town: near[3], County: near[2], City: near[1], Farther: near[0]},
	}
}

// Weights that are multiples of others give the very same scores, and so the same order.
func TestMultiplesOfWeightsChangeNoOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawnTerms(t, 10)
		more, by := terms, rapid.IntRange(2, 100).Draw(t, "by")
		more.Resources, more.Volunteers = slices.Clone(terms.Resources), slices.Clone(terms.Volunteers)
		for _, list := range [][]policy.Weight{more.Resources, more.Volunteers} {
			for i := range list {
				list[i].Weight *= by
			}
		}
		judge := func(terms policy.Terms, pairs []pair) (list []Weighed) {
			for _, p := range pairs {
				p.by = ratesOf(policy.Version{Terms: terms})
				if w, ok := p.weigh(); ok {
					list = append(list, w)
				}
			}
			slices.SortFunc(list, func(x, y Weighed) int { return x.compare(&y) })
			return list
		}
		var pairs []pair
		for i := range 6 {
			p := drawn(t)
			p.resource.ID, p.stale = fmt.Sprint("res_", i), rapid.Bool().Draw(t, "stale")
			pairs = append(pairs, p)
		}
		once, again := judge(terms, pairs), judge(more, pairs)
		for i := range once {
			if once[i].id() != again[i].id() || once[i].Score != again[i].Score {
				t.Fatalf("place %d: %s %v, then %s %v", i, once[i].id(), once[i].Score, again[i].id(), again[i].Score)
			}
		}
	})
}

// Whatever a policy says, nothing scores above 1, or more than the bound of the walk that
// finds it: so the search may stop there.
func TestNoScoreIsAboveItsBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		p.by, p.stale = ratesOf(policy.Version{Terms: drawnTerms(t, policy.Most)}), rapid.Bool().Draw(t, "stale")
		p.record = drawnRecord(t)
		w, _ := p.weigh()
		level, area := len(near)-1, p.resource.Area
		for i, l := range slices.Backward(near[:]) {
			if len(area) >= l.digits && area[:l.digits] == p.request.Place[:l.digits] {
				level = i
			}
		}
		if most := bound(p.by.resource, p.by.near[level]); w.Score > most || most > 1+1e-9 || w.Score < 0 && len(w.Failures) == 0 {
			t.Fatalf("%v above %v", w.Score, most)
		}
	})
}

func drawnRecord(t *rapid.T) record {
	return record{rapid.Int64Range(0, 1e6).Draw(t, "confirmed"), rapid.Int64Range(0, 1e6).Draw(t, "unconfirmed")}
}

// A rate lies between 0 and 1, each word moves it the right way, and of two who were always
// confirmed the one with more words stands above: few never beat many.
func TestARecordIsSmoothed(t *testing.T) {
	t.Parallel()
	if got := (record{}).rate(); got != 0.5 {
		t.Errorf("of whom nothing is known: %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := drawnRecord(t)
		if got := r.rate(); got <= 0 || got >= 1 {
			t.Fatalf("%+v: %v", r, got)
		}
		if up, down := (record{r.Confirmed + 1, r.Unconfirmed}), (record{r.Confirmed, r.Unconfirmed + 1}); up.rate() <= r.rate() || down.rate() >= r.rate() {
			t.Fatalf("%+v: %v, one more confirmed %v, one more not %v", r, r.rate(), up.rate(), down.rate())
		}
		times := rapid.Int64Range(2, 100).Draw(t, "times")
		more := record{r.Confirmed * times, r.Unconfirmed * times} // the same share, of more
		if d := more.rate() - r.rate(); d > 0 && r.Confirmed <= r.Unconfirmed || d < 0 && r.Confirmed >= r.Unconfirmed {
			t.Fatalf("%+v %v beside %+v %v", r, r.rate(), more, more.rate())
		}
	})
}

// drawnHelper is any volunteer of a county put to a line of hours.
func drawnHelper(t *rapid.T) helper {
	skills := []string{"COOKING", "DRIVING", "HAIRDRESSING"}
	line := request.Line{ID: "nl_1", Kind: request.KindHours, Need: measure.Quantity{Value: 60, Unit: measure.Minute}, Skills: rapid.SliceOfNDistinct(rapid.SampledFrom(skills), 0, 2, rapid.ID).Draw(t, "asked")}
	v := &volunteer.Volunteer{
		Head: store.Head{ID: "vol_1"}, Skills: rapid.SliceOfNDistinct(rapid.SampledFrom(skills), 0, 3, rapid.ID).Draw(t, "skills"),
		Community: rapid.SampledFrom([]string{"130202001001", "130202001002", "130202002001"}).Draw(t, "lives"),
	}
	h := helper{request: &request.Request{Place: "130202001001", Lead: "wrk_1", Lines: []request.Line{line}}, line: &line, volunteer: v, now: monday}
	for range rapid.IntRange(0, 3).Draw(t, "promised") {
		h.taken = append(h.taken, Taken{Shown: rapid.Bool().Draw(t, "shown")})
	}
	h.record = drawnRecord(t)
	if rapid.Bool().Draw(t, "past") {
		h.past = &past{map[string]int{"vol_1": rapid.IntRange(0, 9).Draw(t, "helped")}, map[string]int{"vol_1": rapid.IntRange(0, 9).Draw(t, "paired")}}
	}
	return h
}

// The same for who helps.
func TestNoHelperScoresAboveTheBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawnHelper(t)
		h.by = ratesOf(policy.Version{Terms: drawnTerms(t, policy.Most)})
		w, _ := h.weigh()
		level := 0
		for ; h.volunteer.Community[:near[level].digits] != h.request.Place[:near[level].digits]; level++ {
		}
		if most := bound(h.by.volunteer, h.by.near[level]); w.Score > most || most > 1+1e-9 || w.Score < 0 {
			t.Fatalf("%v above %v", w.Score, most)
		}
	})
}

// A policy from before a part was there scores as it did, and tells nothing of the part.
func TestPartsThatCameLaterMoveNoOldScore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawnTerms(t, policy.Most)
		terms.Resources, terms.Volunteers = terms.Resources[:policy.FirstResource], terms.Volunteers[:policy.FirstVolunteer]
		by := ratesOf(policy.Version{Terms: terms})
		sum := func(reasons []Reason, shares []float64) (total float64) {
			if len(reasons) != len(shares) {
				t.Fatalf("%d parts are told, want %d", len(reasons), len(shares))
			}
			for i, r := range reasons {
				total += shares[i] * *r.Score
			}
			return total
		}
		p, h := drawn(t), drawnHelper(t)
		p.by, h.by = by, by
		p.quantity = p.most()
		if reasons, total := p.scores(), p.score(); total != sum(reasons, by.resource[:policy.FirstResource]) {
			t.Fatalf("%v of %+v", total, reasons)
		}
		if reasons, total := h.scores(), h.score(); total != sum(reasons, by.volunteer[:policy.FirstVolunteer]) {
			t.Fatalf("%v of %+v", total, reasons)
		}
	})
}

// Each later part moves the score that it should, and the more the more there is of it.
func TestEachPartPrefersWhatItShould(t *testing.T) {
	t.Parallel()
	helped := func(part string, n int, skills ...string) float64 {
		terms := policy.Standard
		terms.Volunteers = []policy.Weight{{Part: part, Weight: 1}}
		line := request.Line{Kind: request.KindHours, Need: measure.Quantity{Value: 60, Unit: measure.Minute}, Skills: []string{"COOKING"}}
		h := helper{by: ratesOf(policy.Version{Terms: terms}), request: &request.Request{}, line: &line, now: monday, volunteer: &volunteer.Volunteer{Head: store.Head{ID: "vol_1"}, Skills: skills}}
		h.past = &past{map[string]int{}, map[string]int{}}
		if part == "CONTINUITY" {
			h.past.helped["vol_1"] = n
		} else {
			h.past.paired["vol_1"] = n
		}
		return h.score()
	}
	for _, part := range []string{"CONTINUITY", "PAIRING"} {
		if a, b, c := helped(part, 0), helped(part, 1), helped(part, 5); a != 0 || b != 0.5 || c <= b || c > 1 {
			t.Errorf("%s: %v, %v, %v", part, a, b, c)
		}
	}
	if a, b := helped("SKILL_FIT", 0, "COOKING"), helped("SKILL_FIT", 0, "COOKING", "DRIVING"); a != 0 || b != 0.5 {
		t.Errorf("SKILL_FIT: %v, %v", a, b)
	}
	idle := func(held int64) float64 {
		terms := policy.Standard
		terms.Resources = []policy.Weight{{Part: "IDLE", Weight: 1}}
		res := &resource.Resource{Kind: resource.Goods, Total: measure.Quantity{Value: 10, Unit: measure.Piece}}
		if held > 0 {
			res.Holds = []resource.Hold{{AllocationID: "alc_1", Value: held}}
		}
		return pair{by: ratesOf(policy.Version{Terms: terms}), request: &request.Request{}, line: &request.Line{}, resource: res, now: monday}.score()
	}
	if a, b := idle(0), idle(8); a != 1 || b != 0.2 {
		t.Errorf("IDLE: %v, %v", a, b)
	}
	terms := policy.Standard
	terms.Resources = []policy.Weight{{Part: "PAST_CONFIRMATION", Weight: 1}}
	terms.Volunteers = terms.Resources
	by, line := ratesOf(policy.Version{Terms: terms}), request.Line{Kind: request.KindHours}
	for _, c := range []struct {
		of   record
		want float64
	}{{record{}, 0.5}, {record{2, 0}, 0.75}, {record{8, 0}, 0.9}, {record{0, 2}, 0.25}} {
		owner := pair{by: by, request: &request.Request{}, line: &line, resource: &resource.Resource{}, record: c.of, now: monday}.score()
		who := helper{by: by, request: &request.Request{}, line: &line, volunteer: &volunteer.Volunteer{}, record: c.of, now: monday}.score()
		if owner != c.want || who != c.want {
			t.Errorf("PAST_CONFIRMATION of %+v: %v and %v, want %v", c.of, owner, who, c.want)
		}
	}
}

// smallBoard is two lines of meals and two resources: one near by, one from further away
// that goes off soon.
func smallBoard() *board {
	lines := []request.Line{
		{ID: "nl_1", Kind: request.KindService, Category: "MEAL_DELIVERY", Need: measure.Quantity{Value: 2, Unit: measure.Piece}},
		{ID: "nl_2", Kind: request.KindService, Category: "MEAL_DELIVERY", Need: measure.Quantity{Value: 3, Unit: measure.Piece}},
	}
	r := &request.Request{Place: "130202001001", Urgency: request.Normal, Lines: lines}
	owner := &organisation.Organisation{Credit: organisation.Normal}
	owner.Header.State = string(organisation.Admitted)
	b := &board{now: monday, complete: true}
	for i := range lines {
		l := &boardLine{request: r, line: &lines[i], by: usual, missing: lines[i].Need.Value}
		b.lines = append(b.lines, l)
		b.wants = append(b.wants, want{l, l.missing})
		b.problem.Lines = append(b.problem.Lines, planning.Line{Want: l.missing, Weight: 1})
	}
	for id, area := range map[string]string{"res_near": "130202001001", "res_soon": "13"} {
		res := &resource.Resource{Head: store.Head{ID: id}, Kind: resource.Serving, Category: "MEAL_DELIVERY", Total: measure.Quantity{Value: 9, Unit: measure.Piece}, Area: area}
		if id == "res_soon" {
			res.ExpiresAt = monday.AddDate(0, 0, 9)
		}
		res.Header.State = string(resource.Published)
		b.add(id, &stocked{offer{resource: res, owner: owner}, monday, monday}, []int{0, 1}, nil)
	}
	return b
}

// A dry run of what is in force changes nothing; one of another policy tells who would be
// chosen instead, and what is given in the one plan is still there in the other.
func TestABoardUnderAnotherPolicy(t *testing.T) {
	t.Parallel()
	best := func(b *board) (out []string) {
		for _, w := range b.best() {
			out = append(out, w.id())
		}
		return out
	}
	plan := func(b *board) string {
		var p DryRunPlan
		return fmt.Sprint(b.dryPlan(t.Context(), &p), p.Coverage[2])
	}
	b := smallBoard()
	terms := policy.Standard
	terms.Resources = []policy.Weight{{Part: "EXPIRY", Weight: 7}}
	soon := ratesOf(policy.Version{Terms: terms})
	under := func(by *rates) *board {
		other, err := b.under(func(*request.Request) (*rates, error) { return by, nil })
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	equal, other := under(ratesOf(policy.Version{Terms: policy.Standard})), under(soon)
	near, far := "[res_near res_near]", "[res_soon res_soon]"
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"the best by what is in force", best(b), near},
		{"the best by the same", best(equal), near},
		{"the best by another", best(other), far},
		{"the plan by what is in force", plan(b), "map[{nl_1 res_near}:1 {nl_2 res_near}:1] {NORMAL 2 2}"},
		{"the plan by the same", plan(equal), "map[{nl_1 res_near}:1 {nl_2 res_near}:1] {NORMAL 2 2}"},
		{"the plan by another", plan(other), "map[{nl_1 res_soon}:1 {nl_2 res_soon}:1] {NORMAL 2 2}"},
	} {
		if fmt.Sprint(c.got) != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

// For a looker who does not see whom a line is for, nothing that is weighed depends on it.
func TestWhomItIsForMovesNothingForWhoDoesNotSeeIt(t *testing.T) {
	t.Parallel()
	otherwise := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		p.resource.Accepts = rapid.SampledFrom(resource.Capacities).Draw(t, "capacity")
		tell := func(group string, served, anyone bool) string {
			p.group, p.served, p.anyone = group, served, anyone
			w, _ := p.weigh()
			out := fmt.Sprint(w.Score, w.Quantity.Value)
			for _, f := range w.Failures {
				out += " " + f.Rule
			}
			return out
		}
		a, b := tell("ELDERLY", false, true), tell("DISABLED", true, true)
		if a != b {
			t.Fatalf("%s\n%s", a, b)
		}
		if tell("ELDERLY", false, false) != tell("DISABLED", true, false) {
			otherwise++
		}
	})
	if otherwise == 0 {
		t.Error("whom it is for never mattered")
	}
}
