package live

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/internal/stream"
)

// The bounds of what a group keeps, and of what one execution for it may take.
const (
	keptFor    = time.Second // what is past is asked for again, and may be shown otherwise by then
	keptBytes  = 1 << 20
	executesIn = 10 * time.Second
)

// groupKey tells apart what subscriptions make of the same item.
type groupKey struct{ query, operation, variables, language string }

// group is all subscriptions that make the same of an item: those with one document, one
// language and the same variables, but for those that only choose items. An item is executed
// once for each look that its members need.
//
// What a group executes it executes as nobody. A document that asks who reads is found out
// by that, and from then on executed for each of its members.
type group struct {
	key     groupKey
	members int // guarded by Transport.mu

	mu        sync.Mutex
	responses graphql.ResponseHandler // of the subscription that came first
	shape     stream.Shape            // puts an item where responses reads it
	ctx       context.Context         // nobody's
	form      context.Context         // the document alone, for what is a member's own
	asked     func() bool
	personal  atomic.Bool  // it is executed for each
	kept      map[any]made // by look, and by event, of which one is handed to many
	until     time.Time    // what is kept is shown to those who come until then
	size      int
	packed    packed
	tail      []byte // of the first member

	// alone is held while the group, once it is personal, executes for one member, so that
	// nobody who serves many waits for mu as long as that takes.
	alone sync.Mutex
}

// packed is what the last members were sent: most take the same items, under the same id.
type packed struct {
	items []any // the events
	tail  []byte
	batch *batch // read only
}

// under is the same for another id of the same length, of which clients' are.
func (p *packed) under(tail []byte) *batch {
	b := messages.Get().(*batch)
	b.data, b.ends = append(b.data[:0], p.batch.data...), append(b.ends[:0], p.batch.ends...)
	for _, end := range b.ends {
		copy(b.data[end-len(tail):], tail)
	}
	return b
}

// of reports whether it is made of these items.
func (p *packed) of(items []stream.Item) bool {
	if len(p.items) != len(items) {
		return false
	}
	for i := range items {
		if items[i].Event != p.items[i] {
			return false
		}
	}
	return true
}

// made is what came of an item.
type made struct {
	result []byte // nil: it is passed over
	err    error
}

// reader is one subscription of a group. It is the stream.Receiver of its feed.
type reader struct {
	*group
	op     *operation
	source stream.Source
	rest   context.Context                 // who reads; it does not end
	now    atomic.Pointer[context.Context] // the same, while Follow runs; it ends with the operation
	late   chan struct{}                   // closed when what the source handed over has been made for this reader alone; nil for nothing
}

// context is what something is done in for this reader alone.
func (r *reader) context() context.Context {
	if ctx := r.now.Load(); ctx != nil {
		return *ctx
	}
	return r.rest
}

// follow hands over what is past.
func (r *reader) follow() error {
	ctx, end := r.op.begin(r.rest)
	defer end()
	now := &ctx
	r.now.Store(now)
	defer r.now.CompareAndSwap(now, nil)
	return r.source.Follow(ctx, r)
}

// share lets members hold one copy of what is the same of many.
func (g *group) share(op *operation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.tail == nil:
		g.tail = op.tail
	case bytes.Equal(g.tail, op.tail):
		op.tail = g.tail
	}
}

// join finds or makes the group of a subscription whose events are for many.
func (t *Transport) join(ctx context.Context, opCtx *graphql.OperationContext, f *shared, responses graphql.ResponseHandler) *group {
	apart, language := context.Background(), ""
	if t.Apart != nil {
		apart, language = t.Apart(ctx)
	}
	fresh := func() *group {
		bare := &graphql.OperationContext{ // no headers: they say who asks
			RawQuery: opCtx.RawQuery, Variables: opCtx.Variables, OperationName: opCtx.OperationName, Doc: opCtx.Doc,
			Operation: opCtx.Operation, DisableIntrospection: opCtx.DisableIntrospection, RecoverFunc: opCtx.RecoverFunc,
			ResolverMiddleware: opCtx.ResolverMiddleware, RootResolverMiddleware: opCtx.RootResolverMiddleware, Stats: opCtx.Stats,
		}
		g := &group{responses: responses, shape: f.shape}
		g.personal.Store(f.personal)
		g.ctx, g.asked = stream.Apart(rooted(graphql.WithOperationContext(apart, bare), bare))
		g.form = rooted(graphql.WithOperationContext(context.Background(), bare), bare)
		return g
	}
	if f.personal {
		return fresh()
	}
	vars, err := looks(opCtx)
	if err != nil {
		return fresh()
	}
	key := groupKey{opCtx.RawQuery, opCtx.OperationName, vars, language}
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groups[key]
	if g != nil && g.personal.Load() {
		return fresh() // its members only wait for each other
	}
	if g == nil {
		if t.groups == nil {
			t.groups = map[groupKey]*group{}
		}
		g = fresh()
		g.key = key
		t.groups[key] = g
	}
	g.members++
	return g
}

