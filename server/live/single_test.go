package live_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

// told is a client that acts on the first byte it gets.
type told struct {
	*httptest.ResponseRecorder
	first func()
	acted chan struct{} // closed after it
	once  sync.Once
}

func (c *told) Write(b []byte) (int, error) {
	c.once.Do(func() {
		c.first()
		close(c.acted)
	})
	return c.ResponseRecorder.Write(b)
}

func (*told) SetWriteDeadline(time.Time) error { return nil }
func (*told) SetReadDeadline(time.Time) error  { return nil }

// patient is a clock that lets a client act first where it can: when a session's end is set.
type patient struct {
	*clock.Manual
	acted <-chan struct{}
}

func (p patient) AfterFunc(d time.Duration, f func()) clock.Timer {
	if d == time.Hour {
		select {
		case <-p.acted:
		case <-time.After(200 * time.Millisecond): // nothing has been written yet, as it should be
		}
	}
	return p.Manual.AfterFunc(d, f)
}

// Whoever has got the headers of a shared stream can start operations on it.
func TestASharedStreamIsThereBeforeItIsTold(t *testing.T) {
	t.Parallel()
	acted := make(chan struct{})
	x := &live.Transport{
		Clock:  patient{clock.NewManual(start), acted},
		Caller: func(context.Context) live.Session { return live.Session{Expires: start.Add(time.Hour)} },
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/graphql", nil)
	token, err := x.Reserve(r, "somebody")
	if err != nil {
		t.Fatal(err)
	}
	var started error
	c := &told{ResponseRecorder: httptest.NewRecorder(), acted: acted, first: func() {
		started = x.Start(ctx, token, "q", live.Request{RawParams: &graphql.RawParams{Query: "{ hello }"}})
		leave()
	}}
	if err := x.Connect(c, r, executor.New(hello(nil).schema()), token); err != nil || started != nil {
		t.Errorf("%v, %v", err, started)
	}
}

func TestPlacesForSharedStreamsAreBounded(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(start)
	x := &live.Transport{Clock: c}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/graphql", nil)
	reserve := func(owner string) fault.Code {
		if _, err := x.Reserve(r, owner); err != nil {
			return fault.CodeOf(err)
		}
		return ""
	}
	for i := range 100 {
		if got := reserve("greedy"); got != "" {
			t.Fatalf("place %d: %s", i, got)
		}
	}
	if got := reserve("greedy"); got != fault.CodeTooMany {
		t.Errorf("one more: %s", got)
	}
	if got := reserve("modest"); got != "" {
		t.Errorf("another: %s", got)
	}
	c.Advance(30 * time.Second)
	if got := reserve("greedy"); got != "" {
		t.Errorf("when their time is over: %s", got)
	}
	if err := x.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := reserve("modest"); got != fault.CodeUnavailable {
		t.Errorf("at the end: %s", got)
	}
}
