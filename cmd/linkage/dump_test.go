package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
)

func TestADumpIsRestoredIntoAnEmptyStoreOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	here, there, file := "sqlite:"+filepath.Join(folder, "a.db"), "sqlite:"+filepath.Join(folder, "b.db"), filepath.Join(folder, "all.dump")
	var out bytes.Buffer
	if err := (&migrateCmd{Store: here}).Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := (&dumpCmd{File: file, Store: here}).Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	last := out.String()[strings.LastIndex(out.String(), "code "):]
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(out.String(), " division\n") {
		t.Errorf("%v %v: %s", info, err, out.String())
	}
	if err := (&dumpCmd{File: file, Store: here}).Run(t.Context(), &out); err == nil {
		t.Error("a dump was overwritten")
	}
	out.Reset()
	if err := (&restoreCmd{File: file, Store: there}).Run(t.Context(), &out); err != nil || !strings.HasSuffix(out.String(), last) {
		t.Errorf("%v: %s, want %s", err, out.String(), last)
	}
	if err := (&restoreCmd{File: file, Store: there}).Run(t.Context(), &out); fault.CodeOf(err) != fault.CodeStoreNotEmpty {
		t.Error(err)
	}
	out.Reset()
	if err := (&dumpCmd{File: "-", Store: there}).Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(file); err != nil || !bytes.Equal(raw, out.Bytes()) {
		t.Error("the restored store dumps otherwise", err)
	}
}

// A mistyped store is not dumped as an empty one, and nothing is made of it.
func TestAStoreThatIsNotThereIsNotDumped(t *testing.T) {
	t.Parallel()
	path, file := filepath.Join(t.TempDir(), "none.db"), filepath.Join(t.TempDir(), "none.dump")
	err := (&dumpCmd{File: file, Store: "sqlite:" + path}).Run(t.Context(), io.Discard)
	if fault.CodeOf(err) != fault.CodeConfiguration {
		t.Errorf("dump: %v", err)
	}
	for _, p := range []string{path, file} {
		if _, err := os.Stat(p); !os.IsNotExist(err) {
			t.Errorf("%s was made: %v", p, err)
		}
	}
}
