package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDivisionsImportTellsWhatItAdded(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "some.csv")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("code,name\n44,广东省\n130203,路北新区\n")
	cmd := divisionsImportCmd{File: file, Store: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), Communities: true, Check: true, Locale: "en"}
	var out bytes.Buffer
	run := func() error {
		out.Reset()
		return cmd.Run(context.Background(), &out)
	}
	if err := run(); err != nil || out.String() != "2 rows checked; nothing was written.\n" {
		t.Fatal(err, out.String())
	}
	cmd.Check = false
	if err := run(); err != nil || !strings.HasPrefix(out.String(), "2 rows, 1 new.\n") || !strings.Contains(out.String(), "which stays: 130203 路北新区") {
		t.Fatal(err, out.String())
	}
	write("code,name\n4I,广东省\n")
	cmd.Locale = "zh"
	if err := run(); err == nil || !strings.Contains(err.Error(), "some.csv:2 4I") {
		t.Error(err)
	}
}
