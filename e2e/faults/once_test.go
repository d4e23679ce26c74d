package faults

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// size is how much a run does.
type size struct{ events, cuts, kills, failovers int }

// sized is a run's size: the quick one, with LINKAGE_LONG 100,000 events, and with
// LINKAGE_ONCE=n n of them, a hundredth as many cuts.
func sized(quick size) size {
	n, err := strconv.Atoi(os.Getenv("LINKAGE_ONCE"))
	switch {
	case err != nil && storetest.Long():
		n = 100_000
	case err != nil:
		return quick
	}
	return size{n, max(10, n/100), max(2, n/5000), max(3, n/5000)}
}

// While writers write, sockets are cut, processes killed and primaries lost, at random. Who
// keeps its cursor has in the end each event that it may see once and in order; who comes back
// with the cursor it began with has each, and can tell what it has; and what was acknowledged
// is there once.
func TestEachEventComesOnce(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		newStorm(t, onSQLite(t), 1, nil, sized(size{events: 200, cuts: 10, kills: 2})).play()
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		newStorm(t, onSharedMongo(t), 2, nil, sized(size{events: 120, cuts: 6, kills: 1})).play()
	})
	t.Run("mongo of three", func(t *testing.T) {
		if !storetest.Long() {
			t.Skip("elections take their time: LINKAGE_LONG=1")
		}
		t.Parallel()
		set := mongotest.Three(t)
		newStorm(t, onMongo(t, set.URI()), 2, set, sized(size{})).play()
	})
}

// storm is a run.
type storm struct {
	*testing.T
	size
	at        string
	set       *mongotest.Set // whose primaries are lost; nil for none
	rand      *rand.Rand
	processes []*process
	down      int    // the member that is down, -1 for none
	desks     *front // where writers write
	screens   *front // where readers read
	halls     *front // where the stock client does: it reads all again each time, so it is cut less
	writers   []*writer
	readers   []*reader
	stock     *reader
	before    map[string]row // the requests before the storm
	end       int64          // of the log before the storm
	done      atomic.Int64
}

func newStorm(t *testing.T, at string, processes int, set *mongotest.Set, n size) *storm {
	t.Helper()
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("LINKAGE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LINKAGE_SEED=%d", seed)
	s := &storm{T: t, size: n, at: at, set: set, rand: rand.New(rand.NewPCG(seed, 0)), down: -1}
	s.end = s.log(0, func([]*store.Entry) {})
	s.desks, s.screens, s.halls = newFront(t), newFront(t), newFront(t)
	for range processes {
		s.start()
	}
	coordinator := template().tokens["coordinator"]
	var err error
	s.before, err = list(t.Context(), s.url(), coordinator)
	must(t, err)
	if len(s.before) < subjects {
		t.Fatalf("the coordinator sees %d requests", len(s.before))
	}
	const writers = 4
	for i := range writers {
		w := newWriter(fmt.Sprint("w", i), coordinator, s.desks, rand.New(rand.NewPCG(seed, uint64(i)+1)), &s.done)
		for k := i; k < subjects; k += writers {
			w.rows = append(w.rows, s.before[template().ids["requests"][subject(k)]])
		}
		s.writers = append(s.writers, w)
	}
	s.readers = []*reader{
		newReader("all", coordinator, nil),
		newReader("high", coordinator, map[string]any{"urgencies": []string{"HIGH"}}),
		newReader("one", coordinator, map[string]any{"serviceRequestId": s.writers[0].rows[0].ID}),
		newReader("masked", template().tokens["supervisor"], nil),
	}
	s.stock = newReader("stock", coordinator, nil)
	s.stock.stock = true
	return s
}

// url is a process's own address.
func (s *storm) url() string { return "http://" + s.processes[0].host }

func (s *storm) start() {
	p := begin(s.T, s.at)
	s.processes = append(s.processes, p)
	for _, f := range []*front{s.desks, s.screens, s.halls} {
		f.add(p.host)
	}
}

// log gives what happened after a sequence in portions, and the last sequence. No process may
// have the store open.
func (s *storm) log(after int64, each func([]*store.Entry)) int64 {
	s.Helper()
	p, err := open(s.Context(), s.at)
	must(s.T, err)
	defer func() { must(s.T, p.Close()) }()
	end, _, err := p.Core.DB.LogEnd(s.Context())
	must(s.T, err)
	for {
		entries, err := p.Core.DB.Log(s.Context(), store.LogQuery{After: after, Until: end, Limit: 1000})
		must(s.T, err)
		if len(entries) == 0 {
			return end
		}
		each(entries)
		after = entries[len(entries)-1].Seq
	}
}

