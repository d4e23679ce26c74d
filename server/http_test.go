package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

func TestMalformedRequestsGetATypedErrorThatEchoesNothing(t *testing.T) {
	t.Parallel()
	f := serve(t)
	asJSON := []string{"Content-Type", "application/json"}
	for name, c := range map[string]struct {
		method, body string
		header       []string
		status       int
		code         fault.Code
	}{
		"no body":           {"POST", "", asJSON, 400, fault.CodeInvalid},
		"not JSON":          {"POST", `{"query": SECRET`, asJSON, 400, fault.CodeInvalid},
		"a batch":           {"POST", `[{"query":"{who}"}]`, asJSON, 422, fault.CodeInvalid},
		"null":              {"POST", `null`, asJSON, 422, fault.CodeInvalid},
		"two objects":       {"POST", `{"query":"{who}"}{"query":"{who}"}`, asJSON, 400, fault.CodeInvalid},
		"another case":      {"POST", `{"Query":"{who}"}`, asJSON, 422, fault.CodeRequired},
		"query of a number": {"POST", `{"query":7}`, asJSON, 422, fault.CodeInvalid},
		"variables a list":  {"POST", `{"query":"{who}","variables":[1]}`, asJSON, 422, fault.CodeInvalid},
		"no query":          {"POST", `{"variables":{}}`, asJSON, 422, fault.CodeRequired},
		"invalid UTF-8":     {"POST", "{\"query\":\"{who}\",\"operationName\":\"\xff\"}", asJSON, 400, fault.CodeTextInvalid},
		"too large":         {"POST", `{"query":"` + strings.Repeat(" ", MaxBody) + `{who}"}`, asJSON, 413, fault.CodeQueryTooComplex},
		"a form":            {"POST", `query={who}`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, fault.CodeInvalid},
		"plain text":        {"POST", `{"query":"{who}"}`, []string{"Content-Type", "text/plain"}, 415, fault.CodeInvalid},
		"no type":           {"POST", `{"query":"{who}"}`, nil, 415, fault.CodeInvalid},
		"another charset":   {"POST", `{"query":"{who}"}`, []string{"Content-Type", "application/json; charset=gbk"}, 415, fault.CodeInvalid},
		"compressed":        {"POST", `{"query":"{who}"}`, append([]string{"Content-Encoding", "gzip"}, asJSON...), 415, fault.CodeInvalid},
		"PATCH":             {"PATCH", `{"query":"{who}"}`, asJSON, 405, fault.CodeInvalid},
		"DELETE":            {"DELETE", "", nil, 405, fault.CodeInvalid},
	} {
		r := f.do(t, c.method, "/graphql", strings.NewReader(c.body), c.header...)
		if r.status != c.status || r.code() != string(c.code) || r.Data != nil || r.Errors[0].Message == "" {
			t.Errorf("%s: %d %s %s", name, r.status, r.code(), r.body)
		}
		if strings.Contains(r.body, "SECRET") {
			t.Errorf("%s: echoes its input: %s", name, r.body)
		}
	}
}

func TestQueriesAndMutationsByMethod(t *testing.T) {
	t.Parallel()
	f := serve(t)
	get := func(q string) reply { return f.do(t, http.MethodGet, "/graphql?query="+url.QueryEscape(q), nil) }
	if r := get("{who}"); r.status != 200 || r.Data["who"] != "//zh" {
		t.Errorf("GET: %d %s", r.status, r.body)
	}
	if r := get("mutation{touch}"); r.status != 405 || r.header.Get("Allow") != "POST" || r.Data != nil {
		t.Errorf("a mutation by GET: %d %s", r.status, r.body)
	}
	for address, allow := range map[string]string{"/graphql": "GET, POST, PUT", "/graphql?token=x": "GET, POST, PUT, DELETE"} {
		if r := f.do(t, http.MethodPatch, address, nil); r.status != 405 || r.header.Get("Allow") != allow {
			t.Errorf("PATCH %s: %d, Allow: %s", address, r.status, r.header.Get("Allow"))
		}
	}
	if r := f.do(t, http.MethodGet, "/graphql?query=%7Bwho%7D&query=%7Bwho%7D", nil); r.status != 422 {
		t.Errorf("a query twice: %d %s", r.status, r.body)
	}
	if r := f.do(t, http.MethodGet, "/graphql?query=%ff", nil); r.status != 422 {
		t.Errorf("invalid UTF-8 in the address: %d %s", r.status, r.body)
	}
	if r := f.query(t, "mutation{touch}"); r.status != 200 || r.Data["touch"] != "touched" {
		t.Errorf("POST: %d %s", r.status, r.body)
	}
	if r := f.query(t, "subscription{ticks}"); r.status != 400 || r.code() != "INVALID" {
		t.Errorf("a subscription by POST: %d %s", r.status, r.body)
	}
	vars := `{"query":"query A($id: ID){thing(id:$id){id}} query B{who}","operationName":"A","variables":{"id":"x"}}`
	if r := f.post(t, vars); r.status != 200 || r.code() != "" {
		t.Errorf("variables: %d %s", r.status, r.body)
	}
}

