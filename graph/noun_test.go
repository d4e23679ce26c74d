package graph_test

import (
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
)

// TestEveryNounIsRegistered: the API's enum and the catalog name the same, in one
// order, and each by its store's name.
func TestEveryNounIsRegistered(t *testing.T) {
	t.Parallel()
	p, err := platform.Open(t.Context(), platform.Config{Adapter: sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), Seeded: testkit.Few})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	values := loaded().Types["Noun"].EnumValues
	if len(values) != len(p.Nouns) {
		t.Fatalf("%d values, %d nouns", len(values), len(p.Nouns))
	}
	for i, n := range p.Nouns {
		if values[i].Name != n.Kind {
			t.Errorf("value %d is %s, the noun %s", i, values[i].Name, n.Kind)
		}
		if p.Core.DB.Definition(n.Name) == nil {
			t.Errorf("%s: the store knows no %q", n.Kind, n.Name)
		}
	}
}
