package wire

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const requests = `query($first: Int, $last: Int, $after: String, $before: String, $sort: ServiceRequestSort! = CREATED_AT_DESC) {
	serviceRequests(first: $first, last: $last, after: $after, before: $before, sort: $sort) {
		nodes { id } pageInfo { endCursor startCursor hasNextPage } feedCursor } }`

func pagesOfNoSize(t *testing.T, s *site) {
	for name, vars := range map[string]map[string]any{
		"101":               {"first": 101},
		"nothing":           {"first": 0},
		"negative":          {"first": -1},
		"the most of all":   {"first": 2147483647},
		"more than 32 bits": {"first": 1 << 40},
		"last 101":          {"last": 101},
		"last negative":     {"last": -5},
		"both":              {"first": 2, "last": 2},
	} {
		refused(t, name, "PAGE_INVALID", func(header ...string) reply { return s.as(t, "coordinator", requests, vars, header...) })
		for _, list := range []string{
			"accounts", "allocations", "assignments", "communities", "divisions", "matchProposals", "organisations", "recipients",
			"charityResources", "socialWorkers", "stations", "volunteers",
		} {
			query := fmt.Sprintf(`query($first: Int, $last: Int) { %s(first: $first, last: $last) { pageInfo { endCursor } } }`, list)
			if f := s.as(t, "admin", query, vars).first(); f.code != "PAGE_INVALID" {
				t.Errorf("%s of %s: %+v", name, list, f)
			}
		}
		query := `query($id: ID!, $first: Int, $last: Int) { history(nodeId: $id, first: $first, last: $last) { pageInfo { endCursor } } }`
		if f := s.as(t, "coordinator", query, with(vars, "id", s.id(t, "recipients", "liu"))).first(); f.code != "PAGE_INVALID" {
			t.Errorf("%s of the history: %+v", name, f)
		}
	}
	for _, vars := range []map[string]any{{"first": 1.5}, {"first": "two"}, {"first": []int{1, 2}}, {"first": true}, {"after": map[string]any{"a": 1}}} {
		refused(t, fmt.Sprint(vars), "GRAPHQL_VALIDATION_FAILED", func(header ...string) reply { return s.as(t, "coordinator", requests, vars, header...) })
	}
	if r := s.as(t, "coordinator", requests, map[string]any{"first": 100}); r.first().code != "" {
		t.Errorf("100: %s", r.body)
	}
}

func with(m map[string]any, key string, v any) map[string]any {
	out := map[string]any{key: v}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func cursorsOfElsewhere(t *testing.T, s *site) {
	page := s.as(t, "coordinator", requests, map[string]any{"first": 1})
	own, feed := text(page.at("serviceRequests.pageInfo.endCursor")), text(page.at("serviceRequests.feedCursor"))
	if own == "" || feed == "" {
		t.Fatalf("no cursors: %s", page.body)
	}
	if r := s.as(t, "coordinator", requests, map[string]any{"first": 1, "after": own}); r.first().code != "" {
		t.Errorf("its own: %s", r.body)
	}
	other := s.as(t, "coordinator", `{ divisions(first: 1) { pageInfo { endCursor } } }`, nil)
	foreign := s.as(t, "socialworker", `{ socialWorkers(first: 1) { pageInfo { endCursor } } }`, nil)
	for name, cursor := range map[string]string{
		"altered at the end": own[:len(own)-2] + swapped(own[len(own)-2:]),
		"altered inside":     own[:len(own)/2] + swapped(own[len(own)/2:]),
		"cut short":          own[:len(own)-4],
		"longer":             own + "AAAA",
		"nothing":            "",
		"words":              "请给我下一页",
		"an id":              s.id(t, "requests", "r-escort"),
		"huge":               strings.Repeat("A", 50_000),
		"of the feed":        feed,
		"of another list":    text(other.at("divisions.pageInfo.endCursor")),
		"of another reader":  text(foreign.at("socialWorkers.pageInfo.endCursor")),
	} {
		refused(t, name, "CURSOR_INVALID", func(header ...string) reply {
			return s.as(t, "coordinator", requests, map[string]any{"first": 1, "after": cursor}, header...)
		})
		if f := s.as(t, "coordinator", requests, map[string]any{"last": 1, "before": cursor}).first(); f.code != "CURSOR_INVALID" || f.path != "before" {
			t.Errorf("before %s: %+v", name, f)
		}
	}
	refused(t, "of another order", "CURSOR_INVALID", func(header ...string) reply {
		return s.as(t, "coordinator", requests, map[string]any{"first": 1, "after": own, "sort": "DUE_AT_ASC"}, header...)
	})
	filtered := `query($after: String, $f: ServiceRequestFilter) { serviceRequests(first: 1, after: $after, filter: $f) { nodes { id } } }`
	refused(t, "of another filter", "CURSOR_INVALID", func(header ...string) reply {
		return s.as(t, "coordinator", filtered, map[string]any{"after": own, "f": map[string]any{"open": true}}, header...)
	})
	for name, f := range map[string]any{"null": nil, "empty": map[string]any{}, "without a condition": map[string]any{"open": nil}} {
		if r := s.as(t, "coordinator", filtered, map[string]any{"after": own, "f": f}); r.first().code != "" {
			t.Errorf("the same list, its filter %s: %s", name, r.body)
		}
	}
	refused(t, "of another reader of the same list", "CURSOR_INVALID", func(header ...string) reply {
		return s.as(t, "officer", requests, map[string]any{"first": 1, "after": own}, header...)
	})
}

// swapped is the same text in another order, so that only a seal can tell.
func swapped(s string) string {
	b := []byte(s)
	for i := 0; i+1 < len(b); i++ {
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			return string(b)
		}
	}
	return s + "A"
}

func feedCursorsOfElsewhere(t *testing.T, s *site) {
	elsewhere := another(t)
	cursor := func(of *site) string {
		return text(of.as(t, "coordinator", requests, map[string]any{"first": 1}).at("serviceRequests.feedCursor"))
	}
	own := cursor(s)
	listed := text(s.as(t, "coordinator", requests, map[string]any{"first": 1}).at("serviceRequests.pageInfo.endCursor"))
	c, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	for name, after := range map[string]string{
		"of another store": cursor(elsewhere), "of a list": listed, "altered": own[:len(own)-2] + swapped(own[len(own)-2:]), "words": "latest",
	} {
		sub, err := c.Subscribe(t.Context(), `subscription($after: String) { requestFeed(after: $after) { __typename } }`, map[string]any{"after": after}, "")
		must(t, err)
		m, err := sub.Next(t.Context())
		if code := ended(m, err); code != "CURSOR_INVALID" {
			t.Errorf("%s: %q (%v %+v)", name, code, err, m)
		}
	}
	// The connection lives on, and its own cursor works.
	sub, err := c.Subscribe(t.Context(), `subscription($after: String) { requestFeed(after: $after) { __typename } }`, map[string]any{"after": own}, "")
	must(t, err)
	must(t, c.Ping(t.Context()))
	must(t, sub.Close())
}

// ended is the code with which an operation was refused or answered.
func ended(m wsclient.Message, err error) string {
	if op, ok := err.(*wsclient.OperationError); ok { //nolint:errorlint // returned as it is
		return op.Code()
	}
	if err == io.EOF || len(m.Errors) == 0 { //nolint:errorlint // returned as it is
		return ""
	}
	return m.Errors[0].Code()
}
