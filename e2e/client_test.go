package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// answer is a GraphQL answer, or a part of one.
type answer struct{ value any }

// at goes down a path of field names and list positions, such as nodes.0.id; what is
// not there is the empty answer.
func (a answer) at(path string) answer {
	v := a.value
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case object:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return answer{}
			}
			v = x[i]
		default:
			return answer{}
		}
	}
	return answer{v}
}

// text is a scalar as text; "" for null and for what is not there.
func (a answer) text(path string) string {
	if v := a.at(path).value; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// list is the entries of a list.
func (a answer) list(path string) []answer {
	items, _ := a.at(path).value.([]any)
	out := make([]answer, len(items))
	for i, v := range items {
		out[i] = answer{v}
	}
	return out
}

// code is the first error's code: of the top, or of any payload; "" for success.
func (a answer) code() string {
	if c := a.text("errors.0.extensions.code"); c != "" {
		return c
	}
	data, _ := a.at("data").value.(object)
	for field := range data {
		for _, path := range []string{".errors.0.code", ".results.0.errors.0.code"} { // of the whole, or of the first of many
			if c := a.text("data." + field + path); c != "" {
				return c
			}
		}
	}
	return ""
}

// post sends a document over HTTP as an actor ("" for nobody); the whole answer.
func (e *env) post(ctx context.Context, actor, document string, variables object) (answer, error) {
	token, known := e.tokens[actor]
	if actor != "" && !known {
		return answer{}, fmt.Errorf("there is no actor %q", actor)
	}
	body, err := json.Marshal(object{"query": document, "variables": variables})
	if err != nil {
		return answer{}, err
	}
	return e.send(ctx, token, body)
}

func (e *env) send(ctx context.Context, token string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", e.locale)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	return parse(raw)
}

// parse keeps numbers as they were written.
func parse(raw []byte) (answer, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return answer{}, fmt.Errorf("%w: %s", err, raw)
	}
	return answer{v}, nil
}

// must is the data of an answer without any error.
func (e *env) must(ctx context.Context, actor, document string, variables object) (answer, error) {
	a, err := e.post(ctx, actor, document, variables)
	if err != nil {
		return a, err
	}
	if c := a.code(); c != "" {
		raw, _ := json.Marshal(a.value) // it came as JSON
		return a, errors.New(actor + ": " + c + ": " + string(raw) + " to " + document)
	}
	return a.at("data"), nil
}
