package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// marker is what every event has once, and nothing else has.
var marker = []byte(`"kind":"request.changed"`)

// live is what a reader of the product hears first once it hears all.
var live = []byte(`FeedCheckpoint`)

// readers are many connections in one process that does no more with them than find
// frames and count events: one goroutine, one epoll, the same for all servers.
type readers struct {
	epoll int
	mu    sync.Mutex
	conns map[int]*reader // by descriptor
	list  []*reader       // in the order of dialling
	want  int             // of events in all; 0 for none
	each  int             // of them for a reader
	came  int
	ready int
	last  time.Time
	full  chan struct{} // closed when want came
	buf   []byte

	sample []byte
}

type reader struct {
	fd      int
	kind    string
	rest    []byte // of a frame that is not complete
	events  int
	stalled bool
	closed  time.Time
	came    []int64 // when each event came, if recorded
	record  bool
}

func newReaders() (func(order) (answer, error), error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	r := &readers{epoll: fd, conns: map[int]*reader{}, buf: make([]byte, 1<<20)}
	go r.loop()
	return r.do, nil
}

func (r *readers) do(o order) (answer, error) {
	switch o.Do {
	case "dial":
		return answer{}, r.dial(o)
	case "ready":
		r.mu.Lock()
		defer r.mu.Unlock()
		return answer{Count: r.ready}, nil
	case "expect": // N more events for each who reads; the answer to "await" says when the last came
		r.mu.Lock()
		defer r.mu.Unlock()
		n := r.reading()
		r.want, r.each, r.came, r.full = o.N*n, o.N, 0, make(chan struct{})
		for _, c := range r.list {
			c.events = 0
		}
		return answer{Count: n}, nil
	case "await":
		select {
		case <-r.full:
		case <-time.After(120 * time.Second):
			r.mu.Lock()
			defer r.mu.Unlock()
			return answer{Count: r.came}, fmt.Errorf("%d of %d events came, %d of %d readers are gone", r.came, r.want, r.gone(), len(r.list))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		return answer{At: r.last.UnixNano()}, nil
	case "record":
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, c := range r.list {
			c.record, c.came, c.events = true, make([]int64, 0, o.N), 0
		}
		return answer{}, nil
	case "took": // of all events to all readers that did not stall, when each began to be told
		r.mu.Lock()
		defer r.mu.Unlock()
		return answer{Took: r.took(o.Began), Count: r.came}, nil
	case "stall":
		return answer{}, r.stall(o.N)
	case "sample":
		r.mu.Lock()
		defer r.mu.Unlock()
		return answer{Payload: string(r.sample)}, nil
	case "close":
		r.close()
		return answer{}, nil
	}
	return answer{}, fmt.Errorf("no order %q", o.Do)
}

func (r *readers) gone() (n int) {
	for _, c := range r.list {
		if !c.closed.IsZero() {
			n++
		}
	}
	return n
}

// reading is how many have neither stopped nor been cut off.
func (r *readers) reading() (n int) {
	for _, c := range r.list {
		if !c.stalled && c.closed.IsZero() {
			n++
		}
	}
	return n
}

func (r *readers) took(began []int64) []float64 {
	var all []float64
	for _, c := range r.list {
		if c.stalled {
			continue
		}
		for i, at := range c.came {
			if i < len(began) {
				all = append(all, float64(at-began[i])/1e6)
			}
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return nil
	}
	at := func(share float64) float64 { return all[min(len(all)-1, int(share*float64(len(all))))] }
	return []float64{at(0.5), at(0.99), at(1), float64(len(all))}
}

// stall lets the first n readers read no more.
func (r *readers) stall(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.list[:n] {
		c.stalled = true
		if err := syscall.EpollCtl(r.epoll, syscall.EPOLL_CTL_DEL, c.fd, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *readers) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.list {
		if c.closed.IsZero() || c.stalled {
			_ = syscall.Close(c.fd)
		}
	}
	clear(r.conns)
	r.list, r.ready, r.want = nil, 0, 0
}

func (r *readers) dial(o order) error {
	at, err := netip.ParseAddrPort(o.Addr)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(16)
	for i := range o.N {
		group.Go(func() error {
			c := &reader{kind: o.Kind}
			if err := c.open(at, o, i); err != nil {
				return fmt.Errorf("reader %d: %w", i, err)
			}
			return r.add(c)
		})
	}
	return group.Wait()
}

func (r *readers) add(c *reader) error {
	if err := syscall.SetNonblock(c.fd, true); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[c.fd], r.list = c, append(r.list, c)
	rest := c.rest
	c.rest = nil
	r.take(c, rest, time.Now())
	return syscall.EpollCtl(r.epoll, syscall.EPOLL_CTL_ADD, c.fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}) //nolint:gosec // a descriptor
}

// loop reads whatever comes.
func (r *readers) loop() {
	ready := make([]syscall.EpollEvent, 512)
	for {
		n, err := syscall.EpollWait(r.epoll, ready, -1)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			panic(err)
		}
		r.mu.Lock()
		for _, ev := range ready[:max(0, n)] {
			c := r.conns[int(ev.Fd)]
			if c == nil || c.stalled {
				continue
			}
			got, err := syscall.Read(c.fd, r.buf)
			now := time.Now()
			switch {
			case got > 0:
				r.take(c, r.buf[:got], now)
			case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
			default:
				c.closed = now
				r.lose(c, now)
				delete(r.conns, c.fd)
				_ = syscall.Close(c.fd)
			}
		}
		r.mu.Unlock()
	}
}

// take finds the frames in what came.
func (r *readers) take(c *reader, data []byte, now time.Time) {
	if len(c.rest) > 0 {
		data = append(c.rest, data...)
		c.rest = nil
	}
	for {
		op, payload, rest, whole := frame(data)
		if !whole {
			break
		}
		data = rest
		switch {
		case op == 9:
			c.write(10, payload)
		case op == 1 && len(payload) < 32:
			c.small(payload)
		case op == 1:
			if c.kind == "centrifuge" && (bytes.HasPrefix(payload, []byte("{}\n")) || bytes.HasSuffix(payload, []byte("\n{}"))) {
				c.small([]byte("{}")) // a ping beside others in one frame
			}
			n := bytes.Count(payload, marker)
			if n == 0 && bytes.Contains(payload, live) {
				r.ready++
			}
			r.count(c, n, payload, now)
		}
	}
	if len(data) > 0 {
		c.rest = slices.Clone(data)
	}
}

func (r *readers) count(c *reader, n int, payload []byte, now time.Time) {
	if n == 0 {
		return
	}
	c.events += n
	r.came += n
	if c.record {
		for range n {
			c.came = append(c.came, now.UnixNano())
		}
	}
	if r.sample == nil {
		r.sample = slices.Clone(payload)
	}
	r.last = now
	r.enough()
}

// lose expects no more of a reader that was cut off.
func (r *readers) lose(c *reader, now time.Time) {
	if r.want > 0 {
		r.want -= max(0, r.each-c.events)
		r.last = now
		r.enough()
	}
}

func (r *readers) enough() {
	if r.want > 0 && r.came >= r.want {
		r.want = 0
		close(r.full)
	}
}

// small answers what asks for an answer.
func (c *reader) small(payload []byte) {
	switch string(payload) {
	case `{"type":"ping"}`:
		c.write(1, []byte(`{"type":"pong"}`))
	case "{}":
		c.write(1, payload)
	}
}

// frame is the first frame of a server, unmasked and not in parts, and what follows it.
func frame(data []byte) (op byte, payload, rest []byte, whole bool) {
	if len(data) < 2 {
		return 0, nil, nil, false
	}
	size, head := uint64(data[1]&127), 2
	switch size {
	case 126:
		if len(data) < 4 {
			return 0, nil, nil, false
		}
		size, head = uint64(binary.BigEndian.Uint16(data[2:])), 4
	case 127:
		if len(data) < 10 {
			return 0, nil, nil, false
		}
		size, head = binary.BigEndian.Uint64(data[2:]), 10
	}
	if uint64(len(data)-head) < size {
		return 0, nil, nil, false
	}
	end := head + int(size) //nolint:gosec // it lies in data
	return data[0] & 15, data[head:end], data[end:], true
}

// write sends a small frame, masked with zeros.
func (c *reader) write(op byte, payload []byte) {
	_, _ = syscall.Write(c.fd, masked(op, payload)) // a server that is gone is noticed by reading
}

func masked(op byte, payload []byte) []byte {
	out := []byte{128 | op}
	if len(payload) < 126 {
		out = append(out, 128|byte(len(payload)))
	} else {
		out = append(out, 128|126, byte(len(payload)>>8), byte(len(payload)))
	}
	return append(append(out, 0, 0, 0, 0), payload...)
}

// open connects and subscribes, waiting for each step.
func (c *reader) open(at netip.AddrPort, o order, i int) (err error) {
	if c.fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	if i < o.Small { // a reader that will stop has the buffer of a small device
		if err := syscall.SetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 32<<10); err != nil {
			return err
		}
	}
	if err := syscall.Connect(c.fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		return err
	}
	wait := syscall.NsecToTimeval(int64(30 * time.Second))
	if err := syscall.SetsockoptTimeval(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &wait); err != nil {
		return err
	}
	hello := "GET " + o.Text + " HTTP/1.1\r\nHost: " + o.Addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
		base64.StdEncoding.EncodeToString([]byte("0123456789abcdef")) + "\r\n"
	if c.kind == "graphql" {
		hello += "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
	}
	if _, err := syscall.Write(c.fd, []byte(hello+"\r\n")); err != nil {
		return err
	}
	head, err := c.until([]byte("\r\n\r\n"))
	if err != nil || !bytes.HasPrefix(head, []byte("HTTP/1.1 101")) {
		return fmt.Errorf("handshake: %.100s, %w", head, err)
	}
	_, c.rest, _ = bytes.Cut(head, []byte("\r\n\r\n"))
	return c.subscribe(o, i)
}

