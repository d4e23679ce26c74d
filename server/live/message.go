package live

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
)

// maxID bounds an operation's id: it is repeated in every frame.
const maxID = 256

// message is one valid message from a client.
type message struct {
	kind    string
	id      string          // subscribe, complete
	payload json.RawMessage // connection_init, ping, pong: an object or nil
	request request         // subscribe
}

type request struct {
	query, operationName  string
	variables, extensions map[string]any
	ready                 *graphql.OperationContext // judged already, or nil
	readOnly              bool                      // a mutation is refused
}

func invalid(reason string) *CloseError { return &CloseError{CloseInvalidMessage, reason} }

// parse checks a message against the protocol's text. Names are compared
// exactly: encoding/json alone would take "TYPE" for "type".
func parse(frame int, data []byte) (message, *CloseError) {
	if frame != websocket.TextMessage {
		return message{}, invalid("messages are text")
	}
	if !utf8.Valid(data) {
		return message{}, &CloseError{CloseNotText, "not UTF-8"}
	}
	fields, ok := object(data)
	if !ok {
		return message{}, invalid("a message is a JSON object")
	}
	var m message
	if m.kind, ok = text(fields["type"]); !ok {
		return message{}, invalid("'type' must be a string")
	}
	switch m.kind {
	case "connection_init", "ping", "pong":
		m.payload = fields["payload"]
		if null(m.payload) {
			m.payload = nil
		} else if _, ok := object(m.payload); !ok {
			return message{}, invalid("'payload' must be an object")
		}
		return m, nil
	case "complete", "subscribe":
		return m.withID(fields)
	}
	return message{}, invalid("unknown message type")
}

func (m message) withID(fields map[string]json.RawMessage) (message, *CloseError) {
	var ok bool
	if m.id, ok = text(fields["id"]); !ok || m.id == "" {
		return message{}, invalid("'id' must be a non-empty string")
	}
	if len(m.id) > maxID {
		return message{}, invalid("'id' is too long")
	}
	if m.kind == "complete" {
		return m, nil
	}
	p, ok := object(fields["payload"])
	if !ok {
		return message{}, invalid("'payload' must be an object")
	}
	if m.request.query, ok = text(p["query"]); !ok {
		return message{}, invalid("'query' must be a string")
	}
	if m.request.operationName, ok = text(p["operationName"]); !ok && !null(p["operationName"]) {
		return message{}, invalid("'operationName' must be a string")
	}
	if m.request.variables, ok = values(p["variables"]); !ok {
		return message{}, invalid("'variables' must be an object")
	}
	if m.request.extensions, ok = values(p["extensions"]); !ok {
		return message{}, invalid("'extensions' must be an object")
	}
	return m, nil
}

func null(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func object(raw json.RawMessage) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	err := json.Unmarshal(raw, &m)
	return m, err == nil && m != nil
}

func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// values decodes an object, keeping numbers as written: a float64 would round
// large integers.
func values(raw json.RawMessage) (map[string]any, bool) {
	if null(raw) {
		return nil, true
	}
	if raw[0] != '{' {
		return nil, false
	}
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := dec.Decode(&m)
	return m, err == nil
}
