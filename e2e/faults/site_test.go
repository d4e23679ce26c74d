package faults

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/server"
)

// site is a platform with the world in it that is served within this process.
type site struct {
	*platform.Platform
	url, host, admin string
	tokens           map[string]string
}

// newSite serves until the test ends. How changes the configuration; nil leaves it.
func newSite(t *testing.T, c clock.Clock, how func(*server.Config)) *site {
	t.Helper()
	p, err := openBy(t.Context(), onSQLite(t), c.Now)
	must(t, err)
	config := server.Config{
		Addr: "127.0.0.1:0", Admin: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Clock: c, ActorCost: -1, AddressCost: -1,
	}
	if how != nil {
		how(&config)
	}
	srv, err := server.New(t.Context(), p, config)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections() // a server waits for those that were never used
		stop()
		must(t, <-served)
		must(t, p.Close())
	})
	return &site{p, srv.URL(), strings.TrimPrefix(srv.URL(), "http://"), srv.AdminURL(), template().tokens}
}

// id is an object of the world.
func id(file, key string) string { return template().ids[file][key] }

// metric is a value of the metrics, 0 for what there is not yet.
func (s *site) metric(t *testing.T, name string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/metrics", nil)
	must(t, err)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			f, err := strconv.ParseFloat(v, 64)
			must(t, err)
			return int(f)
		}
	}
	return 0
}

// refused is what a handshake was answered that failed.
type refused struct {
	status int
	header http.Header
}

// dial upgrades a connection and says nothing more.
func (s *site) dial(t *testing.T, host string, header http.Header) (*websocket.Conn, refused, error) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 20 * time.Second}
	ws, resp, err := d.DialContext(t.Context(), "ws://"+host+"/graphql", header)
	if err == nil {
		t.Cleanup(func() { _ = ws.Close() })
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	if resp == nil {
		return ws, refused{}, err
	}
	_ = resp.Body.Close()
	return ws, refused{resp.StatusCode, resp.Header}, err
}

// greeted is a connection that is acknowledged, nobody's without a token.
func (s *site) greeted(t *testing.T, host, token string) *websocket.Conn {
	t.Helper()
	ws, _, err := s.dial(t, host, nil)
	must(t, err)
	payload := map[string]any{}
	if token != "" {
		payload["authorization"] = "Bearer " + token
	}
	must(t, ws.WriteJSON(map[string]any{"type": "connection_init", "payload": payload}))
	if m := next(t, ws); m["type"] != "connection_ack" {
		t.Fatalf("%v", m)
	}
	return ws
}

// next is the next message that is no ping.
func next(t *testing.T, ws *websocket.Conn) map[string]any {
	t.Helper()
	for {
		var m map[string]any
		must(t, ws.ReadJSON(&m))
		if m["type"] != "ping" {
			return m
		}
	}
}

// closes reads until the server closes and checks with which code; 0 is a cut.
func closes(t *testing.T, what string, ws *websocket.Conn, codes ...int) {
	t.Helper()
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			continue
		}
		if timeout, ok := err.(interface{ Timeout() bool }); ok && timeout.Timeout() {
			t.Errorf("%s: stays open", what)
		} else if len(codes) > 0 && !websocket.IsCloseError(err, codes...) {
			t.Errorf("%s: %v, want %v", what, err, codes)
		}
		return
	}
}

// bystander is somebody who behaves: it writes, and reads what it wrote, again and again.
type bystander struct {
	w    *writer
	r    *reader
	wait time.Duration // for one round at most
	stop context.CancelFunc
	over chan error
	n    atomic.Int64
}

// stand lets one begin on a subject of its own; its rounds have to come to their end whatever
// others do until leave.
func (s *site) stand(t *testing.T, n int) *bystander {
	t.Helper()
	return s.standing(t, n, 20*time.Second)
}

// standing is stand with another patience.
func (s *site) standing(t *testing.T, n int, wait time.Duration) *bystander {
	t.Helper()
	f := newFront(t, s.host)
	coordinator := s.tokens["coordinator"]
	rows, err := list(t.Context(), s.url, coordinator)
	must(t, err)
	one := rows[id("requests", subject(n))]
	b := &bystander{
		wait: wait, over: make(chan error, 1),
		w: newWriter(fmt.Sprint("bystander-", n), coordinator, f, rand.New(rand.NewPCG(1, 1)), new(atomic.Int64)),
		r: newReader("bystander", coordinator, map[string]any{"serviceRequestId": one.ID}),
	}
	b.w.rows = []row{one}
	ctx, stop := context.WithCancel(context.Background())
	reading, hush := context.WithCancel(context.Background())
	b.stop = stop
	followed := make(chan struct{})
	go func() { defer close(followed); b.r.follow(reading, f) }()
	must(t, b.r.until(t.Context(), begun))
	go func() {
		defer func() { hush(); <-followed }()
		for ctx.Err() == nil || b.n.Load() < 3 {
			if err := b.round(); err != nil {
				b.over <- err
				return
			}
		}
		b.over <- nil
	}()
	return b
}

// round is a change that is acknowledged and then heard.
func (b *bystander) round() error {
	ctx, cancel := context.WithTimeout(context.Background(), b.wait)
	defer cancel()
	if err := b.w.change(ctx, &b.w.rows[0], fmt.Sprint(b.w.name, b.n.Add(1)), "NORMAL"); err != nil {
		return err
	}
	if err := b.r.until(ctx, heard(b.w.rows[0])); err != nil {
		return err
	}
	select { // it is one of many, and asks no more than one
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
	}
	return nil
}

// leave checks that it was served all along.
func (b *bystander) leave(t *testing.T) {
	t.Helper()
	b.stop()
	must(t, <-b.over)
	if b.w.again > 0 || b.r.opened != 1 {
		t.Errorf("who behaves: %d rounds, %d calls again, %d connections", b.n.Load(), b.w.again, b.r.opened)
	}
	t.Logf("who behaves had %d rounds", b.n.Load())
}

// answered sends a body and gives the status and the answer.
func answered(t *testing.T, url string, body io.Reader, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", body)
	must(t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(raw)
}
