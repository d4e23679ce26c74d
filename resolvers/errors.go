package resolvers

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
)

// userErrors splits an error: what the caller can mend (kinds Invalid, NotFound,
// Conflict) goes into the payload, the rest stays a top-level error.
func userErrors(ctx context.Context, err error) ([]graph.UserError, error) {
	if err == nil {
		return []graph.UserError{}, nil
	}
	e, ok := fault.As(err)
	if !ok {
		return nil, err
	}
	switch e.Kind() {
	case fault.Invalid, fault.NotFound, fault.Conflict:
		return []graph.UserError{userError(ctx, e)}, nil
	case fault.Internal, fault.Forbidden, fault.Unauthenticated, fault.Limit, fault.Unavailable:
	}
	return nil, err
}

// itemErrors are the errors of one of many items: unlike those of a whole mutation what
// this actor may not do is one of them, for the others went on.
func itemErrors(ctx context.Context, err error) ([]graph.UserError, error) {
	if e, ok := fault.As(err); ok && e.Kind() == fault.Forbidden {
		return []graph.UserError{userError(ctx, e)}, nil
	}
	return userErrors(ctx, err)
}

func userError(ctx context.Context, e *fault.Error) graph.UserError {
	base := graph.InputError{Code: graph.ErrorCode(e.Code), Message: e.Message(codes.Locale(ctx)), Path: e.Path, Params: errorParams(e)}
	if base.Path == nil {
		base.Path = []string{}
	}
	switch e.Code {
	case fault.CodeConflict:
		return graph.ConflictError{
			Code: base.Code, Message: base.Message, Path: base.Path, Params: base.Params,
			ExpectedVersion: int(number(e, "expectedVersion")), ActualVersion: int(number(e, "actualVersion")),
		}
	case fault.CodeTransition:
		allowed, _ := e.Params["allowed"].([]string)
		return graph.TransitionError{
			Code: base.Code, Message: base.Message, Path: base.Path, Params: base.Params,
			State: fmt.Sprint(e.Params["from"]), Allowed: append([]string{}, allowed...),
		}
	case fault.CodeFenced:
		return graph.FenceError{
			Code: base.Code, Message: base.Message, Path: base.Path, Params: base.Params,
			GivenFence: int(number(e, "given")), CurrentFence: int(number(e, "current")),
		}
	case fault.CodeStockShort:
		return graph.StockError{
			Code: base.Code, Message: base.Message, Path: base.Path, Params: base.Params,
			Free: number(e, "free"), Wanted: number(e, "wanted"),
		}
	}
	return base
}

// number reads a whole number among the parameters, whatever its width.
func number(e *fault.Error, name string) int64 {
	switch n := e.Params[name].(type) {
	case int:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

func errorParams(e *fault.Error) []graph.ErrorParam {
	out := make([]graph.ErrorParam, 0, len(e.Params))
	for name, value := range e.Params {
		text := fmt.Sprint(value)
		if list, ok := value.([]string); ok {
			text = strings.Join(list, ",")
		}
		out = append(out, graph.ErrorParam{Name: name, Value: text})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}
