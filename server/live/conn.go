package live

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
)

// Conn is one connection. Resolvers reach it with ConnFrom; all its methods are
// safe for concurrent use.
type Conn struct {
	transport *Transport
	limits    Limits
	ws        *websocket.Conn // nil of an event stream
	wire      wire
	exec      graphql.GraphExecutor
	header    http.Header
	out       *outbox
	begun     bool // a message of the client, which has not ended; its reader's alone

	// ctx lives as long as the connection: operations outlive the message that
	// started them.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup // Init and the operations

	mu        sync.Mutex
	inited    bool
	acked     bool
	draining  bool
	once      bool // it ends with its operation
	closed    bool
	base      context.Context // from Init; parent of all operations
	locale    string
	session   Session
	active    map[string]*operation // by id; what is not here sends nothing
	running   int                   // operations, ended ids included until they have wound down
	initTimer clock.Timer
	expiry    clock.Timer
	opened    time.Time
}

func newConn(t *Transport, over wire, r *http.Request, exec graphql.GraphExecutor, limits Limits) *Conn {
	c := &Conn{
		transport: t, limits: limits, wire: over, exec: exec, header: r.Header,
		active: map[string]*operation{}, opened: t.clock().Now(),
	}
	c.ctx, c.cancel = context.WithCancel(r.Context())
	c.base = c.ctx
	c.out = c.newOutbox()
	return c
}

// upgraded is the connection of a websocket.
func upgraded(t *Transport, ws *websocket.Conn, r *http.Request, exec graphql.GraphExecutor, limits Limits) *Conn {
	c := newConn(t, newSocket(ws, limits), r, exec, limits)
	c.ws = ws
	ws.SetPingHandler(func(data string) error {
		c.answered()
		c.push(framed(finalPong, []byte(data)), true)
		return nil
	})
	ws.SetPongHandler(func(string) error { c.answered(); return nil })
	ws.SetCloseHandler(func(code int, _ string) error {
		c.shut(code, "", false) // the echo that RFC 6455 asks for
		return nil
	})
	return c
}

// serve reads until the connection ends and waits for all that it started.
func (c *Conn) serve() {
	c.armInit()
	c.alive()
	c.lost(c.read())
	<-c.out.done
	c.wire.close()
	c.work.Wait()
}

func (c *Conn) read() error {
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return err
		}
		c.alive()
		c.begun = true
		data, err := io.ReadAll(io.LimitReader(r, c.limits.Message+1))
		if err != nil {
			return err
		}
		c.begun = false
		if !c.alive() {
			continue // closing: whatever comes is not looked at
		}
		if int64(len(data)) > c.limits.Message {
			c.shut(CloseTooBig, "Message too big", false)
			continue
		}
		m, bad := parse(kind, data)
		if bad == nil {
			bad = c.handle(m)
		}
		if bad != nil {
			c.shut(bad.Code, bad.Reason, false)
		}
	}
}

func (c *Conn) handle(m message) *CloseError {
	switch m.kind {
	case "connection_init":
		return c.init(m.payload)
	case "ping":
		c.push(c.wire.text(pongFrame(m.payload)), len(m.payload) < 128)
	case "subscribe":
		return c.subscribe(m)
	case "complete":
		c.complete(m.id)
	}
	return nil // a pong was noted by alive
}

// answered is alive for a frame that is no message. In the midst of one it is no sign: who
// began a message has that long to end it.
func (c *Conn) answered() {
	if !c.begun {
		c.alive()
	}
}

// alive notes a sign of life; false when the connection is closing.
func (c *Conn) alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.wire.patience(time.Now().Add(c.limits.silence()))
	return true
}

// lost judges why reading ended and sees to it that writing ends as well.
func (c *Conn) lost(err error) {
	var peer *websocket.CloseError
	var timeout net.Error
	switch {
	case errors.As(err, &peer) && peer.Code != websocket.CloseAbnormalClosure:
		c.shut(peer.Code, "", false)
	case errors.As(err, &timeout) && timeout.Timeout():
		c.shut(CloseTimeout, "No sign of life", false)
	case peer == nil && strings.HasPrefix(err.Error(), "websocket: "): // the library's word for frames that are none
		c.shut(websocket.CloseProtocolError, "Frames break the protocol", false)
	default:
		c.cut()
	}
}

// push sends a message of the connection's own, as it goes over the wire.
func (c *Conn) push(data []byte, control bool) {
	if !c.out.put(nil, single(data), control) {
		c.overflow()
	}
}

func single(data []byte) *batch { return &batch{data, []int{len(data)}} }

func (c *Conn) overflow() {
	c.transport.slow.Add(1)
	c.shut(CloseTryAgainLater, "Too slow", false)
}

// broken notes that the socket refused a write.
func (c *Conn) broken(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.transport.slow.Add(1)
	}
	c.cut()
}

// shut ends the connection once: no further operation sends, the close frame goes
// out after what is queued (flush) or instead of it.
func (c *Conn) shut(code int, reason string, flush bool) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	for _, timer := range []clock.Timer{c.initTimer, c.expiry} {
		if timer != nil {
			timer.Stop()
		}
	}
	clear(c.active)
	c.wire.patience(time.Now().Add(c.limits.WriteTimeout + c.limits.CloseWait))
	account := c.session.Account
	c.mu.Unlock()
	c.cancel()
	c.out.finish(farewell{code, fits(reason)}, flush)
	if log := c.transport.Log; log != nil {
		log.Debug("connection closed", "code", code, "reason", reason, "account", account,
			"after", c.transport.clock().Now().Sub(c.opened))
	}
}

// drain ends subscriptions without a complete, so that clients come back, and
// closes with 1001 once the last query or mutation has been answered.
func (c *Conn) drain() {
	c.mu.Lock()
	c.draining = true
	idle := c.running == 0
	for _, op := range c.active {
		if op.stream {
			delete(c.active, op.id)
			op.cancel()
		}
	}
	c.mu.Unlock()
	if idle {
		c.shut(CloseGoingAway, "Going away", true)
	}
}
