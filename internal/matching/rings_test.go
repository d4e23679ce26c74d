package matching

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
)

// What is left out for its score alone would have entered neither list, whatever failed.
func TestWhatIsHopelessEntersNoList(t *testing.T) {
	t.Parallel()
	hopeless := 0
	rapid.Check(t, func(t *rapid.T) {
		of := func(name string) Weighed {
			at := monday.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, name+" entered")) * time.Minute)
			return Weighed{
				Resource: &resource.Resource{Head: store.Head{ID: name, CreatedAt: at}}, Score: float64(rapid.IntRange(0, 4).Draw(t, name+" scores")),
				Failures: make([]Failure, rapid.IntRange(0, 2).Draw(t, name+" fails")),
			}
		}
		l := &lists{top{most: rapid.IntRange(0, 3).Draw(t, "best")}, top{most: rapid.IntRange(0, 3).Draw(t, "misses")}}
		for i := range rapid.IntRange(0, 9).Draw(t, "weighed") {
			l.add(of(string(rune('a' + i))))
		}
		w := of("z")
		if !l.hopeless(w.Score) {
			return
		}
		hopeless++
		ids := func() (out []string) {
			for _, list := range [][]Weighed{l.fit.list, l.miss.list} {
				for _, x := range list {
					out = append(out, x.id())
				}
			}
			return out
		}
		before := ids()
		l.add(w)
		if after := ids(); !slices.Equal(before, after) {
			t.Fatalf("%v of %d failures entered: %v, then %v", w.Score, len(w.Failures), before, after)
		}
	})
	if hopeless == 0 {
		t.Error("nothing was ever hopeless")
	}
}

// The parts that are added up are those of policies, in their order.
func TestPartsAreThoseOfPolicies(t *testing.T) {
	t.Parallel()
	var stock, people []string
	for _, s := range stockParts {
		stock = append(stock, s.rule)
	}
	for _, s := range peopleParts {
		people = append(people, s.rule)
	}
	if !slices.Equal(stock, policy.ResourceParts) || !slices.Equal(people, policy.VolunteerParts) {
		t.Errorf("%v, %v", stock, people)
	}
}
