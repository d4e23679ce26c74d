package live_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/server/live"
)

// sluggish dials with a tiny receive buffer, so that the server notices soon
// that nobody reads.
func (x *rig) sluggish() *peer {
	x.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	}}
	ws, resp, err := d.Dial(x.url, nil)
	if err != nil {
		x.t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	x.t.Cleanup(func() { _ = ws.Close() })
	p := &peer{x.t, ws}
	p.send(`{"type":"connection_init"}`)
	p.want(ackMessage)
	return p
}

func smallBuffers(l *live.Transport) {
	l.Limits.SendBuffer, l.Limits.QueueBytes = 4<<10, 32<<10
}

type member struct {
	ctx context.Context
	ch  chan string
}

// broadcast gives each of n subscribers an unbuffered channel and publishes to all
// of them in turn, waiting for each: a publisher that any blocked member would
// stop. publish reports false once a member is gone.
func broadcast(n int) (stream func(context.Context) (<-chan string, error), publish func(string) bool) {
	joined := make(chan member, n)
	stream = func(ctx context.Context) (<-chan string, error) {
		m := member{ctx, make(chan string)}
		joined <- m
		return m.ch, nil
	}
	var members []member
	publish = func(s string) bool {
		for len(members) < n {
			members = append(members, <-joined)
		}
		all := true
		for _, m := range members {
			select {
			case m.ch <- s:
			case <-m.ctx.Done():
				all = false
			}
		}
		return all
	}
	return stream, publish
}

func TestSlowReaderIsCutAndNobodyWaits(t *testing.T) {
	t.Parallel()
	stream, publish := broadcast(2)
	r := hello(nil)
	r.stream["events"] = stream
	x := newRig(t, r, smallBuffers)
	slow, quick := x.sluggish(), x.ready()
	slow.subscribe("s", "subscription { events }")
	quick.subscribe("q", "subscription { events }")
	seen := 0
	for all := true; all; seen++ {
		all = publish(fmt.Sprint(seen, strings.Repeat("x", 1024))) // would wait for ever for a blocked member
		if got := quick.next("q"); !strings.HasPrefix(fmt.Sprint(got["data"]), fmt.Sprintf("map[events:%dx", seen)) {
			t.Fatalf("event %d is %.40v", seen, got)
		}
	}
	t.Logf("the publisher sent %d events of 1 kB until the slow reader was cut", seen)
	_ = slow.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	slow.wantCloseAfterAll(live.CloseTryAgainLater, "Too slow") // it reads again in time to see why
}

func TestStuckSocketIsCutAfterTheWriteTimeout(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	r := hello(nil)
	r.stream["cursors"] = func(ctx context.Context) (<-chan string, error) {
		context.AfterFunc(ctx, func() { close(ended) })
		return stream.Of(ctx, func(context.Context) (string, string, error) {
			return strings.Repeat("x", 8<<10), "", nil // paced: the queue never overflows
		}), nil
	}
	x := newRig(t, r, smallBuffers, func(l *live.Transport) { l.Limits.WriteTimeout = 100 * time.Millisecond })
	p := x.sluggish()
	p.subscribe("s", "subscription { cursors }")
	<-ended // the resolver was told, though the client never read a byte
}

// What is queued for an operation when its client completes it never leaves: the
// client may use the id again at once.
func TestCompleteDropsWhatIsQueued(t *testing.T) {
	t.Parallel()
	events := make(chan string)
	p := newRig(t, hello(events), func(l *live.Transport) { l.Limits.SendBuffer = 4 << 10 }).sluggish()
	p.subscribe("s", "subscription { events }")
	const sent = 200
	for range sent {
		events <- strings.Repeat("x", 1024)
	}
	p.send(`{"id":"s","type":"complete"}`)
	p.send(`{"type":"ping"}`)
	came := 0
	for p.read() != `{"type":"pong"}` {
		came++
	}
	if came > sent/2 {
		t.Fatalf("%d of %d events came after all", came, sent)
	}
}

func TestALargeAnswerIsNoOverflow(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["size"] = func(context.Context, map[string]any) (any, error) { return strings.Repeat("x", 400<<10), nil }
	p := newRig(t, r).ready()
	for _, id := range []string{"a", "b", "c"} {
		p.subscribe(id, "{ size(n: 1) }")
	}
	p.send(`{"type":"ping"}`)
	big := 0
	for range 7 { // three results, three completes, one pong
		if len(p.read()) > 400<<10 {
			big++
		}
	}
	if big != 3 {
		t.Fatalf("%d large answers, want 3", big)
	}
}

func TestFloodOfPings(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil), smallBuffers, func(l *live.Transport) { l.Limits.QueueFrames = 16 })
	p := x.sluggish()
	ping := []byte(`{"type":"ping","payload":{"x":"` + strings.Repeat("y", 8<<10) + `"}}`)
	_ = p.ws.SetWriteDeadline(time.Now().Add(2 * time.Second)) // some kernels never tell a blocked writer that the peer is gone
	for range 2000 {
		if p.ws.WriteMessage(websocket.TextMessage, ping) != nil {
			break // cut already
		}
	}
	_ = p.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, _, err := p.ws.ReadMessage(); err != nil {
			return // 1013, or a reset because of what was still unread
		}
	}
}
