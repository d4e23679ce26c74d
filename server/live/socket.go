package live

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// writeBuffers are shared, so that an idle connection holds none.
var writeBuffers sync.Pool

// hijacker finds the Hijacker behind middleware that wraps the response writer.
type hijacker struct{ http.ResponseWriter }

// Hijack takes the connection over, through any number of Unwraps.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &handshake{Conn: c}, buffers, nil
}

// handshake is a connection on which the library shakes hands and then only reads. By itself
// it would answer what breaks the protocol of frames, in the middle of one of ours.
type handshake struct {
	net.Conn
	over atomic.Bool
}

var errHandsShaken = errors.New("live: only the outbox writes")

func (h *handshake) Write(b []byte) (int, error) {
	if h.over.Load() {
		return 0, errHandsShaken
	}
	return h.Conn.Write(b)
}

// plain is the connection under a websocket, from now on for us alone to write to.
func plain(ws *websocket.Conn) net.Conn {
	h, ok := ws.NetConn().(*handshake)
	if !ok {
		return ws.NetConn()
	}
	h.over.Store(true)
	return h.Conn
}

// boundKernelBuffer keeps a reader that stopped from filling kernel memory.
func boundKernelBuffer(ws *websocket.Conn, bytes int) {
	raw := plain(ws)
	if tls, ok := raw.(interface{ NetConn() net.Conn }); ok {
		raw = tls.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(bytes) // a wish; the connection works without
	}
}

// cut ends the connection without a word: the socket is gone or stuck.
func (c *Conn) cut() {
	c.out.abort()
	c.shut(websocket.CloseAbnormalClosure, "cut", false)
	c.wire.close()
}
