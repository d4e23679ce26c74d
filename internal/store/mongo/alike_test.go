package mongo_test

import (
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

// TestBothEnginesAnswerAlike gives one seed to both engines: every answer,
// revisions and times included, has to be the same line of canonical JSON.
func TestBothEnginesAnswerAlike(t *testing.T) {
	t.Parallel()
	seed := storetest.Seed(t)
	ours := storetest.Transcript(t, engine(), seed, storetest.Operations())
	path := filepath.Join(t.TempDir(), "store.db")
	embedded := storetest.Engine{Fresh: func(testing.TB) storetest.Place {
		return func() store.Adapter { return sqlite.New(sqlite.Config{Path: path}) }
	}}
	theirs := storetest.Transcript(t, embedded, seed, storetest.Operations())
	if len(ours) != len(theirs) {
		t.Fatalf("%d answers and %d", len(ours), len(theirs))
	}
	for i := range ours {
		if ours[i] != theirs[i] {
			t.Fatalf("the engines differ:\nmongo  %s\nsqlite %s", ours[i], theirs[i])
		}
	}
}
