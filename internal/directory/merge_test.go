package directory

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/usecase"
)

// thing is an entry, and what refers to one.
type thing struct {
	store.Head `bson:",inline"`
	Of         string `bson:"of"`
}

func of(id string) store.Query { return store.Query{Where: store.Is("of", id), Sort: "of"} }

// Of a large merge the answer says how far it came; what is left the timer moves, a batch
// a unit, and the last unit finds nothing.
func TestAMergeGoesOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	ctx, sys := context.Background(), access.System("test")
	db := store.New(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), store.Options{Now: time.Now})
	core := &usecase.Core{DB: db, Once: store.NewOnce(db), Now: time.Now}
	rows := store.Register(db, store.Spec[thing]{
		Name:    "thing",
		Fields:  []store.Field[thing]{{Name: "of", Kind: store.Text, Get: func(t *thing) any { return t.Of }}},
		Indexes: [][]string{{"of"}}, Queries: []store.Shape{{Where: []string{"of"}}, {Sort: "of"}},
	})
	s := New(core, map[string]Entry{"thg": Of(core, Kind[thing]{
		Rows: rows, May: func(access.Actor, access.Action, *thing) error { return nil },
		Merge: &Merge[thing]{
			Same: func(*thing, *thing) error { return nil },
			Rest: func(*thing) string { return "" },
			Moves: []Move{Follow(core, "THING", rows, of, func(_ context.Context, t *thing, from, into string) (bool, error) {
				was := t.Of
				t.Of = into
				return was == from, nil
			})},
		},
	})})
	s.batch, s.units = 2, 1
	if err := db.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	put := func(of string) string {
		id := db.NewID("thg")
		err := db.Tx(ctx, func(ctx context.Context) error {
			return rows.Insert(ctx, &thing{Head: store.Head{ID: id}, Of: of}, store.Note{Kind: "thing.made"})
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	from, into := put(""), put("")
	const referring = 7
	for range referring {
		put(from)
	}
	key, third := "k", put("")
	on := MergeInput{DuplicateID: into, SurvivorID: third, ExpectedVersion: 2}
	in := MergeInput{DuplicateID: from, SurvivorID: into, ExpectedVersion: 1, IdempotencyKey: &key}
	m, err := s.Merge(ctx, sys, in)
	if err != nil {
		t.Fatal(err)
	}
	for moved := 4; ; moved = min(moved+s.batch, referring) {
		left, err := usecase.Count(ctx, rows, of(from))
		if err != nil || len(m.Moved) != 1 || m.Moved[0].Count != moved || left != referring-moved {
			t.Fatalf("%+v with %d left, want %d moved: %v", m, left, moved, err)
		}
		if m.Done {
			break
		}
		// Until it is done its survivor is merged into no other: what moves later would stay behind.
		if _, err := s.Merge(ctx, sys, on); fault.CodeOf(err) != fault.CodeWorkOpen {
			t.Fatalf("merged on while %d are moving: %v", left, err)
		}
		if n, err := s.Follow(ctx, sys); n != 1 || err != nil {
			t.Fatalf("went on with %d: %v", n, err)
		}
		row, err := s.merges.Get(ctx, mergeID(from))
		if err != nil {
			t.Fatal(err)
		}
		m = Merged{row.Moved, row.Done}
	}
	if n, err := s.Follow(ctx, sys); n != 0 || err != nil {
		t.Fatalf("went on with %d that are done: %v", n, err)
	}
	if again, err := s.Merge(ctx, sys, in); err != nil || !again.Done {
		t.Fatalf("a repeat answers %+v, %v", again, err)
	}
	if _, err := s.Merge(ctx, sys, on); err != nil {
		t.Fatal(err)
	}
	for done := false; !done; {
		n, err := s.Follow(ctx, sys)
		if done = n == 0; err != nil {
			t.Fatal(err)
		}
	}
	if n, err := usecase.Count(ctx, rows, of(third)); n != referring || err != nil {
		t.Errorf("%d of %d refer to the last one: %v", n, referring, err)
	}
}
