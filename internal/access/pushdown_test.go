package access_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
)

// thing is a protected noun with a field for each mask.
type thing struct {
	store.Head    `bson:",inline"`
	access.Header `bson:"h"`
	Title         string   `bson:"title"`
	Notes         string   `bson:"notes"`
	Rank          int64    `bson:"rank"`
	Words         []string `bson:"words"`
}

func thingSpec() store.Spec[thing] {
	own := []store.Field[thing]{
		{Name: "title", Kind: store.Text, Mask: access.Limited, Get: func(t *thing) any { return t.Title }},
		{Name: "notes", Kind: store.Text, Mask: access.Full, Get: func(t *thing) any { return t.Notes }},
		{Name: "rank", Kind: store.Int, Mask: access.Contact, Get: func(t *thing) any { return t.Rank }},
		{Name: "words", Kind: store.Terms, Mask: access.Limited, Get: func(t *thing) any { return t.Words }},
		{Name: "created", Kind: store.Int, Get: func(t *thing) any { return t.CreatedAt }},
	}
	indexes := [][]string{{"words"}, {"created"}, {"rank"}, {"title"}, {"notes"}}
	for _, f := range []string{"parties", "station", "province", "city", "county", "town", "community", "state"} {
		indexes = append(indexes, []string{f, "created"}, []string{f, "rank"})
	}
	return store.Spec[thing]{Name: "thing", Fields: access.Fields(func(t *thing) *access.Header { return &t.Header }, own...), Indexes: indexes}
}

// shelf is a store of random things.
func shelf(t *testing.T, n int) (*store.Collection[thing], []*thing) {
	t.Helper()
	db := store.New(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), store.Options{})
	rows := store.Register(db, thingSpec())
	ctx := context.Background()
	if err := db.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	headers := rapid.SliceOfN(rapid.Custom(drawHeader), n, n).Example(7)
	all := make([]*thing, n)
	err := db.Tx(ctx, func(ctx context.Context) error {
		for i, h := range headers {
			all[i] = &thing{
				Head: store.Head{ID: fmt.Sprintf("thg_%03d", i)}, Header: h, Title: []string{"a", "b", "c"}[i%3],
				Notes: []string{"x", "y"}[i%2], Rank: int64(i * 7 % 5), Words: []string{[]string{"米", "面"}[i%2]},
			}
			if err := rows.Insert(ctx, all[i], store.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, all
}

type fataler interface{ Fatal(...any) }

func find(t fataler, rows *store.Collection[thing], q store.Query) []string {
	q.Limit = 1000
	page, err := rows.Find(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(page.Items))
	for i, row := range page.Items {
		ids[i] = row.ID
	}
	slices.Sort(ids)
	return ids
}

// Pushed down, a rule finds exactly the rows that the mask shows.
func TestTheStoreFindsWhatTheMaskShows(t *testing.T) {
	t.Parallel()
	rows, all := shelf(t, 400)
	rapid.Check(t, func(t *rapid.T) {
		sight := access.See(drawActor(t), rapid.SampledFrom(nouns).Draw(t, "noun"))
		m := rapid.SampledFrom(masks).Draw(t, "mask")
		var want []string
		for _, row := range all {
			if sight.Of(&row.Header) >= m {
				want = append(want, row.ID)
			}
		}
		got := find(t, rows, store.Query{Where: sight.Where(m), Sort: "created", Desc: rapid.Bool().Draw(t, "desc")})
		if !slices.Equal(got, want) {
			t.Fatalf("mask %d: found %v, want %v", m, got, want)
		}
	})
}

// What a mask hides can't be found: a reader's condition or order on a field sees the
// rows whose mask shows that field, and no others.
func TestNothingIsFoundByWhatItHides(t *testing.T) {
	t.Parallel()
	rows, all := shelf(t, 400)
	def := rows.Definition()
	type probe struct {
		where store.Filter
		sort  string
		hits  func(*thing) bool
	}
	any := func(*thing) bool { return true }
	probes := []probe{
		{store.Is("title", "a"), "created", func(x *thing) bool { return x.Title == "a" }},
		{store.Is("notes", "y"), "created", func(x *thing) bool { return x.Notes == "y" }},
		{store.AtLeast("rank", 2), "created", func(x *thing) bool { return x.Rank >= 2 }},
		{store.All(), "rank", any},
		{store.Holds("words", "米"), "", func(x *thing) bool { return x.Words[0] == "米" }},
		{store.Is("town", "130202001"), "created", func(x *thing) bool { return x.Town == "130202001" }},
		{store.Is("subject", "rcp_a"), "created", func(x *thing) bool { return x.Subject == "rcp_a" }},
		{store.Holds("parties", "guardian:rcp_a"), "created", func(x *thing) bool { return slices.Contains(x.Parties, "guardian:rcp_a") }},
		{store.Misses("barred", "vol_a"), "created", func(x *thing) bool { return !slices.Contains(x.Barred, "vol_a") }},
		{store.Both(store.Is("city", "1302"), store.Is("notes", "x")), "created", func(x *thing) bool { return x.City == "1302" && x.Notes == "x" }},
	}
	rapid.Check(t, func(t *rapid.T) {
		sight := access.See(drawActor(t), rapid.SampledFrom(nouns).Draw(t, "noun"))
		p := rapid.SampledFrom(probes).Draw(t, "probe")
		least := access.Blind
		for _, f := range append(p.where.Fields(), p.sort) {
			if i := def.Position(f); i >= 0 {
				least = max(least, def.Fields[i].Mask)
			}
		}
		var want []string
		for _, row := range all {
			if sight.Of(&row.Header) >= least && p.hits(row) {
				want = append(want, row.ID)
			}
		}
		got := find(t, rows, sight.Query(def, store.Query{Where: p.where, Sort: p.sort}))
		if !slices.Equal(got, want) {
			t.Fatalf("%s by %q: found %v, want %v", p.where, p.sort, got, want)
		}
	})
}
