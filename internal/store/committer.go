package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/fivesociety/linkage/internal/fault"
)

// Bounds of a batch: enough to share one durable commit, small enough to stay
// far below any engine's transaction limits.
const (
	maxBatchSets = 64
	maxBatchSize = 4 << 20 // bytes of bodies
	queueLength  = 1024
)

// committer is the one writer of a process: it puts queued sets into one commit
// and answers each unit with its own verdict.
type committer struct {
	db      *DB
	process string
	queue   *queue
	done    chan struct{}
	number  int64
	sets    int // most sets of a batch
}

func newCommitter(db *DB, sets int) *committer {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	return &committer{db: db, sets: sets, process: hex.EncodeToString(id[:]), queue: newQueue(), done: make(chan struct{})}
}

func (c *committer) start() { go c.run() }

// stop refuses new units and returns when all queued ones are answered.
func (c *committer) stop() {
	c.queue.close()
	<-c.done
}

// submit queues a set and waits for its verdict.
func (c *committer) submit(ctx context.Context, s *Set) error {
	s.done = make(chan struct{})
	sub := &submission{set: s, answer: make(chan error, 1)}
	if err := c.queue.put(ctx, sub); err != nil {
		return err
	}
	select {
	case err := <-sub.answer:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-sub.answer: // both were ready
		return err
	default:
		return fault.New(fault.CodeOutcomeUnknown, fault.Because(ctx.Err()))
	}
}

func (c *committer) run() {
	defer close(c.done)
	for {
		subs := c.queue.take(c.sets, maxBatchSize)
		if subs == nil {
			return
		}
		c.commit(subs)
		c.db.bells.ring()
	}
}

// commit makes one batch durable. It runs to its end whatever the callers'
// contexts do. A batch that fails as a whole, with the outcome known, is repeated
// set by set, so that one bad set cannot take others along; not so when the engine
// is away, which every single set would have to wait for again.
func (c *committer) commit(subs []*submission) {
	c.number++
	b := &Batch{Process: c.process, Number: c.number, Now: c.db.now()}
	for _, s := range subs {
		b.Sets = append(b.Sets, s.set)
	}
	err := c.db.adapter.Commit(context.Background(), b)
	if len(subs) > 1 && severable(err) {
		for _, s := range subs {
			c.commit([]*submission{s})
		}
		return
	}
	if err != nil {
		for _, s := range subs {
			s.set.Err = err
		}
	}
	c.queue.settle(subs)
}

// severable reports whether a batch's failure may be the fault of one of its sets.
func severable(err error) bool {
	return err != nil && (fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) == fault.CodeStoreFull)
}

func (s *Set) size() (n int) {
	for _, w := range s.Writes {
		n += len(w.Record.Body)
	}
	for _, e := range s.Entries {
		n += len(e.Body)
	}
	return n
}
