package storetest

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
)

var chainCases = map[string]func(*testing.T, Engine){
	"a unit stands behind a queued one":             standsBehind,
	"a refused unit takes its followers along":      followersFall,
	"an error rests on what was committed":          errorsWait,
	"a reading unit answers with what is committed": readersWait,
}

// behind starts a unit that raises thg_a's rank and lets it wait at the gate, its
// outcome open.
func behind(t *testing.T, e Engine) (*bench, *gate, chan error) {
	t.Helper()
	b, g := gated(t, e)
	go g.pass(1)
	b.add(thing("thg_a", ranked(1)))
	first := make(chan error, 1)
	go func() { first <- b.raise(nil) }()
	<-g.arrived
	return b, g, first
}

// raise adds one to thg_a's rank and tells each rank that it read.
func (b *bench) raise(read chan<- int64) error {
	return b.Tx(b.ctx, func(ctx context.Context) error {
		return b.change(ctx, "thg_a", func(x *Thing) {
			if read != nil {
				read <- x.Rank
			}
			x.Rank++
		})
	})
}

func standsBehind(t *testing.T, e Engine) {
	b, g, first := behind(t, e)
	read, second := make(chan int64, 9), make(chan error, 1)
	go func() { second <- b.raise(read) }()
	if got := <-read; got != 2 {
		t.Errorf("the second unit read rank %d, not what the first will have written", got)
	}
	if b.get("thg_a").Rank != 1 {
		t.Error("outside of a unit the uncommitted is seen")
	}
	g.verdict <- nil
	g.pass(1)
	want(t, <-first, "")
	want(t, <-second, "")
	if b.get("thg_a").Rank != 3 || len(read) != 0 {
		t.Errorf("rank %d, %d runs more", b.get("thg_a").Rank, len(read))
	}
	b.logIsDense(3)
}

func followersFall(t *testing.T, e Engine) {
	b, g, first := behind(t, e)
	const followers = 3
	read, answers := make(chan int64, 99), make(chan error, followers)
	for range followers {
		go func() { answers <- b.raise(read) }()
	}
	<-read
	g.verdict <- fault.New(fault.CodeStoreFull)
	want(t, <-first, fault.CodeStoreFull)
	for done := 0; done < followers; {
		select {
		case <-g.arrived:
			g.verdict <- nil
		case err := <-answers:
			want(t, err, "")
			done++
		}
	}
	if got := b.get("thg_a"); got.Rank != 1+followers {
		t.Errorf("rank %d after a failed and %d good units", got.Rank, followers)
	}
	b.logIsDense(1 + followers)
}

func errorsWait(t *testing.T, e Engine) {
	b, g, first := behind(t, e)
	read, second := make(chan int64, 9), make(chan error, 1)
	go func() {
		second <- b.Tx(b.ctx, func(ctx context.Context) error {
			x, err := b.things.Get(ctx, "thg_a")
			if err != nil {
				return err
			}
			read <- x.Rank
			if x.Rank == 2 {
				return errOwn // would be wrong: it never became 2
			}
			return nil
		})
	}()
	if got := <-read; got != 2 {
		t.Errorf("read %d", got)
	}
	select {
	case err := <-second:
		t.Fatalf("answered %v on what nobody had committed", err)
	default:
	}
	g.verdict <- fault.New(fault.CodeStoreFull)
	want(t, <-first, fault.CodeStoreFull)
	want(t, <-second, "")
	if got := <-read; got != 1 {
		t.Errorf("the second run read %d", got)
	}
}

func readersWait(t *testing.T, e Engine) {
	b, g, first := behind(t, e)
	read, second := make(chan int64, 9), make(chan error, 1)
	go func() {
		second <- b.Tx(b.ctx, func(ctx context.Context) error {
			x, err := b.things.Get(ctx, "thg_a")
			if err == nil {
				read <- x.Rank
			}
			return err
		})
	}()
	<-read
	select {
	case err := <-second:
		t.Fatalf("answered %v before the commit", err)
	default:
	}
	g.verdict <- nil
	want(t, <-first, "")
	want(t, <-second, "")
	if b.get("thg_a").Rank != 2 {
		t.Error("the first unit was lost")
	}
}
