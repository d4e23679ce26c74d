package live_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

const ackMessage = `{"type":"connection_ack"}`

// TestProtocol goes through PROTOCOL.md of graphql-ws rule by rule. A step that
// starts with ">" is sent, "<" is expected, "!" is the close expected.
func TestProtocol(t *testing.T) {
	t.Parallel()
	initMsg, sub := `>{"type":"connection_init"}`, `>{"id":"a","type":"subscribe","payload":{"query":"subscription { events }"}}`
	ack := "<" + ackMessage
	query := `>{"id":"q","type":"subscribe","payload":{"query":"{ hello }"}}`
	answer := []string{`<{"id":"q","type":"next","payload":{"data":{"hello":"hi"}}}`, `<{"id":"q","type":"complete"}`}
	cases := map[string][]string{
		"ack, with a null payload":              {`>{"type":"connection_init","payload":null}`, ack},
		"second init is 4429":                   {initMsg, ack, initMsg, "!4429 Too many initialisation requests"},
		"second init at once is 4429 after all": {initMsg, ack, initMsg, initMsg, "!4429 Too many initialisation requests"},
		"subscribe before init is 4401":         {sub, "!4401 Unauthorized"},
		"query before init is 4401":             {query, "!4401 Unauthorized"},
		"ping before init":                      {`>{"type":"ping"}`, `<{"type":"pong"}`},
		"ping with payload is echoed":           {`>{"type":"ping","payload":{"n":[1.50,"ä"]}}`, `<{"type":"pong","payload":{"n":[1.50,"ä"]}}`},
		"ping after ack":                        {initMsg, ack, `>{"type":"ping","payload":null}`, `<{"type":"pong"}`},
		"unsolicited pong is ignored":           {`>{"type":"pong","payload":{"x":1}}`, initMsg, ack, `>{"type":"pong"}`, `>{"type":"ping"}`, `<{"type":"pong"}`},
		"query":                                 append([]string{initMsg, ack, query}, answer...),
		"an id is free after the server's end":  append(append([]string{initMsg, ack, query}, answer...), append([]string{query}, answer...)...),
		"an id is free after the client's end":  append(append([]string{initMsg, ack, `>{"id":"q","type":"subscribe","payload":{"query":"subscription { events }"}}`, `>{"id":"q","type":"complete"}`}, query), answer...),
		"complete of an unknown id is ignored":  append([]string{initMsg, ack, `>{"id":"zz","type":"complete"}`, query}, answer...),
		"complete before init is ignored":       {`>{"id":"zz","type":"complete"}`, initMsg, ack},
		"live id is 4409":                       {initMsg, ack, sub, sub, "!4409 Subscriber for a already exists"},
		"live id of another kind is 4409":       {initMsg, ack, sub, strings.Replace(query, `"q"`, `"a"`, 1), "!4409 Subscriber for a already exists"},
		"syntax error is terminal":              {initMsg, ack, `>{"id":"e","type":"subscribe","payload":{"query":"{"}}`, "<error e GRAPHQL_PARSE_FAILED", query, answer[0], answer[1]},
		"validation error is terminal":          {initMsg, ack, `>{"id":"e","type":"subscribe","payload":{"query":"{ nope }"}}`, "<error e GRAPHQL_VALIDATION_FAILED", query, answer[0], answer[1]},
		"unknown operation is terminal":         {initMsg, ack, `>{"id":"e","type":"subscribe","payload":{"query":"query A { hello }","operationName":"B"}}`, "<error e GRAPHQL_VALIDATION_FAILED", query, answer[0], answer[1]},
		"wrong variable is terminal":            {initMsg, ack, `>{"id":"e","type":"subscribe","payload":{"query":"query($n:Int!){ size(n:$n) }","variables":{"n":"x"}}}`, "<error e GRAPHQL_VALIDATION_FAILED", query, answer[0], answer[1]},
		"nulls in a subscribe payload":          {initMsg, ack, `>{"id":"q","type":"subscribe","payload":{"query":"{ hello }","operationName":null,"variables":null,"extensions":null}}`, answer[0], answer[1]},
		"unknown members are ignored":           {initMsg, ack, `>{"id":"q","type":"subscribe","x":1,"payload":{"query":"{ hello }","y":2}}`, answer[0], answer[1]},
	}
	for name, bad := range map[string]string{
		"no JSON": `hello`, "empty": ``, "array": `[]`, "string": `"ping"`, "null": `null`, "two values": `{"type":"ping"}{}`,
		"no type": `{}`, "type no string": `{"type":1}`, "unknown type": `{"type":"start"}`, "server's type": `{"type":"connection_ack"}`,
		"next": `{"id":"a","type":"next","payload":{}}`, "error": `{"id":"a","type":"error","payload":[]}`, "type in capitals": `{"TYPE":"ping"}`,
		"init payload no object": `{"type":"connection_init","payload":"x"}`, "init payload array": `{"type":"connection_init","payload":[]}`,
		"ping payload": `{"type":"ping","payload":1}`, "pong payload": `{"type":"pong","payload":"x"}`,
		"complete without id": `{"type":"complete"}`, "complete with empty id": `{"type":"complete","id":""}`, "complete with number": `{"type":"complete","id":1}`,
		"subscribe without id": `{"type":"subscribe","payload":{"query":"{hello}"}}`, "subscribe without payload": `{"id":"a","type":"subscribe"}`,
		"empty id": `{"id":"","type":"subscribe","payload":{"query":"{hello}"}}`, "id a number": `{"id":7,"type":"subscribe","payload":{"query":"{hello}"}}`,
		"no query": `{"id":"a","type":"subscribe","payload":{}}`, "query no string": `{"id":"a","type":"subscribe","payload":{"query":{}}}`,
		"variables no object":     `{"id":"a","type":"subscribe","payload":{"query":"{hello}","variables":[]}}`,
		"operationName no string": `{"id":"a","type":"subscribe","payload":{"query":"{hello}","operationName":1}}`,
		"extensions no object":    `{"id":"a","type":"subscribe","payload":{"query":"{hello}","extensions":"x"}}`,
		"id too long":             `{"id":"` + strings.Repeat("x", 300) + `","type":"complete"}`,
	} {
		cases["invalid: "+name] = []string{initMsg, ack, ">" + bad, "!4400"}
		cases["invalid before init: "+name] = []string{">" + bad, "!4400"}
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(newRig(t, hello(nil)).dial(), steps)
		})
	}
}

