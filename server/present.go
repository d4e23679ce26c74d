package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
)

// Presenter makes the one place where errors become what clients see. A fault keeps
// its code, parameters and input path and speaks the reader's language; GraphQL's own
// errors keep their text under GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED; an
// argument that its scalar refuses is INVALID; anything else is INTERNAL with the
// request's id, its cause in the log only. The cause stays in the chain (Err), which
// is never written out.
func Presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var shown *gqlerror.Error
		if !errors.As(err, &shown) {
			shown = &gqlerror.Error{Err: err, Path: graphql.GetPath(ctx)}
		}
		if presented(shown) {
			return shown
		}
		if f, ok := fault.As(err); ok {
			return dress(ctx, log, shown, f)
		}
		if own(shown) {
			errcode.Set(shown, code(shown))
			return shown
		}
		if argument(ctx) {
			return dress(ctx, log, shown, fault.New(fault.CodeInvalid, fault.P("rule", root(err)), fault.At(names(shown.Path)...)))
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return dress(ctx, log, shown, fault.New(fault.CodeUnavailable, fault.Because(err)))
		}
		return dress(ctx, log, shown, fault.New(fault.CodeInternal, fault.Because(err)))
	}
}

// presented reports whether an error has been through here.
func presented(e *gqlerror.Error) bool {
	_, ok := e.Extensions["requestId"]
	return ok
}

// own reports whether an error is of the GraphQL library itself: it wraps nothing, or
// has the library's code already.
func own(e *gqlerror.Error) bool {
	c, _ := e.Extensions["code"].(string)
	return e.Err == nil || strings.HasPrefix(c, "GRAPHQL_")
}

func code(e *gqlerror.Error) string {
	if c, ok := e.Extensions["code"].(string); ok {
		return c
	}
	return errcode.ValidationFailed
}

// argument reports whether the error came while a field's arguments were read.
func argument(ctx context.Context) bool {
	fc := graphql.GetFieldContext(ctx)
	return fc != nil && fc.Args == nil && fc.Field.Field != nil && len(fc.Field.Arguments) > 0 && fc.IsResolver
}

// dress shows a fault in the place of an error.
func dress(ctx context.Context, log *slog.Logger, shown *gqlerror.Error, f *fault.Error) *gqlerror.Error {
	out := &gqlerror.Error{
		Err: shown, Message: f.Message(codes.Locale(ctx)), Path: shown.Path, Locations: shown.Locations,
		Extensions: map[string]any{"code": string(f.Code)},
	}
	if shown.Err != nil {
		out.Err = shown.Err
	}
	if len(f.Params) > 0 {
		out.Extensions["params"] = f.Params
	}
	if len(f.Path) > 0 {
		out.Extensions["path"] = f.Path
	}
	id := RequestID(ctx)
	switch f.Kind() {
	case fault.Internal:
		out.Extensions["requestId"] = id
		if contained := (panicked{}); errors.As(f, &contained) {
			break // it has been reported, with its stack
		}
		log.ErrorContext(ctx, "internal error", "request", id, "at", out.Path.String(), "cause", f.Error())
	case fault.Unavailable:
		out.Extensions["requestId"] = id
		log.WarnContext(ctx, "unavailable", "request", id, "at", out.Path.String(), "cause", f.Error())
	}
	return out
}

// root is the innermost error's text.
func root(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// names are the path's field names, without the root field.
func names(p ast.Path) []string {
	var out []string
	for i, e := range p {
		if i > 0 {
			out = append(out, fmt.Sprint(e))
		}
	}
	return out
}

// Recover contains a panic of a resolver: the client sees INTERNAL, the log the
// stack. The panic's value is not shown to anybody but the log.
func Recover(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		log.ErrorContext(ctx, "panic", "request", RequestID(ctx), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		return fault.New(fault.CodeInternal, fault.Because(panicked{p}))
	}
}

// panicked is what a resolver panicked with.
type panicked struct{ with any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.with) }
