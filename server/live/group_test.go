package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/server/live"
)

// hub is a source for many: what a reader is shown as says how an item looks to it.
type hub struct {
	personal bool
	asks     bool          // the document asks who reads
	hold     chan struct{} // an item that hangs, made for one, waits for it
	joined   chan *follower

	mu     sync.Mutex
	shaped []string // each execution: the item, and for whom
}

type follower struct {
	hub  *hub
	past []stream.Item
	to   stream.Receiver
	ctx  context.Context

	once   sync.Once
	closed chan struct{}
}

// publish is what a hub does: it hands over what the receiver is ready for.
func (f *follower) publish(items ...stream.Item) {
	if f.to.Ready() {
		f.to.Take(items)
		return
	}
	f.past = items
	f.to.Again()
	<-f.hub.joined
}

func newHub() *hub { return &hub{joined: make(chan *follower, 16)} }

// Follow hands over what is past.
func (f *follower) Follow(ctx context.Context, to stream.Receiver) error {
	if err := to.Room(ctx); err != nil {
		return err
	}
	for len(f.past) > 0 {
		n := min(8, len(f.past))
		to.Take(f.past[:n])
		f.past = f.past[n:]
		if err := to.Room(ctx); err != nil {
			return err
		}
	}
	f.to, f.ctx = to, ctx
	f.hub.joined <- f
	return nil
}

// Close is noted.
func (f *follower) Close() { f.once.Do(func() { close(f.closed) }) }

func (h *hub) resolve(past ...stream.Item) func(context.Context) (<-chan string, error) {
	return func(ctx context.Context) (<-chan string, error) {
		return stream.Share(ctx, &follower{hub: h, past: past, closed: make(chan struct{})}, h.personal, func(ctx context.Context, it stream.Item, own bool) (string, bool, error) {
			what, whom := *it.Event.(*string), "all"
			if own {
				whom = "one"
			}
			if h.asks && stream.Ask(ctx) != nil {
				whom = "nobody"
			}
			h.mu.Lock()
			h.shaped = append(h.shaped, fmt.Sprint(what, " for ", whom))
			h.mu.Unlock()
			switch what {
			case "hangs":
				if own {
					<-h.hold
				}
			case "hidden":
				return "", false, nil
			case "broken":
				return "", false, errors.New("broken")
			case "panic":
				panic("of a resolver")
			}
			return fmt.Sprint(what, " for ", whom), true, nil
		}), nil
	}
}

func (h *hub) executed() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer func() { h.shaped = nil }()
	return strings.Join(h.shaped, ", ")
}

func item(event string, look int) stream.Item {
	return stream.Item{Event: &event, Cursor: "c-" + event, Look: fmt.Sprint(event, look)}
}

func (h *hub) rig(t *testing.T, configure ...func(*live.Transport)) *rig {
	r := hello(nil)
	r.stream["events"] = h.resolve()
	return newRig(t, r, configure...)
}

func (p *peer) event(id string) string {
	p.t.Helper()
	got := p.next(id)
	return fmt.Sprint(got["data"].(map[string]any)["events"], " ", got["extensions"].(map[string]any)["cursor"])
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestOneExecutionALook(t *testing.T) {
	t.Parallel()
	h := newHub()
	x := h.rig(t)
	var peers []*peer
	var readers []*follower
	for i := range 3 {
		p := x.ready()
		p.subscribe(fmt.Sprint("id", i), "subscription { events }")
		peers, readers = append(peers, p), append(readers, <-h.joined)
	}
	if n := x.live.Stats().Groups; n != 1 {
		t.Errorf("%d groups of one document", n)
	}
	for i, f := range readers {
		f.to.Take([]stream.Item{item("a", 0), item("hidden", 0), item("b", i/2)})
	}
	for i, p := range peers {
		check(t, "first", p.event(fmt.Sprint("id", i)), "a for all c-a")
		check(t, "second", p.event(fmt.Sprint("id", i)), "b for all c-b")
	}
	check(t, "executions", h.executed(), "a for all, hidden for all, b for all, b for all")

	// Who completes gets no more, and the last takes the group along.
	for i, p := range peers {
		p.send(fmt.Sprintf(`{"id":"id%d","type":"complete"}`, i))
		<-readers[i].ctx.Done()
		<-readers[i].closed
		readers[i].to.Take([]stream.Item{item("c", 0)})
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
	}
	for end := time.Now().Add(10 * time.Second); x.live.Stats().Groups > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a group without members is kept")
		}
	}
}

