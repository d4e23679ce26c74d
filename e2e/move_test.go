package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// TestMovingTheWholeWorld dumps the world from SQLite, restores it on MongoDB and
// back, and asks everything that the API has of each: the answers are the same, and
// tokens, cursors and the feed go on.
func TestMovingTheWholeWorld(t *testing.T) {
	t.Parallel()
	b, err := theBase()
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Now()) // websockets end with their token by the true time
	first := filepath.Join(t.TempDir(), "first.db")
	if err := copyFile(filepath.Join(b.folder, "base.db"), first); err != nil {
		t.Fatal(err)
	}
	e := at(t, "sqlite:"+first, c, b)
	for name := range b.tokens {
		if err := e.signIn(t.Context(), name, e.names["accounts."+name].(string)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Tick(t.Context()); err != nil { // or the servers would, sooner or later: months have passed
		t.Fatal(err)
	}
	tokens, feed := e.tokens, e.cursorNow(t, "coordinator")
	page := e.ask(t, "coordinator", `{ serviceRequests(first: 1) { pageInfo { endCursor } } }`, nil).text("serviceRequests.pageInfo.endCursor")
	second := e.behind(t, page)
	th := &thread{e, "submitted", ordinary} // a step behind the cursor
	if err := th.triage(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := e.everything(t)
	if n := len(want); n < 100 {
		t.Fatalf("only %d questions", n)
	}
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}
	from, digest := "sqlite:"+first, ""
	for _, to := range []string{mongotest.URI(t), "sqlite:" + filepath.Join(t.TempDir(), "again.db")} {
		if got := move(t, from, to); digest == "" {
			digest = got
		} else if got != digest {
			t.Errorf("dumped again the digest is %s, not %s", got, digest)
		}
		moved := at(t, to, c, b)
		moved.tokens = tokens
		have := moved.everything(t)
		for _, question := range slices.Sorted(maps.Keys(want)) {
			if have[question] != want[question] {
				t.Errorf("%s\nwas %s\nis  %s", question, want[question], have[question])
			}
		}
		same(t, "what an old cursor leads to", moved.behind(t, page), second)
		desk := moved.watch(t, "coordinator", feed, object{"serviceRequestId": th.get("request")})
		same(t, "the first event that was missed", desk.next(t).text("kind"), "request.triaged")
		_ = desk.client.Close()
		if err := moved.stop(); err != nil {
			t.Fatal(err)
		}
		from = to
	}
}

// at opens a program on a store that holds the base's world.
func at(t *testing.T, address string, c *clock.Manual, b *base) *env {
	t.Helper()
	e, err := open(t.Context(), address, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	e.tokens, e.names = maps.Clone(b.tokens), maps.Clone(b.names)
	return e
}

// move dumps one store and restores it in another; the digest says what was moved.
func move(t *testing.T, from, to string) string {
	t.Helper()
	var file bytes.Buffer
	out, err := platform.Adapter(from)
	if err != nil {
		t.Fatal(err)
	}
	was, err := platform.Dump(t.Context(), out, &file)
	if err != nil {
		t.Fatal(err)
	}
	in, err := platform.Adapter(to)
	if err != nil {
		t.Fatal(err)
	}
	is, err := platform.Restore(t.Context(), in, &file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the digest", is.Digest, was.Digest)
	return is.Digest
}

// behind is the first request after a cursor.
func (e *env) behind(t *testing.T, cursor string) string {
	t.Helper()
	const page = `query($after: String) { serviceRequests(first: 1, after: $after) { nodes { id } } }`
	return e.ask(t, "coordinator", page, object{"after": cursor}).list("serviceRequests.nodes")[0].text("id")
}

// everything asks every list for its first hundred, with all plain fields, and the
// history of each object in it, as several readers.
func (e *env) everything(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, actor := range []string{"admin", "coordinator", "officer", "auditor", "partner-fund", "volunteer", "resident"} {
		for name, document := range lists() {
			a, err := e.post(t.Context(), actor, document, nil)
			if err != nil {
				t.Fatal(err)
			}
			out[actor+": "+name] = plainText(t, a)
			for _, node := range a.list("data." + name + ".nodes") {
				id := node.text("id")
				document := fmt.Sprintf(`{ history(nodeId: %q, first: 100) { nodes { sequence at kind version actor { display role accountId onBehalfOf } reason { id } changes { field before after } erased } } }`, id)
				h, err := e.post(t.Context(), actor, document, nil)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(id, "div_") || strings.HasPrefix(id, "com_") {
					continue // there are hundreds
				}
				out[actor+": history of "+id] = plainText(t, h)
			}
		}
	}
	return out
}

func plainText(t *testing.T, a answer) string {
	t.Helper()
	raw, err := json.Marshal(a.at("data").value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw) + fmt.Sprint(topErrors(a))
}

// lists are the documents that read each connection of Query.
func lists() map[string]string {
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	out := map[string]string{}
	for _, f := range schema.Types["Query"].Fields {
		if strings.HasSuffix(f.Type.Name(), "Connection") && !needsMore(f) {
			node := schema.Types[f.Type.Name()].Fields.ForName("nodes").Type.Name()
			out[f.Name] = "{ " + f.Name + "(first: 100) { totalCount nodes {" + plain(schema, schema.Types[node], 2) + " } } }"
		}
	}
	return out
}

func needsMore(f *ast.FieldDefinition) bool {
	return slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull })
}

// plain selects the fields without arguments, and those of objects to a depth; an
// object with an id is told by it.
func plain(schema *ast.Schema, of *ast.Definition, depth int) string {
	if depth < 2 && of.Fields.ForName("id") != nil {
		return " id"
	}
	var b strings.Builder
	for _, f := range of.Fields {
		switch d := schema.Types[f.Type.Name()]; {
		case len(f.Arguments) > 0 || strings.HasSuffix(f.Name, "ursor"):
		case d.IsLeafType():
			b.WriteString(" " + f.Name)
		case depth > 0 && d.Kind == ast.Object:
			if inner := plain(schema, d, depth-1); inner != "" {
				b.WriteString(" " + f.Name + " {" + inner + " }")
			}
		}
	}
	return b.String()
}
