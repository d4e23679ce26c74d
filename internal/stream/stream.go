package stream

import (
	"context"
	"errors"
	"io"
)

// Sink is what a transport offers to one running subscription. It is safe for
// concurrent use.
type Sink interface {
	// Room waits until the client can be sent more. An error says that the
	// operation is over.
	Room(ctx context.Context) error
	// Cursor attaches a cursor to the next event, in order; empty ones to none.
	Cursor(cursor string)
	// End says why the stream ends. Only the first call counts.
	End(err error)
	// ResumeAfter is the cursor that the client sent with the operation.
	ResumeAfter() string
	// Go runs f on a goroutine that the operation waits for.
	Go(f func())
	// Recover turns a panic into an error, as the server's other code does.
	Recover(ctx context.Context, panicked any) error
	// Share makes the operation a subscription of a feed that many follow, so that one
	// execution can serve all to whom an event looks alike.
	Share(src Source, shape Shape, personal bool)
	// Shared reports whether Share has been called, while the resolver's call lasts: later
	// the operation is the transport's.
	Shared() bool
}

type sinkKey struct{}

// With puts an operation's sink into its context; transports call it.
func With(ctx context.Context, s Sink) context.Context { return context.WithValue(ctx, sinkKey{}, s) }

// From is the sink of the operation in ctx, nil outside of one.
func From(ctx context.Context) Sink { return from(ctx) }

func from(ctx context.Context) Sink {
	s, _ := ctx.Value(sinkKey{}).(Sink)
	return s
}

// ResumeAfter is the cursor in the operation's extensions.resumeAfter, empty when
// there is none. It is the client's word: check it.
func ResumeAfter(ctx context.Context) string {
	if s := from(ctx); s != nil {
		return s.ResumeAfter()
	}
	return ""
}

// Of makes the channel that a subscription resolver returns. It calls next for
// one event after the other, only while the transport has room, and puts each
// event's cursor (unless empty) into its response's extensions.cursor. It ends
// when next returns an error: io.EOF completes the operation, an error with a
// SocketClose method closes the connection with that code, any other ends the
// operation with an error message made by the presenter. next must return when
// its ctx is done.
func Of[T any](ctx context.Context, next func(context.Context) (event T, cursor string, err error)) <-chan T {
	events := make(chan T)
	sink := from(ctx)
	work := func() {
		defer close(events)
		if err := pump(ctx, sink, next, events); err != nil {
			End(ctx, err)
		}
	}
	if sink == nil {
		go work() // a transport that knows nothing of us: ctx ends it
	} else {
		sink.Go(work)
	}
	return events
}

func pump[T any](ctx context.Context, sink Sink, next func(context.Context) (T, string, error), events chan<- T) (err error) {
	if sink != nil {
		defer func() {
			if p := recover(); p != nil {
				err = sink.Recover(ctx, p)
			}
		}()
	}
	for {
		if sink != nil && sink.Room(ctx) != nil {
			return nil // closing, or no longer wanted
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

// Cursor attaches a cursor to the next event that a resolver sends on an
// unbuffered channel of its own; call it once for each event, before the send.
// Of does it by itself.
func Cursor(ctx context.Context, cursor string) {
	if s := from(ctx); s != nil {
		s.Cursor(cursor)
	}
}

// End says why a resolver is about to close a channel of its own; see Of for what
// becomes of the error. Over a transport that does not know us it does nothing:
// there the closed channel is all that a client sees.
func End(ctx context.Context, err error) {
	if s := from(ctx); s != nil && !errors.Is(err, io.EOF) {
		s.End(err)
	}
}
