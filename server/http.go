package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
)

// MaxBody is the largest request body that is read, variables included.
const MaxBody = 1 << 20

const (
	typeJSON     = "application/json"
	typeResponse = "application/graphql-response+json"
)

// HTTP is the graphql.Transport for plain HTTP: POST with a JSON body for queries and
// mutations, GET for queries. It follows "GraphQL over HTTP": for a client that
// accepts application/graphql-response+json the status says what happened; for one of
// plain JSON a well-formed request is answered with 200. What is malformed is refused
// with a typed error that echoes nothing. Only JSON bodies are read and GET only
// reads, so no form of another site can do anything.
type HTTP struct{}

var _ graphql.Transport = HTTP{}

// Supports takes all but upgrades: what has a wrong method or type gets an answer.
func (HTTP) Supports(r *http.Request) bool { return r.Header.Get("Upgrade") == "" }

// Do answers one request.
func (HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	params, refusal := read(w, r)
	if refusal != nil {
		if refusal.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", "GET, POST")
		}
		refuse(ctx, w, refusal.status, refusal.err)
		return
	}
	params.Headers = r.Header
	op, errs := exec.CreateOperationContext(ctx, params)
	ctx = graphql.WithOperationContext(ctx, op)
	if len(errs) > 0 {
		answer(w, r, exec.DispatchError(ctx, errs))
		return
	}
	if err := allowed(r.Method, op.Operation.Operation); err != nil {
		if r.Method == http.MethodGet {
			w.Header().Set("Allow", "POST")
		}
		refuse(ctx, w, err.status, err.err)
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	answer(w, r, responses(ctx))
}

// refused is a request that is not a GraphQL request.
type refused struct {
	status int
	err    *fault.Error
}

func invalid(status int, rule string) *refused {
	return &refused{status, fault.New(fault.CodeInvalid, fault.P("rule", rule))}
}

func allowed(method string, op ast.Operation) *refused {
	switch {
	case op == ast.Subscription:
		return invalid(http.StatusBadRequest, "subscriptions need a websocket (graphql-transport-ws)")
	case op == ast.Mutation && method == http.MethodGet:
		return invalid(http.StatusMethodNotAllowed, "mutations need POST")
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
	return nil, invalid(http.StatusMethodNotAllowed, "GET or POST")
}

// members are all that a request may have.
var members = map[string]bool{"query": true, "operationName": true, "variables": true, "extensions": true}

func readURL(r *http.Request) (*graphql.RawParams, *refused) {
	fields := map[string]json.RawMessage{}
	for name, values := range r.URL.Query() {
		if len(values) != 1 || !utf8.ValidString(values[0]) {
			return nil, invalid(http.StatusBadRequest, "each parameter once, in UTF-8")
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
		return nil, invalid(http.StatusUnsupportedMediaType, "a body that is not compressed")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return nil, &refused{http.StatusRequestEntityTooLarge, fault.New(fault.CodeQueryTooComplex, fault.P("what", "bytes"), fault.P("max", MaxBody))}
	case err != nil:
		return nil, invalid(http.StatusBadRequest, "a whole body")
	case !utf8.Valid(body):
		return nil, &refused{http.StatusBadRequest, fault.New(fault.CodeTextInvalid)}
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, invalid(http.StatusBadRequest, "one JSON object")
	}
	return assemble(fields)
}

// assemble checks names and types exactly: encoding/json alone would take "QUERY".
func assemble(fields map[string]json.RawMessage) (*graphql.RawParams, *refused) {
	for name := range fields {
		if !members[name] {
			return nil, invalid(http.StatusBadRequest, "only query, operationName, variables, extensions")
		}
	}
	var p graphql.RawParams
	for name, into := range map[string]any{
		"query": &p.Query, "operationName": &p.OperationName, "variables": &p.Variables, "extensions": &p.Extensions,
	} {
		raw := fields[name]
		if len(raw) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber() // a float64 would round large integers
		if err := dec.Decode(into); err != nil || dec.More() {
			return nil, invalid(http.StatusBadRequest, name+": of its type")
		}
	}
	if p.Query == "" {
		return nil, &refused{http.StatusBadRequest, fault.New(fault.CodeRequired, fault.At("query"))}
	}
	return &p, nil
}

// answer writes a response. Its status is 200 unless nothing was executed and the
// client understands more, or the caller has to sign in, wait, or come back.
func answer(w http.ResponseWriter, r *http.Request, resp *graphql.Response) {
	kind := negotiated(r)
	status := http.StatusOK
	if len(resp.Errors) > 0 && (len(resp.Data) == 0 || string(resp.Data) == "null") {
		status = statusOf(resp.Errors[0], kind)
	}
	if n := notesOf(r.Context()); n != nil {
		for _, e := range resp.Errors {
			n.codes = append(n.codes, code(e))
		}
	}
	write(w, status, kind, resp)
}

func negotiated(r *http.Request) string {
	if strings.Contains(r.Header.Get("Accept"), typeResponse) {
		return typeResponse
	}
	return typeJSON
}

func statusOf(e *gqlerror.Error, kind string) int {
	rich := kind == typeResponse
	c := code(e)
	if strings.HasPrefix(c, "GRAPHQL_") {
		if rich {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	switch kindOf := (&fault.Error{Code: fault.Code(c)}).Kind(); {
	case kindOf == fault.Unauthenticated:
		return http.StatusUnauthorized
	case kindOf == fault.Unavailable:
		return http.StatusServiceUnavailable
	case kindOf == fault.Internal:
		return http.StatusInternalServerError
	case c == string(fault.CodeRateLimited):
		return http.StatusTooManyRequests
	case rich && kindOf == fault.Forbidden:
		return http.StatusForbidden
	case rich && kindOf == fault.Limit:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// refuse answers what never reached GraphQL with one typed error.
func refuse(ctx context.Context, w http.ResponseWriter, status int, f *fault.Error) {
	e := &gqlerror.Error{Message: f.Message(codes.Locale(ctx)), Extensions: map[string]any{"code": string(f.Code)}}
	if len(f.Params) > 0 {
		e.Extensions["params"] = f.Params
	}
	if f.Kind() == fault.Internal {
		e.Extensions["requestId"] = RequestID(ctx)
	}
	if n := notesOf(ctx); n != nil {
		n.codes = append(n.codes, string(f.Code))
	}
	write(w, status, typeJSON, &graphql.Response{Errors: gqlerror.List{e}})
}

func write(w http.ResponseWriter, status int, kind string, resp *graphql.Response) {
	body, err := json.Marshal(resp)
	if err != nil { // a resolver wrote what is no JSON: a bug, contained by Logged
		panic(err)
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is nobody's error
}
