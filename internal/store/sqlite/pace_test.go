package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
)

// settings are the cache, the log and what is kept of it, as a connection has them.
func (w *writer) settings(t *testing.T) (out [3]string) {
	t.Helper()
	for i, text := range []string{"PRAGMA cache_size", "PRAGMA wal_autocheckpoint", "PRAGMA journal_size_limit"} {
		if err := w.drain(t.Context(), text, func(r *sql.Rows) error { return r.Scan(&out[i]) }); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var ordinary, forBulk = [3]string{"-" + normalCache, normalLog, normalKept}, [3]string{"-" + wideCache, wideLog, wideKept}

func opened(t *testing.T) *Adapter {
	t.Helper()
	a := New(Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if _, err := a.Open(t.Context(), store.Setup{Code: "T", Format: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// TestBulkWorkLeavesNoTrace: the writing connection is wide from bulk work on, whoever
// commits in between, and as before once the store has calmed down, which brings the log into
// the file.
func TestBulkWorkLeavesNoTrace(t *testing.T) {
	t.Parallel()
	a := opened(t)
	commit := func(puts, bumps int) {
		t.Helper()
		s := &store.Set{Adds: map[string]int64{"counter": 1}}
		for i := range puts { // what is not accepted writes nothing and counts all the same
			s.Writes = append(s.Writes, &store.Write{Change: store.Remove, Key: store.Key{Noun: "none", ID: fmt.Sprint(i)}})
		}
		for i := range bumps {
			s.Writes = append(s.Writes, &store.Write{Change: store.Bump, Key: store.Key{Noun: "guard", ID: fmt.Sprint(i)}})
		}
		s.Rehearsal = true
		if err := a.Commit(t.Context(), &store.Batch{Sets: []*store.Set{s}}); err != nil {
			t.Fatal(err)
		}
	}
	step := func(what string, want [3]string) {
		t.Helper()
		if got := a.writer.settings(t); got != want {
			t.Errorf("%s: cache and log are %v, not %v", what, got, want)
		}
	}
	step("opened", ordinary)
	commit(bulk-1, bulk)
	step("guards do not count", ordinary)
	commit(bulk, 0)
	step("bulk work", forBulk)
	commit(1, 0)
	step("a person's commit meanwhile", forBulk)
	if err := a.writer.exec(t.Context(), "INSERT INTO tally (name, n) VALUES ('x', 1)"); err != nil {
		t.Fatal(err)
	}
	if a.timer == nil {
		t.Error("nothing lets it calm down")
	}
	before, err := os.ReadFile(a.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.calm(t.Context()); err != nil {
		t.Fatal(err)
	}
	step("calm again", ordinary)
	after, err := os.ReadFile(a.cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, after) {
		t.Error("what stands in the log was not brought into the file")
	}
}

// What failed half-way is set again: it is not known how far it came.
func TestAPaceThatFailedIsSetAgain(t *testing.T) {
	t.Parallel()
	a := opened(t)
	ended, end := context.WithCancel(t.Context())
	end()
	if err := a.writer.pace(ended, wide); err == nil {
		t.Fatal("it did not fail")
	}
	for _, text := range []string{"PRAGMA cache_size = -" + wideCache, "PRAGMA wal_autocheckpoint = " + wideLog} { // as far as it may have come
		if err := a.writer.drain(t.Context(), text, func(*sql.Rows) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.writer.pace(t.Context(), normal); err != nil {
		t.Fatal(err)
	}
	if got := a.writer.settings(t); got != ordinary {
		t.Errorf("cache and log are %v, not %v", got, ordinary)
	}
}
