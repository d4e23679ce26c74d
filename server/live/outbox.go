package live

import (
	"context"
	"errors"
	"sync"
)

// errOutboxClosed says that nothing more can be sent.
var errOutboxClosed = errors.New("live: connection is closing")

// frame is one message on its way out.
type frame struct {
	data []byte
	op   *operation // whose message it is; nil for the connection's own
	pong bool       // a websocket pong, not a message
}

type farewell struct {
	code   int
	reason string
}

// outbox is the bounded queue between those who send and the socket. put never
// blocks; a goroutine writes while there is something to write, so that an idle
// connection has none.
type outbox struct {
	maxBytes, maxFrames int
	write               func(frame) error // writes one frame, within a deadline
	part                func(farewell)    // writes the close frame
	broken              func(error)       // the socket refused a write

	mu      sync.Mutex
	queue   []frame
	bytes   int
	writing bool
	bye     *farewell
	dead    bool
	done    chan struct{} // closed once nothing will be written any more
	room    chan struct{} // closed when the queue has room again; nil when nobody waits
}

// put queues a frame. It reports false when the queue is over its bound; a frame
// that comes after the farewell is dropped and counts as queued. Control frames
// are small and bounded by number only, so that one large answer does not make
// the reader's next ping fatal; one frame alone may be over the bound.
func (o *outbox) put(f frame, control bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead || o.bye != nil {
		return true
	}
	over := !control && o.bytes > 0 && o.bytes+len(f.data) > o.maxBytes
	if over || len(o.queue) >= o.maxFrames {
		return false
	}
	o.queue = append(o.queue, f)
	o.bytes += len(f.data)
	o.start()
	return true
}

// purge drops the queued frames of one operation.
func (o *outbox) purge(op *operation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept := o.queue[:0]
	for _, f := range o.queue {
		if f.op == op {
			o.bytes -= len(f.data)
			continue
		}
		kept = append(kept, f)
	}
	clear(o.queue[len(kept):])
	o.queue = kept
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
		o.clear()
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

func (o *outbox) roomy() bool { return o.bytes <= o.maxBytes/2 && len(o.queue) <= o.maxFrames/2 }

// start, clear, die, offerRoom: o.mu is held.

func (o *outbox) start() {
	if !o.writing {
		o.writing = true
		go o.drain()
	}
}

func (o *outbox) clear() { o.queue, o.bytes = nil, 0 }

func (o *outbox) die() {
	if o.dead {
		return
	}
	o.dead = true
	o.clear()
	o.offerRoom()
	if !o.writing {
		close(o.done)
	}
}

func (o *outbox) offerRoom() {
	if o.room != nil && (o.roomy() || o.dead || o.bye != nil) {
		close(o.room)
		o.room = nil
	}
}

// next hands the writer its next frame, or the farewell, or nothing.
func (o *outbox) next() (f frame, bye *farewell, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.dead:
		o.writing = false
		close(o.done)
	case len(o.queue) > 0:
		f = o.queue[0]
		o.queue[0] = frame{}
		o.queue = o.queue[1:]
		o.bytes -= len(f.data)
		o.offerRoom()
		return f, nil, true
	case o.bye != nil:
		return frame{}, o.bye, true
	default:
		o.queue = nil // an idle connection keeps no buffer
		o.writing = false
	}
	return frame{}, nil, false
}

func (o *outbox) drain() {
	for {
		f, bye, more := o.next()
		if !more {
			return
		}
		if bye != nil {
			o.part(*bye)
			o.abort()
			continue
		}
		if err := o.write(f); err != nil {
			o.abort()
			o.broken(err)
		}
	}
}
