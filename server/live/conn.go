package live

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
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
	limits    *Limits
	ws        *websocket.Conn // nil of an event stream
	wire      wire
	exec      graphql.GraphExecutor
	header    http.Header // of the request, as much of it as is kept
	out       outbox
	begun     bool           // a message of the client, which has not ended; its reader's alone
	work      sync.WaitGroup // Init and the operations

	mu        sync.Mutex
	inited    bool
	acked     bool
	draining  bool
	once      bool // it ends with its operation
	closed    bool
	running   uint16          // operations, ended ids included until they have wound down
	base      context.Context // parent of all operations, which outlive what began them: shut ends them one by one
	stopInit  func()          // nil but while the hook runs
	locale    string
	session   Session
	active    []*operation // what is not here sends nothing; few, so that ids are compared
	initTimer clock.Timer
	expiry    clock.Timer
	opened    time.Time
}

func newConn(ctx context.Context, t *Transport, over wire, header http.Header, exec graphql.GraphExecutor) *Conn {
	c := &Conn{transport: t, limits: t.bounds(), wire: over, exec: exec, header: header, base: ctx, opened: t.clock().Now()}
	c.out.conn = c
	return c
}

// upgraded is the connection of a websocket.
func upgraded(ctx context.Context, t *Transport, ws *websocket.Conn, header http.Header, exec graphql.GraphExecutor) *Conn {
	c := newConn(ctx, t, newSocket(ws, t.bounds()), header, exec)
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

// read waits with a shallow stack, which the collector can shrink: an idle connection holds
// it. What a message needs is hear's.
func (c *Conn) read() error {
	for {
		kind, r, err := c.ws.NextReader()
		if err == nil {
			err = c.hear(kind, r)
		}
		if err != nil {
			return err
		}
	}
}

// hear takes one message; its error says that nothing more can be read.
func (c *Conn) hear(kind int, r io.Reader) error {
	c.alive()
	c.begun = true
	data, err := io.ReadAll(io.LimitReader(r, c.limits.Message+1))
	if err != nil {
		return err
	}
	c.begun = false
	if !c.alive() {
		return nil // closing: whatever comes is not looked at
	}
	if int64(len(data)) > c.limits.Message {
		c.shut(CloseTooBig, "Message too big", false)
		return nil
	}
	m, bad := parse(kind, data)
	if bad == nil {
		bad = c.handle(m)
	}
	if bad != nil {
		c.shut(bad.Code, bad.Reason, false)
	}
	return nil
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
	for _, op := range c.active {
		op.active = false
		op.stop()
	}
	c.active = nil
	if c.stopInit != nil {
		c.stopInit()
	}
	c.wire.patience(time.Now().Add(c.limits.WriteTimeout + c.limits.CloseWait))
	account := c.session.Account
	c.mu.Unlock()
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
	for _, op := range slices.Clone(c.active) {
		if op.stream {
			c.drop(op)
			op.stop()
		}
	}
	c.mu.Unlock()
	if idle {
		c.shut(CloseGoingAway, "Going away", true)
	}
}

// find is the active operation with an id, or nil; c.mu is held.
func (c *Conn) find(id string) *operation {
	for _, op := range c.active {
		if op.id == id {
			return op
		}
	}
	return nil
}

// drop lets an operation send nothing any more; c.mu is held.
func (c *Conn) drop(op *operation) {
	op.active = false
	if i := slices.Index(c.active, op); i >= 0 {
		c.active = slices.Delete(c.active, i, i+1)
	}
}
