package feed_test

import (
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
)

// BenchmarkCommitToEvent is the way of one change from its commit's call to the
// event in the reader's hand, durable commit included.
func BenchmarkCommitToEvent(b *testing.B) {
	w := newWorld(b)
	s := w.subscribe(w.member("acc_1", coord))
	if _, err := s.Next(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w.put("a", touch)
		if _, err := s.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommitAlone is the same commit with nobody watching: the difference is
// the feed's.
func BenchmarkCommitAlone(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		w.put("a", touch)
	}
}

// BenchmarkManyMembers is one commit with members that see it (one) and that do not.
func BenchmarkManyMembers(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld(b)
			for i := range n {
				w.subscribe(w.member(fmt.Sprint("acc_", i), other))
			}
			seeing := w.subscribe(w.member("acc_seeing", coord))
			for e := (feed.Event{}); e.Kind != feed.Checkpoint; {
				e, _ = seeing.Next(b.Context())
			}
			for b.Loop() {
				w.put("a", touch)
				if _, err := seeing.Next(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOneAccountManyTimes is one commit of a row that names an account with many
// subscriptions, until the last of them is handed it.
func BenchmarkOneAccountManyTimes(b *testing.B) {
	w := newWorld(b)
	m := w.member("acc_1", coord)
	var takers []*taker
	for range 4000 {
		_, k := w.follow(m)
		<-k.items
		takers = append(takers, k)
	}
	w.put("a", func(x *thing) { x.Relate(access.PartyCreator, "acc_1") })
	for b.Loop() {
		for _, k := range takers {
			<-k.items
		}
		w.put("a", touch)
	}
}
