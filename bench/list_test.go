package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Of the 100,000 requests in the store, the coordinator's station has 60,000. A
// page is 50; page 1,000 lies behind 49,950 rows.
const (
	mine, others = 60_000, 40_000
	pageSize     = 50
	deepPage     = 1000
	reads        = 60 // of each kind in a round; kinds take turns, one read each
)

const listQuery = `query Board($first: Int!) { serviceRequests(sort: CREATED_AT_DESC, first: $first) {
  nodes { id number state coverage urgency class title category { label } area { name } station { name } dueAt allowedActions }
  pageInfo { hasNextPage endCursor } } }`

// BenchmarkPage is a page of 50 requests for a coordinator among 100,000: over HTTP,
// through the use case, by the store's Find under the coordinator's rule, and by the
// bare driver reading and decoding the same rows; and page 1,000 beside page 1.
func BenchmarkPage(b *testing.B) {
	for _, e := range engines[:2] { // three members answer a read as one does
		b.Run(e.name, func(b *testing.B) {
			address := e.address(b)
			l := listing(b, address)
			kinds := []kind{
				{"bare", bare(b, address, l.need.Header.Station)},
				{"find", l.find(nil)},
				{"find-1000", l.find(l.deep(b))},
				{"list", l.list(nil)},
				{"list-1000", l.list(l.cursor(b, deepPage))},
				{"http", l.http()},
			}
			took := map[string][]time.Duration{}
			for b.Loop() {
				round(b, kinds, took)
			}
			p50 := func(name string) float64 { return float64(at(took[name], 0.5)) }
			b.ReportMetric(p50("find")/1e6, "ms-find")
			b.ReportMetric(p50("list")/1e6, "ms-list")
			b.ReportMetric(p50("http")/1e6, "ms-http")
			b.ReportMetric(p50("find")/p50("bare"), "find/bare")
			b.ReportMetric(p50("list")/p50("bare"), "list/bare")
			b.ReportMetric(p50("http")/p50("bare"), "http/bare")
			b.ReportMetric(p50("find-1000")/p50("find"), "find-1000/1")
			b.ReportMetric(p50("list-1000")/p50("list"), "list-1000/1")
		})
	}
}

// BenchmarkPageHTTP is the page over HTTP alone, for a profile:
// go test -run '^$' -bench PageHTTP -cpuprofile cpu.out ./bench
func BenchmarkPageHTTP(b *testing.B) {
	ask := listing(b, embedded(b)).http()
	b.ReportAllocs()
	for b.Loop() {
		if n, err := ask(b.Context()); err != nil || n != pageSize {
			b.Fatal(n, err)
		}
	}
}

// kind is one way to read the page; it answers how many rows there were.
type kind struct {
	name string
	read func(context.Context) (int, error)
}

func round(b *testing.B, kinds []kind, took map[string][]time.Duration) {
	b.Helper()
	for range reads {
		for _, k := range kinds {
			took[k.name] = append(took[k.name], timed(b, func() error {
				n, err := k.read(b.Context())
				if err == nil && n != pageSize {
					err = fmt.Errorf("%s: %d rows", k.name, n)
				}
				return err
			}))
		}
	}
}

type list struct {
	*site
	as   access.Actor
	need *request.Request
}

func listing(b *testing.B, address string) *list {
	b.Helper()
	l := &list{site: open(b, address, 0)}
	l.serve(b)
	l.as = l.actor(b, "coordinator")
	l.needs(b, others, "wenhua")
	l.need = l.needs(b, mine, "qiaotun")[0]
	return l
}

func (l *list) find(after *store.Pos) func(context.Context) (int, error) {
	sight, rows := l.Requests.Sight(l.as), l.Requests.Rows()
	return func(ctx context.Context) (int, error) {
		page, err := rows.Find(ctx, sight.Query(rows.Definition(), store.Query{Sort: "created", Desc: true, After: after, Limit: pageSize}))
		return len(page.Items), err
	}
}

