package live

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/fivesociety/linkage/internal/stream"
)

func operationFrom(ctx context.Context) *operation {
	s, _ := stream.From(ctx).(sink)
	return s.operation
}

// ConnFrom is the connection an operation came over; false over plain HTTP.
func ConnFrom(ctx context.Context) (*Conn, bool) {
	op := operationFrom(ctx)
	if op == nil {
		return nil, false
	}
	return op.conn, true
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

// sink makes an operation the stream.Sink of its resolver.
type sink struct{ *operation }

// Room waits until the connection's queue is at most half full.
func (s sink) Room(ctx context.Context) error { return s.conn.out.wait(ctx) }

// Cursor notes the cursor of the next event.
func (s sink) Cursor(cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cursors = append(s.cursors, cursor)
}

// End notes why the stream ends.
func (s sink) End(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.end = err
	}
}

// ResumeAfter is extensions.resumeAfter of the subscribe message.
func (s sink) ResumeAfter() string { return s.resumeAfter }

// Go runs f on a goroutine that the operation waits for.
func (s sink) Go(f func()) { s.helpers.Go(f) }

// Share makes the operation a subscription of a feed that many follow.
func (s sink) Share(src stream.Source, shape stream.Shape, personal bool) {
	s.shared = &shared{src, shape, personal}
}

// Shared reports whether it is one.
func (s sink) Shared() bool { return s.shared != nil }

// Recover asks the server's recover function.
func (s sink) Recover(ctx context.Context, panicked any) error {
	return graphql.GetOperationContext(ctx).Recover(ctx, panicked)
}

// takeCursor is the cursor of the event that has just been executed, "" for none.
func (op *operation) takeCursor() string {
	op.mu.Lock()
	defer op.mu.Unlock()
	if len(op.cursors) == 0 {
		return ""
	}
	cursor := op.cursors[0]
	op.cursors = op.cursors[1:]
	return cursor
}

func (op *operation) ended() error {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.end
}
