package world_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/world"
)

func TestTheWorldIsTakenByTheImporter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, err := platform.Open(ctx, platform.Config{Adapter: sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db")})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	nouns := p.Tables()
	report, err := intake.ImportFolder(ctx, world.Files(), nouns, nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds, categories := map[resource.Kind]bool{}, map[string]bool{}
	for _, id := range report.IDs["resources"] {
		r, err := p.Resources.Load(ctx, id)
		if err != nil || r.State() != resource.Published {
			t.Errorf("%s: %v %v", id, r, err)
			continue
		}
		kinds[r.Kind] = true
	}
	for key, id := range report.IDs["requests"] {
		r, err := p.Requests.Load(ctx, id)
		if err != nil || r.State() != request.Submitted || r.Header.Station != report.IDs["stations"]["qiaotun"] {
			t.Errorf("%s: %v %v", key, r, err)
			continue
		}
		categories[r.Category] = true
	}
	if len(kinds) != len(resource.Kinds) || len(report.IDs["requests"]) < 12 || len(categories) < 10 {
		t.Errorf("%d kinds of resource, %d requests of %d categories", len(kinds), len(report.IDs["requests"]), len(categories))
	}
	for _, r := range report.Remarks {
		t.Log(r.Message("en"))
	}
}
