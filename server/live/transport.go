package live

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
)

// Transport is a graphql.Transport for websockets; plain HTTP hands it what is to be
// answered by an event stream. Set the fields before it
// serves and not afterwards; use one value by pointer, and call Shutdown when the
// program stops: http.Server.Shutdown does not know upgraded connections.
type Transport struct {
	// Init answers connection_init. It gets the message's payload (nil when there
	// is none) and returns the context that all operations of the connection
	// descend from, the session, and a payload for the acknowledgement (may be
	// nil). An error refuses the connection: with the code of a Closer in its
	// chain; else 1013 for kinds Unavailable and Limit, 4500 for Internal faults,
	// 4403 "Forbidden" for all others. Nil lets everybody in anonymously.
	Init func(ctx context.Context, payload map[string]any) (context.Context, Session, map[string]any, error)
	// Caller is who speaks in a plain HTTP request, for event streams; nil for nobody.
	Caller func(ctx context.Context) Session
	// Kept is what of a handshake's request its websocket keeps for all its life, in which an
	// idle one holds it: what operations ask of the context, and the headers that they read.
	// Nil keeps the context's values and all headers.
	Kept func(r *http.Request) (context.Context, http.Header)
	// Apart is what an execution for many subscribers may know of the context of the first
	// of them, and a word that tells such contexts apart: its language, and nothing of who it
	// is. Nil is nothing.
	Apart func(ctx context.Context) (apart context.Context, language string)
	// Together is a context in which executions that follow each other at once, for many
	// subscribers, share what they read; nil shares nothing.
	Together func(ctx context.Context) context.Context
	// Origins are the web origins ("https://board.example") that may connect
	// besides the server's own host. Callers without an Origin header are no
	// browsers and pass.
	Origins []string
	// Limits bounds each connection.
	Limits Limits
	// Clock drives timeouts, pings and expiries; nil is the machine's.
	Clock clock.Clock
	// Log gets one debug line when a connection ends, and panics; nil is silent.
	Log *slog.Logger

	slow   atomic.Uint64          // connections cut because their reader was
	limits atomic.Pointer[Limits] // with the defaults

	mu       sync.Mutex
	conns    map[*Conn]struct{}
	groups   map[groupKey]*group
	reserved map[string]*reservation // by token
	places   map[string]int          // of them, by owner
	pinger   clock.Timer
	round    int // of pings; a call of an older round is void
	draining bool
	entering int           // that are shaking hands
	empty    chan struct{} // closed when the last connection ends after Shutdown began
}

var _ graphql.Transport = (*Transport)(nil)

// Supports takes every websocket upgrade.
func (t *Transport) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do upgrades the request and returns: the connection is then served on a goroutine of its
// own, as that of the HTTP server has a deep stack and holds the request. What a handler
// around it has put into Outlasting ends with the connection. It answers 403 for a foreign
// origin and 503 once Shutdown has begun.
func (t *Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !t.enter() {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	admitted, entered := false, false
	defer func() {
		if !entered {
			t.remove(nil)
		}
	}()
	upgrader := websocket.Upgrader{
		Subprotocols:    []string{Subprotocol},
		CheckOrigin:     t.mayConnect,
		ReadBufferSize:  128, // a control frame; messages are read past it, but for their heads
		WriteBufferSize: 4096,
		WriteBufferPool: &writeBuffers,
	}
	ws, err := upgrader.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	boundKernelBuffer(ws, t.bounds().SendBuffer)
	ctx, header := context.WithoutCancel(r.Context()), r.Header
	if t.Kept != nil {
		ctx, header = t.Kept(r)
	}
	c := upgraded(ctx, t, ws, header, exec)
	admitted, entered = t.add(c), true
	switch {
	case !admitted:
		c.shut(CloseGoingAway, "Going away", false)
	case ws.Subprotocol() != Subprotocol:
		c.shut(CloseSubprotocol, "Subprotocol not acceptable", false)
	}
	go c.serve(outlasts(r.Context()))
}

// serve is a connection's goroutine: it reads until the connection ends. A panic ends the
// connection, and not the program.
func (c *Conn) serve(end func()) {
	defer c.ended(end)
	c.armInit()
	c.alive()
	c.lost(c.read())
}

// ended waits for all that the connection started; a panic of its goroutine ends here.
func (c *Conn) ended(end func()) {
	if p := recover(); p != nil {
		if log := c.transport.Log; log != nil {
			log.Error("panic in a connection", "panic", p, "stack", string(debug.Stack()))
		}
		c.cut()
	}
	<-c.out.over()
	c.wire.close()
	c.work.Wait()
	end()
	c.transport.remove(c)
}

type outlastingKey struct{}

// Outlasting puts into ctx what ends with a request, or with the connection that the request
// is made into and that outlives it. The caller calls returned once the request's handler has
// returned, and end is called then, or later when the connection ends.
func Outlasting(ctx context.Context, end func()) (with context.Context, returned func()) {
	held := &end
	return context.WithValue(ctx, outlastingKey{}, held), func() {
		if *held != nil {
			(*held)()
		}
	}
}

// outlasts takes over what ends with the connection.
func outlasts(ctx context.Context) (end func()) {
	held, ok := ctx.Value(outlastingKey{}).(*func())
	if !ok {
		return func() {}
	}
	end, *held = *held, nil
	return end
}

// bounds are the limits of a connection.
func (t *Transport) bounds() *Limits {
	if l := t.limits.Load(); l != nil {
		return l
	}
	l := t.Limits.withDefaults()
	t.limits.Store(&l)
	return &l
}

// CloseAccount closes all connections of an account at once: what is queued for
// them is dropped. It does not wait for them to end.
func (t *Transport) CloseAccount(account string, code int, reason string) {
	t.closeWhere(code, reason, func(s Session) bool { return account != "" && s.Account == account })
}

// CloseSession closes all connections of one sign-in, as CloseAccount does.
func (t *Transport) CloseSession(id string, code int, reason string) {
	t.closeWhere(code, reason, func(s Session) bool { return id != "" && s.ID == id })
}

func (t *Transport) closeWhere(code int, reason string, match func(Session) bool) {
	for _, c := range t.list() {
		if match(c.Session()) {
			c.shut(code, reason, false)
		}
	}
}

// Len is how many connections are open.
func (t *Transport) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.conns)
}

