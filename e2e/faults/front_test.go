package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// front is where clients connect. It forwards to the processes that serve now, and breaks what
// it carries when it is told to.
type front struct {
	net.Listener
	work sync.WaitGroup

	ended chan struct{} // one for each connection that has ended, as far as somebody counts them

	mu    sync.Mutex
	hosts []string
	up    chan struct{}  // closed while there is a host
	links map[*link]bool // nil once the front has closed
}

// link is one connection that is carried.
type link struct {
	client, host *net.TCPConn
	torn         atomic.Bool // the next bytes to the client are cut in their midst
	mute         atomic.Bool // nothing is carried any more, and nobody is told
}

// breach is a way to break a link.
type breach func(*link)

// The ways. After gone the server does not know that the client is no longer there, after lost
// neither knows of the other.
var (
	reset breach = func(l *link) { abort(l.client, l.host) }
	torn  breach = func(l *link) { l.torn.Store(true) }
	gone  breach = func(l *link) { l.mute.Store(true); abort(l.client) }
	lost  breach = func(l *link) { l.mute.Store(true) }
)

// abort closes with a RST, without a word to what was on its way.
func abort(conns ...*net.TCPConn) {
	for _, c := range conns {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// newFront listens until the test ends.
func newFront(t *testing.T, hosts ...string) *front {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	f := &front{Listener: l, ended: make(chan struct{}, 64), up: make(chan struct{}), links: map[*link]bool{}}
	for _, host := range hosts {
		f.add(host)
	}
	f.work.Go(f.accept)
	t.Cleanup(func() {
		_ = l.Close()
		f.breakAll(reset)
		f.mu.Lock()
		f.links = nil
		f.mu.Unlock()
		f.work.Wait()
	})
	return f
}

// add lets a host have its share of the connections from now on.
func (f *front) add(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hosts = append(f.hosts, host); len(f.hosts) == 1 {
		close(f.up)
	}
}

// drop is the opposite of add; connections that are carried stay.
func (f *front) drop(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hosts = slices.DeleteFunc(f.hosts, func(h string) bool { return h == host }); len(f.hosts) == 0 {
		f.up = make(chan struct{})
	}
}

// ready waits for a host.
func (f *front) ready(ctx context.Context) {
	f.mu.Lock()
	up := f.up
	f.mu.Unlock()
	select {
	case <-up:
	case <-ctx.Done():
	}
}

// breakOne breaks one link that is chosen by chance; false when there is none.
func (f *front) breakOne(r *rand.Rand, how breach) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	var whole []*link
	for l := range f.links {
		if !l.mute.Load() && !l.torn.Load() {
			whole = append(whole, l)
		}
	}
	if len(whole) == 0 {
		return false
	}
	how(whole[r.IntN(len(whole))])
	return true
}

func (f *front) breakAll(how breach) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.links {
		how(l)
	}
}

func (f *front) accept() {
	for {
		c, err := f.Accept()
		if err != nil {
			return
		}
		f.work.Go(func() { f.carry(c.(*net.TCPConn)) })
	}
}

// carry forwards one connection both ways until one end has had enough.
func (f *front) carry(client *net.TCPConn) {
	f.mu.Lock()
	host := ""
	if len(f.hosts) > 0 {
		host = f.hosts[rand.IntN(len(f.hosts))]
	}
	f.mu.Unlock()
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).Dial("tcp", host)
	if err != nil {
		abort(client)
		return
	}
	l := &link{client: client, host: c.(*net.TCPConn)}
	if !f.holds(l) {
		abort(l.client, l.host)
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { l.pour(l.host, l.client, &l.torn) })
	ways.Go(func() { l.pour(l.client, l.host, new(atomic.Bool)) })
	ways.Wait()
	_ = l.host.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.links, l)
	select {
	case f.ended <- struct{}{}:
	default:
	}
}

// holds keeps a link; false when the front closes.
func (f *front) holds(l *link) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.links == nil {
		return false
	}
	f.links[l] = true
	return true
}

// pour carries one way. What a muted link carries is swallowed, and its host's end stays open
// until the host closes it.
func (l *link) pour(from, to *net.TCPConn, tear *atomic.Bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if l.mute.Load() {
			if err == nil {
				continue
			}
			if from == l.host {
				abort(l.client, l.host)
			}
			return
		}
		if tear.Load() && n > 0 {
			_, _ = to.Write(buf[:n/2])
			abort(l.client, l.host)
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil && !l.mute.Load() {
				abort(l.client, l.host)
				return
			}
		}
		if err != nil {
			if !l.mute.Load() {
				l.ended(err)
			}
			return
		}
	}
}

// ended hands the end of one side on: in order, or as broken as it came.
func (l *link) ended(err error) {
	var broken *net.OpError
	if errors.As(err, &broken) {
		abort(l.client, l.host)
		return
	}
	_ = l.client.Close()
	_ = l.host.Close()
}
