package station

import (
	"testing"

	"github.com/fivesociety/linkage/internal/store"
)

func TestResponsibleRanksListBeforeTownBeforeCountyAndOlderBeforeNewer(t *testing.T) {
	t.Parallel()
	const here = "130202001001"
	at := func(id, division string, state State, serves ...string) *Station {
		return &Station{Head: store.Head{ID: id}, Division: division, State: state, Serves: serves}
	}
	county, town := "div_130202000000", "div_130202001000"
	cases := map[string]struct {
		given []*Station
		want  string
	}{
		"none":                   {nil, ""},
		"another town":           {[]*Station{at("a", "div_130202102000", Operating)}, ""},
		"town before county":     {[]*Station{at("a", county, Operating), at("b", town, Operating)}, "b"},
		"list before town":       {[]*Station{at("a", town, Operating), at("b", county, Operating, here)}, "b"},
		"older before newer":     {[]*Station{at("b", town, Operating), at("a", town, Operating), at("c", town, Operating)}, "a"},
		"closed lists no more":   {[]*Station{at("a", town, Closed, here), at("b", county, Operating)}, "b"},
		"rectifying takes none":  {[]*Station{at("a", town, Rectifying)}, ""},
		"planned takes none yet": {[]*Station{at("a", town, Planned, here)}, ""},
	}
	for name, c := range cases {
		got := ""
		if s := responsible(c.given, here); s != nil {
			got = s.ID
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
