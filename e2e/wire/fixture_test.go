package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server"
)

// site is a served platform with the demonstration world in it.
type site struct {
	*platform.Platform
	url    string
	path   string // of the database
	log    *lockedBuffer
	clock  *clock.Manual
	ids    map[string]map[string]string // file of the world → key → id
	tokens map[string]string            // account → access token
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

// template is the file of a closed store with the demonstration world, made once, and
// the ids in it.
var template = sync.OnceValues(func() ([]byte, map[string]map[string]string) {
	folder, err := os.MkdirTemp("", "wire-")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		path := filepath.Join(folder, "template.db")
		var ids map[string]map[string]string
		if ids, err = build(path); err == nil {
			var raw []byte
			if raw, err = os.ReadFile(path); err == nil {
				return raw, ids
			}
		}
	}
	panic(err) // no test can do without
})

// build imports the demonstration world into a new store.
func build(path string) (map[string]map[string]string, error) {
	p, err := platform.Open(context.Background(), platform.Config{Adapter: sqlite.New(sqlite.Config{Path: path}), Accounts: cheap})
	if err != nil {
		return nil, err
	}
	report, err := intake.ImportFolder(context.Background(), world.Files(), intake.Nouns{
		Core: p.Core, Stations: p.Stations, Organisations: p.Organisations, Workers: p.Workers, Volunteers: p.Volunteers,
		Recipients: p.Recipients, Resources: p.Resources, Requests: p.Requests, Accounts: p.Accounts,
	}, nil)
	if err := errors.Join(err, p.Close()); err != nil {
		return nil, err
	}
	return report.IDs, nil
}

// cheap makes passwords quick to check.
var cheap = account.Config{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}

// open serves a copy of the world until the test ends.
func open(t *testing.T) *site {
	t.Helper()
	s := &site{path: filepath.Join(t.TempDir(), "wire.db")}
	var raw []byte
	raw, s.ids = template()
	must(t, os.WriteFile(s.path, raw, 0o600))
	s.serve(t, 0)
	return s
}

// another serves a world of its own, with other ids, keys and cursors.
func another(t *testing.T) *site {
	t.Helper()
	s := &site{path: filepath.Join(t.TempDir(), "another.db")}
	var err error
	s.ids, err = build(s.path)
	must(t, err)
	s.serve(t, 0)
	return s
}

// serve opens the store, signs all accounts in and serves; maxPages bounds the file, 0
// for not.
func (s *site) serve(t *testing.T, maxPages int64) {
	t.Helper()
	s.log, s.clock, s.tokens = &lockedBuffer{}, clock.NewManual(time.Now()), map[string]string{}
	adapter := sqlite.New(sqlite.Config{Path: s.path, MaxPages: maxPages})
	var err error
	s.Platform, err = platform.Open(t.Context(), platform.Config{Adapter: adapter, Now: s.clock.Now, Accounts: cheap})
	must(t, err)
	for name := range s.ids["accounts"] {
		s.tokens[name] = s.fresh(t, name)
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv, err := server.New(t.Context(), s.Platform, server.Config{Addr: "127.0.0.1:0", Log: log, Version: "test", Clock: s.clock})
	must(t, err)
	s.url = srv.URL()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		must(t, <-served)
		must(t, s.Close())
	})
}

// fresh signs an account in anew.
func (s *site) fresh(t *testing.T, account string) string {
	t.Helper()
	session, err := s.Accounts.OpenSession(t.Context(), s.id(t, "accounts", account))
	must(t, err)
	return session.AccessToken
}

// id is an object of the world.
func (s *site) id(t *testing.T, file, key string) string {
	t.Helper()
	if s.ids[file][key] == "" {
		t.Fatalf("the world has no %s in %s", key, file)
	}
	return s.ids[file][key]
}

// reply is an answer, parsed as far as it is GraphQL.
type reply struct {
	status int
	header http.Header
	body   string
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
}

// failure is one error, wherever it stands in an answer.
type failure struct{ code, message, path string }

