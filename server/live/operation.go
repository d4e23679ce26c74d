package live

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/stream"
)

// operation is one subscribe message at work.
type operation struct {
	conn        *Conn
	id          string
	tail        []byte
	resumeAfter string
	shared      *shared                // set by the resolver of a feed that many follow
	active      bool                   // its id is live; guarded by conn.mu
	stream      bool                   // a subscription; guarded by conn.mu
	following   atomic.Pointer[reader] // of a feed whose source goes on with it
	helpers     sync.WaitGroup         // the goroutines of stream.Of

	mu      sync.Mutex
	runs    *running // nil when nothing runs for it
	stopped bool
	cursors []string // of events on their way through gqlgen, oldest first
	end     error    // why the stream ended, if not by itself
}

func newOperation(c *Conn, m message) *operation {
	after, _ := m.request.extensions["resumeAfter"].(string)
	return &operation{conn: c, id: m.id, tail: tail(m.id, "next"), resumeAfter: after}
}

// shared is what a resolver shares.
type shared struct {
	source   stream.Source
	shape    stream.Shape
	personal bool
}

// run executes the operation and sends all its frames. It returns when it and
// everything that stream.Of started for it have ended; or true when the source of a feed
// goes on with it, and then it has left when it ends.
func (op *operation) run(ctx context.Context, r request) (goesOn bool) {
	defer op.helpers.Wait()
	defer func() {
		if !goesOn {
			op.stop()
		}
	}()
	bound, unbound := op.bind(ctx) // all of the operation that a subscription keeps for its later life
	ctx, end := op.begin(bound)
	defer end()
	ctx = graphql.StartOperationTrace(ctx)
	ctx = graphql.WithOperationContext(ctx, &graphql.OperationContext{Headers: op.conn.header, RecoverFunc: graphql.DefaultRecover})
	defer func() {
		if p := recover(); p != nil {
			err := graphql.GetOperationContext(ctx).Recover(ctx, p)
			op.fail(op.presented(ctx, err))
		}
	}()
	if unbound != nil {
		op.conclude(ctx, unbound)
		return false
	}
	opCtx, errs := op.judged(ctx, r)
	ctx = graphql.WithOperationContext(ctx, opCtx)
	if len(errs) > 0 {
		op.fail(op.conn.exec.DispatchError(ctx, errs).Errors)
		return false
	}
	if opCtx.Operation.Operation == ast.Mutation && r.readOnly {
		op.conclude(ctx, fault.New(fault.CodeInvalid, fault.P("rule", "MUTATION_BY_GET")))
		return false
	}
	goesOn, err := op.execute(ctx, bound, opCtx)
	if !goesOn {
		op.conclude(ctx, err)
	}
	return goesOn
}

// judged parses and validates, unless that has been done.
func (op *operation) judged(ctx context.Context, r request) (*graphql.OperationContext, gqlerror.List) {
	if r.ready != nil {
		return r.ready, nil
	}
	started := graphql.Now()
	return op.conn.exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: r.query, OperationName: r.operationName, Variables: r.variables, Extensions: r.extensions,
		Headers: op.conn.header, ReadTime: graphql.TraceTiming{Start: started, End: started},
	})
}

// bind puts the session's caller into the context.
func (op *operation) bind(ctx context.Context) (context.Context, error) {
	session := op.conn.Session()
	if session.Bind == nil {
		return ctx, nil
	}
	bound, err := session.Bind(ctx)
	if err != nil {
		return ctx, err
	}
	return bound, nil
}

// execute sends results until there are no more, or until the source of a feed goes on by
// itself. It returns what conclude is to make of the end.
func (op *operation) execute(ctx, bound context.Context, opCtx *graphql.OperationContext) (goesOn bool, err error) {
	stream := opCtx.Operation.Operation == ast.Subscription
	if stream {
		if err := op.conn.admitStream(op); err != nil {
			return false, err
		}
	}
	responses, ctx := op.conn.exec.DispatchOperation(ctx, opCtx)
	if stream {
		ctx = rooted(ctx, opCtx)
	}
	if op.shared != nil {
		return op.follow(ctx, bound, opCtx, responses)
	}
	for {
		resp := responses(ctx)
		if resp == nil {
			return false, op.ended()
		}
		if len(resp.Data) == 0 && len(resp.Errors) > 0 {
			// Execution never began: the source stream or an interceptor refused.
			return false, refusedBeforeData(resp.Errors)
		}
		if err := op.next(ctx, resp, stream); err != nil {
			return false, err
		}
		if !stream && (resp.HasNext == nil || !*resp.HasNext) {
			return false, nil // an interceptor without OneShot would answer for ever
		}
	}
}

