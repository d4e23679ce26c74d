package live

import (
	"context"
	"errors"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

type operationKey struct{}

func operationFrom(ctx context.Context) *operation {
	op, _ := ctx.Value(operationKey{}).(*operation)
	return op
}

// ConnFrom is the connection an operation came over; false over plain HTTP.
func ConnFrom(ctx context.Context) (*Conn, bool) {
	op := operationFrom(ctx)
	if op == nil {
		return nil, false
	}
	return op.conn, true
}

// ResumeAfter is the cursor in the operation's extensions.resumeAfter, empty when
// there is none. It is the client's word: check it.
func ResumeAfter(ctx context.Context) string {
	if op := operationFrom(ctx); op != nil {
		return op.resumeAfter
	}
	return ""
}

// Locale is the language tag that connection_init named, empty when it named
// none or the operation came over plain HTTP.
func Locale(ctx context.Context) string {
	if op := operationFrom(ctx); op != nil {
		return op.conn.Locale()
	}
	return ""
}

// Locale is the language tag that connection_init named, unchecked.
func (c *Conn) Locale() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.locale
}

// Stream makes the channel that a subscription resolver returns. It calls next
// for one event after the other, only while the connection has room, and puts
// each event's cursor (unless empty) into its response's extensions.cursor. It
// ends when next returns an error: io.EOF completes the operation, a Closer
// closes the connection, any other error ends the operation with an error frame
// made by the presenter. next must return when its ctx is done.
func Stream[T any](ctx context.Context, next func(context.Context) (T, string, error)) <-chan T {
	events := make(chan T)
	op := operationFrom(ctx)
	work := func() {
		defer close(events)
		if err := pump(ctx, op, next, events); err != nil {
			End(ctx, err)
		}
	}
	if op == nil {
		go work() // another transport: ctx ends it
	} else {
		op.helpers.Go(work)
	}
	return events
}

func pump[T any](ctx context.Context, op *operation, next func(context.Context) (T, string, error), events chan<- T) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = graphql.GetOperationContext(ctx).Recover(ctx, p)
		}
	}()
	for {
		if op != nil {
			if err := op.conn.out.wait(ctx); err != nil {
				return nil // closing, or no longer wanted
			}
		}
		event, cursor, err := next(ctx)
		if err != nil {
			return err
		}
		Cursor(ctx, cursor)
		select {
		case events <- event:
		case <-ctx.Done():
			return nil
		}
	}
}

// Cursor attaches a cursor to the next event that the resolver sends on its own
// unbuffered channel; call it once for each event, before the send. An empty
// cursor attaches nothing to that event. Stream does it by itself.
func Cursor(ctx context.Context, cursor string) {
	if op := operationFrom(ctx); op != nil {
		op.mu.Lock()
		defer op.mu.Unlock()
		op.cursors = append(op.cursors, cursor)
	}
}

// End says why a subscription's channel is about to be closed; see Stream for
// what becomes of the error. Only the first call counts. Over other transports it
// does nothing: there the closed channel is all that a client sees.
func End(ctx context.Context, err error) {
	op := operationFrom(ctx)
	if op == nil || errors.Is(err, io.EOF) {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.end == nil {
		op.end = err
	}
}

func (op *operation) takeCursor() (string, bool) {
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.cursors) == 0 {
		return "", false
	}
	cursor := op.cursors[0]
	op.cursors = op.cursors[1:]
	return cursor, cursor != ""
}

func (op *operation) ended() error {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.end
}
