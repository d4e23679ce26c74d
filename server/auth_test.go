package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/server/live"
)

func TestTheBearerSpeaksForTheAccount(t *testing.T) {
	t.Parallel()
	f := serve(t)
	id, s := f.token(t, "lifang")
	for _, scheme := range []string{"Bearer ", "bearer "} {
		if r := f.query(t, "{who}", "Authorization", scheme+s.AccessToken, "Accept-Language", "en"); r.Data["who"] != id+"/graphql/en" {
			t.Errorf("%q: %s", scheme, r.body)
		}
	}
	if r := f.query(t, "{who}"); r.Data["who"] != "//zh" {
		t.Errorf("nobody: %s", r.body)
	}
}

func TestABadTokenIsRefusedWith401(t *testing.T) {
	t.Parallel()
	f := serve(t)
	_, s := f.token(t, "lifang")
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer x", "Basic bGlmYW5nOng=", s.AccessToken, "Bearer " + s.RefreshToken, "Bearer " + s.AccessToken + "x"} {
		r := f.query(t, "{who}", "Authorization", header)
		if r.status != 401 || r.code() != "UNAUTHENTICATED" || r.Data != nil || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d %s", header, r.status, r.body)
		}
	}
	f.clock.Advance(15 * time.Minute)
	if r := f.query(t, "{who}", "Authorization", "Bearer "+s.AccessToken); r.status != 401 || r.code() != "TOKEN_EXPIRED" {
		t.Errorf("expired: %d %s", r.status, r.body)
	}
}

func TestAnEndedSessionIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f := serve(t)
	_, s := f.token(t, "lifang")
	a, _, err := f.accounts.ActorOf(context.Background(), s.AccessToken)
	must(t, err)
	_, err = f.accounts.SignOut(context.Background(), a, account.SignOut{})
	must(t, err)
	r := f.query(t, "{who}", "Authorization", "Bearer "+s.AccessToken)
	if r.code() != "SESSION_ENDED" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestTheActorIsReadOnceAResponse(t *testing.T) {
	t.Parallel()
	f := serve(t)
	_, s := f.token(t, "lifang")
	inner := f.fields["who"]
	f.fields["who"] = func(ctx context.Context, args map[string]any) (any, error) {
		v, err := inner(ctx, args)
		a, _ := ActorFrom(ctx)
		if err != nil {
			return nil, err
		}
		if _, out := f.accounts.SignOut(ctx, a, account.SignOut{}); out != nil {
			return nil, out
		}
		return v, err
	}
	if r := f.query(t, "{a: who b: who}", "Authorization", "Bearer "+s.AccessToken); r.code() != "" {
		t.Errorf("the second look saw another moment: %s", r.body)
	}
	if r := f.query(t, "{who}", "Authorization", "Bearer "+s.AccessToken); r.code() != "SESSION_ENDED" {
		t.Errorf("the next response sees the old moment: %s", r.body)
	}
}

func TestAddressesAreBelievedFromListedProxiesOnly(t *testing.T) {
	t.Parallel()
	a := &Auth{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "198.51.100.9", "192.0.2.1"},
		{"10.1.1.1:5", "198.51.100.9", "198.51.100.9"},
		{"10.1.1.1:5", "6.6.6.6, 198.51.100.9, 10.2.2.2", "198.51.100.9"},
		{"10.1.1.1:5", "", "10.1.1.1"},
		{"10.1.1.1:5", "nonsense", "10.1.1.1"},
		{"[::ffff:10.1.1.1]:5", "198.51.100.9", "198.51.100.9"},
		{"[2001:db8::1]:5", "", "2001:db8::/64"},
		{"[2001:db8::ffff]:5", "", "2001:db8::/64"},
	} {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := a.address(r); got != c.want {
			t.Errorf("%s for %q: %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestLocaleOfHeaders(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "zh", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "en": "en", "en-US,en;q=0.9": "en", "zh;q=0.1,en;q=0.9": "en", "fr": "zh", "fr,en;q=0.5": "en",
		"*": "zh", "garbage;;;": "zh", strings.Repeat("en,", 200): "zh", "zh-TW": "zh",
	} {
		if got := locale(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// socket is a plain graphql-transport-ws client.
type socket struct {
	t *testing.T
	c *websocket.Conn
}

func (f *face) dial(t *testing.T, init map[string]any, header http.Header) *socket {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}}
	c, resp, err := d.Dial("ws"+strings.TrimPrefix(f.url, "http")+"/graphql", header)
	must(t, err)
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = c.Close() })
	s := &socket{t, c}
	s.send(map[string]any{"type": "connection_init", "payload": init})
	return s
}

func (s *socket) send(v any) {
	s.t.Helper()
	must(s.t, s.c.WriteJSON(v))
}

// next is the next message, or the close code.
func (s *socket) next() (map[string]any, int) {
	s.t.Helper()
	must(s.t, s.c.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, raw, err := s.c.ReadMessage()
	if ce, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // gorilla returns it bare
		return nil, ce.Code
	}
	must(s.t, err)
	var m map[string]any
	must(s.t, json.Unmarshal(raw, &m))
	if m["type"] == "ping" {
		return s.next()
	}
	return m, 0
}

func (s *socket) ask(query string) string {
	s.t.Helper()
	s.send(map[string]any{"type": "subscribe", "id": "q", "payload": map[string]any{"query": query}})
	m, closed := s.next()
	if closed != 0 {
		s.t.Fatalf("closed with %d", closed)
	}
	if m["type"] == "next" {
		if done, _ := s.next(); done["type"] != "complete" {
			s.t.Fatalf("want complete, got %v", done)
		}
	}
	raw, err := json.Marshal(m["payload"])
	must(s.t, err)
	return string(raw)
}

