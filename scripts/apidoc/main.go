// Command apidoc writes docs/api.md, the reference of the GraphQL API, from the
// schema's own descriptions. It reads the schema files of the module it runs in and
// takes no arguments. The rule it keeps: the reference says what the schema says,
// and nothing else; it is never edited by hand.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const target = "docs/api.md"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "apidoc:", err)
		os.Exit(1)
	}
}

func run() error {
	schema, err := load(".")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	if err := os.WriteFile(target, []byte(render(schema)), 0o644); err != nil {
		return fmt.Errorf("writing the reference: %w", err)
	}
	return nil
}

// load parses the schema files of the module at root, in a stable order.
func load(root string) (*ast.Schema, error) {
	files, err := filepath.Glob(filepath.Join(root, "graph/schema/*.graphqls"))
	if err != nil {
		return nil, fmt.Errorf("listing schema files: %w", err)
	}
	sort.Strings(files)
	files = append([]string{filepath.Join(root, "schema.graphqls")}, files...)
	sources := make([]*ast.Source, 0, len(files))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("reading the schema: %w", err)
		}
		sources = append(sources, &ast.Source{Name: f, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("parsing the schema: %w", err)
	}
	return schema, nil
}
