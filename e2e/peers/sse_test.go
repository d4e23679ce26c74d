package peers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/server"
)

// The client of graphql-sse, in both of its modes.
func TestGraphQLSSE(t *testing.T) {
	t.Parallel()
	url, p := serve(t, server.Config{})
	v, _, err := p.Accounts.Create(t.Context(), access.System("test"), account.Create{Name: "lifang", DisplayName: "李芳", Password: "竹筒倒豆子 correct"})
	must(t, err)
	s, err := p.Accounts.OpenSession(t.Context(), v.ID)
	must(t, err)
	lines := peer(t, "sse.mjs", url, s.AccessToken)
	want := []string{`"name":"lifang"`, `"requestFeed":{"__typename":"FeedCheckpoint"}`, "GRAPHQL_VALIDATION_FAILED", `"name":"lifang"`, `"requestFeed":{"__typename":"FeedCheckpoint"}`, `"status":422`}
	if len(lines) != len(want) {
		t.Fatalf("%s", lines)
	}
	for i, line := range lines {
		if !json.Valid(line) || !strings.Contains(string(line), want[i]) {
			t.Errorf("%s, want %s", line, want[i])
		}
	}
}
