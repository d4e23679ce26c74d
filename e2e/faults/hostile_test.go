package faults

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server"
	"github.com/fivesociety/linkage/server/live"
)

// Clients who do what no honest client does, all at once and beside one who behaves: each is let
// go by the bound that its case names, and who behaves is served all along.
func TestHostileClientsAreLetGo(t *testing.T) {
	t.Parallel()
	s := newSite(t, clock.System(), func(c *server.Config) {
		c.ReadHeader, c.Read = time.Second, 2*time.Second
		c.Sockets = live.Limits{PingEvery: time.Second, WriteTimeout: time.Second, CloseWait: time.Second}
		c.Origins = []string{"https://board.example"}
	})
	b := s.stand(t, 0)
	t.Run("all", func(t *testing.T) {
		for name, scene := range map[string]func(*testing.T, *site){
			"who vanishes without a word":          vanished,
			"headers a byte at a time":             slowHeaders,
			"a body a byte at a time":              slowBody,
			"a frame a byte at a time":             slowFrame,
			"a message of fragments without end":   endlessFragments,
			"a frame of a gigabyte":                hugeFrame,
			"a message of fragments too many":      hugeMessage,
			"compressed frames that nobody agreed": compressedFrame,
			"a compressed body":                    compressedBody,
			"pings without end, answers unread":    pingFlood,
			"messages of ping, answers unread":     messageFlood,
			"another origin":                       foreignOrigin,
			"what one may not see":                 unseen,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scene(t, s)
			})
		}
	})
	b.leave(t)
}

// silence: 2.5 times the pace of pings after the last sign of life.
func vanished(t *testing.T, s *site) {
	f := newFront(t, s.host)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := newReader("vanished", s.tokens["supervisor"], nil)
	reading, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); r.follow(reading, f) }()
	must(t, r.until(ctx, begun))
	f.drop(s.host)
	f.breakAll(lost)
	select {
	case <-f.ended:
	case <-ctx.Done():
		t.Error("the server holds on to who is gone")
	}
	stop()
	<-done
}

// trickle sends a byte at a time until the connection ends, and gives what was answered.
func trickle(t *testing.T, s *site, first string) string {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.host)
	must(t, err)
	defer func() { _ = c.Close() }()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(c, first)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	dripped := make(chan struct{})
	go func() {
		defer close(dripped)
		drip(ctx, c)
	}()
	got, err := io.ReadAll(c)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // as net hands it out
		t.Error("stays open")
	}
	stop()
	<-dripped
	return string(got)
}

// drip writes a byte at a time until it can't.
func drip(ctx context.Context, w io.Writer) {
	for ctx.Err() == nil {
		if _, err := w.Write([]byte("x")); err != nil {
			return
		}
		pause(ctx)
	}
}

// Config.ReadHeader, 10 s.
func slowHeaders(t *testing.T, s *site) {
	got := trickle(t, s, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	if got != "" && !strings.Contains(got, " 408 ") {
		t.Errorf("%q", got)
	}
}

// Config.Read, 30 s.
func slowBody(t *testing.T, s *site) {
	got := trickle(t, s, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")
	if !strings.HasPrefix(got, "HTTP/1.1 408 ") {
		t.Errorf("%q", got)
	}
}

// header is that of a masked frame, with the mask 0.
func header(first byte, size uint64) []byte {
	out := binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, size)
	return append(out, 0, 0, 0, 0)
}

const (
	text, fin, rsv1 = 0x1, 0x80, 0x40
)

// The silence again: bytes that are no whole message are no sign of life.
func slowFrame(t *testing.T, s *site) {
	ws := s.greeted(t, s.host, s.tokens["volunteer"])
	_, err := ws.NetConn().Write(header(fin|text, 60_000))
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	dripped := make(chan struct{})
	go func() { defer close(dripped); drip(ctx, ws.NetConn()) }()
	closes(t, "a frame a byte at a time", ws, live.CloseTimeout)
	stop()
	<-dripped
}

// The silence: fragments, even of nothing, are no message.
func endlessFragments(t *testing.T, s *site) {
	ws := s.greeted(t, s.host, s.tokens["volunteer"])
	_, err := ws.NetConn().Write(append(header(text, 1), ' '))
	must(t, err)
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		flood(ws.NetConn(), header(0, 0))
	}()
	closes(t, "fragments without end", ws)
	<-flooded
}

// flood writes the same until it can't, some at a time: who floods is to be let go, not the
// machine that tests. It gives up: a kernel may tell a writer late, or never, that nobody is
// there any more.
func flood(w net.Conn, what []byte) (n int) {
	if err := w.SetWriteDeadline(time.Now().Add(4 * time.Second)); err != nil {
		return 0
	}
	for {
		if _, err := w.Write(bytes.Repeat(what, 8)); err != nil {
			return n
		}
		if n += 8; n%2048 == 0 {
			<-time.After(5 * time.Millisecond)
		}
	}
}

// Limits.Message, 64 kB.
func hugeFrame(t *testing.T, s *site) {
	ws := s.greeted(t, s.host, s.tokens["volunteer"])
	_, err := ws.NetConn().Write(header(fin|text, 1<<30))
	must(t, err)
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		flood(ws.NetConn(), bytes.Repeat([]byte(" "), 4096))
	}()
	closes(t, "a gigabyte", ws, live.CloseTooBig)
	<-flooded // the connection has ended: nobody reads the rest
}

