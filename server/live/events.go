package live

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// EventStream is the media type of Server-Sent Events.
const EventStream = "text/event-stream"

// closeNormal ends an event stream that has said all.
const closeNormal = 1000

// events is a stream of Server-Sent Events in the form of the graphql-sse protocol.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	limits  *Limits
	several bool // operations share the stream: what belongs to which is said
}

func (e *events) next(dst []byte, op *operation, result []byte, cursor string) []byte {
	if cursor != "" && !e.several {
		dst = append(dst, "id: "+cursor+"\n"...) // an EventSource comes back with it
	}
	return e.result(dst, op.id, result)
}

func (e *events) failed(id string, errs gqlerror.List) ([]byte, error) {
	var data bytes.Buffer
	if err := WriteResult(&data, &graphql.Response{Errors: errs[:min(len(errs), MaxErrors)]}); err != nil {
		return nil, err
	}
	return append(e.result(nil, id, data.Bytes()), e.completed(id)...), nil
}

func (e *events) result(dst []byte, id string, result []byte) []byte {
	dst = append(dst, "event: next\ndata: "...)
	if e.several {
		dst = append(dst, payloadHead...)
	}
	dst = append(dst, bytes.ReplaceAll(result, []byte("\n"), []byte(" "))...) // of JSON, only what stands between
	if e.several {
		dst = append(dst, tail(id, "")...)
	}
	return append(dst, "\n\n"...)
}

// completed has an empty field of data, without which an EventSource drops the event.
func (e *events) completed(id string) []byte {
	data := ""
	if e.several {
		quoted, _ := json.Marshal(id) // a string always marshals
		data = `{"id":` + string(quoted) + `}`
	}
	return []byte("event: complete\ndata: " + data + "\n\n")
}

func (*events) ping() []byte { return []byte(":\n\n") }

func (*events) text(message []byte) []byte { return message }

// try leaves it to the goroutine: between it and the socket lies net/http.
func (*events) try([]byte) (int, error) { return 0, nil }

func (*events) rest() {}

func (e *events) write(data []byte) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(e.limits.WriteTimeout)); err != nil {
		return err
	}
	if _, err := e.w.Write(data); err != nil {
		return err
	}
	return e.control.Flush()
}

// part says in a comment why the stream ends before its time; the client sees the end
// without a complete and comes back.
func (e *events) part(b farewell) {
	if b.code != closeNormal {
		_ = e.write([]byte(": " + strconv.Itoa(b.code) + " " + strings.ReplaceAll(b.reason, "\n", " ") + "\n\n"))
	}
	_ = e.control.SetWriteDeadline(time.Time{}) // the connection may serve another request
}

func (*events) patience(time.Time) {} // nothing is read

func (e *events) close() { _ = e.control.SetWriteDeadline(time.Now()) }

// Request is an operation that came over HTTP.
type Request struct {
	*graphql.RawParams
	// Ready is the operation if it has been judged already, else nil: what is wrong with it
	// is then told in the stream.
	Ready *graphql.OperationContext
	// ReadOnly says that it must be no mutation: it came by GET.
	ReadOnly bool
}

func (r Request) message(id string) message {
	return message{kind: "subscribe", id: id, request: request{
		query: r.Query, operationName: r.OperationName, variables: r.Variables, extensions: r.Extensions, ready: r.Ready, readOnly: r.ReadOnly,
	}}
}

// Stream answers one operation with a stream of events until it completes, the client
// goes, or the caller may no more: the distinct connections mode of graphql-sse.
func (t *Transport) Stream(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, req Request) {
	if last := r.Header.Get("Last-Event-ID"); last != "" && req.Extensions["resumeAfter"] == nil {
		extensions := map[string]any{"resumeAfter": last}
		for name, v := range req.Extensions {
			extensions[name] = v
		}
		req.RawParams.Extensions = extensions
	}
	c := t.open(w, r, t.caller(r.Context()), exec, nil)
	if c == nil {
		return
	}
	defer t.remove(c)
	c.once = true
	if bad := c.subscribe(req.message("")); bad != nil {
		c.shut(bad.Code, bad.Reason, false)
	}
	c.pour(r.Context())
}

func (t *Transport) caller(ctx context.Context) Session {
	if t.Caller == nil {
		return Session{}
	}
	return t.Caller(ctx)
}

// open begins an event stream; nil, and 503, once Shutdown has begun. share gets a stream
// for several operations before the client learns that it is open; nil is for one.
func (t *Transport) open(w http.ResponseWriter, r *http.Request, s Session, exec graphql.GraphExecutor, share func(*Conn)) *Conn {
	if !t.enter() {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return nil
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the server's time for reading a request is over, not the client's
	c := newConn(context.WithoutCancel(r.Context()), t, &events{w: w, control: control, limits: t.bounds(), several: share != nil}, r.Header, exec)
	c.inited, c.acked = true, true
	h := w.Header()
	h.Set("Content-Type", EventStream+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would gather events
	w.WriteHeader(http.StatusOK)     // not on its way before the first frame
	admitted := t.add(c)
	c.mu.Lock()
	c.adopt(s)
	c.mu.Unlock()
	if share != nil {
		share(c)
	}
	c.push(c.wire.ping(), true) // so that the client has its headers
	if !admitted {
		c.shut(CloseGoingAway, "Going away", false)
	}
	return c
}

// lasting lives as long as one context and knows what another knows, and then what it knows
// itself.
type lasting struct {
	context.Context
	knows context.Context
}

func (l lasting) Value(key any) any {
	if v := l.knows.Value(key); v != nil {
		return v
	}
	return l.Context.Value(key)
}

// pour returns when the stream has ended and nothing of it runs any more.
func (c *Conn) pour(client context.Context) {
	over := c.out.over()
	select {
	case <-client.Done():
		c.cut()
	case <-over:
	}
	<-over
	c.work.Wait()
}
