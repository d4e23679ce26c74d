package store

import (
	"context"
	"slices"
	"sync"

	"github.com/fivesociety/linkage/internal/fault"
)

// queue holds the sets that wait for the committer, in order, and what they will
// have written: a later unit may read that and stand behind the set it read from
// (a chain), so that many units on one document share commits instead of making
// one another stale. Three rules keep it right: a unit names the sets it read from
// and is accepted only if they were; a refused set takes its descendants in the
// queue along at once; a unit that ends with an error, or writes nothing, waits
// for the sets it read from before anybody hears of it.
type queue struct {
	mu     sync.RWMutex
	list   []*submission
	ahead  map[Key]ahead
	room   chan struct{} // one token a queued set
	filled chan struct{} // rings when a set was queued, and at the end
	closed bool
}

// ahead is the latest state that a queued or running set gives an object.
type ahead struct {
	set    *Set
	record Record
	whole  bool // an object that was replaced; others are known only to the commit
}

type submission struct {
	set    *Set
	answer chan error
}

func newQueue() *queue {
	return &queue{ahead: map[Key]ahead{}, room: make(chan struct{}, queueLength), filled: make(chan struct{}, 1)}
}

// put queues a set. A set whose reads have been overtaken by a queued one is
// refused at once: it would only be found stale later.
func (q *queue) put(ctx context.Context, sub *submission) error {
	select {
	case q.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var err error
	switch {
	case q.closed:
		err = fault.New(fault.CodeUnavailable)
	case q.overtaken(sub.set):
		err = errOvertaken
	}
	if err != nil {
		<-q.room
		return err
	}
	q.list = append(q.list, sub)
	if !sub.set.Rehearsal {
		for _, w := range sub.set.Writes {
			q.ahead[w.Key] = ahead{sub.set, w.Record, w.Change == Put && sub.set.Reads[w.Key] != 0}
		}
	}
	q.ring()
	return nil
}

func (q *queue) ring() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

func (q *queue) overtaken(s *Set) bool {
	for k, revision := range s.Reads {
		if a, ok := q.ahead[k]; ok && a.whole && a.record.Revision != revision {
			return true
		}
	}
	return false
}

// peek is the state that a queued or running set gives an object, and that set.
func (q *queue) peek(k Key) (Record, *Set, bool) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	a, ok := q.ahead[k]
	return a.record, a.set, ok && a.whole
}

// take waits for sets and gives at most n of about size bytes; nil after close,
// when none are left.
func (q *queue) take(n, size int) []*submission {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			defer q.mu.Unlock()
			return q.cut(n, size)
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil
		}
		<-q.filled
	}
}

func (q *queue) cut(n, size int) []*submission {
	count, sum := 0, 0
	for count < min(n, len(q.list)) {
		if sum += q.list[count].set.size(); sum > size && count > 0 {
			break
		}
		count++
	}
	out := slices.Clone(q.list[:count])
	q.list = slices.Delete(q.list, 0, count)
	for range out {
		<-q.room
	}
	return out
}

// settle gives sets their verdicts, forgets what they were to write, and refuses
// the queued descendants of refused ones.
func (q *queue) settle(subs []*submission) {
	q.mu.Lock()
	defer q.mu.Unlock()
	refused := map[*Set]bool{}
	for _, s := range subs {
		q.end(s, refused)
	}
	if len(refused) == 0 {
		return
	}
	q.list = slices.DeleteFunc(q.list, func(s *submission) bool {
		if !slices.ContainsFunc(s.set.deps, func(d *Set) bool { return refused[d] }) {
			return false
		}
		s.set.Err = errStale
		q.end(s, refused)
		<-q.room
		return true
	})
}

func (q *queue) end(s *submission, refused map[*Set]bool) {
	for _, w := range s.set.Writes {
		if q.ahead[w.Key].set == s.set {
			delete(q.ahead, w.Key)
		}
	}
	if s.set.Err != nil {
		refused[s.set] = true
	}
	s.set.deps = nil // or a busy object would keep every set that ever wrote it
	close(s.set.done)
	s.answer <- s.set.Err
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ring()
}
