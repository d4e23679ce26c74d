package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
)

// Kinds of case that every operation has.
const (
	success   = "success"
	forbidden = "forbidden" // or hidden: the actor may not, or may not even know
	badInput  = "bad_input"
	stale     = "stale" // an old version or fence
)

var kinds = []string{success, forbidden, badInput, stale}

// folder is what world.json says: what there is before the cases.
type folder struct {
	Remark string `json:"remark,omitempty"`
	Stage  string `json:"stage,omitempty"` // the request that ${request}, ${version}, ${line.hours} … mean
	Steps  []step `json:"steps,omitempty"` // what is done before, in order
}

// step is a document that is run before the cases; it has to succeed.
type step struct {
	Actor     string            `json:"actor"`
	Document  string            `json:"document"` // GraphQL text
	Variables object            `json:"variables,omitempty"`
	Save      map[string]string `json:"save,omitempty"` // name → path in the data
}

// testCase is one entry of results.json.
type testCase struct {
	Name      string            `json:"case"`
	Kind      string            `json:"kind"`
	Actor     string            `json:"actor"`           // "" for nobody
	Stage     string            `json:"stage,omitempty"` // instead of the folder's
	Query     string            `json:"query,omitempty"` // file in queries, without .graphql; the case's name, or the only file, when left out
	Variables object            `json:"variables"`
	Save      map[string]string `json:"save,omitempty"`     // for later cases
	AnyOrder  bool              `json:"anyOrder,omitempty"` // lists are compared as sets: rows made in one moment have no order of their own
	Data      any               `json:"data"`
	Errors    []topError        `json:"errors,omitempty"`
}

// topError is a top-level error of an answer.
type topError struct {
	Code string   `json:"code"`
	Path []string `json:"path,omitempty"` // extensions.path: the part of the input
}

// operation is one folder of cases, about one field of Query or Mutation.
type operation struct {
	area, field, path string
	world             folder
	queries           map[string]string
	Cases             []testCase `json:"cases"`
}

// operations reads every folder <area>/<operation> that has a results.json.
func operations() ([]*operation, error) {
	found, err := filepath.Glob("*/*/results.json")
	if err != nil {
		return nil, err
	}
	var out []*operation
	for _, file := range found {
		o, err := load(filepath.Dir(file))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, o)
	}
	return out, nil
}

func load(path string) (*operation, error) {
	o := &operation{area: filepath.Dir(path), field: filepath.Base(path), path: path, queries: map[string]string{}}
	if err := read(filepath.Join(path, "results.json"), o); err != nil {
		return nil, err
	}
	if err := read(filepath.Join(path, "world.json"), &o.world); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(path, "queries", "*.graphql"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		o.queries[strings.TrimSuffix(filepath.Base(f), ".graphql")] = string(raw)
	}
	return o, nil
}

// read decodes a JSON file strictly, numbers as they are written.
func read(file string, into any) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// save writes results.json again.
func (o *operation) save() error {
	raw, err := pretty(o)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.path, "results.json"), raw, 0o644)
}

func pretty(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}

// document is the text that a case sends.
func (o *operation) document(c *testCase) (string, error) {
	name := c.Query
	if name == "" {
		name = c.Name
		if _, own := o.queries[name]; !own && len(o.queries) == 1 {
			for only := range o.queries {
				name = only
			}
		}
	}
	text, ok := o.queries[name]
	if !ok {
		return "", fmt.Errorf("no queries/%s.graphql", name)
	}
	if !strings.Contains(text, o.field) {
		return "", fmt.Errorf("queries/%s.graphql does not ask %s", name, o.field)
	}
	return text, nil
}

// prepare runs the folder's steps.
func (o *operation) prepare(ctx context.Context, e *env) error {
	e.alias(o.world.Stage)
	for i, s := range o.world.Steps {
		filled, err := e.fill(ctx, object(s.Variables))
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		data, err := e.must(ctx, s.Actor, s.Document, filled.(object))
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		e.keep(s.Save, data)
	}
	return nil
}

// alias lets the names of a stage be said without it.
func (e *env) alias(stage string) {
	if stage == "" {
		return
	}
	for name, v := range e.names {
		if bare, ok := strings.CutPrefix(name, stage+"."); ok {
			e.names[bare] = v
		}
	}
}

func (e *env) keep(names map[string]string, data answer) {
	for name, path := range names {
		e.names[name] = data.at(path).value
	}
}

// fits reports what is wrong with an answer for the kind of its case.
func (c *testCase) fits(got answer, field string) error {
	code := got.code()
	switch c.Kind {
	case success:
		if code != "" || got.at("data."+field).value == nil {
			return fmt.Errorf("a success answers %q", code)
		}
	case forbidden:
		hidden := []fault.Code{fault.CodeForbidden, fault.CodeNotFound, fault.CodeUnauthenticated, fault.CodeOfficerRequired, fault.CodeNotOwnVerifier, fault.CodeSecondPersonRequired}
		nothing := got.at("data."+field).value == nil || empty(got.at("data."+field))
		if code == "" && nothing {
			return nil
		}
		if !slices.Contains(hidden, fault.Code(code)) {
			return fmt.Errorf("a forbidden actor is answered %q", code)
		}
	case badInput:
		if code == "" || code == string(fault.CodeInternal) {
			return fmt.Errorf("bad input is answered %q", code)
		}
	case stale:
		if code != string(fault.CodeConflict) && code != string(fault.CodeFenced) {
			return fmt.Errorf("an old version is answered %q", code)
		}
	default:
		return fmt.Errorf("unknown kind %q", c.Kind)
	}
	return nil
}

// empty reports whether a list or a connection has nothing in it.
func empty(a answer) bool {
	list, ok := a.value.([]any)
	if !ok {
		list, ok = a.at("nodes").value.([]any)
	}
	for _, item := range list {
		if item != nil {
			return false
		}
	}
	return ok
}