func TestWhatAsksWhoReadsIsMadeForEach(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.asks = true
	x := h.rig(t)
	a, b := x.ready(), x.ready()
	a.subscribe("a", "subscription { events }")
	first := <-h.joined
	b.subscribe("b", "subscription { events }")
	second := <-h.joined
	for _, f := range []*follower{first, second} {
		f.publish(item("x", 0))
		f.publish(item("y", 0))
	}
	for id, p := range map[string]*peer{"a": a, "b": b} {
		check(t, id, p.event(id), "x for one c-x")
		check(t, id, p.event(id), "y for one c-y")
	}
	check(t, "executions", h.executed(), "x for nobody, x for one, y for one, x for one, y for one")
}

// Whoever serves many waits for nobody's own execution: not for that of the event by which the
// document is found out, and not for another member's. Order stays.
func TestNobodyWaitsForWhatIsMadeForOne(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.asks, h.hold = true, make(chan struct{})
	x := h.rig(t)
	a, b := x.ready(), x.ready()
	a.subscribe("a", "subscription { events }")
	first := <-h.joined
	b.subscribe("b", "subscription { events }")
	second := <-h.joined
	first.to.Take([]stream.Item{item("hangs", 0), item("y", 0)}) // these two had been collected
	second.to.Take([]stream.Item{item("x", 0)})
	first.past = []stream.Item{item("z", 0)}
	first.to.Again()
	close(h.hold)
	<-h.joined
	for _, want := range []string{"hangs for one c-hangs", "y for one c-y", "z for one c-z"} {
		check(t, "a", a.event("a"), want)
	}
	check(t, "b", b.event("b"), "x for one c-x")
}

func TestPersonalStreamsShareNothing(t *testing.T) {
	t.Parallel()
	h := newHub()
	h.personal = true
	x := h.rig(t)
	a, b := x.ready(), x.ready()
	a.subscribe("a", "subscription { events }")
	first := <-h.joined
	b.subscribe("b", "subscription { events }")
	second := <-h.joined
	first.to.Take([]stream.Item{item("x", 0)})
	second.to.Take([]stream.Item{item("x", 0)})
	check(t, "a", a.event("a"), "x for one c-x")
	check(t, "b", b.event("b"), "x for one c-x")
	if n := x.live.Stats().Groups; n != 0 {
		t.Errorf("%d groups", n)
	}
}