func (s *storm) play() {
	within := 3 * time.Minute
	if storetest.Long() {
		within = time.Hour
	}
	ctx, cancel := context.WithTimeout(s.Context(), within)
	defer cancel()
	reading, hush := context.WithCancel(ctx)
	all := append([]*reader{s.stock}, s.readers...)
	var followers []func() error
	for _, r := range all {
		where := s.screens
		if r == s.stock {
			where = s.halls
		}
		followers = append(followers, func() error { r.follow(reading, where); return nil })
	}
	followed := make(chan error, 1)
	go func() { followed <- together(followers...) }()
	for _, r := range all {
		must(s.T, r.until(ctx, begun))
	}

	from := time.Now()
	s.rage(ctx)
	took := time.Since(from)
	// The last change of all is one that everybody sees.
	w := s.writers[0]
	must(s.T, w.change(ctx, &w.rows[0], "the end", "HIGH"))
	for _, r := range all {
		must(s.T, r.until(ctx, heard(w.rows[0])))
	}
	hush()
	must(s.T, <-followed)
	calm := s.calm(ctx)
	http.DefaultClient.CloseIdleConnections() // a server waits for those that were never used
	for _, p := range s.processes {
		must(s.T, p.end())
	}
	s.judge(calm)

	again := 0
	for _, w := range s.writers {
		again += w.again
	}
	s.Logf("%d events in %v, %d calls made again", s.events+1, took.Round(time.Millisecond), again)
	for _, r := range all {
		s.Logf("%s: %d events and %d again over %d connections, ended %v", r.name, len(r.events), r.again, r.opened, r.ends)
	}
}

// rage lets the writers write and breaks things meanwhile: what at which number of changes is
// drawn beforehand.
func (s *storm) rage(ctx context.Context) {
	type blow struct {
		at   int
		what func()
	}
	var blows []blow
	plan := func(n int, what func()) {
		for range n {
			blows = append(blows, blow{1 + s.rand.IntN(s.events*9/10), what})
		}
	}
	plan(s.cuts, s.cut)
	plan(2, func() { s.halls.breakOne(s.rand, torn) })
	plan(s.kills, s.kill)
	if s.set != nil {
		plan(s.failovers, s.failover)
	}
	slices.SortFunc(blows, func(a, b blow) int { return cmp.Compare(a.at, b.at) })

	acks := make(chan struct{}, s.events)
	var writing []func() error
	for i, w := range s.writers {
		n := s.events / len(s.writers)
		if i < s.events%len(s.writers) {
			n++
		}
		writing = append(writing, func() error { return w.write(ctx, n, acks) })
	}
	written := make(chan error, 1)
	go func() { written <- together(writing...) }()
	for count := 0; ; {
		select {
		case <-acks:
			count++
		case err := <-written:
			must(s.T, err)
			return
		}
		for ; len(blows) > 0 && blows[0].at <= count; blows = blows[1:] {
			blows[0].what()
		}
	}
}

// cut breaks a connection of a reader, and now and then one of a writer.
func (s *storm) cut() {
	how := []breach{reset, torn, gone}[s.rand.IntN(3)]
	s.screens.breakOne(s.rand, how)
	if s.rand.IntN(4) == 0 {
		s.desks.breakOne(s.rand, how)
	}
}

// kill ends a process without warning and puts another in its place.
func (s *storm) kill() {
	p := s.processes[0]
	s.processes = s.processes[1:]
	for _, f := range []*front{s.desks, s.screens, s.halls} {
		f.drop(p.host)
	}
	p.kill(s.T)
	s.start()
}

// failover kills the primary; the one that it was before comes back first.
func (s *storm) failover() {
	if s.down >= 0 {
		s.set.Restart(s.down)
	}
	s.down = s.set.KillPrimary()
}

