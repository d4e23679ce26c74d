package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImportTellsWhatItTookAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("volunteers.csv", "key,name,bornOn,community\nv1,周示例,1990-01-02,130203001010\n")
	write("accounts.csv", "key,displayName,roles\nhelper,某人（示例）,VOLUNTEER:v1\n")
	cmd := importCmd{Path: folder, Store: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), Check: true, Locale: "en"}
	var out bytes.Buffer
	run := func() error {
		out.Reset()
		return cmd.Run(context.Background(), &out)
	}
	if err := run(); err != nil || !strings.Contains(out.String(), "nothing was written") {
		t.Fatal(err, out.String())
	}
	cmd.Check = false
	if err := run(); err != nil || !strings.Contains(out.String(), "volunteers.csv: 1 new, 0 imported before") || !strings.Contains(out.String(), "  helper  ") {
		t.Fatal(err, out.String())
	}
	if err := run(); err != nil || !strings.Contains(out.String(), "accounts.csv: 0 new, 1 imported before") || strings.Contains(out.String(), "  helper  ") {
		t.Fatal(err, out.String())
	}
	write("volunteers.csv", "key,name,bornOn,community\nv2,周示例,1990-01-32,130203001010\n")
	cmd.Locale = "zh"
	if err := run(); err == nil || !strings.Contains(err.Error(), "volunteers.csv，第 2 行，“bornOn”列") {
		t.Error(err)
	}
	cmd.Store = "file.db"
	if err := run(); err == nil || !strings.Contains(err.Error(), "sqlite:PATH") {
		t.Error(err)
	}
}
