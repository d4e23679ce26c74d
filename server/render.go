package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/webhook"
)

// renderDepth bounds the values inside of values that a webhook's objects show.
const renderDepth = 3

// renderer shows objects for webhooks by the very schema that answers everybody: what
// a noun gains there is sent as well.
func renderer(schema graphql.ExecutableSchema) webhook.Render {
	exec, document := executor.New(schema), renderDocument(schema.Schema())
	return func(ctx context.Context, a access.Actor, ids []string) (map[string]json.RawMessage, error) {
		ctx = graphql.StartOperationTrace(account.WithActor(ctx, a))
		op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: document, Variables: map[string]any{"ids": ids}})
		if errs != nil {
			return nil, fmt.Errorf("render: %w", errs)
		}
		answer, ctx := exec.DispatchOperation(ctx, op)
		resp := answer(ctx)
		if len(resp.Errors) > 0 {
			return nil, fmt.Errorf("render: %w", resp.Errors)
		}
		var data struct{ Nodes []json.RawMessage }
		if err := json.Unmarshal(resp.Data, &data); err != nil {
			return nil, fmt.Errorf("render: %w", err)
		}
		out := make(map[string]json.RawMessage, len(ids))
		for i, id := range ids {
			if string(data.Nodes[i]) != "null" {
				out[id] = data.Nodes[i]
			}
		}
		return out, nil
	}
}

// renderDocument asks every type of Node for all that needs no argument: values
// whole, other objects by id. What is a reader's own (allowedActions) is left out.
func renderDocument(s *ast.Schema) string {
	var b strings.Builder
	b.WriteString("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename")
	for _, t := range s.PossibleTypes["Node"] {
		fmt.Fprintf(&b, " ... on %s {%s }", t.Name, selection(s, t, renderDepth))
	}
	b.WriteString(" } }")
	return b.String()
}

func selection(s *ast.Schema, t *ast.Definition, depth int) string {
	var b strings.Builder
	for _, f := range t.Fields {
		of := s.Types[f.Type.Name()]
		switch {
		case len(f.Arguments) > 0 || f.Name == "allowedActions" || strings.HasPrefix(f.Name, "__"):
		case of.IsLeafType():
			b.WriteString(" " + f.Name)
		case of.Kind != ast.Object || depth == 0:
		case slices.Contains(of.Interfaces, "Node"):
			b.WriteString(" " + f.Name + " { id }")
		default:
			if inner := selection(s, of, depth-1); inner != "" {
				b.WriteString(" " + f.Name + " {" + inner + " }")
			}
		}
	}
	return b.String()
}
