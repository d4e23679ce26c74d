package mongo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// window is how long one load is measured; loads that are compared take turns.
const window = 3 * time.Second

func benchLoad(b *testing.B, uri string) *storetest.Load {
	b.Helper()
	l, err := storetest.StartLoad(b.Context(), mongo.New(mongo.Config{URI: uri}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	return l
}

func measure(b *testing.B, writers int, fn func(writer, i int) error) storetest.Rate {
	b.Helper()
	r, err := storetest.Measure(writers, window, fn)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// database opens uri's database with the bare driver.
func database(b *testing.B, uri string) *driver.Database {
	b.Helper()
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		b.Fatal(err)
	}
	client, err := driver.Connect(options.Client().ApplyURI(uri).SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(parsed.Database)
}

// plain is the step of a thread as one transaction a write does it: read the
// document, save it, write the receipt, count, write the entry.
func plain(ctx context.Context, db *driver.Database, id, key string) error {
	return db.Client().UseSession(ctx, func(ctx context.Context) error {
		_, err := driver.SessionFromContext(ctx).WithTransaction(ctx, func(ctx context.Context) (any, error) {
			var doc bson.D
			if err := db.Collection("thing").FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&doc); err != nil {
				return nil, err
			}
			if _, err := db.Collection("thing").ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}}, doc); err != nil {
				return nil, err
			}
			if _, err := db.Collection("plain_receipt").InsertOne(ctx, bson.D{{Key: "_id", Value: key}, {Key: "hash", Value: "h"}}); err != nil {
				return nil, err
			}
			var count struct{ N int64 }
			err := db.Collection("plain_count").FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: "one"}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}},
				options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&count)
			if err != nil {
				return nil, err
			}
			return db.Collection("plain_log").InsertOne(ctx, bson.D{{Key: "_id", Value: count.N}, {Key: "doc", Value: doc}})
		})
		return err
	})
}

// BenchmarkCommit compares, on three members with majority writes, units through
// the committer with plain transactions that have a counter in them; then two
// processes on one database, and 64 writers on one document.
func BenchmarkCommit(b *testing.B) {
	set := mongotest.Three(b)
	one, two := benchLoad(b, set.URI()), benchLoad(b, set.URI())
	db := database(b, set.URI())
	if err := one.Stock(b.Context(), 2000, "sta_a"); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"plain_receipt", "plain_count", "plain_log"} {
		if err := db.CreateCollection(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
	sum := map[string]storetest.Rate{}
	rounds := 0
	for b.Loop() {
		rounds++
		step := func(name string, ids int, call func(ctx context.Context, w int, id, key string) error) func(int, int) error {
			return func(w, i int) error {
				id := fmt.Sprintf("thg_sta_a_%d", (w*131+i*17)%ids)
				return call(context.Background(), w, id, fmt.Sprintf("%s-%d-%d-%d", name, rounds, w, i))
			}
		}
		ours := func(ctx context.Context, _ int, id, key string) error { return one.Step(ctx, id, key) }
		theirs := func(ctx context.Context, _ int, id, key string) error { return plain(ctx, db, id, key) }
		both := func(ctx context.Context, w int, id, key string) error {
			return []*storetest.Load{one, two}[w%2].Step(ctx, id, key)
		}
		for _, c := range []struct {
			name    string
			writers int
			fn      func(int, int) error
		}{
			{"16", 16, step("c16", 2000, ours)},
			{"plain-16", 16, step("p16", 2000, theirs)},
			{"64", 64, step("c64", 2000, ours)},
			{"plain-64", 64, step("p64", 2000, theirs)},
			{"2-processes-64", 64, step("b64", 2000, both)},
			{"64-one-document", 64, step("hot", 1, ours)},
		} {
			r := sum[c.name]
			m := measure(b, c.writers, c.fn)
			r.PerSecond, r.P50, r.P99 = r.PerSecond+m.PerSecond, r.P50+m.P50, r.P99+m.P99
			sum[c.name] = r
		}
	}
	for name, r := range sum {
		b.ReportMetric(r.PerSecond/float64(rounds), "tx/s-"+name)
	}
	b.ReportMetric(sum["16"].PerSecond/sum["plain-16"].PerSecond, "ours/plain-16")
	b.ReportMetric(sum["64"].PerSecond/sum["plain-64"].PerSecond, "ours/plain-64")
	b.ReportMetric(float64(sum["64"].P99.Milliseconds())/float64(rounds), "p99-ms-64")
}

// BenchmarkPage compares a page of 50 among 100,000 rows with the bare driver
// reading and decoding the same page, and the thousandth page with the first.
func BenchmarkPage(b *testing.B) {
	uri := mongotest.URI(b)
	l := benchLoad(b, uri)
	for name, n := range map[string]int{"sta_a": 60_000, "sta_b": 40_000} {
		if err := l.Stock(b.Context(), n, name); err != nil {
			b.Fatal(err)
		}
	}
	col := database(b, uri).Collection("thing")
	const deep = 1_700_000_000_000 + 49_949
	sum := map[string]float64{}
	rounds := 0.0
	for b.Loop() {
		rounds++
		page := func(rank int64) func(int, int) error {
			return func(int, int) error {
				list, err := l.Page(context.Background(), "sta_a", rank, 50)
				if err == nil && len(list) != 50 {
					err = fmt.Errorf("%d rows", len(list))
				}
				return err
			}
		}
		sum["first"] += float64(measure(b, 1, page(0)).P50)
		sum["bare"] += float64(measure(b, 1, func(int, int) error { return barePage(col) }).P50)
		sum["deep"] += float64(measure(b, 1, page(deep)).P50)
	}
	b.ReportMetric(sum["first"]/rounds/1000, "p50-µs-page-1")
	b.ReportMetric(sum["first"]/sum["bare"], "store/bare")
	b.ReportMetric(sum["deep"]/sum["first"], "page-1000/page-1")
}

func barePage(col *driver.Collection) error {
	ctx := context.Background()
	cursor, err := col.Find(ctx, bson.D{{Key: "f.station", Value: "sta_a"}}, options.Find().SetHint("i_station_rank").
		SetSort(bson.D{{Key: "f.rank", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(50))
	if err != nil {
		return err
	}
	var list []struct {
		Body storetest.Thing `bson:"b"`
	}
	if err := cursor.All(ctx, &list); err != nil {
		return err
	}
	if len(list) != 50 {
		return fmt.Errorf("%d rows", len(list))
	}
	return nil
}