// A page of another site can make a browser send a GET, but none that says any of this.
func TestAGETIsSentByAProgram(t *testing.T) {
	t.Parallel()
	f := serve(t)
	for _, c := range []struct {
		status int
		header []string
	}{
		{200, nil},
		{200, []string{"Accept", "application/json"}},
		{200, []string{"Accept", "*/*", "Sec-Fetch-Mode", "cors"}},
		{400, []string{"Accept", "*/*"}},
		{400, []string{"Accept", "image/avif,*/*", "Sec-Fetch-Mode", "no-cors"}},
		{400, []string{"Accept", "text/html,*/*", "Sec-Fetch-Mode", "navigate"}},
	} {
		if r := f.do(t, http.MethodGet, "/graphql?query=%7Bwho%7D", nil, c.header...); r.status != c.status {
			t.Errorf("%v: %d %s", c.header, r.status, r.body)
		}
	}
}

func TestReasonsAreFew(t *testing.T) {
	t.Parallel()
	f := serve(t)
	var wrong strings.Builder
	for i := range 90 {
		fmt.Fprintf(&wrong, "thing{x%d}", i)
	}
	if r := f.query(t, "{"+wrong.String()+"}"); r.status != 422 || len(r.Errors) != live.MaxErrors {
		t.Errorf("%d: %d errors", r.status, len(r.Errors))
	}
}

