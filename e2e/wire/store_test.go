package wire

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
)

// A store that is full says so; what did not fit is not there by half, and reading
// goes on.
func TestAFullStore(t *testing.T) {
	t.Parallel()
	s, file := &site{path: filepath.Join(t.TempDir(), "full.db"), ids: template().ids}, template().file
	must(t, os.WriteFile(s.path, file, 0o600))
	s.serve(t, sqlite.New(sqlite.Config{Path: s.path, MaxPages: int64(len(file)/4096) + 40}))
	input := func(i int) map[string]any {
		return map[string]any{
			"recipientId": s.id(t, "recipients", "wang"), "category": "MEAL_DELIVERY", "title": fmt.Sprintf("午餐 %d", i),
			"description": strings.Repeat("满", 4000), "idempotencyKey": fmt.Sprintf("full-%d", i),
		}
	}
	saved := 0
	for ; saved < 200; saved++ {
		if f := s.mutate(t, "resident", "serviceRequestDraft", "serviceRequest { id }", input(saved)).first(); f.code != "" {
			break
		}
	}
	if saved == 0 || saved == 200 {
		t.Fatalf("%d were saved", saved)
	}
	s.unchanged(t, "full", func() {
		refused(t, "full", "STORE_FULL", func(header ...string) reply {
			r := s.mutate(t, "resident", "serviceRequestDraft", "serviceRequest { id }", input(saved), header...)
			if r.status != 200 {
				t.Errorf("%d %s", r.status, r.body)
			}
			return r
		})
	})
	r := s.as(t, "resident", `query($id: ID!) { serviceRequests(filter: {recipientId: $id, state: DRAFT}, first: 100) { nodes { id } } }`, map[string]any{"id": s.id(t, "recipients", "wang")})
	if list, _ := r.at("serviceRequests.nodes").([]any); len(list) != saved {
		t.Errorf("%d saved, %d read: %.300s", saved, len(list), r.body)
	}
}

func TestAStoreOfAnotherProcessOrANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shared.db")
	must(t, os.WriteFile(path, template().file, 0o600))
	start := func() (*platform.Platform, error) {
		return platform.Open(t.Context(), platform.Config{Adapter: sqlite.New(sqlite.Config{Path: path}), Accounts: cheap, Seeded: testkit.Few})
	}
	p, err := start()
	must(t, err)
	_, err = start()
	said(t, "a second process", err, fault.CodeStoreLocked)
	must(t, p.Close())
	db, err := sql.Open("sqlite", "file:"+path)
	must(t, err)
	_, err = db.ExecContext(t.Context(), `UPDATE setting SET format = format + 1`)
	must(t, errors.Join(err, db.Close()))
	_, err = start()
	said(t, "a newer format", err, fault.CodeStoreNewer)
	_, err = start()
	said(t, "a newer format, again", err, fault.CodeStoreNewer) // the refused start let the file go
}

// said checks a start that is refused: in both languages, without the engine's words.
func said(t *testing.T, name string, err error, code fault.Code) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code != code {
		t.Fatalf("%s: %v, want %s", name, err, code)
	}
	for _, locale := range []string{"zh", "en"} {
		if m := f.Message(locale); m == "" || strings.ContainsAny(m, "{}") || strings.Contains(strings.ToLower(m), "sqlite") {
			t.Errorf("%s in %s: %s", name, locale, m)
		}
	}
}

// A store that is gone is UNAVAILABLE, and never in the engine's words.
func aClosedStoreTellsNothingOfItsEngine(t *testing.T, s *site) {
	must(t, s.Core.DB.Close())
	for name, ask := range map[string]func(header ...string) reply{
		"a query": func(header ...string) reply {
			return s.as(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { id } }`, map[string]any{"id": s.id(t, "requests", "r-escort")}, header...)
		},
		"a list": func(header ...string) reply { return s.as(t, "", `{ stations { nodes { id } } }`, nil, header...) },
		"a mutation": func(header ...string) reply {
			return s.mutate(t, "resident", "serviceRequestDraft", "serviceRequest { id }", map[string]any{"category": "MEAL_DELIVERY", "title": "x"}, header...)
		},
		"a sign-in": func(header ...string) reply {
			return s.mutate(t, "", "signIn", "session { accessToken }", map[string]any{"name": "admin", "password": "x"}, header...)
		},
	} {
		refused(t, name, "UNAVAILABLE", ask)
	}
}