func play(p *peer, steps []string) {
	p.t.Helper()
	for _, step := range steps {
		kind, text := step[0], step[1:]
		switch {
		case kind == '>':
			p.send(text)
		case strings.HasPrefix(text, "error "):
			part := strings.Fields(text)
			p.wantError(part[1], part[2])
		case kind == '<':
			p.want(text)
		default:
			var code int
			_, _ = fmt.Sscan(text, &code)
			p.wantCode(code, strings.TrimSpace(strings.TrimPrefix(text, fmt.Sprint(code))))
		}
	}
}

func (p *peer) wantError(id, code string) {
	p.t.Helper()
	raw := p.read()
	if !strings.Contains(raw, `"type":"error"`) || !strings.Contains(raw, `"id":"`+id+`"`) || !strings.Contains(raw, `"code":"`+code+`"`) {
		p.t.Fatalf("got %s, want an error of %s with %s", raw, id, code)
	}
}

// wantCode is wantClose, with any reason that is not empty when none is given.
func (p *peer) wantCode(code int, reason string) {
	p.t.Helper()
	if reason != "" {
		p.wantClose(code, reason)
		return
	}
	_, raw, err := p.ws.ReadMessage()
	e, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla returns it bare
	if !ok || e.Code != code || e.Text == "" {
		p.t.Fatalf("got %s, %v; want close %d with a reason", raw, err, code)
	}
}