func TestAHandshakeIsARequestWithStatus101(t *testing.T) {
	t.Parallel()
	statuses := make(chan int, 1)
	srv := httptest.NewServer(Logged(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err == nil {
			_ = c.Close()
		}
	}), func(status int) { statuses <- status }))
	defer srv.Close()
	c, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	must(t, err)
	must(t, resp.Body.Close())
	if status := <-statuses; status != http.StatusSwitchingProtocols {
		t.Errorf("counted as %d", status)
	}
	must(t, c.Close())
}

func TestSocketsSayWhoTheyAreInConnectionInit(t *testing.T) {
	t.Parallel()
	f := serve(t)
	id, session := f.token(t, "lifang")
	s := f.dial(t, map[string]any{"authorization": "Bearer " + session.AccessToken, "locale": "en"}, nil)
	if m, _ := s.next(); m["type"] != "connection_ack" {
		t.Fatalf("%v", m)
	}
	if got := s.ask("{who}"); got != `{"data":{"who":"`+id+`/socket/en"},"extensions":{"cost":{"remaining":299999,"requested":1}}}` {
		t.Fatal(got)
	}
	anon := f.dial(t, nil, http.Header{"Accept-Language": {"en"}})
	anon.next()
	if got := anon.ask("{who}"); got != `{"data":{"who":"//en"},"extensions":{"cost":{"remaining":299999,"requested":1}}}` {
		t.Fatal(got)
	}
	// A header at the handshake is not looked at: such a caller would have no expiry.
	odd := f.dial(t, nil, http.Header{"Authorization": {"Bearer " + session.AccessToken}})
	odd.next()
	if got := odd.ask("{who}"); got != `{"data":{"who":"//zh"},"extensions":{"cost":{"remaining":299999,"requested":1}}}` {
		t.Fatal(got)
	}
}

func TestSocketsWithBadTokensAreClosed(t *testing.T) {
	t.Parallel()
	f := serve(t)
	_, session := f.token(t, "lifang")
	a, _, err := f.accounts.ActorOf(context.Background(), session.AccessToken)
	must(t, err)
	_, err = f.accounts.SignOut(context.Background(), a, account.SignOut{})
	must(t, err)
	for _, token := range []any{"", "Bearer x", 7, "Bearer " + session.AccessToken} {
		s := f.dial(t, map[string]any{"authorization": token}, nil)
		if _, code := s.next(); code != live.CloseForbidden {
			t.Errorf("%v: closed with %d", token, code)
		}
	}
}

func TestSocketsLiveAsLongAsTheirTokenUnlessRenewed(t *testing.T) {
	t.Parallel()
	f := serve(t)
	_, session := f.token(t, "lifang")
	init := map[string]any{"authorization": "Bearer " + session.AccessToken}
	renewed, left := f.dial(t, init, nil), f.dial(t, init, nil)
	renewed.next()
	left.next()
	f.clock.Advance(10 * time.Minute)
	fresh, err := f.accounts.TokenRefresh(context.Background(), account.TokenRefresh{RefreshToken: session.RefreshToken})
	must(t, err)
	if got := renewed.ask(`mutation{renew(token:"` + fresh.AccessToken + `")}`); !strings.Contains(got, "data") || strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	f.clock.Advance(5 * time.Minute)
	if _, code := left.next(); code != live.CloseForbidden {
		t.Errorf("an expired socket closed with %d", code)
	}
	if got := renewed.ask("{who}"); !strings.Contains(got, "/socket/") {
		t.Errorf("a renewed socket: %s", got)
	}
	f.clock.Advance(10 * time.Minute)
	if _, code := renewed.next(); code != live.CloseForbidden {
		t.Errorf("the renewed socket closed with %d", code)
	}
}

func TestADisabledAccountSpeaksNoMoreOnItsSocket(t *testing.T) {
	t.Parallel()
	f := serve(t)
	id, session := f.token(t, "lifang")
	s := f.dial(t, map[string]any{"authorization": "Bearer " + session.AccessToken}, nil)
	s.next()
	_, _, err := f.accounts.Disable(context.Background(), access.System("test"), account.Disable{AccountID: id, Reason: "OTHER", ExpectedVersion: 1})
	must(t, err)
	if got := s.ask("{who}"); !strings.Contains(got, "SESSION_ENDED") {
		t.Fatal(got)
	}
}

// A socket keeps for all its life no more of its handshake than is looked at.
func TestASocketKeepsLittleOfALongHandshake(t *testing.T) {
	t.Parallel()
	for _, long := range []bool{false, true} {
		agent, parent, state := "Firefox", "00-"+strings.Repeat("a", 52), strings.Repeat("b", 512)
		if long {
			agent, parent, state = strings.Repeat("x", 60_000), parent+"c", state+"d"
		}
		r := httptest.NewRequestWithContext(account.WithDevice(t.Context(), agent), http.MethodGet, "/", nil)
		r.Header.Set("Traceparent", parent)
		r.Header.Set("Tracestate", state)
		ctx, trace := new(Auth).Kept(r)
		if n := len(account.DeviceOf(ctx)); n > 1024 || (len(trace) == 0) != long {
			t.Errorf("long %t: %d bytes of the agent, and %d headers are kept", long, n, len(trace))
		}
	}
}
