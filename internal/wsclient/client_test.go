package wsclient_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/fivesociety/linkage/internal/wsclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted is a server that expects and says what a script tells: lines with ">"
// are expected from the client, others are sent; "close N" closes.
func scripted(t *testing.T, script ...string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for _, step := range script {
			want, expect := strings.CutPrefix(step, ">")
			switch {
			case expect:
				if _, raw, err := ws.ReadMessage(); err != nil || strings.TrimSpace(string(raw)) != want {
					t.Errorf("client said %s (%v), want %s", raw, err, want)
				}
			case step == "close":
				_ = ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4403, "Forbidden"))
			default:
				_ = ws.WriteMessage(websocket.TextMessage, []byte(step))
			}
		}
		for err == nil { // until the client has closed
			_, _, err = ws.ReadMessage()
		}
	}))
	t.Cleanup(srv.Close)
	return "ws" + strings.TrimPrefix(srv.URL, "http")
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	url := scripted(t, `{"type":"ping"}`, `>{"type":"connection_init","payload":{"authorization":"Bearer tok","locale":"en","x":1}}`,
		`>{"type":"pong"}`, `{"type":"connection_ack","payload":{"hello":"you"}}`,
		`>{"type":"ping"}`, `{"type":"ping","payload":{"n":1}}`, `>{"type":"pong","payload":{"n":1}}`, `{"type":"pong"}`)
	c, err := wsclient.Dial(t.Context(), url, "tok", wsclient.Options{Locale: "en", Init: map[string]any{"x": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Ack) != `{"hello":"you"}` || c.Err() != nil {
		t.Errorf("ack %s, err %v", c.Ack, c.Err())
	}
	if err := errors.Join(c.Ping(t.Context()), c.Close()); err != nil {
		t.Error(err)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	_, err := wsclient.Dial(t.Context(), scripted(t, `>{"type":"connection_init","payload":{}}`, "close"), "", wsclient.Options{})
	var closed *wsclient.CloseError
	if !errors.As(err, &closed) || closed.Code != 4403 || closed.Reason != "Forbidden" {
		t.Fatalf("got %v", err)
	}
	if _, err := wsclient.Dial(t.Context(), "ws://127.0.0.1:1/", "", wsclient.Options{}); err == nil {
		t.Error("nobody listens there")
	}
}

func TestSubscribeSendsWhatIsAsked(t *testing.T) {
	t.Parallel()
	url := scripted(t, `>{"type":"connection_init","payload":{}}`, `{"type":"connection_ack"}`,
		`>{"id":"1","type":"subscribe","payload":{"extensions":{"resumeAfter":"c1"},"query":"subscription { x }","variables":{"a":1}}}`,
		`{"id":"9","type":"next","payload":{"data":{}}}`, // not asked for: ignored
		`{"id":"1","type":"next","payload":{"data":{"x":1},"extensions":{"cursor":"c2"}}}`,
		`{"id":"1","type":"error","payload":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}`)
	c, err := wsclient.Dial(t.Context(), url, "", wsclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.Subscribe(t.Context(), "subscription { x }", map[string]any{"a": 1}, "c1")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := s.Next(t.Context()); err != nil || m.Cursor != "c2" || string(m.Data) != `{"x":1}` {
		t.Fatalf("%+v, %v", m, err)
	}
	var refused *wsclient.OperationError
	if _, err := s.Next(t.Context()); !errors.As(err, &refused) || refused.Code() != "FORBIDDEN" {
		t.Fatalf("got %v", err)
	}
}