func TestSubprotocolMustBeOurs(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil))
	for _, offered := range [][]string{nil, {"graphql-ws"}, {"mqtt", "graphql-ws"}} {
		p := x.dialWith(offered...)
		if got := p.ws.Subprotocol(); got != "" {
			t.Errorf("offered %v, agreed on %q", offered, got)
		}
		p.wantClose(live.CloseSubprotocol, "Subprotocol not acceptable")
	}
	if p := x.dialWith("graphql-ws", live.Subprotocol); p.ws.Subprotocol() != live.Subprotocol {
		t.Error("ours was offered and not taken")
	}
}

func TestBadFramesClose(t *testing.T) {
	t.Parallel()
	x := newRig(t, hello(nil))
	p := x.ready()
	_ = p.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`))
	p.wantClose(live.CloseInvalidMessage, "messages are text")
	p = x.ready()
	_ = p.ws.WriteMessage(websocket.TextMessage, []byte("{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}"))
	p.wantClose(live.CloseNotText, "not UTF-8")
	p = x.ready()
	_ = p.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","payload":{"a":"`+strings.Repeat("x", 64<<10)+`"}}`))
	p.wantClose(live.CloseTooBig, "Message too big")
	p = x.ready()
	_, _ = p.ws.NetConn().Write([]byte{0x83, 0x80, 0, 0, 0, 0}) // there is no frame of this kind
	p.wantClose(websocket.CloseProtocolError, "Frames break the protocol")
	p = x.ready()
	padding := strings.Repeat(" ", 64<<10-len(`{"type":"ping"}`))
	p.send(`{"type":"ping"}` + padding) // exactly the limit
	p.want(`{"type":"pong"}`)
}

func TestReasonFitsTheCloseFrame(t *testing.T) {
	t.Parallel()
	p := newRig(t, hello(nil)).ready()
	id := strings.Repeat("需", 80)
	p.subscribe(id, "subscription { events }")
	p.subscribe(id, "subscription { events }")
	p.wantClose(live.CloseDuplicate, "Subscriber for "+strings.Repeat("需", 36))
}

func TestWebsocketPingIsAnswered(t *testing.T) {
	t.Parallel()
	p := newRig(t, hello(nil)).dial()
	got := make(chan string, 1)
	p.ws.SetPongHandler(func(s string) error { got <- s; return nil })
	_ = p.ws.WriteMessage(websocket.PingMessage, []byte("are you there"))
	p.send(`{"type":"connection_init"}`)
	p.want(ackMessage)
	if s := <-got; s != "are you there" {
		t.Fatalf("pong says %q", s)
	}
}

func TestMutationAndFieldErrors(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["touch"] = func(_ context.Context, args map[string]any) (any, error) { return args["what"], nil }
	r.query["broken"] = func(context.Context, map[string]any) (any, error) { return nil, fault.New(fault.CodeForbidden) }
	p := newRig(t, r).ready()
	p.send(`{"id":"m","type":"subscribe","payload":{"query":"mutation T($w:String){ it: touch(what:$w) }","operationName":"T","variables":{"w":"x"}}}`)
	p.want(`{"id":"m","type":"next","payload":{"data":{"it":"x"}}}`)
	p.want(`{"id":"m","type":"complete"}`)
	p.subscribe("b", "{ broken }")
	p.want(`{"id":"b","type":"next","payload":{"data":{"broken":null},"errors":[{"message":"FORBIDDEN"}]}}`)
	p.want(`{"id":"b","type":"complete"}`)
}

func TestPanicIsAnErrorOfOneOperation(t *testing.T) {
	t.Parallel()
	r := hello(nil)
	r.query["broken"] = func(context.Context, map[string]any) (any, error) { panic("boom") }
	x := newRig(t, r)
	p := x.ready()
	p.subscribe("b", "{ broken }")
	p.want(`{"id":"b","type":"error","payload":[{"message":"internal"}]}`)
	p.subscribe("q", "{ hello }")
	p.next("q")
}
