package main

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// compare returns one line for each way in which a client that was right about
// before is wrong about after, sorted.
func compare(before, after *ast.Schema) []string {
	var c comparison
	for name, old := range before.Types {
		if old.BuiltIn {
			continue
		}
		if now := after.Types[name]; now == nil {
			c.add("%s is gone", name)
		} else {
			c.definition(old, now)
		}
	}
	for name, old := range before.Directives {
		if now := after.Directives[name]; now == nil {
			c.add("@%s is gone", name)
		} else {
			c.arguments("@"+name, old.Arguments, now.Arguments)
		}
	}
	slices.Sort(c.lines)
	return c.lines
}

type comparison struct {
	lines []string
}

func (c *comparison) add(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

func (c *comparison) definition(old, now *ast.Definition) {
	if old.Kind != now.Kind {
		c.add("%s was %s and is %s", old.Name, old.Kind, now.Kind)
		return
	}
	switch old.Kind {
	case ast.Object, ast.Interface:
		c.fields(old, now)
		for _, name := range old.Interfaces {
			if !slices.Contains(now.Interfaces, name) {
				c.add("%s is no %s any more", old.Name, name)
			}
		}
	case ast.InputObject:
		c.inputs(old, now)
	case ast.Enum:
		for _, value := range old.EnumValues {
			if now.EnumValues.ForName(value.Name) == nil {
				c.add("%s.%s is gone", old.Name, value.Name)
			}
		}
	case ast.Union:
		for _, name := range old.Types {
			if !slices.Contains(now.Types, name) {
				c.add("%s has no %s any more", old.Name, name)
			}
		}
	case ast.Scalar:
	}
}

func (c *comparison) fields(old, now *ast.Definition) {
	for _, was := range old.Fields {
		where := old.Name + "." + was.Name
		is := now.Fields.ForName(was.Name)
		if is == nil {
			c.add("%s is gone", where)
			continue
		}
		if !narrower(was.Type, is.Type) {
			c.add("%s was %s and is %s", where, was.Type, is.Type)
		}
		c.arguments(where, was.Arguments, is.Arguments)
	}
}

func (c *comparison) inputs(old, now *ast.Definition) {
	for _, was := range old.Fields {
		where := old.Name + "." + was.Name
		if is := now.Fields.ForName(was.Name); is == nil {
			c.add("%s is gone", where)
		} else {
			c.accepts(where, was.Type, is.Type, is.DefaultValue)
		}
	}
	for _, is := range now.Fields {
		if old.Fields.ForName(is.Name) == nil && demanded(is.Type, is.DefaultValue) {
			c.add("%s.%s is new and required", old.Name, is.Name)
		}
	}
}

func (c *comparison) arguments(where string, old, now ast.ArgumentDefinitionList) {
	for _, was := range old {
		at := where + "(" + was.Name + ")"
		if is := now.ForName(was.Name); is == nil {
			c.add("%s is gone", at)
		} else {
			c.accepts(at, was.Type, is.Type, is.DefaultValue)
		}
	}
	for _, is := range now {
		if old.ForName(is.Name) == nil && demanded(is.Type, is.DefaultValue) {
			c.add("%s(%s) is new and required", where, is.Name)
		}
	}
}

// accepts checks that a place takes every value that it took: a type as wide,
// and no demand where there was none, which a default answers.
func (c *comparison) accepts(where string, was, is *ast.Type, otherwise *ast.Value) {
	optional := *is
	if otherwise != nil {
		optional.NonNull = false
	}
	if !narrower(&optional, was) {
		c.add("%s took %s and takes %s", where, was, is)
	}
}

func demanded(t *ast.Type, otherwise *ast.Value) bool { return t.NonNull && otherwise == nil }

// narrower tells whether every value of type is is one of type was: the same
// shape, and null only where was has it.
func narrower(was, is *ast.Type) bool {
	if was.NonNull && !is.NonNull {
		return false
	}
	if was.Elem == nil || is.Elem == nil {
		return was.Elem == nil && is.Elem == nil && was.NamedType == is.NamedType
	}
	return narrower(was.Elem, is.Elem)
}
