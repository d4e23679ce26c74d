package bench

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// named is a noun that has nothing but what is found: a name, a skill, a place.
type named struct {
	store.Head `bson:",inline"`
	Name       string      `bson:"name"`
	Skills     []string    `bson:"skills"`
	At         place.Point `bson:"at"`
}

// finding is a store of many names.
type finding struct {
	core  *usecase.Core
	rows  *store.Collection[named]
	names map[string]string // by id
}

// names makes n different names of the characters of real ones.
func names(n int) []string {
	var stems []string
	for f := range division.Facts() {
		if division.LevelOf(f.Code) == division.LevelCommunity {
			stem, _, _ := strings.Cut(f.Name, "村民委员会")
			stem, _, _ = strings.Cut(stem, "居民委员会")
			stems = append(stems, stem)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]string, 0, n)
	for seen := map[string]bool{}; len(out) < n; {
		name := stems[rng.IntN(len(stems))] + stems[rng.IntN(len(stems))]
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// findable fills a store with n names, spread over some 20 by 20 km; one in twenty drives.
func findable(t testing.TB, address string, n int) *finding {
	t.Helper()
	adapter, err := platform.Adapter(address)
	must(t, err)
	db := store.New(adapter, store.Options{})
	box, err := seal.New(make([]byte, seal.KeySize))
	must(t, err)
	f := &finding{core: &usecase.Core{DB: db, Once: store.NewOnce(db), Box: box, Now: time.Now}, names: map[string]string{}}
	f.rows = store.Register(db, store.Spec[named]{
		Name: "named",
		Fields: []store.Field[named]{
			{Name: "nameTerms", Kind: store.Terms, Get: func(x *named) any { return text.NameTerms(x.Name) }},
			{Name: "skills", Kind: store.Texts, Get: func(x *named) any { return x.Skills }},
			{Name: "cell", Kind: store.Int, Get: func(x *named) any { return x.At.Cell() }},
		},
		Indexes: [][]string{{"nameTerms"}, {"skills", "cell"}, {"cell"}},
	})
	must(t, db.Start(t.Context()))
	t.Cleanup(func() { must(t, db.Close()) })
	rng := rand.New(rand.NewPCG(3, 4))
	made := 0
	for part := range slices.Chunk(names(n), 500) {
		must(t, db.Tx(t.Context(), func(ctx context.Context) error {
			for _, name := range part {
				x := &named{Head: store.Head{ID: fmt.Sprintf("nam_%07d", made)}, Name: name, Skills: []string{"COOKING"}}
				x.At = place.Point{Lat: centre.Lat + (rng.Float64()-0.5)*0.18, Lng: centre.Lng + (rng.Float64()-0.5)*0.23}
				if made%20 == 0 {
					x.Skills = []string{"DRIVING"}
				}
				f.names[x.ID] = name
				made++
				if err := f.rows.Insert(ctx, x, store.Note{}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return f
}

var centre = place.Point{Lat: 39.630867, Lng: 118.180193}

// search reads the first page of what contains a text.
func (f *finding) search(ctx context.Context, query string, after *store.Pos, n int) (store.Page[named], error) {
	s, err := usecase.NewSearch(&query, "nameTerms")
	if err != nil {
		return store.Page[named]{}, err
	}
	return f.rows.Find(ctx, store.Query{Where: s.Where, After: after, Limit: n}, func(x *named) bool { return s.Finds(x.Name) })
}

// substrings are those of 2 to 8 characters of a name.
func substrings(name string) (out []string) {
	runes := []rune(name)
	for n := 2; n <= 8; n++ {
		for i := 0; i+n <= len(runes); i++ {
			out = append(out, string(runes[i:i+n]))
		}
	}
	return out
}

// TestEverySubstringIsFound compares searches with all names looked through: some
// hundred substrings of 2,000 names, with LINKAGE_LONG=1 every one of 100,000 names,
// on both stores.
func TestEverySubstringIsFound(t *testing.T) {
	for name, address := range map[string]func() string{
		"sqlite": func() string { return "sqlite:" + t.TempDir() + "/find.db" },
		"mongo":  func() string { return mongotest.URI(t) },
	} {
		t.Run(name, func(t *testing.T) {
			many, sample := 2000, 150
			if os.Getenv("LINKAGE_LONG") == "1" {
				many, sample = 100_000, math.MaxInt
			}
			f := findable(t, address(), many)
			want := f.byForce(sample)
			for _, query := range slices.Sorted(maps.Keys(want)) {
				var got []string
				for after, more := (*store.Pos)(nil), true; more; {
					page, err := f.search(t.Context(), query, after, 1000)
					must(t, err)
					for _, x := range page.Items {
						got = append(got, x.ID)
					}
					after, more = page.Last, page.HasNext && len(got) < len(want[query])
				}
				if !slices.Equal(got, want[query]) {
					t.Fatalf("%q finds %d of %d", query, len(got), len(want[query]))
				}
			}
		})
	}
}

// byForce gives the ids of the first 20 names that contain each of some substrings.
func (f *finding) byForce(sample int) map[string][]string {
	const most = 20
	ids := slices.Sorted(maps.Keys(f.names))
	found := map[string][]string{}
	step := max(1, len(ids)*30/sample) // some 30 substrings a name
	for i := 0; i < len(ids); i += step {
		list := substrings(f.names[ids[i]])
		if step > 1 {
			list = list[i%len(list):][:1]
		}
		for _, s := range list {
			found[s] = nil
		}
	}
	for _, id := range ids {
		seen := map[string]bool{}
		for _, s := range substrings(f.names[id]) {
			if list, asked := found[s]; asked && !seen[s] && len(list) < most {
				seen[s], found[s] = true, append(list, id)
			}
		}
	}
	return found
}

// BenchmarkFind is a search page and the nearest twenty with a skill among 100,000:
// beside a scan of all names by regular expression, and beside the bare walk of the
// index that holds the same people.
func BenchmarkFind(b *testing.B) {
	for _, e := range engines[:2] {
		b.Run(e.name, func(b *testing.B) {
			address := e.address(b)
			f := findable(b, address, 100_000)
			scan := scanning(b, address)
			ids := slices.Sorted(maps.Keys(f.names))
			took := map[string][]time.Duration{}
			i := 0
			for b.Loop() {
				for range reads {
					i++
					query := []rune(f.names[ids[i*7919%len(ids)]])
					query = query[:min(len(query), 2+i%7)]
					f.time(b, took, "search", func() error { _, err := f.search(b.Context(), string(query), nil, 20); return err })
					f.time(b, took, "near", func() error { return f.nearest(b.Context()) })
					f.time(b, took, "walk", func() error { return f.walk(b.Context()) })
					if i%10 == 0 {
						f.time(b, took, "scan", func() error { return scan(b.Context(), string(query)) })
					}
				}
			}
			b.ReportMetric(millis(at(took["search"], 0.5)), "ms-search")
			b.ReportMetric(millis(at(took["search"], 0.95)), "ms-search-p95")
			b.ReportMetric(float64(at(took["scan"], 0.5))/float64(at(took["search"], 0.5)), "scan/search")
			b.ReportMetric(millis(at(took["near"], 0.5)), "ms-nearest")
			b.ReportMetric(float64(at(took["near"], 0.5))/float64(at(took["walk"], 0.5)), "nearest/walk")
		})
	}
}

func (f *finding) time(b *testing.B, took map[string][]time.Duration, name string, fn func() error) {
	b.Helper()
	took[name] = append(took[name], timed(b, fn))
}

// nearest is the nearest twenty drivers.
func (f *finding) nearest(ctx context.Context) error {
	n := 20
	spot := usecase.Spot[named]{Field: "cell", Where: store.Holds("skills", "DRIVING"), At: func(x *named) *place.Point { return &x.At }}
	near := usecase.Near{Point: usecase.GeoPoint{Latitude: centre.Lat, Longitude: centre.Lng}, WithinMetres: 50_000}
	page, err := usecase.Nearest(ctx, f.core, access.Nobody(), f.rows, "named", near, []usecase.Spot[named]{spot}, usecase.Paging{First: &n}, nil)
	if err == nil && len(page.Rows) != n {
		err = fmt.Errorf("%d rows", len(page.Rows))
	}
	return err
}

// walk reads the index in the circle that holds twenty drivers, a page a range.
func (f *finding) walk(ctx context.Context) error {
	read := 0
	for _, r := range place.Cover(centre, 1000) {
		page, err := f.rows.Find(ctx, store.Query{
			Where: store.Both(store.Holds("skills", "DRIVING"), store.AtLeast("cell", r.Lo), store.Below("cell", r.Hi)), Sort: "cell", Limit: 1000,
		})
		if err != nil {
			return err
		}
		read += len(page.Items)
	}
	if read < 20 {
		return fmt.Errorf("%d rows", read)
	}
	return nil
}

// scanning looks for a text in all names by a regular expression, in order, until
// twenty are found: with the server's own on MongoDB, with Go's over the rows on SQLite,
// which has none.
func scanning(b *testing.B, address string) func(context.Context, string) error {
	b.Helper()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		db := readOnly(b, path)
		return func(ctx context.Context, query string) error {
			pattern := regexp.MustCompile(regexp.QuoteMeta(query))
			rows, err := db.QueryContext(ctx, `SELECT doc FROM t_named ORDER BY id`)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			for found := 0; found < 20 && rows.Next(); {
				var doc []byte
				if err := rows.Scan(&doc); err != nil {
					return err
				}
				if pattern.MatchString(bson.Raw(doc).Lookup("name").StringValue()) {
					found++
				}
			}
			return rows.Err()
		}
	}
	col := collection(b, address, "named")
	return func(ctx context.Context, query string) error {
		cursor, err := col.Find(ctx, bson.D{{Key: "b.name", Value: bson.Regex{Pattern: regexp.QuoteMeta(query)}}}, inOrder(20))
		if err != nil {
			return err
		}
		var rows []bson.Raw
		return cursor.All(ctx, &rows)
	}
}
