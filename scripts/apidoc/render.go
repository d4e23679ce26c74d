package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

const preface = `# API reference

<!-- Generated from the schema by "go generate ./graph/...". Do not edit. -->

Everything goes through one GraphQL endpoint, ` + "`/graphql`" + `: POST (and GET for queries), and
graphql-transport-ws on a websocket for subscriptions. Sign in with ` + "`signIn`" + ` and send
` + "`Authorization: Bearer <accessToken>`" + `; on a websocket put the same in the ` + "`connection_init`" + `
payload as ` + "`authorization`" + `. "Who" says who may use a thing; what you may not see is null and
named in ` + "`hidden`" + `, or is not found.
`

// root is one of the schema's entry points, its heading and its word. The word stands
// in front of each operation's name: the query account is not the type Account.
type root struct {
	title, word string
	def         *ast.Definition
}

// render writes the whole reference: entry points first, then types by kind and name.
func render(s *ast.Schema) string {
	var b strings.Builder
	b.WriteString(preface)
	groups := groupTypes(s)
	contents(&b, groups)
	for _, r := range []root{
		{"Queries", "query", s.Query},
		{"Mutations", "mutation", s.Mutation},
		{"Subscriptions", "subscription", s.Subscription},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", r.title, r.def.Description)
		for _, f := range operations(r.def) {
			operation(&b, r.word, f)
		}
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n", g.title)
		for _, d := range g.defs {
			definition(&b, s, d)
		}
	}
	return b.String()
}

// group is the types of one kind, by name.
type group struct {
	title string
	defs  []*ast.Definition
}

func groupTypes(s *ast.Schema) []group {
	titles := []struct {
		kind  ast.DefinitionKind
		title string
	}{
		{ast.Object, "Objects"},
		{ast.Interface, "Interfaces"},
		{ast.Union, "Unions"},
		{ast.InputObject, "Inputs"},
		{ast.Enum, "Enums"},
		{ast.Scalar, "Scalars"},
	}
	out := make([]group, 0, len(titles))
	for _, t := range titles {
		g := group{title: t.title}
		for _, d := range s.Types {
			if d.Kind == t.kind && !strings.HasPrefix(d.Name, "__") && d != s.Query && d != s.Mutation && d != s.Subscription {
				g.defs = append(g.defs, d)
			}
		}
		sort.Slice(g.defs, func(i, j int) bool { return g.defs[i].Name < g.defs[j].Name })
		out = append(out, g)
	}
	return out
}

func contents(b *strings.Builder, groups []group) {
	b.WriteString("\n[Queries](#queries) · [Mutations](#mutations) · [Subscriptions](#subscriptions)")
	for _, g := range groups {
		fmt.Fprintf(b, " · [%s](#%s)", g.title, strings.ToLower(g.title))
	}
	b.WriteString("\n")
}

func operations(d *ast.Definition) []*ast.FieldDefinition {
	out := slices.DeleteFunc(slices.Clone(d.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__")
	})
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// operation writes one entry point: what it does, who may use it, what it takes.
func operation(b *strings.Builder, word string, f *ast.FieldDefinition) {
	fmt.Fprintf(b, "\n### %s %s\n\n", word, f.Name)
	what, who, found := strings.Cut(f.Description, " Who: ")
	fmt.Fprintf(b, "%s\n\n", oneLine(what))
	if found {
		fmt.Fprintf(b, "**Who:** %s\n\n", oneLine(who))
	}
	fmt.Fprintf(b, "Answers %s.%s\n", link(f.Type), deprecated(f.Directives))
	if len(f.Arguments) == 0 {
		return
	}
	b.WriteString("\n| Argument | Type | What it means |\n|---|---|---|\n")
	for _, a := range f.Arguments {
		fmt.Fprintf(b, "| `%s` | %s%s | %s |\n", a.Name, link(a.Type), byDefault(a.DefaultValue), cell(a.Description))
	}
}

func definition(b *strings.Builder, s *ast.Schema, d *ast.Definition) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n", d.Name, oneLine(d.Description))
	switch d.Kind {
	case ast.Enum:
		values(b, d)
	case ast.Union, ast.Interface:
		members(b, s, d)
	}
	if len(d.Fields) > 0 {
		fields(b, d)
	}
}

func values(b *strings.Builder, d *ast.Definition) {
	b.WriteString("\n| Value | What it means |\n|---|---|\n")
	for _, v := range d.EnumValues {
		fmt.Fprintf(b, "| `%s` | %s%s |\n", v.Name, cell(v.Description), deprecated(v.Directives))
	}
}

func members(b *strings.Builder, s *ast.Schema, d *ast.Definition) {
	var names []string
	for _, p := range s.GetPossibleTypes(d) {
		names = append(names, anchor(p.Name))
	}
	sort.Strings(names)
	fmt.Fprintf(b, "\nOne of %s.\n", strings.Join(names, ", "))
}

func fields(b *strings.Builder, d *ast.Definition) {
	b.WriteString("\n| Field | Type | What it means |\n|---|---|---|\n")
	for _, f := range d.Fields {
		var args []string
		for _, a := range f.Arguments {
			args = append(args, a.Name)
		}
		name := f.Name
		if len(args) > 0 {
			name += "(" + strings.Join(args, ", ") + ")"
		}
		fmt.Fprintf(b, "| `%s` | %s%s | %s%s |\n", name, link(f.Type), byDefault(f.DefaultValue), cell(f.Description), deprecated(f.Directives))
	}
}

// link writes a type as the schema does, its name leading to its own entry.
func link(t *ast.Type) string {
	mark := ""
	if t.NonNull {
		mark = "!"
	}
	if t.Elem != nil {
		return "\\[" + link(t.Elem) + "\\]" + mark
	}
	return anchor(t.NamedType) + mark
}

func anchor(name string) string { return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name)) }

func byDefault(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return " = `" + v.String() + "`"
}

func deprecated(list ast.DirectiveList) string {
	d := list.ForName("deprecated")
	if d == nil {
		return ""
	}
	reason := "no longer supported"
	if a := d.Arguments.ForName("reason"); a != nil {
		reason = a.Value.Raw
	}
	return " **Deprecated:** " + cell(reason)
}

func cell(s string) string { return strings.ReplaceAll(oneLine(s), "|", "\\|") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
