package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/server/live"
)

func TestPingsByTheSharedClock(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil))
	peers, pings := []*peer{x.ready(), x.ready()}, [2]int{}
	for i, p := range peers {
		answer := p.ws.PingHandler()
		p.ws.SetPingHandler(func(data string) error { pings[i]++; return answer(data) })
	}
	for range 3 {
		x.clock.Advance(20 * time.Second)
		for _, p := range peers { // no message but what answers ours
			p.send(`{"type":"ping"}`)
			p.want(`{"type":"pong"}`)
		}
	}
	if pings != [2]int{3, 3} {
		t.Errorf("%v pings in a minute, want 3 each", pings)
	}
	if x.clock.Waiting() != 1 {
		t.Errorf("%d timers for two quiet connections, want the one shared ping", x.clock.Waiting())
	}
}

func TestSilenceIs4408(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil), func(l *live.Transport) { l.Limits.PingEvery = 40 * time.Millisecond })
	p := x.ready()
	p.wantClose(live.CloseTimeout, "No sign of life")
}

func TestShutdownFinishesUnits(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	r := hello(nil)
	r.query["touch"] = func(ctx context.Context, _ map[string]any) (any, error) {
		close(began)
		<-release
		return "saved", ctx.Err()
	}
	x := newRig(t, r)
	busy, quiet, fresh := x.ready(), x.ready(), x.dial()
	quiet.subscribe("s", "subscription { events }")
	busy.subscribe("s", "subscription { events }")
	busy.subscribe("m", "mutation { touch }")
	<-began
	done := make(chan error, 1)
	go func() { done <- x.live.Shutdown(context.Background()) }()
	quiet.wantClose(live.CloseGoingAway, "Going away") // no complete: the client must come back
	fresh.wantClose(live.CloseGoingAway, "Going away")
	busy.subscribe("n", "mutation { touch }") // not begun any more
	close(release)
	busy.want(`{"id":"m","type":"next","payload":{"data":{"touch":"saved"}}}`)
	busy.want(`{"id":"m","type":"complete"}`)
	busy.wantClose(live.CloseGoingAway, "Going away")
	if err := <-done; err != nil || x.live.Len() != 0 {
		t.Fatalf("shutdown: %v, %d connections left", err, x.live.Len())
	}
	_, resp, _ := websocket.DefaultDialer.Dial(x.url, nil)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a newcomer gets %d", resp.StatusCode)
	}
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	began := make(chan struct{})
	r := hello(nil)
	r.query["touch"] = func(context.Context, map[string]any) (any, error) { close(began); <-release; return "", nil }
	x := newRig(t, r)
	p := x.ready()
	p.subscribe("m", "mutation { touch }")
	<-began
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := x.live.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown says %v", err)
	}
	close(release)
	if _, _, err := p.ws.ReadMessage(); err == nil {
		t.Error("the connection still speaks")
	}
}

func TestDisconnectMidStreamLeavesNothing(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 20)
	r := hello(nil)
	r.stream["cursors"] = func(ctx context.Context) (<-chan string, error) {
		context.AfterFunc(ctx, func() { ended <- struct{}{} })
		return stream.Of(ctx, func(ctx context.Context) (string, string, error) {
			select {
			case <-ctx.Done():
				return "", "", ctx.Err()
			case <-time.After(time.Millisecond):
				return "x", "c", nil
			}
		}), nil
	}
	x := newRig(t, r)
	for i := range 20 {
		p := x.ready()
		p.subscribe("s", "subscription { cursors }")
		p.next("s")
		switch i % 3 {
		case 0:
			_ = p.ws.Close() // no close frame, no goodbye
		case 1:
			_ = p.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))
			p.wantCloseAfterAll(1000, "")
		case 2:
			p.send(`{"id":"s","type":"complete"}`)
		}
	}
	for range 20 {
		<-ended
	} // goleak looks for the goroutines
}

func TestPlainHTTPIsNotOurs(t *testing.T) {
	t.Parallel()
	l := &live.Transport{}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
	if l.Supports(r) {
		t.Error("takes a POST")
	}
	r.Header.Set("Connection", "keep-alive, Upgrade")
	r.Header.Set("Upgrade", "websocket")
	if !l.Supports(r) {
		t.Error("refuses an upgrade")
	}
}

// FuzzMessages throws messages at an acknowledged connection: it must go on or
// close with a code of the protocol, and never die.
func FuzzMessages(f *testing.F) {
	for _, s := range []string{
		`{"type":"ping","payload":{"a":1}}`, `{"id":"a","type":"subscribe","payload":{"query":"{ hello }","variables":{"n":1e999}}}`,
		`{"id":"a","type":"subscribe","payload":{"query":"subscription { events }","extensions":{"resumeAfter":7}}}`,
		`{"id":"a","type":"complete"}`, `{"type":"connection_init"}`, `[]`, "\xff", `{"id":"a","type":"subscribe","payload":{"query":"query($a:[[[Int]]]){hello}"}}`,
	} {
		f.Add([]byte(s))
	}
	x := newRig(f, hello(nil))
	x.overUnixSocket() // TCP would run out of ports
	f.Fuzz(func(t *testing.T, data []byte) {
		p := x.with(t).ready()
		defer p.ws.Close()
		_ = p.ws.WriteMessage(websocket.TextMessage, data)
		_ = p.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","payload":{"last":"one of all"}}`))
		for {
			_, raw, err := p.ws.ReadMessage()
			var closed *websocket.CloseError
			switch {
			case errors.As(err, &closed) && (closed.Code == live.CloseNotText || closed.Code == live.CloseInvalidMessage || closed.Code == live.CloseTooManyInits):
				return
			case err != nil:
				t.Fatalf("%q: %v", data, err)
			case !json.Valid(raw):
				t.Fatalf("%q: answer is no JSON: %s", data, raw)
			case string(raw) == `{"payload":{"last":"one of all"},"type":"pong"}`:
				return
			}
		}
	})
}

// overUnixSocket serves the same handler on a unix socket as well and dials that.
func (x *rig) overUnixSocket() {
	x.t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(context.Background(), "unix", filepath.Join(x.t.TempDir(), "s"))
	if err != nil {
		x.t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(x.http.Config.Handler)
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	x.t.Cleanup(srv.Close)
	x.dialer.NetDialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", l.Addr().String())
	}
}