// follow sends what is past of a feed, and then leaves the operation to the feed's source:
// an idle subscription has no goroutine.
func (op *operation) follow(ctx, bound context.Context, opCtx *graphql.OperationContext, responses graphql.ResponseHandler) (goesOn bool, err error) {
	t := op.conn.transport
	g := t.join(ctx, opCtx, op.shared, responses)
	source := op.shared.source
	op.shared = nil // what made the operation is not needed any more
	if !g.personal.Load() {
		opCtx.Headers = nil // the group may outlive who came first
		// Nothing of this execution is kept but who reads: the group's document does for all.
		ctx = lasting{bound, g.form}
	} else {
		ctx = context.WithoutCancel(ctx)
	}
	defer func() {
		if !goesOn {
			source.Close()
			t.leave(g)
		}
	}()
	g.share(op)
	r := &reader{group: g, op: op, source: source, rest: ctx}
	if err := r.follow(); err != nil {
		return false, err
	}
	op.conn.work.Add(1)
	if op.following.Store(r); op.hasStopped() {
		op.stop() // it came before there was something to part from
	}
	return true, nil
}

// running is something that runs for an operation; what only waits has no context to end.
type running struct{ cancel context.CancelFunc }

// begin gives what runs for the operation a context that stop ends; end is to be called when
// it runs no more.
func (op *operation) begin(base context.Context) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancel(base)
	runs := &running{cancel}
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.stopped {
		cancel()
	}
	op.runs = runs
	return ctx, func() {
		cancel()
		op.mu.Lock()
		defer op.mu.Unlock()
		if op.runs == runs {
			op.runs = nil
		}
	}
}

func (op *operation) hasStopped() bool {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.stopped
}

// stop ends the operation, and what goes on without a goroutine of its own. It does not
// block.
func (op *operation) stop() {
	op.mu.Lock()
	runs := op.runs
	op.stopped = true
	op.mu.Unlock()
	if runs != nil {
		runs.cancel()
	}
	if r := op.following.Swap(nil); r != nil {
		go r.part()
	}
}

// next sends one result. The answer of a query waits for room: it was asked for,
// and nobody else waits with it. An event never waits.
func (op *operation) next(ctx context.Context, resp *graphql.Response, stream bool) error {
	cursor := op.takeCursor()
	result, err := encoded(resp, cursor)
	if err != nil {
		return err
	}
	data := op.conn.wire.next(nil, op, result, cursor)
	if !stream {
		if err := op.conn.out.wait(ctx); err != nil {
			return nil // nobody is there to read it
		}
	}
	op.conn.emit(op, single(data), !stream, false)
	return nil
}

// presentedErrors are errors that went through the presenter already.
type presentedErrors struct{ list gqlerror.List }

func (p presentedErrors) Error() string { return p.list.Error() }

// refusedBeforeData keeps a Closer inside the errors visible to conclude.
func refusedBeforeData(errs gqlerror.List) error {
	var closer Closer
	if errors.As(errs, &closer) {
		return closer
	}
	return presentedErrors{errs}
}

// conclude sends the operation's last frame, or closes the connection when the
// error says so.
func (op *operation) conclude(ctx context.Context, err error) {
	if !op.live() {
		return // the client completed it, or the connection is closing
	}
	var closer Closer
	var done presentedErrors
	switch {
	case err == nil:
		op.conn.emit(op, single(op.conn.wire.completed(op.id)), true, true)
	case errors.As(err, &closer):
		code, reason := closer.SocketClose()
		op.conn.shut(code, reason, false)
	case errors.As(err, &done):
		op.fail(done.list)
	default:
		op.fail(op.presented(ctx, err))
	}
}

// live reports whether the client still wants the operation.
func (op *operation) live() bool {
	op.conn.mu.Lock()
	defer op.conn.mu.Unlock()
	return op.active
}

// fail sends the terminal error frame.
func (op *operation) fail(errs gqlerror.List) {
	data, err := op.conn.wire.failed(op.id, errs)
	if err != nil {
		data, _ = op.conn.wire.failed(op.id, gqlerror.List{{Message: "internal error"}})
	}
	op.conn.emit(op, single(data), true, true)
}

// presented runs an error through the server's presenter.
func (op *operation) presented(ctx context.Context, err error) gqlerror.List {
	return op.conn.exec.DispatchError(ctx, gqlerror.List{op.raw(err)}).Errors
}

// raw dresses an error for a server whose presenter leaves GraphQL errors as they are.
func (op *operation) raw(err error) *gqlerror.Error {
	var ready *gqlerror.Error
	if errors.As(err, &ready) {
		return ready
	}
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.CodeInternal, fault.Because(err))
	}
	return &gqlerror.Error{
		Err: err, Message: f.Message(op.conn.Locale()), Extensions: map[string]any{"code": string(f.Code)},
	}
}

// rooted gives events the root field as their parent: gqlgen runs them outside
// of it, and their errors' paths would lack the field's name.
func rooted(ctx context.Context, opCtx *graphql.OperationContext) context.Context {
	fields := graphql.CollectFields(opCtx, opCtx.Operation.SelectionSet, nil)
	if len(fields) != 1 {
		return ctx
	}
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription", Field: fields[0]})
}