// leave ends a membership; the last takes the group along.
func (t *Transport) leave(g *group) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if g.members--; g.members == 0 && t.groups[g.key] == g {
		delete(t.groups, g.key)
	}
}

// looks are the variables that say how an item looks: all but those that only the
// arguments of the root field use, which choose items.
func looks(op *graphql.OperationContext) (string, error) {
	used := map[string]bool{}
	seen := map[string]bool{}
	var value func(*ast.Value)
	value = func(v *ast.Value) {
		if v == nil {
			return
		}
		if v.Kind == ast.Variable {
			used[v.Raw] = true
		}
		for _, c := range v.Children {
			value(c.Value)
		}
	}
	directives := func(list ast.DirectiveList) {
		for _, d := range list {
			for _, a := range d.Arguments {
				value(a.Value)
			}
		}
	}
	var walk func(set ast.SelectionSet, root bool)
	walk = func(set ast.SelectionSet, root bool) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				directives(s.Directives)
				if !root {
					for _, a := range s.Arguments {
						value(a.Value)
					}
				}
				walk(s.SelectionSet, false)
			case *ast.InlineFragment:
				directives(s.Directives)
				walk(s.SelectionSet, root)
			case *ast.FragmentSpread:
				directives(s.Directives)
				if f := op.Doc.Fragments.ForName(s.Name); f != nil && !seen[s.Name] {
					seen[s.Name] = true
					directives(f.Directives)
					walk(f.SelectionSet, root)
				}
			}
		}
	}
	directives(op.Operation.Directives)
	walk(op.Operation.SelectionSet, true)
	if len(used) == 0 {
		return "", nil
	}
	vars := make(map[string]any, len(used))
	for name := range used {
		if v, given := op.Variables[name]; given { // none is not null
			vars[name] = v
		}
	}
	raw, err := json.Marshal(vars) // sorted by name
	return string(raw), err
}

// turn is one handing over: what it executes for many shares what it has read.
type turn struct {
	now time.Time
	ctx context.Context // the group's; nil before something is executed
}

// result is what an item is to all; g.mu is held. asks says that it cannot be said for all,
// and the group is personal from then on.
func (g *group) result(t *Transport, it stream.Item, at *turn) (out []byte, asks bool, err error) {
	if m, there := g.find(it, at.now); there {
		return m.result, false, m.err
	}
	if at.ctx == nil {
		at.ctx = g.ctx
		if t.Together != nil {
			at.ctx = t.Together(g.ctx)
		}
	}
	ctx, cancel := context.WithTimeout(at.ctx, executesIn)
	defer cancel()
	out, err = g.execute(ctx, it, false)
	if g.asked() {
		g.personal.Store(true)
		return nil, true, nil
	}
	g.keep(it, made{out, err})
	return out, false, err
}

// execute makes an item the result of the group's document; g.mu is held, or g.alone once the
// group is personal.
func (g *group) execute(ctx context.Context, it stream.Item, own bool) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, graphql.GetOperationContext(ctx).Recover(ctx, p)
		}
	}()
	ready, err := g.shape(ctx, it, own)
	if err != nil || !ready {
		return nil, err
	}
	resp := g.responses(ctx)
	switch {
	case resp == nil:
		return nil, ctx.Err()
	case len(resp.Data) == 0 && len(resp.Errors) > 0:
		return nil, refusedBeforeData(resp.Errors)
	}
	return encoded(resp, it.Cursor)
}

// find is what is kept of an item. An event is found by where it lies, which is quicker than
// by all that makes its look.
func (g *group) find(it stream.Item, now time.Time) (made, bool) {
	if !now.Before(g.until) {
		return made{}, false
	}
	m, there := g.kept[it.Event]
	if !there {
		m, there = g.kept[it.Look]
	}
	return m, there
}

// keep remembers a result for the members that come after, who are served at once or in a
// moment; g.mu is held.
func (g *group) keep(it stream.Item, m made) {
	now := time.Now()
	if g.size+len(m.result) > keptBytes || !now.Before(g.until) {
		g.kept = nil
	}
	if g.kept == nil {
		g.kept, g.size, g.until = map[any]made{}, 0, now.Add(keptFor)
		time.AfterFunc(keptFor, g.forget)
	}
	g.kept[it.Look], g.kept[it.Event] = m, m
	g.size += len(m.result)
}

// forget lets go of what nobody is shown any more.
func (g *group) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !time.Now().Before(g.until) {
		g.kept, g.packed = nil, packed{}
	}
}

