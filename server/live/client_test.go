package live_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server/live"
)

func client(t *testing.T, x *rig, token string, o wsclient.Options) *wsclient.Client {
	t.Helper()
	c, err := wsclient.Dial(t.Context(), x.url, token, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestOurOwnClient(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["hello"] = func(ctx context.Context, _ map[string]any) (any, error) {
		return fmt.Sprint(ctx.Value(caller{}), " ", live.Locale(ctx)), nil
	}
	r.stream["cursors"] = numbers(3, io.EOF)
	r.stream["other"] = func(ctx context.Context) (<-chan string, error) {
		return numbers(1, &live.CloseError{Code: live.CloseForbidden, Reason: "Revoked: " + stream.ResumeAfter(ctx)})(ctx)
	}
	x := newRig(t, r, withSignIn)
	ctx := t.Context()
	var refused *wsclient.CloseError
	if _, err := wsclient.Dial(ctx, x.url, "", wsclient.Options{}); !errors.As(err, &refused) || refused.Code != live.CloseForbidden {
		t.Fatalf("dial without a token: %v", err)
	}
	c := client(t, x, "acc_1", wsclient.Options{Locale: "en", Origin: x.http.URL})
	if m, err := c.Query(ctx, "{ hello }", nil); err != nil || string(m.Data) != `{"hello":"Bearer acc_1 until 08:15 en"}` {
		t.Fatalf("query: %s %v", m.Data, err)
	}
	var bad *wsclient.OperationError
	if _, err := c.Query(ctx, "{ nope }", nil); !errors.As(err, &bad) || bad.Code() != "GRAPHQL_VALIDATION_FAILED" {
		t.Fatalf("bad query: %v", err)
	}
	s, err := c.Subscribe(ctx, "subscription { cursors }", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 3; i++ {
		if m, err := s.Next(ctx); err != nil || m.Cursor != fmt.Sprint("c", i) {
			t.Fatalf("event %d: %+v %v", i, m, err)
		}
	}
	if _, err := s.Next(ctx); !errors.Is(err, io.EOF) {
		t.Fatalf("after the last: %v", err)
	}
	if err := c.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	s, _ = c.Subscribe(ctx, "subscription { other }", nil, "c7")
	for err = nil; err == nil; {
		_, err = s.Next(ctx)
	}
	if !errors.As(err, &refused) || refused.Reason != "Revoked: c7" {
		t.Fatalf("revoked: %v", err)
	}
	<-c.Done()
	if _, err := c.Subscribe(ctx, "{ hello }", nil, ""); !errors.As(err, &refused) {
		t.Fatalf("after the end: %v", err)
	}
}

func TestOurOwnClientStops(t *testing.T) {
	t.Parallel()
	events := make(chan string)
	x := newRig(t, hello(events))
	c := client(t, x, "", wsclient.Options{Buffer: 1})
	s, err := c.Subscribe(t.Context(), "subscription { events }", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	events <- "1"
	if _, err := s.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("nothing comes: %v", err)
	}
	for range 10 { // nobody reads: the buffer fills, and Close must get through all the same
		events <- "2"
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Query(t.Context(), "{ hello }", nil); err != nil || string(m.Data) != `{"hello":"hi"}` {
		t.Fatalf("query after close: %s %v", m.Data, err)
	}
	if err := c.Close(); err != nil || !errors.Is(c.Err(), wsclient.ErrClosed) {
		t.Fatalf("close: %v, %v", err, c.Err())
	}
}
