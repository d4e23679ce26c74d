package storetest

import (
	"context"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
)

var planCases = map[string]func(*testing.T, Engine){
	"every declared query walks its index": func(t *testing.T, e Engine) {
		b := fresh(t, e)
		b.add(dozen()...)
		AssertPlans(t, b.DB)
	},
}

// AssertPlans checks for every query of every registered noun that the engine
// walks the index made for it, in both directions and from a cursor, without
// reading the whole table and without sorting. The store may be empty.
func AssertPlans(t testing.TB, db *store.DB) {
	t.Helper()
	for _, d := range db.Definitions() {
		for _, s := range d.Queries {
			for _, desc := range []bool{false, true} {
				scan, err := d.Example(s)
				if err != nil {
					t.Errorf("%s %+v: %v", d.Name, s, err)
					continue
				}
				scan.Desc = desc
				assertPlan(t, db, scan, s)
				scan.After = &store.Pos{Key: example(d, s.Sort), ID: "x"}
				assertPlan(t, db, scan, s)
			}
		}
	}
}

func assertPlan(t testing.TB, db *store.DB, scan store.Scan, s store.Shape) {
	t.Helper()
	plan, err := db.Plan(context.Background(), scan)
	if err != nil {
		t.Errorf("%s %+v: %v", scan.Noun.Name, s, err)
		return
	}
	if plan.FullScan || plan.Sorts || plan.Index != strings.Join(scan.Index, "_") {
		t.Errorf("%s %+v desc %v: index %q (want %q), full scan %v, sorts %v\n%s", scan.Noun.Name, s, scan.Desc,
			plan.Index, strings.Join(scan.Index, "_"), plan.FullScan, plan.Sorts, plan.Text)
	}
}

func example(d *store.Definition, field string) any {
	if field == "" {
		return nil
	}
	return d.Fields[d.Position(field)].Kind.Example()
}
