package e2e

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// TestTablesGoFromOneStoreToAnother exports the world from SQLite, imports it on
// MongoDB and, exported there, on another SQLite: the tables say the same on each.
func TestTablesGoFromOneStoreToAnother(t *testing.T) {
	t.Parallel()
	b, err := theBase()
	if err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(t.TempDir(), "first.db")
	if err := copyFile(filepath.Join(b.folder, "base.db"), first); err != nil {
		t.Fatal(err)
	}
	here := stand(t, "sqlite:"+first, b)
	want, was := said(t, here, nil), map[string]string(nil)
	for _, step := range []struct {
		to, locale string
		format     sheet.Format
	}{
		{mongotest.URI(t), "zh", sheet.XLSX},
		{"sqlite:" + filepath.Join(t.TempDir(), "again.db"), "en", sheet.CSV},
	} {
		var in []intake.Input
		for _, table := range intake.Tables() {
			in = append(in, intake.Input{Name: table, Table: table, Data: out(t, here, step.format, table, step.locale)})
		}
		here = stand(t, step.to, b)
		made, err := intake.Import(t.Context(), in, here.Tables(), nil)
		if err != nil {
			t.Fatal(err)
		}
		now := map[string]string{} // id here → id on the first
		for table, keys := range made.IDs {
			for key, id := range keys {
				if before := was[key]; before != "" {
					key = before
				}
				if table != "accounts" { // known by their names
					now[id] = key
				}
			}
		}
		was = now
		have := said(t, here, was)
		for table, lines := range want {
			if len(lines) < 2 {
				t.Errorf("nothing in %s", table)
			}
			if !slices.Equal(have[table], lines) {
				t.Errorf("%s by %s on %s\nwas %s\nis  %s", table, step.format, step.to, strings.Join(lines, "\n"), strings.Join(have[table], "\n"))
			}
		}
	}
}

// stand opens a platform on a store, on the day of the base.
func stand(t *testing.T, address string, b *base) *platform.Platform {
	t.Helper()
	adapter, err := platform.Adapter(address)
	if err != nil {
		t.Fatal(err)
	}
	p, err := platform.Open(t.Context(), platform.Config{Adapter: adapter, Seeded: seeded(), Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func out(t *testing.T, p *platform.Platform, format sheet.Format, table, locale string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, _, err := intake.Export(t.Context(), &b, format, table, locale, p.Tables()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// said is what each table says, in any order, with ids by their old names.
func said(t *testing.T, p *platform.Platform, was map[string]string) map[string][]string {
	t.Helper()
	lines := map[string][]string{}
	for _, table := range intake.Tables() {
		var pairs []string
		for id, before := range was {
			pairs = append(pairs, id, before)
		}
		text := strings.NewReplacer(pairs...).Replace(string(out(t, p, sheet.CSV, table, "en")))
		lines[table] = slices.Sorted(strings.SplitSeq(text, "\n"))
	}
	return lines
}
