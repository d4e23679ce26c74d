package peers

import (
	"bytes"
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

// made are the clients that are made with our schema before they run, by build.mjs.
var made = map[string][]string{
	"relay.mjs": {
		"a connection grows by the pages of its refetchable query",
		"an object is fetched again by node(id)",
		"a mutation tells its user errors, and mends the store where it has none",
		"a subscription resumes where its line broke; what enters stands in the connection",
	},
	"typed.mjs": {
		"typed pages, to the last",
		"a typed user error",
		"a typed feed",
	},
}

// Each client works at a station of the demonstration world, over a line that breaks
// when its script says so.
func TestClients(t *testing.T) {
	t.Parallel()
	work(t, clients, server.Config{})
}

// What relay-compiler and graphql-codegen make of the schema compiles, and runs by the ids
// of their manifests, read as serve --trusted-documents reads them.
func TestClientsMadeWithTheSchema(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var documents map[string]string
	must(t, json.Unmarshal(bytes.Join(peer(t, "build.mjs", folder), nil), &documents))
	work(t, made, server.Config{Trusted: documents}, folder)
}

// work runs scripts, each over a line of its own to one server.
func work(t *testing.T, scripts map[string][]string, cfg server.Config, args ...string) {
	t.Helper()
	address, p := serve(t, cfg)
	_, err := intake.ImportFolder(t.Context(), world.Files(), p.Tables(), nil)
	must(t, err)
	for script, steps := range scripts {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			l := newLine(t, address)
			var shown []string
			for _, raw := range peer(t, script, append([]string{address, l.url, l.cut}, args...)...) {
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
