package live

import (
	"bufio"
	"net"
	"net/http"
	"sync"

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
		try: c.wire.try, write: c.wire.write, rest: c.wire.rest, part: c.wire.part, broken: c.broken, done: make(chan struct{}),
	}
}

// cut ends the connection without a word: the socket is gone or stuck.
func (c *Conn) cut() {
	c.out.abort()
	c.shut(websocket.CloseAbnormalClosure, "cut", false)
	c.wire.close()
}
