package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExportedTablesGoInAgainAndTemplatesFitThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := "sqlite:" + filepath.Join(folder, "x.db")
	if err := os.WriteFile(filepath.Join(folder, "volunteers.csv"), []byte("姓名,出生日期,社区代码\n周示例,1990-01-02,130203001010\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	run := func(cmd runner, want string) {
		t.Helper()
		out.Reset()
		if err := cmd(); err != nil || !strings.Contains(out.String(), want) {
			t.Fatalf("%v: %s, want %q", err, out.String(), want)
		}
	}
	take := func(path string) runner {
		c := &importCmd{Path: path, Store: store, Locale: "en"}
		return func() error { return c.Run(t.Context(), &out) }
	}
	write := func(c exportCmd) runner {
		c.Store = store
		return func() error { return c.Run(t.Context(), &out) }
	}
	form := func(c formCmd) runner { return func() error { return c.Run(t.Context(), &out) } }
	run(take(filepath.Join(folder, "volunteers.csv")), "volunteers.csv: 1 new, 0 imported before")
	run(write(exportCmd{Path: filepath.Join(folder, "out"), Format: "xlsx", Locale: "zh"}), "volunteers.xlsx：1 行")
	run(take(filepath.Join(folder, "out")), "volunteers.xlsx: 0 new, 1 imported before")
	run(write(exportCmd{Path: filepath.Join(folder, "志愿者.csv"), Format: "xlsx", Locale: "en"}), "1 rows, 0 left out")
	run(take(filepath.Join(folder, "志愿者.csv")), "0 new, 1 imported before")
	run(form(formCmd{Table: "站点", Out: filepath.Join(folder, "stations.xlsx")}), "stations.xlsx")
	run(take(filepath.Join(folder, "stations.xlsx")), "0 new, 0 imported before")
	for name, cmd := range map[string]runner{
		"no such table":  write(exportCmd{Path: filepath.Join(folder, "o"), Tables: []string{"nouns"}, Format: "csv"}),
		"no such form":   form(formCmd{Table: "nouns"}),
		"another ending": form(formCmd{Table: "stations", Out: filepath.Join(folder, "x.txt")}),
		"no such file":   take(filepath.Join(folder, "nothing.csv")),
	} {
		if cmd() == nil {
			t.Errorf("%s: it ran", name)
		}
	}
}

type runner func() error