// The statuses of the text of August 2026, by what the client accepts.
func TestStatusesByEdition(t *testing.T) {
	t.Parallel()
	const rich, plain = "application/graphql-response+json", "application/json"
	newest, older := serve(t), served(t, HTTP{Edition: Edition2025})
	for _, f := range []*face{newest, older} {
		f.fields["fail"] = func(context.Context, map[string]any) (any, error) { return nil, fault.New(fault.CodeForbidden) }
	}
	for name, c := range map[string]struct {
		body, code                         string
		rich, plain, olderRich, olderPlain int
	}{
		"success":                   {`{"query":"{who}"}`, "", 200, 200, 200, 200},
		"an unknown member":         {`{"query":"{who}","later":1}`, "", 200, 200, 200, 200},
		"partial success":           {`{"query":"{who fail}"}`, "FORBIDDEN", 294, 200, 200, 200},
		"no JSON":                   {`{"query":`, "INVALID", 400, 400, 400, 400},
		"no query":                  {`{"qeury":"{who}"}`, "REQUIRED", 422, 422, 400, 400},
		"variables that are a list": {`{"query":"{who}","variables":[7]}`, "INVALID", 422, 422, 400, 400},
		"no document":               {`{"query":"{"}`, "GRAPHQL_PARSE_FAILED", 400, 400, 400, 200},
		"an unknown field":          {`{"query":"{nosuch}"}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"no operation":              {`{"query":"fragment f on Query{who}"}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"which operation":           {`{"query":"query A{who} query B{who}"}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"another operation":         {`{"query":"query A{who}","operationName":"B"}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"a variable missing":        {`{"query":"query($x:Int!){things(first:$x){nodes{id}}}"}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"a variable of no type":     {`{"query":"query($x:Int!){things(first:$x){nodes{id}}}","variables":{"x":"y"}}`, "GRAPHQL_VALIDATION_FAILED", 422, 422, 400, 200},
		"too complex":               {`{"query":"{` + strings.Repeat("who ", 5000) + `}"}`, "QUERY_TOO_COMPLEX", 422, 422, 400, 200},
		"who may not":               {`{"query":"{__schema{types{name}}}"}`, "UNAUTHENTICATED", 401, 401, 401, 401},
	} {
		for _, x := range []struct {
			f            *face
			accept, kind string
			status       int
		}{
			{newest, rich, rich, c.rich},
			{newest, plain, plain, c.plain},
			{older, rich, rich, c.olderRich},
			{older, plain, plain, c.olderPlain},
		} {
			if x.f == newest && x.status >= 400 {
				x.kind = rich // what failed says of itself that it is GraphQL
			}
			r := x.f.post(t, c.body, "Accept", x.accept)
			if r.status != x.status || r.code() != c.code || r.header.Get("Content-Type") != x.kind+"; charset=utf-8" {
				t.Errorf("%s for %s: %d %s %s", name, x.accept, r.status, r.header.Get("Content-Type"), r.body)
			}
			if r.status >= 400 && strings.Contains(r.body, `"data"`) {
				t.Errorf("%s: data of what was not executed: %s", name, r.body)
			}
		}
	}
}

func TestTheAcceptHeaderChooses(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": typeJSON, "*/*": typeJSON, "application/*": typeJSON, "application/json": typeJSON, " , ": "",
		"application/graphql-response+json":                               typeResponse,
		"application/graphql-response+json, application/json;q=0.9":       typeResponse,
		"application/json;q=0.9, application/graphql-response+json":       typeResponse,
		"application/graphql-response+json;q=0.5, application/json":       typeJSON,
		"application/json, application/graphql-response+json":             typeResponse,
		"application/graphql-response+json, */*":                          typeResponse,
		"application/graphql-response+json;q=0.1, */*":                    typeJSON,
		"application/graphql-response+json;q=0, */*;q=0.1":                typeJSON,
		"application/json;q=0, */*":                                       typeResponse,
		"application/json; charset=UTF-8":                                 typeJSON,
		"application/json; charset=gbk":                                   "",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": typeJSON,
		"application/json;q=nonsense":                                     "",
		"application/json;q=2":                                            "",
		"text/html":                                                       "",
		"application/json;q=0":                                            "",
		"application/graphql+json, application/json":                      typeJSON,
		"APPLICATION/GraphQL-Response+JSON":                               typeResponse,
	} {
		kind, ok := negotiated([]string{header})
		if ok != (want != "") || ok && kind != want {
			t.Errorf("%q: %q %v, want %q", header, kind, ok, want)
		}
	}
	f := serve(t)
	if r := f.query(t, "{who}", "Accept", "text/html"); r.status != 406 || r.code() != "INVALID" || r.header.Get("Content-Type") != typeJSON+"; charset=utf-8" {
		t.Errorf("not acceptable: %d %s", r.status, r.body)
	}
	if r := f.do(t, http.MethodGet, "/graphql?query=%7Bwho%7D%23"+strings.Repeat("x", MaxURL), nil); r.status != 414 {
		t.Errorf("a long address: %d", r.status)
	}
}

func TestThePresenterShowsFaultsAndHidesTheRest(t *testing.T) {
	t.Parallel()
	f := serve(t)
	failing := func(err error) {
		f.fields["fail"] = func(context.Context, map[string]any) (any, error) { return nil, err }
	}
	failing(fmt.Errorf("load request: %w", fault.New(fault.CodeForbidden, fault.P("role", "ADMIN"), fault.At("input", "id"))))
	r := f.query(t, "{fail}")
	if r.code() != "FORBIDDEN" || r.Errors[0].Message != "您没有做这件事的权限。" || fmt.Sprint(r.Errors[0].Extensions["params"]) != "map[role:ADMIN]" {
		t.Errorf("a fault: %s", r.body)
	}
	r = f.query(t, "{fail}", "Accept-Language", "en-GB,en;q=0.9,zh;q=0.1")
	if r.Errors[0].Message != "You may not do this." {
		t.Errorf("in English: %s", r.body)
	}
	failing(errors.New("dial tcp 10.0.0.9: password=hunter2"))
	r = f.query(t, "{fail who}")
	id := r.header.Get("X-Request-Id")
	if r.code() != "INTERNAL" || strings.Contains(r.body, "hunter2") || r.Errors[0].Extensions["requestId"] != id || r.Data["who"] != "//zh" {
		t.Errorf("an internal error: %s", r.body)
	}
	if log := f.log.String(); !strings.Contains(log, "hunter2") || !strings.Contains(log, id) {
		t.Error("the log lacks the cause or the request's id")
	}
	f.fields["fail"] = func(context.Context, map[string]any) (any, error) { panic("swordfish") }
	r = f.query(t, "{fail}")
	if r.code() != "INTERNAL" || strings.Contains(r.body, "swordfish") || !strings.Contains(f.log.String(), "swordfish") {
		t.Errorf("a panic: %s", r.body)
	}
	failing(fault.New(fault.CodeUnavailable, fault.Because(errors.New("replica hunter3"))))
	r = f.query(t, "{fail}")
	if r.code() != "UNAVAILABLE" || strings.Contains(r.body, "hunter3") {
		t.Errorf("unavailable: %s", r.body)
	}
	if n := strings.Count(f.log.String(), `"level":"ERROR"`); n != 2 {
		t.Errorf("%d reports of one error and one panic", n)
	}
	r = f.do(t, http.MethodGet, "/panic", nil)
	if r.status != 500 || r.code() != "INTERNAL" || strings.Contains(r.body, "secret") {
		t.Errorf("a panic of a handler: %d %s", r.status, r.body)
	}
}

func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	f := serve(t)
	r := f.query(t, "{who}", "X-Request-Id", "caller-0001", "Origin", "https://evil.example")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "X-Request-Id": "caller-0001", "Access-Control-Allow-Origin": "",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r := f.query(t, "{who}", "X-Request-Id", "a b<script>"); strings.Contains(r.header.Get("X-Request-Id"), "<") {
		t.Error("a malformed id is kept")
	}
	if r := f.query(t, "{who}", "Origin", "https://board.example"); r.header.Get("Access-Control-Allow-Origin") != "https://board.example" {
		t.Error("a listed origin may not read")
	}
	r = f.do(t, http.MethodOptions, "/graphql", nil, "Origin", "https://board.example", "Access-Control-Request-Method", "POST")
	if r.status != 204 || !strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %d %v", r.status, r.header)
	}
	r = f.do(t, http.MethodOptions, "/graphql", nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	if r.header.Get("Access-Control-Allow-Methods") != "" {
		t.Error("a foreign preflight passes")
	}
}

func TestTheLogSaysWhatNotWho(t *testing.T) {
	t.Parallel()
	f := serve(t)
	id, s := f.token(t, "lifang")
	f.post(t, `{"query":"query Look($id: ID){thing(id:$id){id}}","variables":{"id":"13800001111"}}`, "Authorization", "Bearer "+s.AccessToken)
	log := f.log.String()
	if !strings.Contains(log, `"operation":"query Look"`) || !strings.Contains(log, `"status":200`) {
		t.Errorf("the log says too little: %s", log)
	}
	for _, secret := range []string{"13800001111", id, s.AccessToken, "lifang", "127.0.0.1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.token(t, "lifang") // so that there is a log to read
	for path, status := range map[string]int{"/livez": 200, "/readyz": 200} {
		if r := f.do(t, http.MethodGet, path, nil); r.status != status {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	f.health.Drain()
	if r := f.do(t, http.MethodGet, "/readyz", nil); r.status != 503 {
		t.Errorf("draining: %d", r.status)
	}
	if r := f.do(t, http.MethodGet, "/livez", nil); r.status != 200 {
		t.Errorf("draining lives on: %d", r.status)
	}
}
