package usecase_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/usecase"
)

type thing struct {
	store.Head `bson:",inline"`
	Due        int64 `bson:"due"`
}

var errBad = errors.New("bad")

// The longest due is first, a row that fails keeps no other from its turn, and what is
// not due stays.
func TestSweepGoesOnPastABadRow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := store.New(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), store.Options{Now: time.Now})
	rows := store.Register(db, store.Spec[thing]{
		Name:    "thing",
		Fields:  []store.Field[thing]{{Name: "due", Kind: store.Int, Get: func(t *thing) any { return t.Due }}},
		Indexes: [][]string{{"due"}}, Queries: []store.Shape{{Sort: "due"}},
	})
	if err := db.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for id, due := range map[string]int64{"th_a": 3, "th_bad": 1, "th_b": 2, "th_later": 9} {
		err := db.Tx(ctx, func(ctx context.Context) error {
			return rows.Insert(ctx, &thing{Head: store.Head{ID: id}, Due: due}, store.Note{})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	n, err := usecase.Sweep(ctx, &usecase.Core{DB: db}, rows, store.Query{Where: store.Below("due", 5), Sort: "due"},
		func(ctx context.Context, r *thing) (bool, error) {
			seen = append(seen, r.ID)
			if r.ID == "th_bad" {
				return true, errBad
			}
			return true, rows.Delete(ctx, r.ID, store.Note{})
		})
	if n != 2 || !errors.Is(err, errBad) || !strings.Contains(err.Error(), "th_bad") || !slices.Equal(seen, []string{"th_bad", "th_b", "th_a"}) {
		t.Errorf("%d of %v: %v", n, seen, err)
	}
}
