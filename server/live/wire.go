package live

import (
	"encoding/binary"
	"net"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// wire is how a connection's messages look and reach the client: a websocket or an event
// stream. What the first five give is what goes over it. Only the outbox writes; close may
// come from anywhere.
type wire interface {
	next(dst []byte, op *operation, result []byte, cursor string) []byte // appends
	failed(id string, errs gqlerror.List) ([]byte, error)                // the last of an operation
	completed(id string) []byte                                          // the last of an operation
	ping() []byte
	text(message []byte) []byte
	try(data []byte) (int, error) // what the socket takes at once
	write(data []byte) error      // within Limits.WriteTimeout
	rest()                        // until the next write there is no deadline
	part(b farewell)              // the last of the connection
	patience(until time.Time)
	close()
}

// socket is a websocket. The library shakes hands and reads. What goes out is framed here,
// as most of it is the same for many clients and must not wait for one.
type socket struct {
	ws     *websocket.Conn
	out    net.Conn
	limits *Limits
	raw    syscall.RawConn // nil where the socket can't be tried
}

func newSocket(ws *websocket.Conn, limits *Limits) *socket {
	out := plain(ws)
	return &socket{ws: ws, out: out, limits: limits, raw: bare(out)}
}

// The codes of frames that are whole, RFC 6455 section 5.2.
const (
	finalText  = 0x80 | websocket.TextMessage
	finalClose = 0x80 | websocket.CloseMessage
	finalPing  = 0x80 | websocket.PingMessage
	finalPong  = 0x80 | websocket.PongMessage
)

// header appends the head of a frame with so many bytes in it. A server masks nothing.
func header(dst []byte, code byte, size int) []byte {
	switch {
	case size < 126:
		return append(dst, code, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, code, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(dst, code, 127), uint64(size))
	}
}

func framed(code byte, data []byte) []byte {
	return append(header(make([]byte, 0, len(data)+10), code, len(data)), data...)
}

const payloadHead = `{"payload":`

func (*socket) next(dst []byte, op *operation, result []byte, _ string) []byte {
	dst = header(dst, finalText, len(payloadHead)+len(result)+len(op.tail))
	dst = append(dst, payloadHead...)
	dst = append(dst, result...)
	return append(dst, op.tail...)
}

func (*socket) failed(id string, errs gqlerror.List) ([]byte, error) {
	message, err := errorFrame(id, errs)
	return framed(finalText, message), err
}

func (*socket) completed(id string) []byte { return framed(finalText, completeFrame(id)) }
func (*socket) text(message []byte) []byte { return framed(finalText, message) }

// ping is one of websockets, which every library answers. Of a ping of the protocol some
// clients know nothing, though it allows them to both sides, and end the connection.
func (*socket) ping() []byte { return framed(finalPing, nil) }

func (s *socket) try(data []byte) (int, error) { return atOnce(s.raw, data) }

func (s *socket) write(data []byte) error {
	if err := s.out.SetWriteDeadline(time.Now().Add(s.limits.WriteTimeout)); err != nil {
		return err
	}
	_, err := s.out.Write(data)
	return err
}

func (s *socket) rest() { _ = s.out.SetWriteDeadline(time.Time{}) }

func (s *socket) part(b farewell) {
	_ = s.write(framed(finalClose, websocket.FormatCloseMessage(b.code, b.reason)))
	// The client now answers with its own close frame; the reader waits that long.
	s.patience(time.Now().Add(s.limits.CloseWait))
}

func (s *socket) patience(until time.Time) { _ = s.ws.SetReadDeadline(until) }

func (s *socket) close() { _ = s.ws.Close() }
