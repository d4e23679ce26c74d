package planning_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/planning"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func task(from, to, length int) *measure.Task {
	at := func(m int) time.Time { return nine.Add(time.Duration(m) * time.Minute) }
	return &measure.Task{Window: measure.Window{From: at(from), To: at(to)}, Length: time.Duration(length) * time.Minute}
}

// enough work to prove any of the small problems here.
const enough = 1 << 40

func TestSolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		problem planning.Problem
		want    map[int]int64 // of each pair
	}{
		"nothing": {},
		"the urgent line first": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 10, Weight: 1}, {Want: 10, Weight: 100}},
				Supplies: []planning.Supply{{Free: 10}},
				Pairs:    []planning.Pair{{Line: 0, Most: 10, Score: 1}, {Line: 1, Most: 10, Score: 0}},
			}, map[int]int64{1: 10},
		},
		"who can do little is kept for what only they can do": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 1, Weight: 1}, {Want: 1, Weight: 1}},
				Supplies: []planning.Supply{{Free: 1}, {Free: 1}},
				Pairs:    []planning.Pair{{Line: 0, Supply: 0, Most: 1, Score: 1}, {Line: 0, Supply: 1, Most: 1, Score: 0.1}, {Line: 1, Supply: 0, Most: 1, Score: 0.1}},
			}, map[int]int64{1: 1, 2: 1},
		},
		"not less than the least": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 4, Weight: 1}},
				Supplies: []planning.Supply{{Free: 9}},
				Pairs:    []planning.Pair{{Most: 9, Least: 5, Score: 1}},
			}, nil,
		},
		"one thing at a time": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 60, Weight: 1}, {Want: 60, Weight: 1}},
				Supplies: []planning.Supply{{}},
				Pairs:    []planning.Pair{{Line: 0, Score: 0.5, Task: task(0, 60, 60)}, {Line: 1, Score: 0.6, Task: task(30, 90, 60)}},
			}, map[int]int64{1: 60},
		},
		"one after the other": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 60, Weight: 1}, {Want: 60, Weight: 1}},
				Supplies: []planning.Supply{{}},
				Pairs:    []planning.Pair{{Line: 0, Task: task(0, 120, 60)}, {Line: 1, Task: task(0, 120, 60)}},
			}, map[int]int64{0: 60, 1: 60},
		},
		"not beside what is promised": {
			planning.Problem{
				Lines:    []planning.Line{{Want: 60, Weight: 1}},
				Supplies: []planning.Supply{{Promised: []measure.Task{*task(0, 60, 60)}}},
				Pairs:    []planning.Pair{{Task: task(0, 90, 60)}},
			}, nil,
		},
	} {
		got := map[int]int64{}
		plan := planning.Solve(context.Background(), &c.problem, enough)
		for _, g := range plan.Gives {
			got[g.Pair] = g.Amount
		}
		if c.want == nil {
			c.want = map[int]int64{}
		}
		if !reflect.DeepEqual(got, c.want) || plan.Gap() > 0 {
			t.Errorf("%s: %v, gap %g; want %v", name, got, plan.Gap(), c.want)
		}
	}
}

// problems draws boards small enough to try every plan.
var problems = rapid.Custom(func(t *rapid.T) *planning.Problem {
	p := &planning.Problem{}
	timed := rapid.Bool().Draw(t, "timed")
	lines, supplies := rapid.IntRange(1, 4).Draw(t, "lines"), rapid.IntRange(1, 3).Draw(t, "supplies")
	for range lines {
		p.Lines = append(p.Lines, planning.Line{
			Want: int64(rapid.IntRange(1, 4).Draw(t, "want")), Weight: rapid.SampledFrom([]float64{1, 1, 100}).Draw(t, "weight"),
		})
	}
	for range supplies {
		s := planning.Supply{Free: int64(rapid.IntRange(0, 5).Draw(t, "free"))}
		if timed && rapid.Bool().Draw(t, "busy") {
			s.Promised = []measure.Task{*task(2, 5, 2)}
		}
		p.Supplies = append(p.Supplies, s)
	}
	for l := range lines {
		for s := range supplies {
			if !rapid.Bool().Draw(t, "pair") {
				continue
			}
			pair := planning.Pair{Line: l, Supply: s, Score: float64(rapid.IntRange(0, 8).Draw(t, "score")) / 8}
			if timed {
				from, length := rapid.IntRange(0, 5).Draw(t, "from"), rapid.IntRange(1, 4).Draw(t, "length")
				pair.Task = task(from, from+length+rapid.IntRange(0, 4).Draw(t, "slack"), length)
			} else {
				pair.Least, pair.Most = int64(rapid.IntRange(0, 3).Draw(t, "least")), int64(rapid.IntRange(1, 4).Draw(t, "most"))
			}
			p.Pairs = append(p.Pairs, pair)
		}
	}
	return p
})