func (c *reader) subscribe(o order, i int) error {
	switch c.kind {
	case "graphql":
		init := map[string]any{"type": "connection_init"}
		if len(o.List) > 0 {
			init["payload"] = map[string]any{"authorization": "Bearer " + o.List[i]}
		}
		if err := c.send(init); err != nil {
			return err
		}
		if _, err := c.until([]byte("connection_ack")); err != nil {
			return fmt.Errorf("no acknowledgement: %w", err)
		}
		payload := map[string]any{"query": o.File}
		if o.Filters > 0 {
			payload["variables"] = map[string]any{"filter": map[string]any{"categories": categories(i % o.Filters)}}
		}
		return c.send(map[string]any{"id": fmt.Sprintf("5b7f0d1c-%04d-4c47-8a3e-1c3a5a2f0b11", i), "type": "subscribe", "payload": payload})
	case "centrifuge":
		return c.send(map[string]any{"id": 1, "connect": map[string]any{}})
	}
	return nil
}

func (c *reader) send(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = syscall.Write(c.fd, masked(1, raw))
	return err
}

// until reads until a text has come; what came stays to be taken, but for the handshake.
func (c *reader) until(text []byte) ([]byte, error) {
	buf := make([]byte, 4096)
	for !bytes.Contains(c.rest, text) {
		n, err := syscall.Read(c.fd, buf)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return c.rest, fmt.Errorf("after %q: %d, %w", c.rest, n, err)
		}
		c.rest = append(c.rest, buf[:n]...)
	}
	return c.rest, nil
}

// others are categories beside the one that the events are of.
var others = strings.Fields("MEAL_DELIVERY HOME_VISIT MEDICAL_ESCORT TUTORING HOME_REPAIR BATHING LEGAL_ADVICE TEMPORARY_CARE")

// categories is a filter of its own for each i that lets the events through.
func categories(i int) []string {
	out := []string{"HARDSHIP_RELIEF"}
	for bit, c := range others {
		if (i+1)&(1<<bit) != 0 {
			out = append(out, c)
		}
	}
	return out
}
