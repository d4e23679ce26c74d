package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func whatIsNoRequestIsRefusedInWords(t *testing.T, s *site) {
	bearer := "Bearer " + s.tokens["resident"]
	ok := `{"query":"mutation{serviceRequestDraft(input:{category:\"MEAL_DELIVERY\",title:\"x\"}){serviceRequest{id}}}"`
	for name, c := range map[string]struct {
		body, kind, code string
		status           int
	}{
		"nothing":            {"", "application/json", "INVALID", 400},
		"cut short":          {ok, "application/json", "INVALID", 400},
		"two objects":        {ok + "}" + ok + "}", "application/json", "INVALID", 400},
		"a batch":            {"[" + ok + "}]", "application/json", "INVALID", 422},
		"a float of digits":  {ok + `,"variables":"x"}`, "application/json", "INVALID", 422},
		"invalid UTF-8":      {strings.Replace(ok, `"x`, "\"\xff\xfe", 1) + "}", "application/json", "TEXT_INVALID", 400},
		"oversized":          {ok + `,"variables":{"pad":"` + strings.Repeat("x", 1<<20) + `"}}`, "application/json", "QUERY_TOO_COMPLEX", 413},
		"deep JSON":          {ok + `,"variables":{"pad":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`, "application/json", "INVALID", 400},
		"a form":             {ok + "}", "application/x-www-form-urlencoded", "INVALID", 415},
		"a multipart form":   {ok + "}", "multipart/form-data; boundary=x", "INVALID", 415},
		"plain text":         {ok + "}", "text/plain", "INVALID", 415},
		"a charset of China": {ok + "}", "application/json; charset=gb18030", "INVALID", 415},
	} {
		s.unchanged(t, name, func() {
			refused(t, name, c.code, func(header ...string) reply {
				r := s.send(t, http.MethodPost, "/graphql", strings.NewReader(c.body),
					append([]string{"Content-Type", c.kind, "Authorization", bearer}, header...)...)
				if r.status != c.status || r.Data != nil {
					t.Errorf("%s: %d %.200s", name, r.status, r.body)
				}
				return r
			})
		})
	}
}

func methodsAndOperationsDoNotMix(t *testing.T, s *site) {
	bearer := "Bearer " + s.tokens["resident"]
	mutation := `mutation{serviceRequestDraft(input:{category:"MEAL_DELIVERY",title:"x"}){serviceRequest{id}}}`
	feed := `subscription{requestFeed{__typename}}`
	for name, c := range map[string]struct {
		method, query, code string
		status              int
	}{
		"a mutation by GET":      {http.MethodGet, mutation, "INVALID", 405},
		"a subscription by GET":  {http.MethodGet, feed, "INVALID", 400},
		"a subscription by POST": {http.MethodPost, feed, "INVALID", 400},
		"PATCH":                  {http.MethodPatch, mutation, "INVALID", 405},
		"DELETE":                 {http.MethodDelete, mutation, "INVALID", 405},
	} {
		s.unchanged(t, name, func() {
			refused(t, name, c.code, func(header ...string) reply {
				raw, err := json.Marshal(map[string]any{"query": c.query})
				must(t, err)
				address, header := "/graphql", append([]string{"Authorization", bearer, "Content-Type", "application/json"}, header...)
				if c.method == http.MethodGet {
					address += "?query=" + url.QueryEscape(c.query)
				}
				r := s.send(t, c.method, address, strings.NewReader(string(raw)), header...)
				if r.status != c.status {
					t.Errorf("%s: %d %.200s", name, r.status, r.body)
				}
				return r
			})
		})
	}
}

func aSubscriptionHasOneRoot(t *testing.T, s *site) {
	c, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	for query, want := range map[string]string{
		`subscription { a: requestFeed { __typename } b: requestFeed { __typename } }`:                                       "GRAPHQL_VALIDATION_FAILED",
		`subscription { requestFeed { __typename } ...b } fragment b on Subscription { importProgress(id: "imp_x") { id } }`: "GRAPHQL_VALIDATION_FAILED",
		`subscription { requestFeed(filter: {serviceRequestId: "sta_x"}) { __typename } }`:                                   "ID_INVALID",
	} {
		sub, err := c.Subscribe(t.Context(), query, nil, "")
		must(t, err)
		_, err = sub.Next(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func deepAndWideQueriesAreTooComplex(t *testing.T, s *site) {
	for name, query := range map[string]string{
		"deep":                  "{divisions{nodes{" + strings.Repeat("parent{", 30) + "id" + strings.Repeat("}", 30) + "}}}",
		"wide in aliases":       "{" + wide(200, `serverInfo{time}`) + "}",
		"many roots":            "{" + wide(30, `serverInfo{time}`) + "}",
		"pages of pages":        `{divisions(first:100){nodes{children(first:100){nodes{children(first:100){nodes{id}}}}}}}`,
		"a long document":       "{serverInfo{time " + strings.Repeat("time ", 20_000) + "}}",
		"many mutations":        "mutation{" + wide(25, `signOut(input:{}){ended}`) + "}",
		"doubling fragments":    doubling(16),
		"a circle of fragments": "{serverInfo{...a}} fragment a on ServerInfo{...b} fragment b on ServerInfo{...a}",
	} {
		code := "QUERY_TOO_COMPLEX"
		if strings.HasPrefix(name, "a circle") {
			code = "GRAPHQL_VALIDATION_FAILED"
		}
		s.unchanged(t, name, func() {
			refused(t, name, code, func(header ...string) reply { return s.as(t, "coordinator", query, nil, header...) })
		})
	}
}

func wide(n int, field string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + strings.Repeat("b", i) + ":" + field)
	}
	return b.String()
}

// doubling is a document that is short and asks for 2^n divisions.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{divisions{nodes{...f0}}}")
	for i := range n {
		fmt.Fprintf(&b, " fragment f%d on Division{a: parent{...f%d} b: parent{...f%d}}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on Division{id}", n)
	return b.String()
}

func theSchemaIsReadBySignedInOnly(t *testing.T, s *site) {
	query := `{__schema{types{name}}}`
	refused(t, "nobody", "UNAUTHENTICATED", func(header ...string) reply { return s.as(t, "", query, nil, header...) })
	refused(t, "nobody, one type", "UNAUTHENTICATED", func(header ...string) reply {
		return s.as(t, "", `{__type(name:"Recipient"){fields{name}}}`, nil, header...)
	})
	if r := s.as(t, "resident", query, nil); r.first().code != "" || len(r.at("__schema.types").([]any)) < 100 {
		t.Errorf("signed in: %.300s", r.body)
	}
	if r := s.as(t, "", `{__typename serverInfo{__typename storeCode locales}}`, nil); r.first().code != "" {
		t.Errorf("a type's name: %s", r.body)
	}
	// What a query gets wrong tells nobody what would have been right.
	if r := s.as(t, "", `{recipent(id:"x"){id}}`, nil); strings.Contains(r.body, "Did you mean") {
		t.Errorf("suggestions: %s", r.body)
	}
}
