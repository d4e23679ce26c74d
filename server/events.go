package server

import (
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

// How a client wants to be answered.
type manner int

const (
	nothing manner = iota // it accepts nothing that there is
	plainly               // one JSON
	stream                // events
	either                // events for a subscription, one JSON else
)

// wanted is what the Accept headers ask for. Events are for who names them.
func (h HTTP) wanted(r *http.Request) (kind string, how manner) {
	accept := r.Header.Values("Accept")
	kind, ok := negotiated(accept)
	ranges := strings.Split(strings.Join(accept, ","), ",")
	events := likes(ranges, live.EventStream)
	named := h.Live != nil && events.named == 2 && events.quality > 0
	switch {
	case named && (!ok || events.quality > likes(ranges, kind).quality):
		return typeJSON, stream
	case !ok:
		return "", nothing
	case named:
		return kind, either
	}
	return kind, plainly
}

const tokenHeader = "X-Graphql-Event-Stream-Token" // as net/http spells it

// tokenOf is the token of a shared stream that a request names.
func tokenOf(r *http.Request) string {
	if token := r.Header.Get(tokenHeader); token != "" {
		return token
	}
	return r.URL.Query().Get("token")
}

// streamMethods are what a request may do besides: reserve a stream, or with the token of
// one end an operation of it.
func streamMethods(token string) string {
	if token == "" {
		return ", PUT"
	}
	return ", PUT, DELETE"
}

// manage answers what is about a shared stream itself: PUT reserves one, a request for
// events that names it opens it, DELETE ends one of its operations. It reports whether
// the request was one of these.
func (h HTTP) manage(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, token string, how manner) bool {
	var err error
	switch {
	case r.Method == http.MethodPut:
		if token, err = h.Live.Reserve(r, payer(r.Context())); err == nil {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(token)) // a client that is gone is nobody's error
		}
	case r.Method == http.MethodDelete && token != "":
		err = h.Live.Stop(r.Context(), token, r.URL.Query().Get("operationId"))
	case token != "" && how == stream:
		h.Admission.Admit(w, r, func() { err = h.Live.Connect(w, r, exec, token) })
	default:
		return false
	}
	if err != nil {
		fail(w, r, err)
	}
	return true
}

// start runs an operation on a shared stream.
func (h HTTP) start(w http.ResponseWriter, r *http.Request, token string, req live.Request) {
	id, _ := req.Extensions["operationId"].(string)
	if h.Live == nil {
		fail(w, r, fault.New(fault.CodeNotFound))
		return
	}
	if err := h.Live.Start(r.Context(), token, id, req); err != nil {
		fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
