package live

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"sync/atomic"

	"github.com/fivesociety/linkage/internal/fault"
)

// init starts the hook on a goroutine of its own, so that pings are answered and
// a second connection_init is noticed while it runs.
func (c *Conn) init(payload json.RawMessage) *CloseError {
	params, ok := values(payload)
	if !ok {
		return invalid("'payload' must be an object")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inited {
		return &CloseError{CloseTooManyInits, "Too many initialisation requests"}
	}
	if c.closed {
		return nil
	}
	c.inited = true
	if s, ok := params["locale"].(string); ok && len(s) <= 35 { // the longest tag RFC 5646 asks to support
		c.locale = s
	}
	c.rearmInit()
	c.work.Go(func() { c.greet(params) })
	return nil
}

// brief is a context of values that also ends, while the hook runs; what the hook hangs on it
// lives on without.
type brief struct {
	context.Context
	hook atomic.Pointer[context.Context]
}

// Done is nil once the hook has returned.
func (b *brief) Done() <-chan struct{} { return b.now().Done() }

// Err is nil once the hook has returned.
func (b *brief) Err() error { return b.now().Err() }

// Value is the connection's.
func (b *brief) Value(key any) any { return b.now().Value(key) }

func (b *brief) now() context.Context {
	if hook := b.hook.Load(); hook != nil {
		return *hook
	}
	return b.Context
}

func (c *Conn) greet(params map[string]any) {
	c.mu.Lock()
	ctx := &brief{Context: c.base}
	hook, cancel := context.WithCancel(c.base)
	ctx.hook.Store(&hook)
	if c.stopInit = cancel; c.closed {
		cancel()
	}
	c.mu.Unlock()
	defer cancel()
	base, session, ack, err := c.callInit(ctx, params)
	ctx.hook.Store(nil) // before the client may ask for anything
	if err != nil {
		code, reason := refusal(err)
		c.shut(code, reason, false)
		return
	}
	data, err := ackFrame(ack)
	if err != nil {
		c.shut(CloseInternal, "Internal error", false)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.base, c.acked, c.stopInit = base, true, nil
	c.initTimer.Stop()
	c.initTimer = nil
	c.adopt(session) // first: once the client has its acknowledgement the session's end is armed
	c.out.put(nil, single(c.wire.text(data)), true)
}

func (c *Conn) callInit(ctx context.Context, params map[string]any) (base context.Context, s Session, ack map[string]any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &CloseError{CloseInternal, "Internal error"}
			if log := c.transport.Log; log != nil {
				log.Error("panic in connection_init", "panic", r, "stack", string(debug.Stack()))
			}
		}
	}()
	if c.transport.Init == nil {
		return ctx, Session{}, nil, nil
	}
	base, s, ack, err = c.transport.Init(ctx, params)
	if base == nil {
		base = ctx
	}
	return base, s, ack, err
}

func refusal(err error) (code int, reason string) {
	var closer Closer
	if errors.As(err, &closer) {
		return closer.SocketClose()
	}
	if f, ok := fault.As(err); ok {
		switch f.Kind() {
		case fault.Unavailable, fault.Limit:
			return CloseTryAgainLater, "Try again later"
		case fault.Internal:
			return CloseInternal, "Internal error"
		}
	}
	return CloseForbidden, "Forbidden"
}

func (c *Conn) armInit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rearmInit()
}

// rearmInit gives connection_init, and then the hook, its time; c.mu is held.
func (c *Conn) rearmInit() {
	if c.initTimer != nil {
		c.initTimer.Stop()
	}
	if c.closed {
		return
	}
	stage := c.inited
	c.initTimer = c.transport.clock().AfterFunc(c.limits.InitTimeout, func() {
		c.mu.Lock()
		late := !c.acked && c.inited == stage
		c.mu.Unlock()
		if late {
			c.shut(CloseTimeout, "Connection initialisation timeout", false)
		}
	})
}
