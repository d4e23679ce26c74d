package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// TestBulkWorkLeavesNoTrace: the writing connection is wide while batches are large,
// and as before from the first one that is not.
func TestBulkWorkLeavesNoTrace(t *testing.T) {
	t.Parallel()
	a := New(Config{Path: filepath.Join(t.TempDir(), "store.db")})
	db, err := sql.Open("sqlite", a.dsn(false))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w, err := newWriter(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	settings := func() (out [2]string) {
		for i, text := range []string{"PRAGMA cache_size", "PRAGMA wal_autocheckpoint"} {
			if err := w.drain(t.Context(), text, func(r *sql.Rows) error { return r.Scan(&out[i]) }); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	normal, wide := [2]string{"-" + normalCache, normalLog}, [2]string{"-" + wideCache, wideLog}
	for i, want := range [][2]string{normal, wide, normal} {
		if err := w.pace(t.Context(), i == 1); err != nil {
			t.Fatal(err)
		}
		if got := settings(); got != want {
			t.Errorf("step %d: cache and log are %v, not %v", i, got, want)
		}
	}
}
