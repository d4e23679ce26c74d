package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/console"
	"github.com/fivesociety/linkage/internal/fault"
)

// byHash is a request's body with a hash, and a text if it is not "".
func byHash(t *testing.T, hash, query string) string {
	t.Helper()
	m := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		m["query"] = query
	}
	raw, err := json.Marshal(m)
	must(t, err)
	return string(raw)
}

func TestClientsRegisterDocumentsByTheirHash(t *testing.T) {
	t.Parallel()
	f := serve(t)
	const query = "query Me{who}"
	if r := f.post(t, byHash(t, digest(query), ""), "Accept", typeResponse); r.code() != notPersistedCode || r.Errors[0].Message != notPersisted || r.status != 422 {
		t.Errorf("unknown yet: %d %s", r.status, r.body)
	}
	if r := f.post(t, byHash(t, digest("another"), query)); r.code() != "INVALID" || r.status != 422 {
		t.Errorf("of another hash: %d %s", r.status, r.body)
	}
	if r := f.post(t, byHash(t, digest(query), query)); r.code() != "" {
		t.Errorf("registered: %s", r.body)
	}
	if r := f.post(t, byHash(t, strings.ToUpper(digest(query)), "")); r.Data["who"] != "//zh" {
		t.Errorf("by hash: %s", r.body)
	}
	ext := url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"` + digest(query) + `"}}`)
	if r := f.do(t, http.MethodGet, "/graphql?extensions="+ext, nil); r.Data["who"] != "//zh" {
		t.Errorf("by GET: %s", r.body)
	}
	const wrong = "{nosuch}"
	f.post(t, byHash(t, digest(wrong), wrong))
	if r := f.post(t, byHash(t, digest(wrong), "")); r.code() != notPersistedCode {
		t.Errorf("what is not valid is kept: %s", r.body)
	}
	const dear = "{things(first:100){nodes{things(first:100){nodes{things(first:100){nodes{id}}}}}}}"
	if r := f.post(t, byHash(t, digest(dear), dear)); r.code() != "QUERY_TOO_COMPLEX" {
		t.Errorf("too dear: %s", r.body)
	}
	if r := f.post(t, byHash(t, digest(dear), "")); r.code() != notPersistedCode {
		t.Errorf("what is too dear is kept: %s", r.body)
	}
	const change = "mutation{touch}"
	f.post(t, byHash(t, digest(change), change))
	ext = url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"` + digest(change) + `"}}`)
	if r := f.do(t, http.MethodGet, "/graphql?extensions="+ext, nil); r.status != 405 {
		t.Errorf("a mutation by GET and hash: %d %s", r.status, r.body)
	}
	for _, bad := range []string{`7`, `[]`, `{}`, `{"version":2,"sha256Hash":"x"}`, `{"version":"1","sha256Hash":"x"}`, `{"version":1,"sha256Hash":7}`, `{"version":1,"sha256Hash":"` + strings.Repeat("x", 200) + `"}`} {
		if r := f.post(t, `{"extensions":{"persistedQuery":`+bad+`}}`); r.code() != "INVALID" || r.status != 422 {
			t.Errorf("%s: %d %s", bad, r.status, r.body)
		}
	}
	for i := range cachedQueries { // the oldest makes room
		q := "query Q" + strconv.Itoa(i) + "{who}"
		f.documents.known.Add(digest(q), q)
	}
	if r := f.post(t, byHash(t, digest(query), "")); r.code() != notPersistedCode || f.documents.known.Len() != cachedQueries {
		t.Errorf("it grows: %d, %s", f.documents.known.Len(), r.body)
	}
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	manifest := map[string]string{"Me-1": "query Me{who}", digest("mutation{touch}"): "mutation{touch}"}
	const other = "{thing{id}}"
	for _, only := range []bool{false, true} {
		f := served(t, HTTP{}, trusting(manifest, only))
		if r := f.post(t, byHash(t, "me-1", "")); r.Data["who"] != "//zh" {
			t.Errorf("only %v: by id: %s", only, r.body)
		}
		if r := f.query(t, "query Me{who}"); r.Data["who"] != "//zh" {
			t.Errorf("only %v: letter for letter: %s", only, r.body)
		}
		want, status := "", 200
		if only {
			want, status = "DOCUMENT_NOT_TRUSTED", 403
		}
		for _, body := range []string{`{"query":"` + other + `"}`, byHash(t, digest(other), other), byHash(t, "me-1", other)} {
			r := f.post(t, body)
			if body == byHash(t, "me-1", other) && !only {
				want, status = "INVALID", 422
			}
			if r.code() != want || r.status != status {
				t.Errorf("only %v: %s: %d %s", only, body, r.status, r.body)
			}
		}
		want = ""
		if only {
			want = notPersistedCode
		}
		if r := f.post(t, byHash(t, digest(other), "")); r.code() != want {
			t.Errorf("only %v: registered: %s", only, r.body)
		}
	}
}

// The board has no manifest of its own to be named in: the server knows what it asks.
func TestWhatTheBoardAsksIsTrusted(t *testing.T) {
	t.Parallel()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	s := &Server{cfg: Config{Trusted: map[string]string{"a": "{viewer{__typename}}"}, TrustedOnly: true}}
	d, err := s.documents(schema)
	must(t, err)
	for name, text := range console.Documents() {
		if bad := d.MutateOperationParameters(t.Context(), &graphql.RawParams{Query: text}); bad != nil {
			t.Errorf("%s: %v", name, bad)
		}
	}
	if bad := d.MutateOperationParameters(t.Context(), &graphql.RawParams{Query: "{viewer{id}}"}); fault.CodeOf(bad) != fault.CodeNotTrusted {
		t.Errorf("another document: %v", bad)
	}
}

func TestAManifestIsCheckedAtStart(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: testSchema})
	for name, manifest := range map[string]map[string]string{
		"one id for two": {"a": "{who}", "A": "query A{who}"}, "an unknown field": {"a": "{who}", "b": "{nosuch}"}, "no document": {"a": "{"}, "empty": {}, "nothing": nil,
	} {
		if _, err := NewDocuments(schema, manifest, true); fault.CodeOf(err) != fault.CodeConfiguration {
			t.Errorf("%s: %v", name, err)
		}
	}
}
