package store

import (
	"fmt"
	"strings"
)

// Op is the operator of a Filter. There is no null test and no pattern match:
// engines differ there, and declared fields are never null.
type Op uint8

// The operators. Lacks is only ever a residual: no index serves it.
const (
	True   Op = iota
	False     // matches nothing: the rule of an actor without any grant
	Eq        // scalar equals Vals[0]
	In        // scalar is one of Vals
	Gte       // scalar ≥ Vals[0]
	Lt        // scalar < Vals[0]
	Has       // array contains Vals[0]
	Lacks     // array does not contain Vals[0]
	Prefix    // text starts with Vals[0]
	And       // all of Subs
	Or        // any of Subs
)

// Filter is a condition on declared fields. It is pushed down into a query,
// compiled to a closure, and evaluated on a log entry's routing fields: one
// value, three uses.
type Filter struct {
	Op    Op
	Field string
	Vals  []any // string, int64, float64; make them with the constructors
	Subs  []Filter
}

// All is the filter that matches every row.
func All() Filter { return Filter{Op: True} }

// None is the filter that matches no row.
func None() Filter { return Filter{Op: False} }

// Is makes field = value.
func Is(field string, value any) Filter { return leaf(Eq, field, value) }

// AnyOf makes field ∈ values; of no values it matches nothing.
func AnyOf[V any](field string, values ...V) Filter {
	switch len(values) {
	case 0:
		return None()
	case 1:
		return leaf(Eq, field, values[0])
	}
	f := Filter{Op: In, Field: field, Vals: make([]any, len(values))}
	for i, v := range values {
		f.Vals[i] = plain(v)
	}
	return f
}

// AtLeast makes field ≥ value.
func AtLeast(field string, value any) Filter { return leaf(Gte, field, value) }

// Below makes field < value.
func Below(field string, value any) Filter { return leaf(Lt, field, value) }

// Holds makes array ∋ value.
func Holds(field, value string) Filter { return leaf(Has, field, value) }

// Misses makes array ∌ value.
func Misses(field, value string) Filter { return leaf(Lacks, field, value) }

// Starts makes text field start with value.
func Starts(field, value string) Filter { return leaf(Prefix, field, value) }

// Both and-s filters, dropping those that match everything.
func Both(subs ...Filter) Filter { return join(And, True, False, subs) }

// Either or-s filters, dropping those that match nothing.
func Either(subs ...Filter) Filter { return join(Or, False, True, subs) }

func leaf(op Op, field string, value any) Filter {
	return Filter{Op: op, Field: field, Vals: []any{plain(value)}}
}

// join flattens, drops the neutral element and short-cuts on the absorbing one.
func join(op, neutral, absorbing Op, subs []Filter) Filter {
	var out []Filter
	for _, s := range subs {
		switch s.Op {
		case neutral:
		case absorbing:
			return Filter{Op: absorbing}
		case op:
			out = append(out, s.Subs...)
		default:
			out = append(out, s)
		}
	}
	switch len(out) {
	case 0:
		return Filter{Op: neutral}
	case 1:
		return out[0]
	}
	return Filter{Op: op, Subs: out}
}

// Fields lists the field names a filter mentions, in order of appearance.
func (f Filter) Fields() []string {
	if len(f.Subs) == 0 {
		if f.Field == "" {
			return nil
		}
		return []string{f.Field}
	}
	var out []string
	for _, s := range f.Subs {
		out = append(out, s.Fields()...)
	}
	return out
}

// String prints the filter for logs of tests; values may be personal, so it
// never goes into a production log.
func (f Filter) String() string {
	switch f.Op {
	case True:
		return "true"
	case False:
		return "false"
	case And, Or:
		parts := make([]string, len(f.Subs))
		for i, s := range f.Subs {
			parts[i] = s.String()
		}
		return "(" + strings.Join(parts, map[Op]string{And: " and ", Or: " or "}[f.Op]) + ")"
	}
	sign := map[Op]string{Eq: "=", In: "in", Gte: ">=", Lt: "<", Has: "has", Lacks: "lacks", Prefix: "starts"}[f.Op]
	return fmt.Sprintf("%s %s %v", f.Field, sign, f.Vals)
}
