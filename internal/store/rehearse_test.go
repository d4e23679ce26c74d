package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
)

type book struct {
	store.Head `bson:",inline"`
	Shelf      string `bson:"shelf"`
	ISBN       string `bson:"isbn"`
}

func shelves(t *testing.T) (*store.DB, *store.Collection[book]) {
	t.Helper()
	db := store.New(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), store.Options{})
	rows := store.Register(db, store.Spec[book]{
		Name: "book",
		Fields: []store.Field[book]{
			{Name: "shelf", Kind: store.Text, Get: func(b *book) any { return b.Shelf }},
			{Name: "isbn", Kind: store.Text, Get: func(b *book) any { return b.ISBN }},
		},
		Indexes: [][]string{{"shelf"}}, Unique: [][]string{{"isbn"}}, Queries: []store.Shape{{Where: []string{"shelf"}}},
	})
	if err := db.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, rows
}

func ids(ctx context.Context, t *testing.T, rows *store.Collection[book], shelf string) (out []string) {
	t.Helper()
	err := rows.Each(ctx, store.Query{Where: store.Is("shelf", shelf)}, func(b *book) error {
		out = append(out, b.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRehearsalSearchesSeeItsOwnWritesAndNothingIsWritten(t *testing.T) {
	db, rows := shelves(t)
	ctx := context.Background()
	add := func(ctx context.Context, id, shelf string) error {
		return rows.Insert(ctx, &book{Head: store.Head{ID: id}, Shelf: shelf}, store.Note{})
	}
	err := db.Tx(ctx, func(ctx context.Context) error {
		return errors.Join(add(ctx, "b", "red"), add(ctx, "d", "red"), add(ctx, "e", "red"))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Rehearse(ctx, func(ctx context.Context, _ *store.Rehearsal) error {
		moved, err := rows.Get(ctx, "d")
		if err != nil {
			return err
		}
		moved.Shelf = "blue"
		err = errors.Join(
			rows.Replace(ctx, moved, store.Note{}), add(ctx, "c", "red"), add(ctx, "a", "red"), rows.Delete(ctx, "e", store.Note{}),
		)
		want(t, ids(ctx, t, rows, "red"), "a", "b", "c")
		want(t, ids(ctx, t, rows, "blue"), "d")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, ids(ctx, t, rows, "red"), "b", "d", "e")
}

func want(t *testing.T, got []string, ids ...string) {
	t.Helper()
	if !slices.Equal(got, ids) {
		t.Errorf("got %v, want %v", got, ids)
	}
}

func TestRehearsalFindsUniqueKeysTakenInTheStoreOrInItself(t *testing.T) {
	db, rows := shelves(t)
	ctx := context.Background()
	add := func(ctx context.Context, id, isbn string) error {
		return rows.Insert(ctx, &book{Head: store.Head{ID: id}, ISBN: isbn}, store.Note{})
	}
	if err := db.Tx(ctx, func(ctx context.Context) error { return add(ctx, "a", "1") }); err != nil {
		t.Fatal(err)
	}
	err := db.Rehearse(ctx, func(ctx context.Context, r *store.Rehearsal) error {
		parts := []struct {
			id, isbn string
			want     fault.Code
		}{{"b", "1", fault.CodeDuplicate}, {"c", "2", ""}, {"d", "2", fault.CodeDuplicate}, {"e", "3", ""}, {"f", "3", fault.CodeDuplicate}, {"g", "3", fault.CodeDuplicate}}
		for _, some := range []int{2, 3, 1} { // asked for several parts at once
			for i, c := range parts[:some] {
				r.Part(i)
				if err := add(ctx, c.id, c.isbn); err != nil {
					return err
				}
			}
			taken, err := r.Taken(ctx)
			if err != nil {
				return err
			}
			for i, c := range parts[:some] {
				if got := taken[i]; (got == nil) != (c.want == "") || (got != nil && fault.CodeOf(got) != c.want) {
					t.Errorf("%s: got %v, want %q", c.id, got, c.want)
				}
			}
			parts = parts[some:]
			r.Forget() // the keys stay taken
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
