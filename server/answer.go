package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/server/live"
)

// Edition is a text of "GraphQL over HTTP", which differ in their statuses. A request
// that was executed is a success in all of them, whatever errors its data came with.
type Edition int

const (
	// Edition2026 is the text of August 2026: what is well-formed JSON but no request, or
	// does not pass validation, is 422; data that came with errors are 294 for who accepts
	// application/graphql-response+json; who accepts plain JSON only gets the same statuses
	// but 294, and plain JSON in a success only.
	Edition2026 Edition = iota
	// Edition2025 is the text before, which the graphql-http audits measure: 400 in place
	// of 422, 200 in place of 294, and for who accepts application/json only 200 for every
	// request that is well-formed.
	Edition2025
)

// statusPartial is 294 Partial Success, which the specification defines.
const statusPartial = 294

// status is the edition's for one of the text of 2026. WellFormed says that the request
// was one, and its document is the reason.
func (e Edition) status(newest int, kind string, wellFormed bool) int {
	unfit := newest == http.StatusUnprocessableEntity || newest == http.StatusBadRequest
	switch {
	case e == Edition2026:
		return newest
	case newest == statusPartial, unfit && wellFormed && kind == typeJSON:
		return http.StatusOK
	case unfit:
		return http.StatusBadRequest
	}
	return newest
}

// content is the type of an answer of a status to who accepts kind.
func (e Edition) content(status int, kind string) string {
	if e == Edition2026 && status >= http.StatusBadRequest {
		return typeResponse
	}
	return kind
}

// answer writes a response.
func (h HTTP) answer(ctx context.Context, w http.ResponseWriter, kind string, resp *graphql.Response) {
	if len(resp.Data) == 0 {
		resp.Errors = resp.Errors[:min(len(resp.Errors), live.MaxErrors)]
	}
	for _, e := range resp.Errors {
		notesOf(ctx).failed(code(e))
	}
	status := h.Edition.status(statusOf(resp, kind), kind, true)
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="linkage"`)
	case http.StatusTooManyRequests:
		if f, ok := fault.As(resp.Errors[0]); ok {
			w.Header().Set("Retry-After", fmt.Sprint(f.Params["seconds"]))
		}
	}
	write(w, status, h.Edition.content(status, kind), resp)
}

// statusOf is the status of a response in the text of 2026.
func statusOf(resp *graphql.Response, kind string) int {
	switch {
	case len(resp.Errors) == 0, len(resp.Data) > 0 && kind == typeJSON:
		return http.StatusOK
	case len(resp.Data) > 0:
		return statusPartial
	}
	c := code(resp.Errors[0])
	switch (&fault.Error{Code: fault.Code(c)}).Kind() {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
		switch {
		case c == errcode.ParseFailed:
			return http.StatusBadRequest
		case c == notPersistedCode, strings.HasPrefix(c, "GRAPHQL_"):
			return http.StatusUnprocessableEntity
		}
		return http.StatusInternalServerError
	case fault.Limit:
		if c == string(fault.CodeRateLimited) {
			return http.StatusTooManyRequests
		}
	}
	return http.StatusUnprocessableEntity
}

// refuse answers what is not executed.
func (h HTTP) refuse(ctx context.Context, w http.ResponseWriter, kind string, r *refused) {
	if r.allow != "" {
		w.Header().Set("Allow", r.allow)
	}
	status := h.Edition.status(r.status, kind, false)
	write(w, status, h.Edition.content(status, kind), refusal(ctx, r.err))
}

// refuse answers what never reached GraphQL with one typed error.
func refuse(ctx context.Context, w http.ResponseWriter, status int, f *fault.Error) {
	write(w, status, typeJSON, refusal(ctx, f))
}

func refusal(ctx context.Context, f *fault.Error) *graphql.Response {
	e := &gqlerror.Error{Message: f.Message(codes.Locale(ctx)), Extensions: map[string]any{"code": string(f.Code)}}
	if len(f.Params) > 0 {
		e.Extensions["params"] = f.Params
	}
	if f.Kind() == fault.Internal {
		e.Extensions["requestId"] = RequestID(ctx)
	}
	notesOf(ctx).failed(string(f.Code))
	return &graphql.Response{Errors: gqlerror.List{e}}
}

func write(w http.ResponseWriter, status int, kind string, resp *graphql.Response) {
	body := bytes.NewBuffer(make([]byte, 0, len(resp.Data)+64))
	if err := live.WriteResult(body, resp); err != nil { // an extension that is no JSON: a bug, contained by Logged
		panic(err)
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that is gone is nobody's error
}
