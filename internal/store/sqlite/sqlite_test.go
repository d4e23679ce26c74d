package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

func engine() storetest.Engine {
	return storetest.Engine{Fresh: func(t testing.TB) storetest.Place {
		path := filepath.Join(t.TempDir(), "store.db")
		return func() store.Adapter { return sqlite.New(sqlite.Config{Path: path}) }
	}}
}

func TestContract(t *testing.T) { storetest.Run(t, engine()) }