// deep is the position in front of page 1,000.
func (l *list) deep(b *testing.B) *store.Pos {
	b.Helper()
	sight, rows := l.Requests.Sight(l.as), l.Requests.Rows()
	var after *store.Pos
	for left := (deepPage - 1) * pageSize; left > 0; {
		page, err := rows.Find(b.Context(), sight.Query(rows.Definition(), store.Query{Sort: "created", Desc: true, After: after, Limit: min(left, 1000)}))
		must(b, err)
		after, left = page.Last, left-len(page.Items)
	}
	return after
}

func (l *list) list(after *string) func(context.Context) (int, error) {
	first := pageSize
	return func(ctx context.Context) (int, error) {
		page, err := l.Requests.List(ctx, l.as, nil, "CREATED_AT_DESC", usecase.Paging{First: &first, After: after})
		return len(page.Rows), err
	}
}

// cursor is the sealed position in front of a page, as a reader who pages gets it.
func (l *list) cursor(b *testing.B, page int) *string {
	b.Helper()
	var after *string
	for left := (page - 1) * pageSize; left > 0; {
		first := min(left, usecase.MaxPage)
		page, err := l.Requests.List(b.Context(), l.as, nil, "CREATED_AT_DESC", usecase.Paging{First: &first, After: after})
		must(b, err)
		after, left = page.End, left-len(page.Rows)
	}
	return after
}

func (l *list) http() func(context.Context) (int, error) {
	body, _ := json.Marshal(map[string]any{"query": listQuery, "variables": map[string]any{"first": pageSize}}) // marshals always
	return func(ctx context.Context) (int, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/graphql", bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+l.tokens["coordinator"])
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		defer func() { _ = res.Body.Close() }()
		raw, err := io.ReadAll(res.Body)
		if bytes.Contains(raw, []byte(`"errors"`)) {
			return 0, fmt.Errorf("answer: %s", raw)
		}
		return bytes.Count(raw, []byte(`"allowedActions"`)), err
	}
}

// bare reads the coordinator's page 1 without our store: the driver, one statement,
// the same index, the same decoding.
func bare(b *testing.B, address, station string) func(context.Context) (int, error) {
	b.Helper()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return bareSQLite(b, path, station)
	}
	col := collection(b, address, "request")
	how := options.Find().SetHint("i_station_created").SetSort(bson.D{{Key: "f.created", Value: -1}, {Key: "_id", Value: -1}}).SetLimit(pageSize)
	return func(ctx context.Context) (int, error) {
		cursor, err := col.Find(ctx, bson.D{{Key: "f.station", Value: station}}, how)
		if err != nil {
			return 0, err
		}
		var rows []struct {
			Body request.Request `bson:"b"`
		}
		err = cursor.All(ctx, &rows)
		return len(rows), err
	}
}

// collection is MongoDB's without our adapter.
func collection(b *testing.B, address, name string) *driver.Collection {
	b.Helper()
	parsed, err := connstring.ParseAndValidate(address)
	must(b, err)
	client, err := driver.Connect(options.Client().ApplyURI(address))
	must(b, err)
	b.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database(parsed.Database).Collection(name)
}

// inOrder asks for the first rows by id.
func inOrder(limit int64) *options.FindOptionsBuilder {
	return options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(limit)
}

// readOnly is the SQLite file without our adapter.
func readOnly(b *testing.B, path string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=cache_size(-32000)")
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

func bareSQLite(b *testing.B, path, station string) func(context.Context) (int, error) {
	b.Helper()
	db := readOnly(b, path)
	st, err := db.PrepareContext(b.Context(), `SELECT doc FROM t_request INDEXED BY i_request_station_created WHERE f_station = ? ORDER BY f_created DESC, id DESC LIMIT 50`)
	must(b, err)
	b.Cleanup(func() { _ = st.Close() })
	return func(ctx context.Context) (int, error) {
		rows, err := st.QueryContext(ctx, station)
		if err != nil {
			return 0, err
		}
		defer func() { _ = rows.Close() }()
		list := make([]*request.Request, 0, pageSize)
		for rows.Next() {
			var doc []byte
			if err := rows.Scan(&doc); err != nil {
				return 0, err
			}
			r := new(request.Request)
			if err := bson.Unmarshal(doc, r); err != nil {
				return 0, err
			}
			list = append(list, r)
		}
		return len(list), rows.Err()
	}
}