// The best plan is as good as the best of all plans, can be carried out, and is proven.
func TestSolveIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems.Draw(t, "problem")
		plan := planning.Solve(context.Background(), p, enough)
		if err := possible(p, plan); err != nil {
			t.Fatal(err)
		}
		best := brute(p, 0, make([]int64, len(p.Pairs)))
		if math.Abs(best-plan.Value) > 1e-6*best || plan.Gap() > 0 {
			t.Fatalf("worth %g of %g, gap %g", plan.Value, best, plan.Gap())
		}
		if again := planning.Solve(context.Background(), p, enough); !reflect.DeepEqual(plan, again) {
			t.Fatal("equal problems have different plans")
		}
	})
}

// What a pair is worth is what the best plan without it is worth less.
func TestWithout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems.Draw(t, "problem")
		plan := planning.Solve(context.Background(), p, enough)
		if len(plan.Gives) == 0 {
			t.Skip()
		}
		gone := plan.Gives[rapid.IntRange(0, len(plan.Gives)-1).Draw(t, "gone")].Pair
		rest := planning.Without(context.Background(), p, plan, []int{gone}, enough)
		if err := possible(p, rest); err != nil {
			t.Fatal(err)
		}
		less := *p
		less.Pairs = append([]planning.Pair{}, p.Pairs...)
		less.Pairs[gone].Most, less.Pairs[gone].Least = 0, 1
		less.Pairs[gone].Task = nil
		if best := brute(&less, 0, make([]int64, len(p.Pairs))); math.Abs(best-rest.Value) > 1e-6*(1+best) || rest.Gap() > 0 {
			t.Fatalf("worth %g without %d, told %g", best, gone, rest.Value)
		}
		plan.Drop(p, gone)
		if err := possible(p, plan); err != nil {
			t.Fatal(err)
		}
	})
}

// However little work is allowed, the plan can be carried out, is no worse than taking
// the best fit line by line, and the bound it tells holds.
func TestSolveWithoutTime(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems.Draw(t, "problem")
		best := brute(p, 0, make([]int64, len(p.Pairs)))
		for _, plan := range []*planning.Plan{planning.Solve(context.Background(), p, 0), planning.Solve(over, p, enough)} {
			if err := possible(p, plan); err != nil {
				t.Fatal(err)
			}
			if low := greedy(p); plan.Value < low*(1-1e-9) {
				t.Fatalf("worth %g, greedy %g", plan.Value, low)
			}
			if plan.Value > best*(1+1e-9) || plan.Bound < best*(1-1e-9) {
				t.Fatalf("the best is worth %g, told are %g to %g", best, plan.Value, plan.Bound)
			}
		}
	})
}

func worth(p *planning.Problem, pair int, n int64) float64 {
	l := p.Lines[p.Pairs[pair].Line]
	return float64(n) / float64(l.Want) * (l.Weight + planning.ScoreWorth*p.Pairs[pair].Score)
}