// Room waits until the connection's queue is at most half full.
func (r *reader) Room(ctx context.Context) error { return r.op.conn.out.wait(ctx) }

// Ready reports whether the connection has room, and the event is made for more than this
// reader: who has it made for itself does not let the others wait. If so, the source goes on
// by itself.
func (r *reader) Ready() bool {
	ready := !r.personal.Load() && r.op.conn.out.ready()
	if ready {
		r.now.Store(nil)
	}
	return ready
}

// Again follows the source on a goroutine of the reader's own.
func (r *reader) Again() {
	c := r.op.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if !r.op.active {
		return // it is ending, and may have ended
	}
	late := r.late
	c.work.Go(func() {
		if late != nil {
			<-late
		}
		if err := r.follow(); err != nil {
			r.Over(err)
		}
	})
}

// messages are buffers for what goes out: whoever takes it has it copied.
var messages = sync.Pool{New: func() any { return new(batch) }}

// batch is messages that stand one after the other, and where each ends.
type batch struct {
	data []byte
	ends []int
}

// Take sends what items are to the reader, in one piece.
func (r *reader) Take(items []stream.Item) {
	b, own, packed, failed := r.pack(items)
	r.send(b, own)
	switch {
	case failed != nil:
		r.Over(failed)
	case packed < len(items):
		r.takeAlone(items[packed:])
	}
}

func (r *reader) send(b *batch, own bool) {
	if len(b.ends) > 0 {
		r.op.conn.emit(r.op, b, false, false)
	}
	if own {
		messages.Put(b)
	}
}

// pack makes items messages; own says that nobody else is sent the same. Those from packed
// on have to be made for this reader alone.
func (r *reader) pack(items []stream.Item) (b *batch, own bool, packed int, failed error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := turn{now: time.Now()}
	socket := r.op.conn.ws != nil
	same := socket && !r.personal.Load() && at.now.Before(r.until) && r.packed.of(items)
	switch tail := r.op.tail; {
	case same && bytes.Equal(tail, r.packed.tail):
		return r.packed.batch, false, len(items), nil
	case same && len(tail) == len(r.packed.tail):
		return r.packed.under(tail), true, len(items), nil
	}
	if b, own = new(batch), !socket || same; own {
		b = buffer()
	}
	for i, it := range items {
		if r.personal.Load() {
			return b, own, i, nil
		}
		out, asks, err := r.result(r.op.conn.transport, it, &at)
		if err != nil || asks {
			return b, own, i, err
		}
		r.append(b, it, out)
	}
	if !own {
		r.packed.items, r.packed.tail, r.packed.batch = make([]any, len(items)), r.op.tail, b
		for i := range items {
			r.packed.items[i] = items[i].Event
		}
	}
	return b, own, len(items), nil
}

// buffer is an empty one.
func buffer() *batch {
	b := messages.Get().(*batch)
	b.data, b.ends = b.data[:0], b.ends[:0]
	return b
}

// append adds a result as a message, unless it is passed over.
func (r *reader) append(b *batch, it stream.Item, out []byte) {
	if out != nil {
		b.data = r.op.conn.wire.next(b.data, r.op, out, it.Cursor)
		b.ends = append(b.ends, len(b.data))
	}
}

// takeAlone sends items made for this reader alone: on a goroutine of its own if the source
// hands over to many, none of whom is to wait for that. It is the last that such a source
// hands over: the reader is not Ready any more.
func (r *reader) takeAlone(items []stream.Item) {
	if now := r.now.Load(); now != nil {
		r.each(*now, items)
		return
	}
	c := r.op.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if !r.op.active {
		return
	}
	items = slices.Clone(items)
	late := make(chan struct{})
	r.late = late
	c.work.Go(func() {
		defer close(late)
		ctx, end := r.op.begin(r.rest)
		defer end()
		r.each(ctx, items)
	})
}

// each sends items executed for this reader.
func (r *reader) each(ctx context.Context, items []stream.Item) {
	b := buffer()
	var failed error
	for _, it := range items {
		r.alone.Lock()
		out, err := r.execute(ctx, it, true)
		r.alone.Unlock()
		if failed = err; err != nil {
			break
		}
		r.append(b, it, out)
	}
	if r.send(b, true); failed != nil {
		r.Over(failed)
	}
}

// Over ends the operation.
func (r *reader) Over(err error) {
	defer r.op.stop()
	defer func() {
		if recover() != nil { // a presenter's: of one connection, not of the program
			r.op.conn.cut()
		}
	}()
	r.op.conclude(r.context(), err)
}

// part ends the membership of an operation that goes on without a goroutine.
func (r *reader) part() {
	c := r.op.conn
	defer c.work.Done()
	r.source.Close()
	c.transport.leave(r.group)
	c.left(r.op)
}
