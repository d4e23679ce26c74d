package server

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

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
)

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

func (c *coster) level(sets ...ast.SelectionSet) (sum int) {
	m := merged{groups: map[string][]*ast.Field{}, spread: map[string]bool{}}
	for _, set := range sets {
		c.collect(&m, set)
	}
	for _, name := range m.order {
		sum = min(sum+c.field(m.groups[name]), costCeiling)
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
func (c *coster) field(group []*ast.Field) int {
	f := group[0]
	switch {
	case f.Name == "__schema" || f.Name == "__type":
		c.introspects = true
		return schemaWeight
	case f.Name == "__typename" || f.Definition == nil:
		return 0
	}
	weight, times := 1, 1
	if f.ObjectDefinition != nil && f.ObjectDefinition.Name == "Mutation" {
		weight = mutationWeight
	}
	below := make([]ast.SelectionSet, len(group))
	for i, f := range group { // fields of several types may share a name
		below[i] = f.SelectionSet
		times = max(times, c.times(f))
	}
	return min(weight+c.level(below...)*times, costCeiling)
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
	if f.Name == "events" && f.ObjectDefinition != nil && f.ObjectDefinition.Name == "ChangePage" {
		return true
	}
	return (f.Name == "nodes" || f.Name == "edges") && f.ObjectDefinition != nil && strings.HasSuffix(f.ObjectDefinition.Name, "Connection")
}

// number is an integer argument; a wrong one counts as the largest page, since the
// resolver will refuse it anyway.
func (c *coster) number(f *ast.Field, name string) (int, bool) {
	v := c.value(f, name)
	if v == nil {
		return 0, false
	}
	n := usecase.MaxPage
	switch v := v.(type) {
	case json.Number:
		n, _ = strconv.Atoi(v.String())
	case int64:
		n = int(v)
	case int:
		n = v
	}
	if n < 1 || n > usecase.MaxPage {
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
