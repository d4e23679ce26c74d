package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

// TestAClosedStoreIsOneFile: who copies the file after an orderly end has it all.
func TestAClosedStoreIsOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	load, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path}))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(load.Write(t.Context(), "k", 1, 20, func(string) {}), load.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a write-ahead log is left: %v", err)
	}
}
