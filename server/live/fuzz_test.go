package live

import (
	"testing"

	"github.com/gorilla/websocket"
)

// Whatever a message holds, it is one of the protocol's or ends the connection with one
// of its codes.
func FuzzMessage(f *testing.F) {
	for _, data := range []string{
		``, `{}`, `[]`, `null`, `"x"`, "\xff", `{"type":1}`, `{"type":"ping","payload":null}`, `{"type":"ping","payload":[]}`,
		`{"type":"subscribe","id":"","payload":{}}`, `{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":{"x":1e999}}}`,
		`{"type":"complete","id":"1","id":2}`, `{"TYPE":"ping"}`, `{"type":"connection_init","payload":{"locale":7}}`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, bad := parse(websocket.TextMessage, data)
		switch {
		case bad != nil && bad.Code != CloseInvalidMessage && bad.Code != CloseNotText:
			t.Errorf("%q: %v", data, bad)
		case bad == nil && (m.kind == "subscribe" || m.kind == "complete") && (m.id == "" || len(m.id) > maxID):
			t.Errorf("%q: id %q", data, m.id)
		}
	})
}