// calm is what each reader reads who comes in the end with the cursor of the beginning.
func (s *storm) calm(ctx context.Context) map[string][]event {
	s.Helper()
	out := map[string][]event{}
	f := newFront(s.T, s.processes[0].host)
	for _, r := range s.readers {
		again := newReader(r.name, r.token, r.filter)
		again.cursor, again.started = r.started, r.started
		reading, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); again.follow(reading, f) }()
		must(s.T, again.until(ctx, heard(s.writers[0].rows[0])))
		stop()
		<-done
		if again.opened != 1 {
			s.Errorf("%s read in calm over %d connections: %v", r.name, again.opened, again.ends)
		}
		out[r.name] = again.events
	}
	return out
}

// judge holds what the readers heard against the writers' own books and the log.
func (s *storm) judge(calm map[string][]event) {
	s.Helper()
	all := s.readers[0].events
	for _, r := range s.readers {
		s.same(r.name+" against the reader in calm", r.events, calm[r.name])
	}
	s.inOrder(all)
	s.acknowledged(all)
	s.same("one request", s.readers[2].events, only(all, s.writers[0].rows[0].ID))
	s.same("the high ones", s.readers[1].events, s.pressing(all))
	s.same("the stock client, without what it had", s.stock.events, all)
	masked := s.readers[3].events
	if len(masked) < len(all) {
		s.Errorf("the supervisor heard %d events, the station %d", len(masked), len(all))
	}
	// Entry by entry, and nothing else happened to a request.
	var logged, told []event
	s.log(s.end, func(entries []*store.Entry) {
		for _, e := range entries {
			if _, ours := s.before[e.ID]; ours {
				logged = append(logged, event{Kind: e.Kind, ID: e.ID, Revision: e.Revision})
			}
		}
	})
	for _, ev := range all {
		told = append(told, event{Kind: ev.Kind, ID: ev.ID, Revision: ev.Revision})
	}
	s.same("the feed against the log", told, logged)
}

// inOrder: of each request revision follows on revision.
func (s *storm) inOrder(events []event) {
	s.Helper()
	at := map[string]int64{}
	for id, r := range s.before {
		at[id] = r.Revision
	}
	for i, ev := range events {
		if at[ev.ID]++; ev.Revision != at[ev.ID] {
			s.Fatalf("event %d: %+v, want revision %d", i, ev, at[ev.ID])
		}
	}
}

// acknowledged: what the platform said it has done is told as it was done, once, and last of a
// request what was acknowledged last.
func (s *storm) acknowledged(events []event) {
	s.Helper()
	told, last := map[string]event{}, map[string]event{}
	for _, ev := range events {
		if other, twice := told[ev.Note]; twice {
			s.Errorf("done twice: %+v and %+v", other, ev)
		}
		told[ev.Note], last[ev.ID] = ev, ev
	}
	n := 0
	for _, w := range s.writers {
		n += len(w.acked)
		for _, r := range w.acked {
			if ev := told[r.Note]; ev.ID != r.ID || ev.Revision != r.Revision || ev.Urgency != r.Urgency {
				s.Errorf("acknowledged %+v, told %+v", r, ev)
			}
		}
		for _, r := range w.rows {
			if ev, there := last[r.ID]; there && ev.Revision != r.Revision {
				s.Errorf("%s stands at %+v, told %+v", w.name, r, ev)
			}
		}
	}
	if n != s.events+1 || len(events) != n {
		s.Errorf("%d changes were wanted, %d acknowledged, %d told", s.events+1, n, len(events))
	}
}

// pressing is what a reader of the high ones hears, made of what one of all heard.
func (s *storm) pressing(events []event) (out []event) {
	was := map[string]bool{}
	for id, r := range s.before {
		was[id] = r.Urgency == "HIGH"
	}
	for _, ev := range events {
		before, now := was[ev.ID], ev.Urgency == "HIGH"
		was[ev.ID] = now
		switch {
		case before && now:
			out = append(out, ev)
		case now:
			ev.Type = "RequestEntered"
			out = append(out, ev)
		case before:
			out = append(out, event{Type: "RequestLeft", ID: ev.ID})
		}
	}
	return out
}

func only(events []event, id string) (out []event) {
	for _, ev := range events {
		if ev.ID == id {
			out = append(out, ev)
		}
	}
	return out
}

// same compares two courses of events.
func (s *storm) same(what string, got, want []event) {
	s.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			s.Errorf("%s: from event %d on\n%+v, want\n%+v\n(%d and %d events)", what, i, head(got, i), head(want, i), len(got), len(want))
			return
		}
	}
}

func head(events []event, from int) []event {
	from = min(from, len(events))
	return events[from:min(len(events), from+3)]
}
