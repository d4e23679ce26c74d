package live

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/stream"
)

// subscribe reserves the id and starts the operation.
func (c *Conn) subscribe(m message) *CloseError {
	c.mu.Lock()
	switch there := c.find(m.id) != nil; {
	case c.closed:
		c.mu.Unlock()
		return nil
	case !c.acked:
		c.mu.Unlock()
		return &CloseError{CloseUnauthorized, "Unauthorized"}
	case c.draining:
		c.mu.Unlock()
		return nil // no answer but 1001, after which clients ask elsewhere
	case there:
		c.mu.Unlock()
		return &CloseError{CloseDuplicate, "Subscriber for " + m.id + " already exists"}
	}
	op := newOperation(c, m)
	op.active = true
	c.active = append(c.active, op)
	if int(c.running) >= c.limits.Operations {
		c.mu.Unlock()
		op.refuse(fault.New(fault.CodeTooMany, fault.P("max", c.limits.Operations)))
		return nil
	}
	c.running++
	ctx := stream.With(c.base, sink{op})
	c.work.Go(func() {
		if !op.run(ctx, m.request) {
			op.stop()
			c.left(op)
		}
	})
	c.mu.Unlock()
	return nil
}

// admitStream counts an operation among the subscriptions; TOO_MANY when there
// is no place. Only live ids count: a client may complete one and start the next
// before the first has wound down.
func (c *Conn) admitStream(op *operation) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.draining && op.active {
		c.drop(op)
		op.stop()
	}
	streams := 0
	for _, other := range c.active {
		if other.stream {
			streams++
		}
	}
	if streams >= c.limits.Subscriptions {
		return fault.New(fault.CodeTooMany, fault.P("max", c.limits.Subscriptions))
	}
	op.stream = true
	return nil
}

// complete ends an operation at the client's wish: nothing of it leaves any more,
// not even what is queued, for the client may use the id again at once.
func (c *Conn) complete(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	op := c.find(id)
	if op == nil {
		return // unknown ids are no error
	}
	c.drop(op)
	c.out.purge(op)
	op.stop()
}

// emit sends messages of an operation while its id is live; a terminal one frees the id.
func (c *Conn) emit(op *operation, b *batch, control, terminal bool) {
	c.mu.Lock()
	if !op.active {
		c.mu.Unlock()
		return
	}
	if terminal {
		c.drop(op)
	}
	queued := c.out.put(op, b, control)
	c.mu.Unlock()
	if !queued {
		c.overflow()
	}
}

// left notes that an operation has ended.
func (c *Conn) left(op *operation) {
	c.mu.Lock()
	c.running--
	if op.active {
		c.drop(op)
	}
	last, code, reason := (c.draining || c.once) && c.running == 0, CloseGoingAway, "Going away"
	if c.once {
		code, reason = closeNormal, ""
	}
	c.mu.Unlock()
	if last {
		c.shut(code, reason, true)
	}
}

// refuse answers an operation that does not start.
func (op *operation) refuse(err error) {
	ctx := graphql.WithOperationContext(op.conn.base, &graphql.OperationContext{Headers: op.conn.header})
	defer func() {
		if recover() != nil { // an extension that can't bear an empty operation
			op.fail(gqlerror.List{op.raw(err)})
		}
	}()
	op.fail(op.presented(ctx, err))
}
