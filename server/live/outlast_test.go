package live_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/server/live"
)

type (
	keptKey    struct{}
	droppedKey struct{}
)

// The handler returns when hands are shaken, and what a middleware has to undo is undone when
// the connection ends, or at once when there was none.
func TestWhatOutlastsTheRequest(t *testing.T) {
	t.Parallel()
	returned, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	x := newRigBehind(t, hello(nil), func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, done := live.Outlasting(r.Context(), func() { ended <- struct{}{} })
			next.ServeHTTP(w, r.WithContext(ctx))
			done()
			returned <- struct{}{}
		})
	})
	p := x.ready()
	<-returned
	p.subscribe("q", "{ hello }")
	p.want(`{"id":"q","type":"next","payload":{"data":{"hello":"hi"}}}`)
	p.want(`{"id":"q","type":"complete"}`)
	select {
	case <-ended:
		t.Fatal("ended with the request")
	default:
	}
	_ = p.ws.Close()
	<-ended
	_, resp, err := x.dialer.Dial(x.url, http.Header{"Origin": {"https://elsewhere.example"}})
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Fatalf("a foreign origin: %v", err)
	}
	_ = resp.Body.Close()
	<-returned
	<-ended
}

// An operation finds in its context and its headers what was kept of the handshake, and no
// more; and the end of the request is not its end.
func TestWhatIsKeptOfTheHandshake(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["hello"] = func(ctx context.Context, _ map[string]any) (any, error) {
		kept, _ := ctx.Value(keptKey{}).(string)
		dropped, _ := ctx.Value(droppedKey{}).(string)
		headers := graphql.GetOperationContext(ctx).Headers
		return strings.Join([]string{kept, dropped, headers.Get("Kept"), headers.Get("Dropped")}, ","), ctx.Err()
	}
	around := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := context.WithValue(context.WithValue(r.Context(), keptKey{}, "yes"), droppedKey{}, "no")
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
	x := newRigBehind(t, r, around, func(l *live.Transport) {
		l.Kept = func(r *http.Request) (context.Context, http.Header) {
			return context.WithValue(context.Background(), keptKey{}, r.Context().Value(keptKey{})), http.Header{"Kept": r.Header.Values("Kept")}
		}
	})
	d := x.dialer
	d.Subprotocols = []string{live.Subprotocol}
	ws, resp, err := d.Dial(x.url, http.Header{"Kept": {"header"}, "Dropped": {"no"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	p := &peer{t, ws}
	defer ws.Close()
	p.send(`{"type":"connection_init"}`)
	p.want(`{"type":"connection_ack"}`)
	p.subscribe("q", "{ hello }")
	p.want(`{"id":"q","type":"next","payload":{"data":{"hello":"yes,,header,"}}}`)
}

// broken panics where a connection asks for its first timer.
type broken struct{ *clock.Manual }

func (b broken) AfterFunc(d time.Duration, f func()) clock.Timer {
	if d == 5*time.Second {
		panic("of a clock")
	}
	return b.Manual.AfterFunc(d, f)
}

func TestAPanicEndsOneConnection(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	x := newRig(t, hello(nil), func(l *live.Transport) {
		l.Clock, l.Log = broken{clock.NewManual(start)}, slog.New(slog.NewTextHandler(&log, nil))
	})
	p := x.dial()
	if _, _, err := p.ws.ReadMessage(); err == nil || !websocket.IsUnexpectedCloseError(err) {
		t.Errorf("the connection ends with %v", err)
	}
	if err := x.live.Shutdown(t.Context()); err != nil || !strings.Contains(log.String(), "of a clock") {
		t.Errorf("%v; logged %q", err, log.String())
	}
}
