package console_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/console"
)

// backend is a server with the explorer and a /graphql that knows the real schema and
// two answers, and notes who asked.
type backend struct {
	*httptest.Server
	introspection object

	mu      sync.Mutex
	asked   []http.Header // of queries other than introspection
	targets []string      // all that was asked for
	inits   []object      // payloads of connection_init
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{introspection: introspect(schema(t))}
	mux := http.NewServeMux()
	mux.Handle("/explorer", console.Explorer())
	mux.Handle("/explorer/", console.Explorer())
	mux.HandleFunc("/graphql", b.graphql)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.targets = append(b.targets, r.URL.String())
		b.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) graphql(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) {
		b.socket(w, r)
		return
	}
	var in struct{ Query string }
	_ = json.NewDecoder(r.Body).Decode(&in) // an empty query gets the last answer, and the test fails
	data := object{"serviceRequests": object{"nodes": []object{{"number": "XQ-2026-000042", "title": "上门陪诊"}}}}
	switch {
	case strings.Contains(in.Query, "__schema"):
		data = b.introspection
	case strings.Contains(in.Query, "viewer"):
		data = object{"viewer": object{"account": object{"displayName": "李协调"}, "roles": []string{"COORDINATOR"}}}
	default:
		b.mu.Lock()
		b.asked = append(b.asked, r.Header.Clone())
		b.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object{"data": data})
}

// socket speaks just enough graphql-transport-ws for one event.
func (b *backend) socket(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	for {
		var m struct {
			ID, Type string
			Payload  object
		}
		if conn.ReadJSON(&m) != nil {
			return
		}
		switch m.Type {
		case "connection_init":
			b.mu.Lock()
			b.inits = append(b.inits, m.Payload)
			b.mu.Unlock()
			_ = conn.WriteJSON(object{"type": "connection_ack"})
		case "subscribe":
			event := object{"__typename": "RequestEntered", "cursor": "feed-cursor-7", "kind": "request.submitted"}
			_ = conn.WriteJSON(object{"id": m.ID, "type": "next", "payload": object{"data": object{"requestFeed": event}}})
		}
	}
}

// seen copies the notes.
func (b *backend) seen() (asked []http.Header, inits []object, targets []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append(asked, b.asked...), append(inits, b.inits...), append(targets, b.targets...)
}
