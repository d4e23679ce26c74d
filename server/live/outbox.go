package live

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// errOutboxClosed says that nothing more can be sent.
var errOutboxClosed = errors.New("live: connection is closing")

// togetherBytes is how much of a queue is written at once.
const togetherBytes = 16 << 10

// frame is what waits to be written: one message as it goes over the wire, or the rest of
// one.
type frame struct {
	data  []byte
	op    *operation // whose message it is; nil for the connection's own
	begun bool       // the client has its beginning already
}

type farewell struct {
	code   int
	reason string
}

// outbox is what lies between those who send and the socket. put never blocks: what the
// socket takes at once is written at once, the rest waits in a bounded queue for a
// goroutine that there is only while something waits.
type outbox struct {
	conn *Conn // it is a part of; its limits and wire

	mu      sync.Mutex
	queue   []frame
	bytes   int
	writing bool
	bye     *farewell
	dead    bool
	done    chan struct{} // closed once nothing will be written any more; nil until somebody waits for that
	room    chan struct{} // closed when the queue has room again; nil when nobody waits
}

// put sends the messages of b, of which it keeps nothing. It reports false when the queue
// is over its bound; what comes after the farewell is dropped and counts as sent. Control
// frames are small and bounded by number only, so that one large answer does not make the
// reader's next ping fatal. What comes while nothing waits may be over the bound.
func (o *outbox) put(op *operation, b *batch, control bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead || o.bye != nil {
		return true
	}
	gone := 0
	if !o.writing {
		var err error
		if gone, err = o.conn.wire.try(b.data); err != nil {
			o.die()
			go o.conn.broken(err) // who sends may hold what it takes to end the connection
			return true
		}
		if gone == len(b.data) {
			return true
		}
	}
	over := !control && o.bytes > 0 && o.bytes+len(b.data) > o.conn.limits.QueueBytes
	if over || len(o.queue) >= o.conn.limits.QueueFrames {
		return false
	}
	start := 0
	for _, end := range b.ends {
		if end > gone {
			from := max(start, gone)
			o.queue = append(o.queue, frame{data: bytes.Clone(b.data[from:end]), op: op, begun: from > start})
			o.bytes += end - from
		}
		start = end
	}
	o.start()
	return true
}

// ready reports whether there is room, or nothing is sent any more.
func (o *outbox) ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dead || o.bye != nil || o.roomy()
}

// keep drops all of the queue but what may stay.
func (o *outbox) keep(stays func(frame) bool) {
	kept := o.queue[:0]
	for _, f := range o.queue {
		if stays(f) {
			kept = append(kept, f)
			continue
		}
		o.bytes -= len(f.data)
	}
	clear(o.queue[len(kept):])
	o.queue = kept
}

// purge drops what is queued of one operation and has not begun.
func (o *outbox) purge(op *operation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(func(f frame) bool { return f.op != op || f.begun })
	o.offerRoom()
}

// finish makes the close frame the last one, after what is queued (flush) or
// instead of it. Only the first call counts.
func (o *outbox) finish(b farewell, flush bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead || o.bye != nil {
		return
	}
	o.bye = &b
	if !flush {
		o.keep(func(f frame) bool { return f.begun })
	}
	o.offerRoom()
	o.start()
}

// abort gives up: nothing more is written.
func (o *outbox) abort() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.die()
}

// wait returns nil once the queue is at most half full, and an error when the
// connection closes or ctx ends first.
func (o *outbox) wait(ctx context.Context) error {
	for {
		o.mu.Lock()
		if o.dead || o.bye != nil {
			o.mu.Unlock()
			return errOutboxClosed
		}
		if o.roomy() {
			o.mu.Unlock()
			return nil
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *outbox) roomy() bool {
	return o.bytes <= o.conn.limits.QueueBytes/2 && len(o.queue) <= o.conn.limits.QueueFrames/2
}

// over is closed once nothing will be written any more.
func (o *outbox) over() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done == nil {
		o.done = make(chan struct{})
		if o.dead && !o.writing {
			close(o.done)
		}
	}
	return o.done
}

// start, die, ended, offerRoom: o.mu is held.

func (o *outbox) start() {
	if !o.writing {
		o.writing = true
		go o.drain()
	}
}

func (o *outbox) die() {
	if o.dead {
		return
	}
	o.dead = true
	o.queue, o.bytes = nil, 0
	o.offerRoom()
	if !o.writing {
		o.ended()
	}
}

func (o *outbox) ended() {
	if o.done != nil {
		close(o.done)
	}
}

func (o *outbox) offerRoom() {
	if o.room != nil && (o.roomy() || o.dead || o.bye != nil) {
		close(o.room)
		o.room = nil
	}
}

// next hands the writer what it is to write next, in one piece, or the farewell, or
// nothing.
func (o *outbox) next() (data []byte, bye *farewell, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.dead:
		o.writing = false
		o.ended()
	case len(o.queue) > 0:
		n, size := 1, len(o.queue[0].data)
		for n < len(o.queue) && size+len(o.queue[n].data) <= togetherBytes {
			size += len(o.queue[n].data)
			n++
		}
		if data = o.queue[0].data; n > 1 {
			data = make([]byte, 0, size)
			for _, f := range o.queue[:n] {
				data = append(data, f.data...)
			}
		}
		clear(o.queue[:n])
		o.queue = o.queue[n:]
		o.bytes -= size
		o.offerRoom()
		return data, nil, true
	case o.bye != nil:
		return nil, o.bye, true
	default:
		o.queue = nil // an idle connection keeps no buffer
		o.conn.wire.rest()
		o.writing = false
	}
	return nil, nil, false
}

func (o *outbox) drain() {
	for {
		data, bye, more := o.next()
		if !more {
			return
		}
		if bye != nil {
			o.conn.wire.part(*bye)
			o.abort()
			continue
		}
		if err := o.conn.wire.write(data); err != nil {
			o.abort()
			o.conn.broken(err)
		}
	}
}
