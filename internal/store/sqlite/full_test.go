package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

// TestAFullStore fills a bounded file: writes are refused as STORE_FULL, what was
// acknowledged can be read, and with more room writing goes on.
func TestAFullStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	load, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path, MaxPages: 400}))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var acked []string
	ctx, full := context.WithCancel(t.Context())
	var once sync.Once
	load.WriteBodies(ctx, "f", 6, strings.Repeat("长", 400), func(key string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			acked = append(acked, key)
			return
		}
		if fault.CodeOf(err) != fault.CodeStoreFull && ctx.Err() == nil {
			t.Errorf("%s: %v", key, err)
		}
		once.Do(full)
	})
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged before the file was full")
	}
	if err := load.There(t.Context(), acked); err != nil {
		t.Error(err)
	}
	if err := load.Close(); err != nil {
		t.Fatal(err)
	}
	load, err = storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path}))
	if err != nil {
		t.Fatal(err)
	}
	n, err := load.Verify(t.Context(), acked)
	if err != nil {
		t.Error(err)
	}
	if err := load.Write(t.Context(), "more", 2, 10, func(string) {}); err != nil {
		t.Errorf("with more room: %v", err)
	}
	t.Logf("%d acknowledged, %d there when the file was full", len(acked), n)
	if err := load.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOneProcessAFile opens a file twice, and again after the first has closed.
func TestOneProcessAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	for round := range 2 {
		first, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path}))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		second := store.New(sqlite.New(sqlite.Config{Path: path}), store.Options{})
		if err := second.Start(t.Context()); fault.CodeOf(err) != fault.CodeStoreLocked {
			t.Errorf("a second opening: %v", err)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
		if err := first.Write(t.Context(), fmt.Sprint("r", round), 2, 5, func(string) {}); err != nil {
			t.Errorf("the first after the second was refused: %v", err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneProcessAFileByWhateverName opens a file by a hard link, which has another
// lock by name, while it is open and after.
func TestOneProcessAFileByWhateverName(t *testing.T) {
	t.Parallel()
	path, link := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "other.db")
	first, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path}))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	refused := func(name string, code fault.Code, words string) {
		t.Helper()
		second := store.New(sqlite.New(sqlite.Config{Path: name}), store.Options{})
		err := second.Start(t.Context())
		if fault.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
			t.Errorf("opening %s: %v", name, err)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}
	refused(link, fault.CodeStoreLocked, "another name")
	if err := errors.Join(first.Write(t.Context(), "k", 1, 5, func(string) {}), first.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} { // nobody has it, but commits may stand beside the other name
		refused(name, fault.CodeConfiguration, "hard links")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	again, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: link}))
	if err != nil {
		t.Fatalf("with one name left: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}
