package live_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/server/live"
)

// numbers streams n events with cursors and then ends with err.
func numbers(n int, end error) func(context.Context) (<-chan string, error) {
	return func(ctx context.Context) (<-chan string, error) {
		i := 0
		return stream.Of(ctx, func(context.Context) (string, string, error) {
			if i == n {
				return "", "", end
			}
			i++
			return fmt.Sprint(i), fmt.Sprintf("c%d", i), nil
		}), nil
	}
}

func TestStreamCarriesCursorsAndCompletes(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.stream["cursors"] = numbers(300, io.EOF)
	p := newRig(t, r).ready()
	p.subscribe("s", "subscription { n: cursors }")
	for i := 1; i <= 300; i++ {
		got := p.next("s")
		want := fmt.Sprintf("map[data:map[n:%d] extensions:map[cursor:c%d]]", i, i)
		if fmt.Sprint(got) != want {
			t.Fatalf("event %d: %v, want %s", i, got, want)
		}
	}
	p.want(`{"id":"s","type":"complete"}`)
}

func TestEndsOfAStream(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.stream["cursors"] = numbers(1, fault.New(fault.CodeCursorInvalid))
	r.stream["other"] = numbers(1, &live.CloseError{Code: live.CloseForbidden, Reason: "Revoked"})
	r.stream["events"] = func(context.Context) (<-chan string, error) {
		return nil, fault.New(fault.CodeForbidden)
	}
	x := newRig(t, r)
	p := x.ready()
	p.subscribe("refused", "subscription { events }")
	p.want(`{"id":"refused","type":"error","payload":[{"message":"FORBIDDEN"}]}`)
	p.subscribe("coded", "subscription { cursors }")
	p.next("coded")
	p.wantError("coded", "CURSOR_INVALID")
	p.subscribe("q", "{ hello }") // no complete of "coded" comes in between
	p.next("q")
	p.want(`{"id":"q","type":"complete"}`)
	p.subscribe("closed", "subscription { other }")
	p.wantCloseAfterAll(live.CloseForbidden, "Revoked")
}

func TestPanicInAStreamEndsItOnly(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.stream["cursors"] = func(ctx context.Context) (<-chan string, error) {
		return stream.Of(ctx, func(context.Context) (string, string, error) { panic("boom") }), nil
	}
	p := newRig(t, r).ready()
	p.subscribe("s", "subscription { cursors }")
	p.want(`{"id":"s","type":"error","payload":[{"message":"internal"}]}`)
	p.subscribe("q", "{ hello }")
	p.next("q")
}

func TestErrorsOfAnEventNameTheRootField(t *testing.T) {
	t.Parallel()
	events := make(chan string, 1)
	events <- "fail:no title"
	p := newRig(t, hello(events)).ready()
	p.subscribe("s", "subscription { e: events }")
	p.want(`{"id":"s","type":"next","payload":{"data":{"e":null},"errors":[{"message":"no title","path":["e","title"]}]}}`)
}

func TestNothingAfterTheClientsComplete(t *testing.T) {
	t.Parallel()
	events := make(chan string)
	began, released := make(chan struct{}), make(chan struct{})
	r := hello(events)
	r.query["hello"] = func(ctx context.Context, _ map[string]any) (any, error) {
		close(began)
		<-ctx.Done() // the client's complete cancels the work
		close(released)
		return "too late", nil
	}
	r.query["size"] = func(context.Context, map[string]any) (any, error) { return "ok", nil }
	p := newRig(t, r).ready()
	p.subscribe("s", "subscription { events }")
	events <- "1"
	p.next("s")
	p.subscribe("q", "{ hello }")
	<-began
	p.send(`{"id":"s","type":"complete"}`)
	p.send(`{"id":"q","type":"complete"}`)
	<-released
	select {
	case events <- "2":
		t.Fatal("the stream is still read")
	case <-time.After(20 * time.Millisecond):
	}
	p.subscribe("q", "{ size(n: 1) }") // the id is free; its first message is its own
	p.want(`{"id":"q","type":"next","payload":{"data":{"size":"ok"}}}`)
	p.want(`{"id":"q","type":"complete"}`)
}

func TestResumeAfterLocaleAndConn(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["hello"] = func(ctx context.Context, _ map[string]any) (any, error) {
		conn, ok := live.ConnFrom(ctx)
		return fmt.Sprint(stream.ResumeAfter(ctx), " ", live.Locale(ctx), " ", ok, " ", conn.Session().Account), nil
	}
	x := newRig(t, r, func(l *live.Transport) {
		l.Init = func(ctx context.Context, p map[string]any) (context.Context, live.Session, map[string]any, error) {
			return ctx, live.Session{Account: p["authorization"].(string)}, map[string]any{"account": "you"}, nil
		}
	})
	p := x.dial()
	p.send(`{"type":"connection_init","payload":{"authorization":"acc_1","locale":"en-GB"}}`)
	p.want(`{"type":"connection_ack","payload":{"account":"you"}}`)
	p.send(`{"id":"q","type":"subscribe","payload":{"query":"{ hello }","extensions":{"resumeAfter":"c9"}}}`)
	p.want(`{"id":"q","type":"next","payload":{"data":{"hello":"c9 en-GB true acc_1"}}}`)
	ctx := context.Background()
	if _, ok := live.ConnFrom(ctx); ok || stream.ResumeAfter(ctx) != "" || live.Locale(ctx) != "" {
		t.Error("outside of a connection there is nothing")
	}
}

func TestSeventeenthSubscriptionIsAnError(t *testing.T) {
	t.Parallel()
	p := newRig(t, hello(nil)).ready()
	for i := range 16 {
		p.subscribe(fmt.Sprint(i), "subscription { events }")
	}
	p.subscribe("q", "{ hello }") // queries do not count
	p.next("q")
	p.want(`{"id":"q","type":"complete"}`)
	refused := ""
	p.subscribe("16", "subscription { events }")
	refused = p.read()
	if !strings.Contains(refused, `"type":"error"`) || !strings.Contains(refused, "TOO_MANY") {
		t.Fatalf("got %s", refused)
	}
}

func TestAPlaceIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	p := newRig(t, hello(nil), func(l *live.Transport) { l.Limits.Subscriptions = 1 }).ready()
	for range 50 {
		p.subscribe("a", "subscription { events }")
		p.send(`{"id":"a","type":"complete"}`)
	}
	p.subscribe("q", "{ hello }")
	p.next("q") // no error came before
}

func TestTooManyOperationsAtOnce(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["broken"] = func(ctx context.Context, _ map[string]any) (any, error) { <-ctx.Done(); return "", nil }
	p := newRig(t, r, func(l *live.Transport) { l.Limits.Operations = 2 }).ready()
	p.subscribe("1", "{ broken }")
	p.subscribe("2", "{ broken }")
	p.subscribe("3", "{ hello }")
	p.wantError("3", "TOO_MANY")
}