// Limits.Message: of all fragments together.
func hugeMessage(t *testing.T, s *site) {
	ws := s.greeted(t, s.host, s.tokens["volunteer"])
	w, err := ws.NextWriter(websocket.TextMessage)
	must(t, err)
	for range 100 {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1000)); err != nil {
			break // it has been cut off already
		}
	}
	closes(t, "100 kB in fragments", ws, live.CloseTooBig)
}

// No compression is ever agreed on, so there is nothing to inflate: a frame that says it is
// compressed breaks the protocol.
func compressedFrame(t *testing.T, s *site) {
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, EnableCompression: true}
	offered, resp, err := d.DialContext(t.Context(), "ws://"+s.host+"/graphql", nil)
	must(t, err)
	_ = resp.Body.Close()
	if got := resp.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("agreed on %q", got)
	}
	must(t, offered.Close())
	ws := s.greeted(t, s.host, s.tokens["volunteer"])
	_, err = ws.NetConn().Write(append(header(fin|rsv1|text, 5), 1, 2, 3, 4, 5))
	must(t, err)
	closes(t, "a compressed frame", ws, websocket.CloseProtocolError)
}

// A compressed body is not looked at.
func compressedBody(t *testing.T, s *site) {
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	for range 256 {
		_, err := zip.Write(make([]byte, 64<<10))
		must(t, err)
	}
	must(t, zip.Close())
	status, body := answered(t, s.url, &bomb, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}})
	if status != http.StatusUnsupportedMediaType || !strings.Contains(body, "not compressed") {
		t.Errorf("%d %s", status, body)
	}
}

// Limits.QueueFrames, or WriteTimeout: who asks for answers has to take them.
func pingFlood(t *testing.T, s *site) {
	unread(t, s, append(append([]byte{0x89, 0x80 | 125}, 0, 0, 0, 0), make([]byte, 125)...))
}

func messageFlood(t *testing.T, s *site) {
	m := `{"type":"ping","payload":{"x":"` + strings.Repeat("x", 80) + `"}}`
	unread(t, s, append(append([]byte{fin | text, 0x80 | byte(len(m))}, 0, 0, 0, 0), m...))
}

// unread floods with what wants answers and takes none.
func unread(t *testing.T, s *site, what []byte) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4096)
		}
		return c, err
	}}
	ws, resp, err := d.DialContext(t.Context(), "ws://"+s.host+"/graphql", nil)
	must(t, err)
	_ = resp.Body.Close()
	defer func() { _ = ws.Close() }()
	must(t, ws.WriteJSON(map[string]any{"type": "connection_init"}))
	flood(ws.NetConn(), what)
	must(t, ws.SetReadDeadline(time.Now().Add(20*time.Second)))
	closes(t, "answers unread", ws)
}

func foreignOrigin(t *testing.T, s *site) {
	for origin, welcome := range map[string]bool{
		"": true, "https://board.example": true, s.url: true,
		"https://evil.example": false, "http://board.example": false, "null": false, "https://board.example.evil.example": false,
	} {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		_, got, err := s.dial(t, s.host, h)
		if (err == nil) != welcome || !welcome && got.status != http.StatusForbidden {
			t.Errorf("%q: %d %v", origin, got.status, err)
		}
	}
}

// Who may not see a request hears nothing of it, neither live nor of the past, and can't tell it
// from one that there is not.
func unseen(t *testing.T, s *site) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	watched := id("requests", subject(0)) // which who behaves changes all the time
	f := newFront(t, s.host)
	follow := func(r *reader) {
		done := make(chan struct{})
		go func() { defer close(done); r.follow(ctx, f) }()
		t.Cleanup(func() { cancel(); <-done })
		must(t, r.until(ctx, begun))
	}
	var blind []*reader
	for _, who := range []string{"coordinator-wenhua", "volunteer", "partner", "resident"} {
		for what, filter := range map[string]map[string]any{
			"it": {"serviceRequestId": watched}, "none": {"serviceRequestId": "req_" + strings.Repeat("0", 26)}, "its station": {"stationId": id("stations", "qiaotun")},
		} {
			r := newReader(who+" "+what, s.tokens[who], filter)
			follow(r)
			blind = append(blind, r)
		}
	}
	sees := newReader("the station", s.tokens["coordinator"], map[string]any{"serviceRequestId": watched})
	follow(sees)
	must(t, sees.until(ctx, func(r *reader) bool { return len(r.events) > 3 }))
	for _, r := range blind {
		// The checkpoint that ends the past comes after whatever there is of it.
		again := newReader(r.name, r.token, r.filter)
		again.cursor, again.started = r.cursor, ""
		follow(again)
		must(t, again.until(ctx, func(r *reader) bool { return r.started != "" }))
		for _, one := range []*reader{r, again} {
			one.mu.Lock()
			if len(one.events) > 0 {
				t.Errorf("%s hears %+v", one.name, one.events[0])
			}
			one.mu.Unlock()
		}
	}
	c, err := wsclient.Dial(ctx, "ws://"+s.host+"/graphql", "", wsclient.Options{})
	must(t, err)
	defer func() { _ = c.Close() }()
	sub, err := c.Subscribe(ctx, watch, nil, "")
	must(t, err)
	if m, err := sub.Next(ctx); err == nil || !strings.Contains(err.Error(), "UNAUTHENTICATED") {
		t.Errorf("nobody hears %s %v", m.Data, err)
	}
}
