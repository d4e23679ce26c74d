package store_test

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/store"
)

func TestAnAnswerReadsAnObjectOnceAndForgetsItAtItsOwnCommit(t *testing.T) {
	t.Parallel()
	db, rows := shelves(t)
	plain := context.Background()
	shelve := func(ctx context.Context, shelf string) {
		t.Helper()
		err := db.Tx(ctx, func(ctx context.Context) error {
			found, err := rows.GetMany(ctx, []string{"boo_1"})
			if err != nil {
				return err
			}
			b := found["boo_1"]
			if b == nil {
				return rows.Insert(ctx, &book{Head: store.Head{ID: "boo_1"}, Shelf: shelf}, store.Note{})
			}
			b.Shelf = shelf
			return rows.Replace(ctx, b, store.Note{})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(ctx context.Context, shelf string) {
		t.Helper()
		found, err := rows.GetMany(ctx, []string{"boo_1"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if b := found["boo_1"]; b != nil {
			got, b.Shelf = b.Shelf, "changed in hand"
		}
		if got != shelf {
			t.Errorf("on %q, want %q", got, shelf)
		}
	}
	answer := store.Remember(plain)
	if store.Remember(answer) != answer {
		t.Error("an answer within an answer forgets what was read")
	}
	want(answer, "")
	shelve(plain, "a")
	want(plain, "a")
	want(answer, "") // absence is remembered too
	shelve(answer, "b")
	want(answer, "b")
	want(answer, "b") // copies are the caller's own
	shelve(plain, "c")
	want(answer, "b")
	err := db.View(answer, func(ctx context.Context) error {
		want(ctx, "c") // a view has its own moment
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want(answer, "b")
}
