package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/wsclient"
)

// site is a served platform with the demonstration world in it.
type site struct {
	*platform.Platform
	url    string
	admin  string // the address for who runs it
	path   string // of the database's file, "" on MongoDB
	log    *lockedBuffer
	clock  *clock.Manual
	ids    map[string]map[string]string // file of the world → key → id
	tokens map[string]string            // account → access token
	signIn func(*account.Config)        // changes how one signs in; nil for not
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
