package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Where the schema's text stands.
const (
	roots = "schema.graphqls"
	nouns = "graph/schema"
)

func main() {
	broken, err := run(context.Background(), ".")
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "schemadiff:", err)
		os.Exit(2)
	}
	if broken {
		os.Exit(1)
	}
}

// run prints what it found in the checkout dir and tells whether it breaks clients.
func run(ctx context.Context, dir string) (bool, error) {
	if err := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "HEAD").Run(); err != nil {
		fmt.Println("schemadiff: not a git checkout; nothing to compare the schema with")
		return false, nil
	}
	tag, err := exec.CommandContext(ctx, "git", "-C", dir, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").Output()
	if err != nil {
		fmt.Println("schemadiff: no release tag yet; nothing to compare the schema with")
		return false, nil
	}
	release := strings.TrimSpace(string(tag))
	before, err := released(ctx, dir, release)
	if err != nil {
		return false, err
	}
	after, err := present(dir)
	if err != nil {
		return false, err
	}
	breaks := compare(before, after)
	for _, line := range breaks {
		fmt.Println("schemadiff: breaks clients of", release+":", line)
	}
	if len(breaks) == 0 {
		fmt.Println("schemadiff: nothing breaks clients of", release)
	}
	return len(breaks) > 0, nil
}

// present loads the schema as the work tree has it.
func present(dir string) (*ast.Schema, error) {
	paths, err := filepath.Glob(filepath.Join(dir, nouns, "*.graphqls"))
	if err != nil {
		return nil, fmt.Errorf("list the schema: %w", err)
	}
	var sources []*ast.Source
	for _, path := range append([]string{filepath.Join(dir, roots)}, paths...) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		sources = append(sources, &ast.Source{Name: path, Input: string(text)})
	}
	return load(sources)
}

// released loads the schema as the tag has it.
func released(ctx context.Context, dir, tag string) (*ast.Schema, error) {
	list, err := git(ctx, dir, "ls-tree", "-r", "--name-only", tag, roots, nouns+"/")
	if err != nil {
		return nil, err
	}
	var sources []*ast.Source
	for path := range strings.Lines(list) {
		path = strings.TrimSpace(path)
		if !strings.HasSuffix(path, ".graphqls") {
			continue
		}
		text, err := git(ctx, dir, "show", tag+":"+path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &ast.Source{Name: tag + ":" + path, Input: text})
	}
	return load(sources)
}

func load(sources []*ast.Source) (*ast.Schema, error) {
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("parse the schema: %w", err)
	}
	return schema, nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return string(out), nil
}