// Shutdown refuses newcomers, ends subscriptions, lets running queries and
// mutations finish and deliver, closes every connection with 1001 and waits for
// them to end. When ctx ends first, the rest is cut and ctx's error returned.
func (t *Transport) Shutdown(ctx context.Context) error {
	t.mu.Lock()
	t.draining = true
	if t.empty == nil {
		t.empty = make(chan struct{})
	}
	empty := t.empty
	t.emptied()
	t.mu.Unlock()
	for _, c := range t.list() {
		c.drain()
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		for _, c := range t.list() {
			c.cut()
		}
		return ctx.Err()
	}
}

func (t *Transport) clock() clock.Clock {
	if t.Clock == nil {
		return clock.System()
	}
	return t.Clock
}

// enter lets a newcomer shake hands, for whom Shutdown waits as for a connection: add or
// remove follows. False once Shutdown has begun.
func (t *Transport) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.draining {
		return false
	}
	t.entering++
	return true
}

func (t *Transport) list() []*Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*Conn, 0, len(t.conns))
	for c := range t.conns {
		out = append(out, c)
	}
	return out
}

// add registers a connection and starts the shared ping with the first one.
func (t *Transport) add(c *Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conns == nil {
		t.conns = map[*Conn]struct{}{}
	}
	t.entering--
	t.conns[c] = struct{}{}
	if t.pinger == nil {
		t.armPing()
	}
	return !t.draining
}

// remove takes a connection off the list; nil is a newcomer that became none.
func (t *Transport) remove(c *Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c == nil {
		t.entering--
	}
	delete(t.conns, c)
	t.emptied()
	if len(t.conns) > 0 {
		return
	}
	if t.pinger != nil {
		t.pinger.Stop()
		t.pinger = nil
		t.round++
	}
}

// emptied tells Shutdown that nobody is left; t.mu is held.
func (t *Transport) emptied() {
	if t.empty != nil && len(t.conns)+t.entering == 0 {
		close(t.empty)
		t.empty = nil
	}
}

// armPing asks for the next ping of all connections; t.mu is held.
func (t *Transport) armPing() {
	t.round++
	round := t.round
	t.pinger = t.clock().AfterFunc(t.bounds().PingEvery, func() { t.pingAll(round) })
}

func (t *Transport) pingAll(round int) {
	for _, c := range t.list() {
		c.push(c.wire.ping(), true)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if round == t.round {
		t.armPing()
	}
}

func (t *Transport) mayConnect(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Host, r.Host) {
		return true
	}
	for _, allowed := range t.Origins {
		if strings.EqualFold(strings.TrimSuffix(allowed, "/"), u.Scheme+"://"+u.Host) {
			return true
		}
	}
	return false
}
