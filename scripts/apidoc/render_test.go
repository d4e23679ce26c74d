package main

import (
	"os"
	"strings"
	"testing"
)

// TestReferenceIsUpToDate fails when the schema changed without `go generate ./graph/...`.
func TestReferenceIsUpToDate(t *testing.T) {
	schema, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != render(schema) {
		t.Error("docs/api.md differs from the schema: run go generate ./graph/...")
	}
}

// TestEveryLinkHasAnEntry fails when a heading clashes with another, so that a link
// to a type would lead to an operation.
func TestEveryLinkHasAnEntry(t *testing.T) {
	schema, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := render(schema)
	headings := map[string]int{}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "### "); ok {
			headings[strings.ReplaceAll(strings.ToLower(name), " ", "-")]++
		}
	}
	for name, n := range headings {
		if n > 1 {
			t.Errorf("%d entries are at #%s", n, name)
		}
	}
	for _, part := range strings.Split(text, "](#")[1:] {
		target, _, _ := strings.Cut(part, ")")
		if headings[target] == 0 && !strings.Contains(text, "\n## "+strings.ToUpper(target[:1])+target[1:]+"\n") {
			t.Errorf("nothing is at #%s", target)
		}
	}
}
