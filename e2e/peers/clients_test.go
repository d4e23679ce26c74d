package peers

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// clients are the programs that frontends use, each with what its script has to show, in
// this order. A script that fails ends with what it found in place of what it sought.
var clients = map[string][]string{
	"graphql-ws.mjs": {
		"the stock client: nothing is lost, repeats are told by their revision",
		"a client that keeps its cursor in after: each once",
		"a client that keeps its cursor in resumeAfter: each once",
		"an ended session closes with 4403, and a fresh token goes on where the old one was",
		"a token that is none is refused with 4403",
	},
	"apollo.mjs": {
		"a list read by pages grows in the cache",
		"a persisted query is registered once and then asked for by its hash, with GET",
		"what the user can mend stands in the payload, what not in errors with its code",
		"a subscription resumes where its line broke, and the cache follows it",
	},
	"urql.mjs": {
		"a list is read by pages",
		"a persisted query is registered once and then asked for by its hash, with GET",
		"what the user can mend stands in the payload, what not in errors with its code",
		"a subscription sent by its hash resumes where its line broke",
	},
}

// Each client works at a station of the demonstration world, over a line that breaks
// when its script says so.
func TestClients(t *testing.T) {
	t.Parallel()
	address, p := serve(t, server.Config{})
	_, err := intake.ImportFolder(t.Context(), world.Files(), p.Tables(), nil)
	must(t, err)
	for script, steps := range clients {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, address)
			var shown []string
			for _, raw := range peer(t, script, address, l.url, l.cut) {
				var told struct{ Step string }
				must(t, json.Unmarshal(raw, &told))
				shown = append(shown, told.Step)
			}
			if !slices.Equal(shown, steps) {
				t.Errorf("showed %q, want %q", shown, steps)
			}
		})
	}
}

