package planning_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/planning"
)

// The whole board against HiGHS, a solver of mixed integer programs, on the same model:
// what it finds lies within the value and the bound told here, and the log says how long
// each took. Long: it fetches the solver, and the largest board takes minutes there.
func TestSolveAgainstHiGHS(t *testing.T) {
	if os.Getenv("LINKAGE_LONG") != "1" {
		t.Skip("needs LINKAGE_LONG=1: it fetches a solver")
	}
	python, err := exec.CommandContext(t.Context(), "../../scripts/highs").Output()
	if err != nil {
		t.Fatal("no solver to compare with: ", err)
	}
	for _, c := range []struct {
		lines, supplies, kinds, thin int
		scarce                       bool
	}{{40, 60, 4, 1, false}, {40, 60, 4, 1, true}, {120, 200, 4, 2, true}, {1000, 2000, 12, 3, false}, {1000, 2000, 12, 3, true}} {
		p := board(c.lines, c.supplies, c.kinds, c.thin, c.scarce)
		for i := range p.Pairs { // of tasks that can't move the model below says all
			if task := p.Pairs[i].Task; task != nil {
				task.To = task.From.Add(task.Length)
			}
		}
		began := time.Now()
		plan := planning.Solve(context.Background(), p, planning.Standard)
		ours := time.Since(began)
		best, bound, theirs := highs(t, strings.TrimSpace(string(python)), p)
		t.Logf("%4d lines %4d supplies %6d pairs scarce=%-5v: %9s, gap %.2g; HiGHS %9s, gap %.2g: %.0f times as long",
			c.lines, c.supplies, len(p.Pairs), c.scarce, ours.Round(time.Millisecond), plan.Gap(), theirs.Round(time.Millisecond), (bound-best)/bound, theirs.Seconds()/ours.Seconds())
		// HiGHS takes whole numbers to within a millionth, and sums as it likes.
		if near := 1e-6 * bound; best > plan.Bound+near || plan.Value > bound+near {
			t.Errorf("worth %f, bound %f; HiGHS found %f, bound %f", plan.Value, plan.Bound, best, bound)
		}
	}
}

// highs solves the problem as a mixed integer program, to HiGHS's usual gap of 0.01 %.
func highs(t *testing.T, python string, p *planning.Problem) (best, bound float64, took time.Duration) {
	t.Helper()
	model := filepath.Join(t.TempDir(), "model.lp")
	if err := os.WriteFile(model, []byte(program(p)), 0o600); err != nil {
		t.Fatal(err)
	}
	const run = `
import sys, time, highspy
h = highspy.Highs()
h.setOptionValue("output_flag", False)
h.setOptionValue("time_limit", 600.0)
h.readModel(sys.argv[1])
t = time.time()
h.run()
print()
print("found", h.getInfo().objective_function_value, h.getInfo().mip_dual_bound, time.time() - t)
`
	out, err := exec.CommandContext(t.Context(), python, "-c", run, model).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(out), "\nfound ")
	var seconds float64
	if _, err := fmt.Sscan(after, &best, &bound, &seconds); err != nil || math.IsInf(bound, 0) {
		t.Fatalf("%q: %v", out, err)
	}
	return best, bound, time.Duration(seconds * float64(time.Second))
}

// program is the problem in the LP format; every task has to be one that can't move.
func program(p *planning.Problem) string {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	name := func(i int) string { return "x" + strconv.Itoa(i) }
	unit := func(i int) int64 { // of a variable: all that the line wants for a task
		if p.Pairs[i].Task != nil {
			return p.Lines[p.Pairs[i].Line].Want
		}
		return 1
	}
	var all, binary, whole []string
	lines, stock, rooms := map[int][]string{}, map[int][]string{}, map[int][]int{}
	var bounds strings.Builder
	var least []string
	for i, pair := range p.Pairs {
		all = append(all, fmt.Sprintf("%.17g %s", worth(p, i, unit(i)), name(i)))
		lines[pair.Line] = append(lines[pair.Line], fmt.Sprintf("%d %s", unit(i), name(i)))
		if pair.Task != nil {
			binary = append(binary, name(i))
			rooms[pair.Supply] = append(rooms[pair.Supply], i)
			continue
		}
		whole = append(whole, name(i))
		stock[pair.Supply] = append(stock[pair.Supply], name(i))
		most := min(pair.Most, p.Supplies[pair.Supply].Free, p.Lines[pair.Line].Want)
		fmt.Fprintf(&bounds, " 0 <= %s <= %d\n", name(i), most)
		if pair.Least > 1 {
			on := "on" + strconv.Itoa(i)
			binary = append(binary, on)
			least = append(least, fmt.Sprintf("%s - %d %s >= 0", name(i), pair.Least, on), fmt.Sprintf("%s - %d %s <= 0", name(i), most, on))
		}
	}
	rows := slices.Clone(least)
	for _, l := range slices.Sorted(maps.Keys(lines)) {
		rows = append(rows, fmt.Sprintf("%s <= %d", strings.Join(lines[l], " + "), p.Lines[l].Want))
	}
	for _, s := range slices.Sorted(maps.Keys(stock)) {
		rows = append(rows, fmt.Sprintf("%s <= %d", strings.Join(stock[s], " + "), p.Supplies[s].Free))
	}
	for _, s := range slices.Sorted(maps.Keys(rooms)) {
		for _, i := range rooms[s] { // whoever is at it when this task begins
			var then []string
			for _, o := range rooms[s] {
				if a, b := p.Pairs[i].Task, p.Pairs[o].Task; !b.From.After(a.From) && b.To.After(a.From) {
					then = append(then, name(o))
				}
			}
			rows = append(rows, strings.Join(then, " + ")+" <= 1")
		}
	}
	fmt.Fprintf(w, "Maximize\n %s\nSubject To\n", strings.Join(all, "\n + "))
	for _, r := range rows {
		fmt.Fprintf(w, " %s\n", strings.ReplaceAll(r, " + ", "\n + "))
	}
	fmt.Fprintf(w, "Bounds\n%sGeneral\n %s\nBinary\n %s\nEnd\n", bounds.String(), strings.Join(whole, "\n "), strings.Join(binary, "\n "))
	_ = w.Flush()
	return b.String()
}