// amounts lists what a pair may give beside what the pairs before it give.
func amounts(p *planning.Problem, at int, given []int64) []int64 {
	pair := p.Pairs[at]
	want, free := p.Lines[pair.Line].Want, p.Supplies[pair.Supply].Free
	var doing []measure.Task
	doing = append(doing, p.Supplies[pair.Supply].Promised...)
	for i, n := range given[:at] {
		if p.Pairs[i].Line == pair.Line {
			want -= n
		}
		if p.Pairs[i].Supply == pair.Supply && n > 0 {
			free -= n
			if p.Pairs[i].Task != nil {
				doing = append(doing, *p.Pairs[i].Task)
			}
		}
	}
	out := []int64{0}
	if pair.Task != nil {
		if all := p.Lines[pair.Line].Want; want == all && pair.Task.Clash(doing).IsZero() {
			out = append(out, all)
		}
		return out
	}
	for n := max(1, pair.Least); n <= min(pair.Most, want, free); n++ {
		out = append(out, n)
	}
	return out
}

// brute tries every plan.
func brute(p *planning.Problem, at int, given []int64) (best float64) {
	if at == len(p.Pairs) {
		return 0
	}
	for _, n := range amounts(p, at, given) {
		given[at] = n
		best = max(best, worth(p, at, n)+brute(p, at+1, given))
	}
	given[at] = 0
	return best
}

// possible says what in a plan can't be carried out.
func possible(p *planning.Problem, plan *planning.Plan) error {
	given, value := make([]int64, len(p.Pairs)), 0.0
	for _, g := range plan.Gives {
		given[g.Pair] = g.Amount
		value += worth(p, g.Pair, g.Amount)
	}
	for at, n := range given {
		ok := false
		for _, may := range amounts(p, at, given) {
			ok = ok || may == n
		}
		if !ok {
			return fmt.Errorf("pair %d gives %d of %v", at, n, amounts(p, at, given))
		}
	}
	if math.Abs(value-plan.Value) > 1e-6*(1+value) {
		return fmt.Errorf("worth %g, told %g", value, plan.Value)
	}
	return nil
}

// greedy takes the heaviest line first, and for each the best fit.
func greedy(p *planning.Problem) (value float64) {
	given := make([]int64, len(p.Pairs))
	for range p.Pairs {
		next, most := -1, int64(0)
		for i := range p.Pairs {
			if given[i] != 0 {
				continue
			}
			may := amountsBeside(p, i, given)
			if may == 0 {
				continue
			}
			if next < 0 || before(p, i, next) {
				next, most = i, may
			}
		}
		if next < 0 {
			break
		}
		given[next] = most
		value += worth(p, next, most)
	}
	return value
}

func before(p *planning.Problem, a, b int) bool {
	x, y := p.Pairs[a], p.Pairs[b]
	if wx, wy := p.Lines[x.Line].Weight, p.Lines[y.Line].Weight; wx != wy {
		return wx > wy
	}
	if x.Line != y.Line {
		return x.Line < y.Line
	}
	return x.Score > y.Score
}

// amountsBeside is the most that a pair may give beside all that is given.
func amountsBeside(p *planning.Problem, at int, given []int64) int64 {
	order, n := *p, len(p.Pairs)
	order.Pairs = append(append([]planning.Pair{}, p.Pairs...), p.Pairs[at])
	may := amounts(&order, n, append(append([]int64{}, given...), 0))
	return may[len(may)-1]
}

// board is a station's whole board: lines of all urgencies, half of them for someone's or
// a room's time, and supply of the same kinds; each supply fits one in thin of its kind's
// lines. A scarce one has a third of what is wanted.
func board(lines, supplies, kinds, thin int, scarce bool) *planning.Problem {
	r := rand.New(rand.NewPCG(1, 2))
	p := &planning.Problem{}
	days, stock := 5, 6
	if scarce {
		days, stock = 1, 1
	}
	for range lines {
		p.Lines = append(p.Lines, planning.Line{Want: 60 * int64(1+r.IntN(4)), Weight: []float64{1, 1, 1, 1, 1, 1, 1, 10, 10, 100}[r.IntN(10)]})
	}
	for range supplies {
		p.Supplies = append(p.Supplies, planning.Supply{Free: 15 * int64(1+r.IntN(4*stock))})
	}
	for l := range lines {
		length := int(p.Lines[l].Want)
		from := 60*r.IntN(8) + 24*60*r.IntN(days)
		for s := range supplies {
			if s%kinds != l%kinds || r.IntN(thin) > 0 || scarce && s/kinds%3 > 0 {
				continue
			}
			pair := planning.Pair{Line: l, Supply: s, Most: p.Supplies[s].Free, Score: float64(r.IntN(1000)) / 1000}
			if l%kinds%2 == 0 {
				pair.Task = task(from, from+length+30*(l%3), length)
			} else if s%5 == 0 {
				pair.Least = 60
			}
			p.Pairs = append(p.Pairs, pair)
		}
	}
	return p
}

