package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Whatever a body or an address holds, it is a request or is refused with a status; what
// is taken for a request has a document, or names one.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `null`, `[]`, `{"query":"{who}"}`, `{"query":"{who}","variables":{"a":1e400}}`, `{"query":"","extensions":{"persistedQuery":{}}}`,
		`{"query":"{who}","query":7}`, `{"query":"\ud800"}`, `{"variables":null,"query":"{who}","operationName":null}`, "{\"query\":\"\xff\"}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		post := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
		post.Header.Set("Content-Type", typeJSON)
		get := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil)
		get.URL.RawQuery = "query=" + url.QueryEscape(body) + "&variables=" + url.QueryEscape(body)
		for _, r := range []*http.Request{post, get} {
			p, refusal := read(httptest.NewRecorder(), r)
			switch {
			case refusal != nil && (refusal.status < 400 || refusal.status > 499 || refusal.err == nil):
				t.Errorf("%s: %+v", r.Method, refusal)
			case refusal == nil && p.Query == "" && p.Extensions["persistedQuery"] == nil:
				t.Errorf("%s: no document", r.Method)
			}
		}
	})
}
