package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

// MaxBody is the largest request body that is read, variables included.
const MaxBody = 1 << 20

// MaxURL is the longest query component of an address; what is longer is for POST.
const MaxURL = 128 << 10

// HTTP is the graphql.Transport for plain HTTP: POST with a JSON body for queries and
// mutations, GET for queries. It follows "GraphQL over HTTP": the Accept header chooses
// between application/graphql-response+json and application/json, and each has its own
// rule of statuses. What is malformed is refused with a typed error that echoes nothing.
// Only JSON bodies are read and GET only reads, so no form of another site can do
// anything.
type HTTP struct {
	// Edition is the text whose statuses are answered.
	Edition Edition
	// Live answers with streams of events; nil answers subscriptions with a refusal.
	Live *live.Transport
	// Admission bounds these streams; nil is no bound.
	Admission *Admission
}

var _ graphql.Transport = HTTP{}

// Supports takes all but upgrades: what has a wrong method or type gets an answer.
func (HTTP) Supports(r *http.Request) bool { return r.Header.Get("Upgrade") == "" }

// Do answers one request.
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	w.Header().Add("Vary", "Accept")
	kind, how := h.wanted(r)
	if how == nothing {
		refuse(ctx, w, http.StatusNotAcceptable, fault.New(fault.CodeInvalid, fault.P("rule", "accept "+typeResponse+" or "+typeJSON)))
		return
	}
	token := tokenOf(r)
	if h.Live != nil && h.manage(w, r, exec, token, how) {
		return
	}
	params, refusal := read(w, r)
	if refusal != nil {
		if refusal.status == http.StatusMethodNotAllowed && h.Live != nil {
			refusal.allow += streamMethods(token)
		}
		h.refuse(ctx, w, kind, refusal)
		return
	}
	params.Headers = r.Header
	req := live.Request{RawParams: params, ReadOnly: r.Method == http.MethodGet}
	if how == stream {
		h.Admission.Admit(w, r, func() { h.Live.Stream(w, r, exec, req) })
		return
	}
	op, errs := exec.CreateOperationContext(ctx, params)
	ctx = graphql.WithOperationContext(ctx, op)
	if len(errs) > 0 {
		h.answer(ctx, w, kind, exec.DispatchError(ctx, errs))
		return
	}
	req.Ready = op
	if how == either && op.Operation.Operation == ast.Subscription {
		h.Admission.Admit(w, r, func() { h.Live.Stream(w, r, exec, req) })
		return
	}
	if refusal := allowed(r.Method, op.Operation.Operation, token != ""); refusal != nil {
		h.refuse(ctx, w, kind, refusal)
		return
	}
	if token != "" {
		h.start(w, r, token, req)
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	h.answer(ctx, w, kind, responses(ctx))
}

// refused is a request that is not executed, whatever its document says.
type refused struct {
	status int
	allow  string // the methods that would do
	err    *fault.Error
}

func invalid(status int, rule string) *refused {
	return &refused{status: status, err: fault.New(fault.CodeInvalid, fault.P("rule", rule))}
}

// malformed is what is no request of GraphQL over HTTP.
func malformed(rule string) *refused { return invalid(http.StatusUnprocessableEntity, rule) }

func wrongMethod(allow, rule string) *refused {
	out := invalid(http.StatusMethodNotAllowed, rule)
	out.allow = allow
	return out
}

func allowed(method string, op ast.Operation, streamed bool) *refused {
	switch {
	case op == ast.Subscription && !streamed:
		return invalid(http.StatusBadRequest, "subscriptions need a websocket (graphql-transport-ws) or Accept: text/event-stream")
	case op == ast.Mutation && method == http.MethodGet:
		return wrongMethod("POST", "mutations need POST")
	}
	return nil
}

func read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refused) {
	switch r.Method {
	case http.MethodGet:
		return readURL(r)
	case http.MethodPost:
		return readBody(w, r)
	}
	return nil, wrongMethod("GET, POST", "GET or POST")
}

// members are what a request is made of. Others are ignored, as the specification asks:
// they may be of a later edition.
var members = []string{"query", "operationName", "variables", "extensions"}

// asked reports whether a program or a script sent a GET. What a browser fetches for an
// image, a form or a link of any page says none of these.
func asked(r *http.Request) bool {
	accept, mode := r.Header.Get("Accept"), r.Header.Get("Sec-Fetch-Mode")
	return mode == "cors" || mode == "same-origin" || accept == "" || strings.Contains(accept, "json") || strings.Contains(accept, live.EventStream) || r.Header.Get("Authorization") != ""
}

func readURL(r *http.Request) (*graphql.RawParams, *refused) {
	if !asked(r) {
		return nil, invalid(http.StatusBadRequest, "a GET that names "+typeResponse+" or "+typeJSON+" in Accept")
	}
	if len(r.URL.RawQuery) > MaxURL {
		return nil, &refused{status: http.StatusRequestURITooLong, err: fault.New(fault.CodeQueryTooComplex, fault.P("what", "bytes"), fault.P("max", MaxURL))}
	}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid(http.StatusBadRequest, "parameters that are URL-encoded")
	}
	fields := map[string]json.RawMessage{}
	for _, name := range members {
		values := given[name]
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || !utf8.ValidString(values[0]) {
			return nil, malformed("each parameter once, in UTF-8")
		}
		fields[name] = json.RawMessage(values[0])
		if name == "query" || name == "operationName" {
			fields[name], _ = json.Marshal(values[0]) // a string always marshals
		}
	}
	return assemble(fields)
}

func readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refused) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != typeJSON || (params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8")) {
		return nil, invalid(http.StatusUnsupportedMediaType, "content type application/json in UTF-8")
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		w.Header().Set("Accept-Encoding", "identity")
		return nil, invalid(http.StatusUnsupportedMediaType, "a body that is not compressed")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return nil, &refused{status: http.StatusRequestEntityTooLarge, err: fault.New(fault.CodeQueryTooComplex, fault.P("what", "bytes"), fault.P("max", MaxBody))}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, invalid(http.StatusRequestTimeout, "a whole body in time")
	case err != nil:
		return nil, invalid(http.StatusBadRequest, "a whole body")
	case !utf8.Valid(body):
		return nil, &refused{status: http.StatusBadRequest, err: fault.New(fault.CodeTextInvalid)}
	}
	var fields map[string]json.RawMessage
	switch err := json.Unmarshal(body, &fields); {
	case err != nil && !json.Valid(body):
		return nil, invalid(http.StatusBadRequest, "JSON")
	case err != nil || fields == nil:
		return nil, malformed("one JSON object; several operations are several requests")
	}
	return assemble(fields)
}

// assemble checks names and types exactly: encoding/json alone would take "QUERY".
func assemble(fields map[string]json.RawMessage) (*graphql.RawParams, *refused) {
	var p graphql.RawParams
	for i, into := range []any{&p.Query, &p.OperationName, &p.Variables, &p.Extensions} {
		raw := fields[members[i]]
		if len(raw) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber() // a float64 would round large integers
		if err := dec.Decode(into); err != nil || dec.More() {
			return nil, malformed(members[i] + ": of its type")
		}
	}
	if p.Query == "" && p.Extensions["persistedQuery"] == nil {
		return nil, &refused{status: http.StatusUnprocessableEntity, err: fault.New(fault.CodeRequired, fault.At("query"))}
	}
	return &p, nil
}
