package peers

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// line is a way to the server that can break: whoever asks for cut ends every connection
// that leads through it, without a word, as when a phone leaves its network.
type line struct {
	url, cut string // where the server's sockets are reached through it, and where it is cut

	mu   sync.Mutex
	open map[net.Conn]bool
}

func newLine(t *testing.T, address string) *line {
	t.Helper()
	to, err := url.Parse(address)
	must(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	l := &line{url: "ws://" + listener.Addr().String() + to.Path, open: map[net.Conn]bool{}}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			far, err := new(net.Dialer).DialContext(t.Context(), "tcp", to.Host)
			if err != nil {
				_ = near.Close()
				continue
			}
			work.Go(func() { l.carry(near, far) })
			work.Go(func() { l.carry(far, near) })
		}
	})
	scissors := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { l.breaks() }))
	l.cut = scissors.URL
	t.Cleanup(func() {
		scissors.Close()
		_ = listener.Close()
		l.breaks()
		work.Wait()
	})
	return l
}

// carry takes what one end says to the other, until either ends.
func (l *line) carry(from, to net.Conn) {
	l.mu.Lock()
	l.open[from] = true
	l.mu.Unlock()
	_, _ = io.Copy(to, from) // either end may go at any time
	l.mu.Lock()
	delete(l.open, from)
	l.mu.Unlock()
	_ = from.Close()
	_ = to.Close()
}

func (l *line) breaks() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		_ = c.Close()
	}
}