// first is the first error: at the top, or in the payload of the one root field.
func (r reply) first() failure {
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		path, _ := e.Extensions["path"].([]any)
		return failure{text(e.Extensions["code"]), e.Message, joined(path)}
	}
	for _, root := range r.Data {
		payload, _ := root.(map[string]any)
		list, _ := payload["errors"].([]any)
		if len(list) > 0 {
			e, _ := list[0].(map[string]any)
			path, _ := e["path"].([]any)
			return failure{text(e["code"]), text(e["message"]), joined(path)}
		}
	}
	return failure{}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func joined(path []any) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}

// at walks to a value of the data, "a.0.b"; nil if there is none.
func (r reply) at(path string) any {
	var v any = r.Data
	for _, step := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i := 0
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

func (s *site) send(t *testing.T, method, path string, body io.Reader, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	must(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(raw)}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%s %s: %d, no JSON: %.200s", method, path, r.status, raw)
	}
	return r
}

// post sends a body as it stands.
func (s *site) post(t *testing.T, body string, header ...string) reply {
	t.Helper()
	return s.send(t, http.MethodPost, "/graphql", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

// as asks as an account of the world, "" for nobody.
func (s *site) as(t *testing.T, account, query string, vars map[string]any, header ...string) reply {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	must(t, err)
	if account != "" {
		if s.tokens[account] == "" {
			t.Fatalf("the world has no account %s", account)
		}
		header = append([]string{"Authorization", "Bearer " + s.tokens[account]}, header...)
	}
	return s.post(t, string(raw), header...)
}

// mutate runs one mutation with its input and asks for fields of the payload.
func (s *site) mutate(t *testing.T, account, name, payload string, input map[string]any, header ...string) reply {
	t.Helper()
	kind := strings.ToUpper(name[:1]) + name[1:] + "Input!"
	query := fmt.Sprintf("mutation($input: %s) { %s(input: $input) { %s errors { code message path } } }", kind, name, payload)
	return s.as(t, account, query, map[string]any{"input": input}, header...)
}

// refused checks that an answer is one typed error, said in both languages without a gap
// in the sentence. ask is called once for each language.
func refused(t *testing.T, name, code string, ask func(header ...string) reply) {
	t.Helper()
	for _, locale := range []string{"zh-CN", "en"} {
		r := ask("Accept-Language", locale)
		f := r.first()
		if f.code != code {
			t.Errorf("%s: got %q, want %s: %d %.400s", name, f.code, code, r.status, r.body)
			return
		}
		if f.message == "" || strings.ContainsAny(f.message, "{}") {
			t.Errorf("%s: the sentence has a gap: %s", name, f.message)
		}
		if hasHan(f.message) != (locale == "zh-CN") && !strings.HasPrefix(code, "GRAPHQL_") {
			t.Errorf("%s in %s: %s", name, locale, f.message)
		}
		for _, inside := range []string{"sqlite", "SQLITE", "mongo", "panic", "goroutine", "/root/", ".go:", "sql:"} {
			if strings.Contains(r.body, inside) {
				t.Errorf("%s: the answer tells of the inside (%s): %.400s", name, inside, r.body)
			}
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}

// dial opens a socket with a token, "" for none.
func (s *site) dial(t *testing.T, token string) (*wsclient.Client, error) {
	t.Helper()
	c, err := wsclient.Dial(t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+"/graphql", token, wsclient.Options{})
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unchanged checks that fn leaves no trace in the log.
func (s *site) unchanged(t *testing.T, name string, fn func()) {
	t.Helper()
	before, _, err := s.Core.DB.LogEnd(t.Context())
	must(t, err)
	fn()
	after, _, err := s.Core.DB.LogEnd(t.Context())
	must(t, err)
	if before != after {
		t.Errorf("%s: %d entries were written", name, after-before)
	}
}

// inFile counts a text in the store's files, as somebody finds it who steals them.
func (s *site) inFile(t *testing.T, what string) (n int) {
	t.Helper()
	files, err := filepath.Glob(s.path + "*")
	must(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		must(t, err)
		n += bytes.Count(raw, []byte(what))
	}
	return n
}
