package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

const oldSchema = `
type Query { need(id: ID!, lang: String): Need  needs(first: Int): [Need!]! }
interface Node { id: ID! }
type Need implements Node { id: ID!  title: String  state: State! }
type Aid { id: ID! }
union Thing = Need | Aid
enum State { OPEN CLOSED }
input NeedInput { title: String!  note: String }
scalar Date
directive @mark(by: String) on FIELD
`

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, schema string
		want         []string
	}{
		{"the same", oldSchema, nil},
		{"only more, and stricter promises", `
type Query { need(id: ID, lang: String, deep: Boolean! = false): Need  needs(first: Int): [Need!]!  one: Need }
interface Node { id: ID! }
type Need implements Node { id: ID!  title: String!  state: State!  note: String }
type Aid { id: ID! }
type More { id: ID! }
union Thing = Need | Aid | More
enum State { OPEN CLOSED LOST }
input NeedInput { title: String  note: String  size: Int! = 1 }
scalar Date
directive @mark(by: String, at: Date) on FIELD
`, nil},
		{"what is gone", `
type Query { need(id: ID!): Need }
interface Node { id: ID! }
type Need { id: ID!  state: State! }
type Aid { id: ID! }
union Thing = Need
enum State { OPEN }
input NeedInput { title: String! }
`, []string{
			"@mark is gone", "Date is gone", "Need is no Node any more", "Need.title is gone", "NeedInput.note is gone",
			"Query.need(lang) is gone", "Query.needs is gone", "State.CLOSED is gone", "Thing has no Aid any more",
		}},
		{"what means or demands something else", `
type Query { need(id: ID!, lang: String!, new: Int!): Need  needs(first: String): [Need] }
interface Node { id: ID! }
type Need implements Node { id: ID!  title: [String]  state: State }
type Aid { id: ID! }
union Thing = Need | Aid
enum State { OPEN CLOSED }
input NeedInput { title: String!  note: String!  size: Int! }
enum Date { TODAY }
directive @mark(by: Int) on FIELD
`, []string{
			"@mark(by) took String and takes Int", "Date was SCALAR and is ENUM", "Need.state was State! and is State",
			"Need.title was String and is [String]", "NeedInput.note took String and takes String!", "NeedInput.size is new and required",
			"Query.need(lang) took String and takes String!", "Query.need(new) is new and required",
			"Query.needs was [Need!]! and is [Need]", "Query.needs(first) took Int and takes String",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := compare(parse(t, oldSchema), parse(t, test.schema))
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

func parse(t *testing.T, text string) *ast.Schema {
	t.Helper()
	schema, err := load([]*ast.Source{{Name: "test", Input: text}})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestRunComparesTheWorkTreeWithTheLastTag(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(roots, noun string) {
		if err := os.MkdirAll(filepath.Join(dir, nouns), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"schema.graphqls": roots, nouns + "/need.graphqls": noun} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect := func(want bool) {
		t.Helper()
		if broken, err := run(t.Context(), dir); err != nil || broken != want {
			t.Errorf("run says %v, %v; want %v", broken, err, want)
		}
	}
	command := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	write("type Query { a: Int }", "extend type Query { b: Int }")
	expect(false) // no git
	command("init", "-q")
	command("add", ".")
	command("commit", "-q", "-m", "one")
	expect(false) // no tag
	command("tag", "v0.1.0")
	write("type Query { a: Int  c: Int }", "extend type Query { b: Int }")
	expect(false)
	write("type Query { a: Int }", "extend type Query { c: Int }")
	expect(true)
}