// The plan for 1,000 lines and 2,000 supplies: what is proven within the work allowed, and
// what the best fit line by line would be worth.
func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		name        string
		kinds, thin int
		scarce      bool
	}{{"ample", 12, 3, false}, {"scarce", 12, 3, true}, {"dense", 4, 1, false}, {"dense and scarce", 4, 1, true}} {
		p := board(1000, 2000, c.kinds, c.thin, c.scarce)
		b.Run(c.name, func(b *testing.B) {
			var plan *planning.Plan
			for b.Loop() {
				plan = planning.Solve(context.Background(), p, planning.Standard)
			}
			b.ReportMetric(float64(len(p.Pairs)), "pairs")
			b.ReportMetric(100*plan.Gap(), "%gap")
			b.ReportMetric(plan.Value/planning.Solve(context.Background(), p, 0).Value, "x/first")
		})
	}
}

// Who could do it as well takes a part of it: of two volunteers with equal scores one does
// not do all visits. Who fits better does them, and nobody is given what their time forbids.
func TestWhatIsWorthTheSameIsSpread(t *testing.T) {
	t.Parallel()
	visits := func(scores, tired []float64) planning.Problem {
		p := planning.Problem{}
		for i := range 6 {
			p.Lines = append(p.Lines, planning.Line{Want: 60, Weight: 1})
			for s, score := range scores {
				promised := []measure.Task(nil)
				if tired[s] > 0 {
					promised = []measure.Task{*task(0, int(tired[s]), int(tired[s]))}
				}
				if i == 0 {
					p.Supplies = append(p.Supplies, planning.Supply{Promised: promised})
				}
				p.Pairs = append(p.Pairs, planning.Pair{Line: i, Supply: s, Score: score, Task: task(100*i, 100*i+60, 60)})
			}
		}
		return p
	}
	for name, c := range map[string]struct {
		problem planning.Problem
		want    string // how many visits each does
	}{
		"three alike":             {visits([]float64{0.5, 0.5, 0.5}, []float64{0, 0, 0}), "[2 2 2]"},
		"one fits better":         {visits([]float64{0.5, 0.9, 0.5}, []float64{0, 0, 0}), "[0 6 0]"},
		"one is busy until late":  {visits([]float64{0.5, 0.5}, []float64{0, 420}), "[5 1]"},
		"one alone":               {visits([]float64{0.5}, []float64{0}), "[6]"},
		"two alike, one does not": {visits([]float64{0.5, 0.5, 0.4}, []float64{0, 0, 0}), "[3 3 0]"},
	} {
		plan := planning.Solve(context.Background(), &c.problem, enough)
		does := make([]int, len(c.problem.Supplies))
		for _, g := range plan.Gives {
			does[c.problem.Pairs[g.Pair].Supply]++
		}
		if fmt.Sprint(does) != c.want || plan.Gap() != 0 {
			t.Errorf("%s: %v with a gap of %v, want %s", name, does, plan.Gap(), c.want)
		}
		if err := possible(&c.problem, plan); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is left out of a plan does not come back by spreading.
	p := visits([]float64{0.5, 0.5}, []float64{0, 0})
	out := []int{0, 2, 4, 6, 8, 10} // all visits by the first volunteer
	rest := planning.Without(context.Background(), &p, planning.Solve(context.Background(), &p, enough), out, enough)
	for _, g := range rest.Gives {
		if slices.Contains(out, g.Pair) {
			t.Errorf("%d gives, which was left out", g.Pair)
		}
	}
	if len(rest.Gives) != 6 {
		t.Errorf("%d visits are done", len(rest.Gives))
	}
}
