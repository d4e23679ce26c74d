// Package engines runs a test on both stores: SQLite in a file of its own, MongoDB in a
// database of its own on the shared replica set. The rule it keeps: what is tested so has
// one body, and no engine has exceptions.
package engines

import (
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// Both runs fn once for each engine, in parallel, on a fresh and empty store that fn opens
// and closes.
func Both(t *testing.T, fn func(t *testing.T, a store.Adapter)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}))
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		fn(t, mongo.New(mongo.Config{URI: mongotest.URI(t)}))
	})
}
