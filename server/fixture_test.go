package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/alexedwards/argon2id"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/server/live"
)

const testSchema = `
type Query {
  who: String
  fail(how: String): String
  thing(id: ID): Thing
  things(first: Int, last: Int): ThingConnection
  byIDs(ids: [ID!]!): [Thing]
}
type Mutation { touch: String renew(token: String!): String }
type Subscription { ticks: String }
type ThingConnection { nodes: [Thing!] edges: [ThingEdge!] }
type ThingEdge { node: Thing! }
type Thing { id: ID name: String thing: Thing parts: [Thing!] things(first: Int, last: Int): ThingConnection }
`

// scripted is a schema of which only the root fields are resolved, by name.
type scripted struct {
	schema *ast.Schema
	fields map[string]func(ctx context.Context, args map[string]any) (any, error)
}

func (s *scripted) Schema() *ast.Schema { return s.schema }

func (s *scripted) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (s *scripted) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	var once sync.Once
	return func(ctx context.Context) (resp *graphql.Response) {
		once.Do(func() {
			data := map[string]any{}
			for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
				data[f.Alias] = s.field(ctx, op, f)
			}
			raw, _ := json.Marshal(data)
			resp = &graphql.Response{Data: raw}
		})
		return resp
	}
}

func (s *scripted) field(ctx context.Context, op *graphql.OperationContext, f graphql.CollectedField) any {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query", Field: f, Args: map[string]any{}, IsResolver: true})
	defer func() {
		if p := recover(); p != nil {
			graphql.AddError(ctx, op.Recover(ctx, p))
		}
	}()
	v, err := s.fields[f.Name](ctx, f.ArgumentMap(op.Variables))
	if err != nil {
		graphql.AddError(ctx, err)
		return nil
	}
	return v
}

// face is a server over a real store, with everything of this package in it.
type face struct {
	*scripted
	url      string
	log      *lockedBuffer
	auth     *Auth
	health   *Health
	clock    *clock.Manual
	accounts *account.Service
	socket   *live.Transport

	documents *Documents
	limits    *Limits
	tracer    trace.Tracer
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func serve(t *testing.T) *face { return served(t, HTTP{}) }

// change is what a test has otherwise than serve.
type change func(*face) error

func trusting(manifest map[string]string, only bool) change {
	return func(f *face) (err error) {
		f.documents, err = NewDocuments(f.Schema(), manifest, only)
		return err
	}
}

func served(t *testing.T, plain HTTP, changes ...change) *face {
	t.Helper()
	f := &face{log: &lockedBuffer{}, clock: clock.NewManual(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))}
	db := store.New(sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), store.Options{Now: f.clock.Now})
	core := &usecase.Core{DB: db, Once: store.NewOnce(db), Now: f.clock.Now}
	cheap := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	var err error
	f.accounts, err = account.New(core, account.Config{Hash: cheap}, division.New(core), nil)
	must(t, err)
	must(t, db.Start(context.Background()))
	_, err = f.accounts.Open(context.Background())
	must(t, err)
	log := slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.auth = &Auth{Accounts: f.accounts}
	f.health = &Health{DB: db, Log: log}
	f.scripted = &scripted{schema: gqlparser.MustLoadSchema(&ast.Source{Input: testSchema})}
	f.fields = map[string]func(context.Context, map[string]any) (any, error){
		"who": func(ctx context.Context, _ map[string]any) (any, error) {
			a, err := ActorFrom(ctx)
			return a.ID + "/" + a.Via + "/" + a.Locale, err
		},
		"touch":  func(context.Context, map[string]any) (any, error) { return "touched", nil },
		"things": func(context.Context, map[string]any) (any, error) { return nil, nil },
		"thing":  func(context.Context, map[string]any) (any, error) { return nil, nil },
		"renew": func(ctx context.Context, args map[string]any) (any, error) {
			until, err := f.accounts.Renew(ctx, account.Renew{AccessToken: args["token"].(string)})
			return until, err
		},
	}
	f.limits = NewLimits(Limits{})
	for _, c := range append([]change{trusting(nil, false)}, changes...) {
		must(t, c(f))
	}
	gql := handler.New(f.scripted)
	f.socket = &live.Transport{Init: f.auth.Init, Caller: f.auth.Caller, Kept: f.auth.Kept, Clock: f.clock}
	gql.AddTransport(f.socket)
	plain.Live = f.socket
	gql.AddTransport(plain)
	gql.SetErrorPresenter(Presenter(log))
	gql.SetRecoverFunc(Recover(log))
	gql.SetQueryCache(NewQueryCache())
	if f.tracer != nil {
		gql.Use(Traces{f.tracer})
	}
	gql.Use(f.documents)
	gql.Use(f.limits)
	gql.Use(PerResponse{})
	mux := http.NewServeMux()
	mux.Handle("/graphql", CORS([]string{"https://board.example"}, f.auth.Middleware(gql)))
	mux.HandleFunc("/livez", f.health.Live)
	mux.HandleFunc("/readyz", f.health.Ready)
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("secret of a handler") })
	srv := httptest.NewServer(Logged(log, mux))
	f.url = srv.URL
	t.Cleanup(func() {
		must(t, f.socket.Shutdown(context.Background()))
		srv.Close()
		must(t, db.Close())
	})
	return f
}

// token makes an account and opens a session of it.
func (f *face) token(t *testing.T, name string) (id string, session *account.SessionView) {
	t.Helper()
	ctx := context.Background()
	v, _, err := f.accounts.Create(ctx, access.System("test"), account.Create{Name: name, DisplayName: name, Password: "竹筒倒豆子 correct"})
	must(t, err)
	s, err := f.accounts.OpenSession(ctx, v.ID)
	must(t, err)
	return v.ID, s
}

type reply struct {
	status int
	header http.Header
	body   string
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
}

// code is the first error's, "" without one.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	s, _ := r.Errors[0].Extensions["code"].(string)
	return s
}

func (f *face) do(t *testing.T, method, path string, body io.Reader, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, f.url+path, body)
	must(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(raw)}
	_ = json.Unmarshal(raw, &r) // some answers are no GraphQL
	return r
}

func (f *face) post(t *testing.T, body string, header ...string) reply {
	t.Helper()
	return f.do(t, http.MethodPost, "/graphql", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

func (f *face) query(t *testing.T, query string, header ...string) reply {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"query": query})
	must(t, err)
	return f.post(t, string(raw), header...)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
