package peers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/server"
)

// The checks of graphql-cop (github.com/dolevf/graphql-cop, lib/tests), as it sends and
// judges them: none may find anything. Its headers are those of Python's requests.
func TestGraphQLCopFindsNothing(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, server.Config{})
	aliases := &strings.Builder{}
	for i := range 101 {
		aliases.WriteString("alias" + strconv.Itoa(i) + ":__typename \n")
	}
	for name, check := range map[string]struct {
		method, body string
		found        func(any) bool
	}{
		"alias overloading":   {"POST", "query cop { " + aliases.String() + " }", has("data", "alias100")},
		"batch":               {"POST", "", func(v any) bool { list, _ := v.([]any); return len(list) >= 10 }},
		"directives":          {"POST", "query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }", func(v any) bool { return len(errorsOf(v)) == 10 }},
		"circular":            {"POST", "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }", has("data", "__schema", "types")},
		"introspection":       {"POST", "query cop { __schema { types { name fields { name } } } }", has("data", "__schema", "types")},
		"suggestions":         {"POST", "query cop { __schema { directive } }", firstError(func(v any) bool { return strings.Contains(fmt.Sprint(v), "Did you mean") })},
		"trace":               {"POST", "query cop { __typename }", firstError(has("extensions", "tracing"))},
		"unhandled":           {"POST", "qwerty cop { abc }", firstError(has("extensions", "exception"))},
		"mutation by GET":     {"GET", "mutation cop {__typename}", has("data", "__typename")},
		"query by GET":        {"GET", "query cop {__typename}", has("data", "__typename")},
		"a form by POST":      {"FORM", "query cop { __typename }", has("data", "__typename")},
		"field duplication":   {"POST", "query cop { " + strings.Repeat("__typename \n", 500) + "} ", has("data", "__typename")},
		"an explorer by HTML": {"HTML", "", func(v any) bool { s, _ := v.(string); return strings.Contains(strings.ToLower(s), "graphiql") }},
	} {
		if v := ask(t, address, check.method, check.body); check.found(v) {
			t.Errorf("%s: %.300v", name, v)
		}
	}
}

// has judges by what stands at a path; firstError judges the first error.
func has(path ...string) func(any) bool {
	return func(v any) bool {
		for _, name := range path {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		return v != nil
	}
}

func firstError(judge func(any) bool) func(any) bool {
	return func(v any) bool { list := errorsOf(v); return len(list) > 0 && judge(list[0]) }
}

func errorsOf(v any) []any {
	m, _ := v.(map[string]any)
	list, _ := m["errors"].([]any)
	return list
}

// ask sends a query as graphql-cop does and returns the answer's JSON, or its text.
func ask(t *testing.T, address, method, query string) any {
	t.Helper()
	kind, accept, one := "application/json", "*/*", map[string]string{"query": query, "operationName": "cop"}
	raw, err := json.Marshal(one)
	must(t, err)
	body := string(raw)
	switch {
	case method == "GET":
		address, kind, body = address+"?query="+url.QueryEscape(query), "", ""
	case method == "HTML":
		method, accept, kind, body = "GET", "text/html", "", ""
	case method == "FORM":
		method, kind, body = "POST", "application/x-www-form-urlencoded", "query="+url.QueryEscape(query)
	case query == "":
		body = "[" + strings.Repeat(`{"query":"query cop { __typename }"},`, 9) + `{"query":"query cop { __typename }"}]`
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Accept", accept)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	var v any
	if json.Unmarshal(text, &v) != nil {
		return string(text)
	}
	return v
}
