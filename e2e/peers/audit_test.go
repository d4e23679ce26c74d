package peers

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/server"
)

// audits is how many there are in the version that the lock file names.
const audits = 61

// The audits measure the text of 2025: in that edition all of them are content.
func TestGraphQLHTTPAuditsTheEditionOf2025(t *testing.T) {
	t.Parallel()
	if bad := audit(t, server.Edition2025); len(bad) > 0 {
		t.Errorf("%d of %d find fault: %v", len(bad), audits, bad)
	}
}

// Where the text of August 2026 asks for something else, they say so, and nowhere else:
// 422 for what is JSON but no request, or does not pass validation (they want 400), and
// the same statuses for who accepts plain JSON (they want 200).
// What 74FF sends does not parse, so that it is content with both.
func TestGraphQLHTTPAuditsTheEditionOf2026(t *testing.T) {
	t.Parallel()
	newer := strings.Fields(`423L 3E3A LKJ0 LKJ1 LKJ2 LKJ3 6C00 6C01 6C02 6C03 4760 4761 4762 4763 58B0 58B1 58B2 58B3
		86EE 572B FDE2 7B9B`)
	bad := audit(t, server.Edition2026)
	for id, why := range bad {
		if !slices.Contains(newer, id) {
			t.Errorf("%s: %s", id, why)
		}
	}
	for _, id := range newer {
		if bad[id] == "" {
			t.Errorf("%s is content, against the text of 2026", id)
		}
	}
}

// audit returns why each audit is not content, by its id.
func audit(t *testing.T, edition server.Edition) map[string]string {
	t.Helper()
	url, _ := serve(t, server.Config{Edition: edition, OpenIntrospection: true})
	bad, seen := map[string]string{}, map[string]bool{}
	for _, line := range peer(t, "audit.mjs", url) {
		var a struct{ ID, Name, Status, Reason string }
		must(t, json.Unmarshal(line, &a))
		if seen[a.ID] = true; a.Status != "ok" {
			bad[a.ID] = a.Status + ": " + a.Name + ": " + a.Reason
		}
	}
	if len(seen) != audits {
		t.Errorf("%d audits were made, not %d", len(seen), audits)
	}
	return bad
}
