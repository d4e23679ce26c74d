package store

import (
	"context"
	"errors"
	"testing"
)

func queued(t *testing.T, q *queue, s *Set) *submission {
	t.Helper()
	s.done = make(chan struct{})
	sub := &submission{set: s, answer: make(chan error, 1)}
	if err := q.put(context.Background(), sub); err != nil {
		t.Fatal(err)
	}
	return sub
}

func writing(revision int64, deps ...*Set) *Set {
	return &Set{Reads: reads(map[string]int64{"a": revision - 1}), Writes: []*Write{put("a", revision)}, deps: deps}
}

func TestARefusedSetTakesItsQueuedDescendantsAlong(t *testing.T) {
	q := newQueue()
	one := writing(2)
	first := queued(t, q, one)
	two := writing(3, one)
	second, third := queued(t, q, two), queued(t, q, writing(4, two))
	other := queued(t, q, &Set{Reads: reads(map[string]int64{"b": 1}), Writes: []*Write{put("b", 2)}})
	if got := q.take(1, 1<<20); len(got) != 1 || got[0] != first {
		t.Fatalf("took %v", got)
	}
	one.Err = errStale
	q.settle([]*submission{first})
	for _, s := range []*submission{first, second, third} {
		if err := <-s.answer; !errors.Is(err, errStale) {
			t.Errorf("answered %v", err)
		}
	}
	if _, _, there := q.peek(Key{"thing", "a"}); there {
		t.Error("what a refused set was to write can still be read")
	}
	if got := q.take(9, 1<<20); len(got) != 1 || got[0] != other || len(q.room) != 0 {
		t.Errorf("left in the queue: %v, %d tokens", got, len(q.room))
	}
}

func TestAnOvertakenSetIsRefusedAtOnce(t *testing.T) {
	q := newQueue()
	queued(t, q, writing(2))
	late := &submission{set: writing(2), answer: make(chan error, 1)}
	if err := q.put(context.Background(), late); !errors.Is(err, errOvertaken) || !errors.Is(err, errStale) {
		t.Errorf("got %v", err)
	}
	if r, _, there := q.peek(Key{"thing", "a"}); !there || r.Revision != 2 {
		t.Errorf("ahead: %v %v", r, there)
	}
}

func TestABatchIsBoundedByNumberAndSize(t *testing.T) {
	q := newQueue()
	for range 5 {
		w := put("x", 1)
		w.Record.Body = make([]byte, 100)
		queued(t, q, &Set{Writes: []*Write{w}})
	}
	for _, c := range []struct{ n, size, want int }{{2, 1000, 2}, {9, 150, 1}, {9, 50, 1}, {9, 1000, 1}} {
		if got := q.take(c.n, c.size); len(got) != c.want {
			t.Errorf("at most %d of %d bytes: %d", c.n, c.size, len(got))
		}
	}
	q.close()
	if q.take(1, 1) != nil {
		t.Error("a closed empty queue gave something")
	}
}
