package server

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/usecase"
)

// What a field weighs. A field is 1; what stands in a page counts as often as the
// page may be long, in another list as often as such a list usually is; a mutation is
// a unit of work.
const (
	listLength     = 5
	mutationWeight = 20
	schemaWeight   = 500     // the schema is answered from memory, but it is long
	costCeiling    = 1 << 40 // sums stop here instead of overflowing
	// A second of work costs what an account may spend in one: that long a plan may take.
	planWeight = actorCost
	lossWeight = 300 // a plan again, within a hundredth of the work
	// planLength stands for the items of a plan and for what it leaves open. There may be
	// 1,000 of each, but most boards are far from it, and no plan could be read whole.
	planLength = 200
)

// effort is what a field of Query takes besides being read: its own weight, what some
// arguments multiply, and how long lists of its answer may be.
type effort struct {
	weight int
	each   map[string]int    // by argument: for each one asked for
	lists  map[string]length // by field of the answer
}

// length is how long a list may be: as an argument says, up to the most that it may say;
// without an argument that long.
type length struct {
	argument string
	most     int
}

var efforts = map[string]effort{
	"matchCandidates": {weight: 100, lists: map[string]length{"candidates": {"best", 50}, "nearMisses": {"nearMisses", 50}}},
	"matchPlan": {
		weight: planWeight, each: map[string]int{"losses": lossWeight},
		lists: map[string]length{"items": {most: planLength}, "open": {most: planLength}},
	},
	"matchingPolicyDryRun": {
		weight: 2 * planWeight, // by what is in force, and by what would be
		lists:  map[string]length{"lines": {"most", matching.MaxDryRun}, "shifts": {"most", matching.MaxDryRun}},
	},
}

// coster adds up an operation as execution will merge it. The document's shape has
// passed, so there is no more of it than Limits.Fields.
type coster struct {
	vars        map[string]any
	fragments   map[string]*ast.FragmentDefinition
	introspects bool
}

// merged are the fields of one object by response name.
type merged struct {
	groups map[string][]*ast.Field
	order  []string
	spread map[string]bool
}

// level adds up one object. lengths are those of its lists that the field above knows.
func (c *coster) level(lengths map[string]int, sets ...ast.SelectionSet) (sum int) {
	m := merged{groups: map[string][]*ast.Field{}, spread: map[string]bool{}}
	for _, set := range sets {
		c.collect(&m, set)
	}
	for _, name := range m.order {
		sum = min(sum+c.field(m.groups[name], lengths), costCeiling)
	}
	return sum
}

func (c *coster) collect(m *merged, set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if m.groups[s.Alias] == nil {
				m.order = append(m.order, s.Alias)
			}
			m.groups[s.Alias] = append(m.groups[s.Alias], s)
		case *ast.InlineFragment:
			c.collect(m, s.SelectionSet)
		case *ast.FragmentSpread:
			if f := c.fragments[s.Name]; f != nil && !m.spread[s.Name] {
				m.spread[s.Name] = true
				c.collect(m, f.SelectionSet)
			}
		}
	}
}

// field weighs what will be one field of the answer.
func (c *coster) field(group []*ast.Field, lengths map[string]int) int {
	f := group[0]
	switch {
	case f.Name == "__schema" || f.Name == "__type":
		c.introspects = true
		return schemaWeight
	case f.Name == "__typename" || f.Definition == nil:
		return 0
	}
	weight, times := 1, 1
	var inside map[string]int
	switch of(f) {
	case "Mutation":
		weight = mutationWeight
	case "Query":
		if e, ok := efforts[f.Name]; ok {
			weight, inside = c.effort(f, e)
		}
	}
	below := make([]ast.SelectionSet, len(group))
	for i, f := range group { // fields of several types may share a name
		below[i] = f.SelectionSet
		if n, ok := lengths[f.Name]; ok {
			times = max(times, n)
		} else {
			times = max(times, c.times(f))
		}
	}
	return min(weight+c.level(inside, below...)*times, costCeiling)
}

// effort is what a field takes as it is asked, and how long its answer's lists may be.
func (c *coster) effort(f *ast.Field, e effort) (weight int, lengths map[string]int) {
	weight, lengths = 1+e.weight, map[string]int{}
	for argument, each := range e.each {
		weight += each * c.count(f, argument, matching.MaxLosses)
	}
	for name, l := range e.lists {
		lengths[name] = l.most
		if l.argument != "" {
			lengths[name] = c.count(f, l.argument, l.most)
		}
	}
	return weight, lengths
}

// count is an integer argument, or its default; a wrong one counts as the most that may be
// asked for, since the resolver will refuse it anyway.
func (c *coster) count(f *ast.Field, name string, most int) int {
	n, ok := integer(c.value(f, name))
	if f.Arguments.ForName(name) == nil {
		if a := f.Definition.Arguments.ForName(name); a != nil && a.DefaultValue != nil {
			v, _ := a.DefaultValue.Value(nil) // the schema is valid
			n, ok = integer(v)
		}
	}
	if !ok || n < 0 || n > most {
		return most
	}
	return n
}

func integer(v any) (n int, ok bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case int64:
		return int(v), true
	case int:
		return v, true
	}
	return 0, false
}

// of is the name of the type that a field is of, "" where nobody knows.
func of(f *ast.Field) string {
	if f.ObjectDefinition == nil {
		return ""
	}
	return f.ObjectDefinition.Name
}

// times is how often what stands below a field may be answered.
func (c *coster) times(f *ast.Field) int {
	paged := false
	for _, a := range f.Definition.Arguments {
		switch a.Name {
		case "first", "last":
			paged = true
			if n, ok := c.number(f, a.Name); ok {
				return n
			}
		case "ids":
			return c.length(f, a.Name)
		}
	}
	switch {
	case paged:
		return usecase.DefaultPage
	case f.Definition.Type.Elem != nil && !c.inPage(f):
		return listLength
	}
	return 1
}

// inPage reports whether a list is the rows of a page, counted at its field.
func (c *coster) inPage(f *ast.Field) bool {
	if f.Name == "events" && of(f) == "ChangePage" {
		return true
	}
	return (f.Name == "nodes" || f.Name == "edges") && strings.HasSuffix(of(f), "Connection")
}

// number is an integer argument; a wrong one counts as the largest page, since the
// resolver will refuse it anyway.
func (c *coster) number(f *ast.Field, name string) (int, bool) {
	v := c.value(f, name)
	if v == nil {
		return 0, false
	}
	n, ok := integer(v)
	if !ok || n < 1 || n > usecase.MaxPage {
		n = usecase.MaxPage
	}
	return n, true
}

func (c *coster) length(f *ast.Field, name string) int {
	if list, ok := c.value(f, name).([]any); ok {
		return max(1, min(len(list), usecase.MaxPage))
	}
	return usecase.MaxPage
}

func (c *coster) value(f *ast.Field, name string) any {
	a := f.Arguments.ForName(name)
	if a == nil {
		return nil
	}
	v, err := a.Value.Value(c.vars)
	if err != nil {
		return usecase.MaxPage
	}
	return v
}
