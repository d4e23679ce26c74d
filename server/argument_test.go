package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler"

	"github.com/fivesociety/linkage/graph"
)

// Arguments that a scalar refuses are the caller's to mend, not a failure of ours. The
// generated schema has no resolvers here: none may be reached.
func TestArgumentsThatAreNoneAreInvalid(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	gql := handler.New(graph.NewExecutableSchema(graph.Config{}))
	gql.AddTransport(HTTP{})
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	gql.SetErrorPresenter(Presenter(logger))
	gql.SetRecoverFunc(Recover(logger))
	gql.Use(NewLimits(Limits{}))
	const grant = `mutation($u: DateTime){roleGrant(input:{accountId:"acc_x",role:ADMIN,scopeId:"div_x",until:$u}){account{id}}}`
	for _, c := range []struct {
		query string
		vars  map[string]any
		code  string
	}{
		{grant, map[string]any{"u": "yesterday"}, "INVALID"},
		{grant, map[string]any{"u": 7}, "INVALID"},
		{strings.ReplaceAll(grant, "$u}", `"2026-13-40T00:00:00Z"}`), nil, "GRAPHQL_VALIDATION_FAILED"}, // $u is not used
		{`mutation{roleGrant(input:{accountId:"acc_x",role:ADMIN,scopeId:"div_x",until:"soon"}){account{id}}}`, nil, "INVALID"},
		{`mutation{roleGrant(input:{accountId:"acc_x",role:KING,scopeId:"div_x"}){account{id}}}`, nil, "GRAPHQL_VALIDATION_FAILED"},
		{`query($n:Int){accounts(first:$n){nodes{id}}}`, map[string]any{"n": "many"}, "GRAPHQL_VALIDATION_FAILED"},
		{`query($n:Int){accounts(first:$n){nodes{id}}}`, map[string]any{"n": 1e30}, "GRAPHQL_VALIDATION_FAILED"},
		{`{accounts(first:99999999999999999999){nodes{id}}}`, nil, "GRAPHQL_VALIDATION_FAILED"},
		{`query($n:Int){accounts(first:$n){nodes{id}}}`, map[string]any{"n": 1.5}, "GRAPHQL_VALIDATION_FAILED"},
		{`{account(id:{a:1}){id}}`, nil, "GRAPHQL_VALIDATION_FAILED"},
	} {
		body, err := json.Marshal(map[string]any{"query": c.query, "variables": c.vars})
		must(t, err)
		req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(string(body)))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		gql.ServeHTTP(rec, req)
		var r reply
		must(t, json.Unmarshal(rec.Body.Bytes(), &r))
		if r.code() != c.code {
			t.Errorf("%s %v: %s", c.query, c.vars, rec.Body)
		}
	}
	if log.String() != "" {
		t.Errorf("logged as a failure: %s", log.String())
	}
}
