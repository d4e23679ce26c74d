package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write results.json from the answers, for review")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		_, _ = fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if folder := baseFolder.Load(); folder != nil {
		_ = os.RemoveAll(*folder)
	}
	os.Exit(code)
}

func TestOperations(t *testing.T) {
	t.Parallel()
	all, err := operations()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		t.Run(o.area+"/"+o.field, func(t *testing.T) {
			t.Parallel()
			o.run(t)
		})
	}
}

// run plays the cases in their order on one world.
func (o *operation) run(t *testing.T) {
	e, _ := fresh(t)
	if err := o.prepare(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for i := range o.Cases {
		c := &o.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			o.try(t, e, c)
			if c.Kind == success {
				e.checkHeaders(t)
			}
		})
	}
	if *update && !t.Failed() {
		if err := o.save(); err != nil {
			t.Error(err)
		}
	}
}

// try sends one case and compares the answer with what is written down.
func (o *operation) try(t *testing.T, e *env, c *testCase) {
	names := maps.Clone(e.names)
	e.alias(c.Stage)
	defer func() {
		if c.Save == nil {
			e.names = names
		}
	}()
	document, err := o.document(c)
	if err != nil {
		t.Fatal(err)
	}
	filled, err := e.fill(t.Context(), object(c.Variables))
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.post(t.Context(), c.Actor, document, filled.(object))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.fits(got, o.field); err != nil {
		raw, _ := pretty(got.value) // it came as JSON
		t.Fatalf("%v:\n%s", err, raw)
	}
	e.keep(c.Save, got.at("data"))
	data, errs := e.masker(filled.(object)).mask("", got.at("data").value), topErrors(got)
	if c.AnyOrder {
		inOrder(data)
		inOrder(c.Data)
	}
	if *update {
		c.Data, c.Errors = data, errs
		return
	}
	if !reflect.DeepEqual(c.Data, data) || !reflect.DeepEqual(c.Errors, errs) {
		want, _ := pretty(object{"data": c.Data, "errors": c.Errors}) // it was read as JSON
		have, _ := pretty(object{"data": data, "errors": errs})
		t.Errorf("answer differs (after a look: go test ./e2e -run 'TestOperations/%s/%s' -update)\nwant %s\ngot %s", o.area, o.field, want, have)
	}
}

// inOrder sorts the lists of objects in an answer by their text.
func inOrder(v any) {
	switch x := v.(type) {
	case object:
		for _, item := range x {
			inOrder(item)
		}
	case []any:
		for _, item := range x {
			inOrder(item)
		}
		text := func(v any) string {
			raw, _ := json.Marshal(v) // it came as JSON
			return string(raw)
		}
		slices.SortFunc(x, func(a, b any) int { return strings.Compare(text(a), text(b)) })
	}
}

func topErrors(a answer) []topError {
	var out []topError
	for _, e := range a.list("errors") {
		one := topError{Code: e.text("extensions.code")}
		for _, p := range e.list("extensions.path") {
			one.Path = append(one.Path, p.value.(string))
		}
		out = append(out, one)
	}
	return out
}

// TestNumbersSurvive: a case must not pass because two numbers look alike as floats.
func TestNumbersSurvive(t *testing.T) {
	t.Parallel()
	a, err := parse([]byte(`{"n":9007199254740993}`))
	if err != nil || a.at("n").value != json.Number("9007199254740993") {
		t.Fatal(a, err)
	}
}