// Variables that only choose events are no difference, those that shape them are; and so is
// the language.
func TestWhatMakesAGroup(t *testing.T) {
	t.Parallel()
	h := newHub()
	r := hello(nil)
	r.stream["events"], r.stream["filtered"] = h.resolve(), h.resolve()
	x := newRig(t, r, func(l *live.Transport) {
		l.Apart = func(ctx context.Context) (context.Context, string) { return context.Background(), live.Locale(ctx) }
	})
	p := x.ready()
	subscribe := func(p *peer, id, query, variables string) int {
		p.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%q,"variables":%s}}`, id, query, variables))
		<-h.joined
		return x.live.Stats().Groups
	}
	const chooses = `subscription($n: Int) { filtered(n: $n) }`
	const shapes = `subscription($n: Int, $b: Boolean!) { filtered(n: $n) ...F } fragment F on Subscription { filtered(n: $n) @include(if: $b) }`
	for i, c := range []struct {
		query, variables string
		groups           int
	}{
		{chooses, `{"n":1}`, 1},
		{chooses, `{"n":2}`, 1},
		{chooses, `{}`, 1},
		{shapes, `{"n":1,"b":true}`, 2},
		{shapes, `{"n":2,"b":true}`, 2},
		{shapes, `{"n":1,"b":false}`, 3},
	} {
		if n := subscribe(p, fmt.Sprint("s", i), c.query, c.variables); n != c.groups {
			t.Errorf("%s %s: %d groups, want %d", c.query, c.variables, n, c.groups)
		}
	}
	english := x.dial()
	english.send(`{"type":"connection_init","payload":{"locale":"en"}}`)
	english.want(`{"type":"connection_ack"}`)
	if n := subscribe(english, "e", chooses, `{"n":1}`); n != 4 {
		t.Errorf("%d groups with another language, want 4", n)
	}
}

func TestThePastComesFirstAndAFailureEndsOneOperation(t *testing.T) {
	t.Parallel()
	h := newHub()
	r := hello(nil)
	r.stream["events"] = h.resolve(item("p", 0), item("q", 0))
	x := newRig(t, r)
	p := x.ready()
	for _, id := range []string{"a", "b", "c", "d"} {
		p.subscribe(id, "subscription { events }")
		f := <-h.joined
		check(t, id, p.event(id), "p for all c-p")
		check(t, id, p.event(id), "q for all c-q")
		switch id {
		case "a":
			f.to.Take([]stream.Item{item("x", 0), item("broken", 0), item("y", 0)})
			check(t, id, p.event(id), "x for all c-x")
		case "b":
			f.to.Take([]stream.Item{item("panic", 0)})
		case "c":
			f.to.Over(errors.New("ended"))
		case "d":
			f.to.Take([]stream.Item{item("x", 0)})
			check(t, id, p.event(id), "x for all c-x")
			f.to.Over(&live.CloseError{Code: 4403, Reason: "Revoked"})
			p.wantClose(4403, "Revoked")
			continue
		}
		if got := p.read(); !strings.Contains(got, `"type":"error"`) || !strings.Contains(got, `"id":"`+id+`"`) {
			t.Errorf("%s: got %s, want its error", id, got)
		}
		<-f.ctx.Done()
	}
}

// A reader that comes back to much is sent it at the pace at which it takes it, over either
// wire and however large its events are.
func TestALongPastOverflowsNothing(t *testing.T) {
	t.Parallel()
	var past []stream.Item
	for i := range 256 {
		past = append(past, item(fmt.Sprint(i, strings.Repeat("x", 4<<10)), 0))
	}
	h := newHub()
	r := hello(nil)
	r.stream["events"] = h.resolve(past...)
	x := newRig(t, r)
	p := x.ready()
	p.subscribe("a", "subscription { events }")
	for i := range past {
		if got := p.event("a"); !strings.HasPrefix(got, fmt.Sprint(i, "x")) {
			t.Fatalf("event %d is %.20s", i, got)
		}
	}
}

// What one member has been sent serves those who come after, under their own ids.
func TestTheSameItemsUnderManyIDs(t *testing.T) {
	t.Parallel()
	h := newHub()
	x := h.rig(t)
	ids := []string{"first", "other", "first", "long one", "again"}
	items := []stream.Item{item("a", 0), item("hidden", 0), item("b", 0)}
	var peers []*peer
	for _, id := range ids {
		p := x.ready()
		p.subscribe(id, "subscription { events }")
		peers = append(peers, p)
		(<-h.joined).to.Take(items)
	}
	for i, p := range peers {
		check(t, ids[i], p.event(ids[i])+", "+p.event(ids[i]), "a for all c-a, b for all c-b")
	}
	check(t, "executions", h.executed(), "a for all, hidden for all, b for all")
}

// What is executed for many at one handing over shares what it reads, and no longer.
func TestOneHandingOverReadsTogether(t *testing.T) {
	t.Parallel()
	type turn struct{}
	h, turns, seen := newHub(), 0, map[string]any{}
	r := hello(nil)
	r.stream["events"] = func(ctx context.Context) (<-chan string, error) {
		return stream.Share(ctx, &follower{hub: h, closed: make(chan struct{})}, false, func(ctx context.Context, it stream.Item, _ bool) (string, bool, error) {
			seen[*it.Event.(*string)] = ctx.Value(turn{})
			return "", true, nil
		}), nil
	}
	x := newRig(t, r, func(l *live.Transport) {
		l.Together = func(ctx context.Context) context.Context {
			turns++
			return context.WithValue(ctx, turn{}, turns)
		}
	})
	p := x.ready()
	p.subscribe("s", "subscription { events }")
	f := <-h.joined
	f.to.Take([]stream.Item{item("a", 0), item("b", 0)})
	f.to.Take([]stream.Item{item("c", 0)})
	check(t, "turns", fmt.Sprint(seen), fmt.Sprint(map[string]any{"a": 1, "b": 1, "c": 2}))
}
