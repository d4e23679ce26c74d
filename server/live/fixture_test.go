package live_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/server/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const schemaText = `
type Query { hello: String  size(n: Int!): String  broken: String }
type Mutation { touch(what: String): String }
type Subscription { events: String  cursors: String  other: String  filtered(n: Int): String }`

// resolvers stand for generated code: one function a root field.
type resolvers struct {
	query  map[string]func(context.Context, map[string]any) (any, error)
	stream map[string]func(context.Context) (<-chan string, error)
}

func (r resolvers) schema() graphql.ExecutableSchema {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: schemaText})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc:     func() *ast.Schema { return parsed },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) { return 0, false },
		ExecFunc:       r.exec,
	}
}

func (r resolvers) exec(ctx context.Context) graphql.ResponseHandler {
	opCtx := graphql.GetOperationContext(ctx)
	field := graphql.CollectFields(opCtx, opCtx.Operation.SelectionSet, nil)[0]
	var buf []byte // used again for each event, as generated code does
	result := func(ctx context.Context, v any, err error) *graphql.Response {
		if err != nil {
			graphql.AddError(ctx, err)
			v = nil
		}
		raw, _ := json.Marshal(map[string]any{field.Alias: v})
		buf = append(buf[:0], raw...)
		return &graphql.Response{Data: buf}
	}
	if opCtx.Operation.Operation != ast.Subscription {
		first := true
		return func(ctx context.Context) *graphql.Response {
			if !first {
				return nil
			}
			first = false
			v, err := r.query[field.Name](ctx, field.ArgumentMap(opCtx.Variables))
			return result(ctx, v, err)
		}
	}
	events, err := r.stream[field.Name](ctx)
	if err != nil {
		graphql.AddError(ctx, err)
		return nil
	}
	return func(ctx context.Context) *graphql.Response {
		select {
		case v, ok := <-events:
			if !ok {
				return nil
			}
			if reason, bad := strings.CutPrefix(v, "fail:"); bad {
				child := graphql.WithFieldContext(ctx, &graphql.FieldContext{
					Field: graphql.CollectedField{Field: &ast.Field{Alias: "title"}},
				})
				graphql.AddErrorf(child, "%s", reason)
				return result(ctx, nil, nil)
			}
			return result(ctx, v, nil)
		case <-ctx.Done():
			return nil
		}
	}
}

var start = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

// rig is a server on a loopback port.
type rig struct {
	t      testing.TB
	live   *live.Transport
	clock  *clock.Manual
	http   *httptest.Server
	url    string
	dialer websocket.Dialer
}

func newRig(t testing.TB, r resolvers, configure ...func(*live.Transport)) *rig {
	t.Helper()
	return newRigBehind(t, r, func(h http.Handler) http.Handler { return h }, configure...)
}

// newRigBehind is a rig behind a middleware.
func newRigBehind(t testing.TB, r resolvers, around func(http.Handler) http.Handler, configure ...func(*live.Transport)) *rig {
	t.Helper()
	x := &rig{t: t, clock: clock.NewManual(start)}
	x.live = &live.Transport{Clock: x.clock}
	for _, f := range configure {
		f(x.live)
	}
	srv := handler.New(r.schema())
	srv.AddTransport(x.live)
	srv.SetRecoverFunc(func(context.Context, any) error { return gqlerror.Errorf("internal") })
	x.http = httptest.NewServer(around(srv))
	x.url = "ws" + strings.TrimPrefix(x.http.URL, "http")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := x.live.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		x.http.Close()
	})
	return x
}

// peer is a raw client: it sees every frame.
type peer struct {
	t  testing.TB
	ws *websocket.Conn
}

// with is the same server for another test.
func (x *rig) with(t testing.TB) *rig {
	y := *x
	y.t = t
	return &y
}

func (x *rig) dial() *peer { return x.dialWith(live.Subprotocol) }

func (x *rig) dialWith(protocols ...string) *peer {
	x.t.Helper()
	d := x.dialer
	d.Subprotocols = protocols
	ws, resp, err := d.Dial(x.url, nil)
	if err != nil {
		x.t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	x.t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	return &peer{x.t, ws}
}

// ready dials and gets the acknowledgement.
func (x *rig) ready() *peer {
	x.t.Helper()
	p := x.dial()
	p.send(`{"type":"connection_init"}`)
	p.want(`{"type":"connection_ack"}`)
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatalf("send %s: %v", text, err)
	}
}

func (p *peer) subscribe(id, query string) {
	p.t.Helper()
	raw, _ := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]any{"query": query}})
	p.send(string(raw))
}

func (p *peer) read() string {
	p.t.Helper()
	_, raw, err := p.ws.ReadMessage()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return string(raw)
}

// want compares the next message as JSON.
func (p *peer) want(text string) {
	p.t.Helper()
	got := p.read()
	if canonical(p.t, got) != canonical(p.t, text) {
		p.t.Fatalf("got  %s\nwant %s", got, text)
	}
}

// wantClose expects the connection's end, and nothing before it.
func (p *peer) wantClose(code int, reason string) {
	p.t.Helper()
	_, raw, err := p.ws.ReadMessage()
	e, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla returns it bare
	if !ok {
		p.t.Fatalf("got message %s, error %v; want close %d", raw, err, code)
	}
	if e.Code != code || e.Text != reason {
		p.t.Fatalf("closed with %d %q, want %d %q", e.Code, e.Text, code, reason)
	}
}

// next reads a next message and returns its payload.
func (p *peer) next(id string) map[string]any {
	p.t.Helper()
	var m struct {
		ID, Type string
		Payload  map[string]any
	}
	raw := p.read()
	if err := json.Unmarshal([]byte(raw), &m); err != nil || m.Type != "next" || m.ID != id {
		p.t.Fatalf("got %s (%v), want a next of %s", raw, err, id)
	}
	return m.Payload
}

func canonical(t testing.TB, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %s", text)
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

// hello answers queries and has one stream that a channel feeds.
func hello(events <-chan string) resolvers {
	feed := func(ctx context.Context) (<-chan string, error) { return events, nil }
	return resolvers{
		query: map[string]func(context.Context, map[string]any) (any, error){
			"hello": func(context.Context, map[string]any) (any, error) { return "hi", nil },
		},
		stream: map[string]func(context.Context) (<-chan string, error){"events": feed, "other": feed},
	}
}
