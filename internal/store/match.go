package store

import (
	"fmt"
	"strings"
)

// Match is a compiled filter: it answers for one row's declared values without
// allocating. It is safe for concurrent use.
type Match func(Values) bool

// Compile resolves a filter's fields against a definition. With routing it also
// refuses fields that log entries do not carry, so that a rule can never behave
// differently on a live event. Unknown fields and wrong kinds are errors.
func (d *Definition) Compile(f Filter, routing bool) (Match, error) {
	switch f.Op {
	case True:
		return func(Values) bool { return true }, nil
	case False:
		return func(Values) bool { return false }, nil
	case And, Or:
		return d.compileJoin(f, routing)
	}
	i, ok := d.position[f.Field]
	if !ok {
		return nil, fmt.Errorf("store: %s has no field %q", d.Name, f.Field)
	}
	if routing && !d.Fields[i].Route {
		return nil, fmt.Errorf("store: %s.%s is no routing field", d.Name, f.Field)
	}
	return compileLeaf(d.Name, d.Fields[i], i, f)
}

func (d *Definition) compileJoin(f Filter, routing bool) (Match, error) {
	subs := make([]Match, len(f.Subs))
	for i, s := range f.Subs {
		m, err := d.Compile(s, routing)
		if err != nil {
			return nil, err
		}
		subs[i] = m
	}
	stop := f.Op == Or // Or stops at the first true, And at the first false
	return func(v Values) bool {
		for _, m := range subs {
			if m(v) == stop {
				return stop
			}
		}
		return !stop
	}, nil
}

func compileLeaf(noun string, fd FieldDef, i int, f Filter) (Match, error) {
	for _, v := range f.Vals {
		if !fd.Kind.holds(v) {
			return nil, fmt.Errorf("store: %s.%s does not hold a %T", noun, fd.Name, v)
		}
	}
	array := fd.Kind == Texts || fd.Kind == Terms
	if array != (f.Op == Has || f.Op == Lacks) {
		return nil, fmt.Errorf("store: %s.%s: operator does not fit its kind", noun, fd.Name)
	}
	switch f.Op {
	case Has, Lacks:
		return matchArray(i, f.Vals[0].(string), f.Op == Has), nil
	case Prefix:
		want, _ := f.Vals[0].(string)
		return func(v Values) bool { s, _ := v[i].(string); return strings.HasPrefix(s, want) }, nil
	case Gte:
		want := f.Vals[0]
		return func(v Values) bool { return compare(v[i], want) >= 0 }, nil
	case Lt:
		want := f.Vals[0]
		return func(v Values) bool { return compare(v[i], want) < 0 }, nil
	case Eq:
		if want, ok := f.Vals[0].(string); ok {
			return func(v Values) bool { s, _ := v[i].(string); return s == want }, nil
		}
		want := f.Vals[0]
		return func(v Values) bool { return compare(v[i], want) == 0 }, nil
	case In:
		want := f.Vals
		return func(v Values) bool {
			for _, w := range want {
				if compare(v[i], w) == 0 {
					return true
				}
			}
			return false
		}, nil
	}
	return nil, fmt.Errorf("store: operator %d has no meaning alone", f.Op)
}

func matchArray(i int, want string, has bool) Match {
	return func(v Values) bool {
		list, _ := v[i].([]string)
		for _, s := range list {
			if s == want {
				return has
			}
		}
		return !has
	}
}

// compare orders two values of one kind as both engines do: text by bytes,
// numbers by size.
func compare(a, b any) int {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	case int64:
		y, _ := b.(int64)
		return threeWay(x < y, x > y)
	case float64:
		y, _ := b.(float64)
		return threeWay(x < y, x > y)
	}
	return 0
}

func threeWay(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}
