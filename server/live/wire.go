package live

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// wire is how a connection's frames look and reach the client: a websocket or an event
// stream. Only the outbox writes; close may come from anywhere.
type wire interface {
	next(op *operation, resp *graphql.Response) ([]byte, error)
	failed(id string, errs gqlerror.List) ([]byte, error) // the last of an operation
	completed(id string) []byte                           // the last of an operation
	ping() []byte
	write(f frame) error // within Limits.WriteTimeout
	part(b farewell)     // the last of the connection
	patience(until time.Time)
	close()
}

// socket is a websocket.
type socket struct {
	*websocket.Conn
	limits Limits
}

func (socket) next(op *operation, resp *graphql.Response) ([]byte, error) {
	return nextFrame(resp, op.tail)
}
func (socket) failed(id string, errs gqlerror.List) ([]byte, error) { return errorFrame(id, errs) }
func (socket) completed(id string) []byte                           { return completeFrame(id) }
func (socket) ping() []byte                                         { return pingFrame }

func (s socket) write(f frame) error {
	deadline := time.Now().Add(s.limits.WriteTimeout)
	if f.pong {
		return s.WriteControl(websocket.PongMessage, f.data, deadline)
	}
	if err := s.SetWriteDeadline(deadline); err != nil {
		return err
	}
	return s.WriteMessage(websocket.TextMessage, f.data)
}

func (s socket) part(b farewell) {
	msg := websocket.FormatCloseMessage(b.code, b.reason)
	_ = s.WriteControl(websocket.CloseMessage, msg, time.Now().Add(s.limits.WriteTimeout))
	// The client now answers with its own close frame; the reader waits that long.
	s.patience(time.Now().Add(s.limits.CloseWait))
}

func (s socket) patience(until time.Time) { _ = s.SetReadDeadline(until) }

func (s socket) close() { _ = s.Close() }
