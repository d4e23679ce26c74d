package live

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// writeBuffers are shared, so that an idle connection holds none.
var writeBuffers sync.Pool

// hijacker finds the Hijacker behind middleware that wraps the response writer.
type hijacker struct{ http.ResponseWriter }

// Hijack takes the connection over, through any number of Unwraps.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// boundKernelBuffer keeps a reader that stopped from filling kernel memory.
func boundKernelBuffer(ws *websocket.Conn, bytes int) {
	raw := ws.NetConn()
	if tls, ok := raw.(interface{ NetConn() net.Conn }); ok {
		raw = tls.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(bytes) // a wish; the connection works without
	}
}

func (c *Conn) newOutbox() *outbox {
	return &outbox{
		maxBytes: c.limits.QueueBytes, maxFrames: c.limits.QueueFrames,
		write: c.write, part: c.part, broken: c.cut, done: make(chan struct{}),
	}
}

// write, part and cut are the only ones to touch the socket's sending side.

func (c *Conn) write(f frame) error {
	deadline := time.Now().Add(c.limits.WriteTimeout)
	if f.pong {
		return c.ws.WriteControl(websocket.PongMessage, f.data, deadline)
	}
	if err := c.ws.SetWriteDeadline(deadline); err != nil {
		return err
	}
	return c.ws.WriteMessage(websocket.TextMessage, f.data)
}

func (c *Conn) part(b farewell) {
	msg := websocket.FormatCloseMessage(b.code, b.reason)
	_ = c.ws.WriteControl(websocket.CloseMessage, msg, time.Now().Add(c.limits.WriteTimeout))
	// The client now answers with its own close frame; the reader waits that long.
	_ = c.ws.SetReadDeadline(time.Now().Add(c.limits.CloseWait))
}

// cut ends the connection without a word: the socket is gone or stuck.
func (c *Conn) cut() {
	c.out.abort()
	c.shut(websocket.CloseAbnormalClosure, "cut", false)
	_ = c.ws.Close()
}
