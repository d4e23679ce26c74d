package server

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

// Limits is the gqlgen extension that bounds a query before it costs anything: its
// shape before validation, which is quadratic in repeated fields, and its cost before
// execution. Zero fields take the default named beside them. QUERY_TOO_COMPLEX names
// what and how many.
type Limits struct {
	Bytes      int // 64 kB of document
	Tokens     int // 8,000
	Depth      int // 20 levels
	Fields     int // 4,000 after fragments are put in
	Pairs      int // 10,000 pairs of fields that answer under one name
	Aliases    int // 100
	RootFields int // 20
	Directives int // 50, and 4 in one place
	Spreads    int // 120 places where fragments are put in
	Parts      int // 100: operations, fragments and variables together
	Values     int // 10,000 values in all variables, in 20 levels
	Cost       int // 50,000: fields, those in lists as often as the page may be long
	// ActorCost and AddressCost are what an account, and all behind one address, may spend
	// in a second in the long run: 5,000 and 50,000. Nothing is counted if they are negative.
	ActorCost, AddressCost int
	// OpenIntrospection lets anybody read the schema; else only who is signed in.
	OpenIntrospection bool

	known  *lru.Cache[string, struct{}] // documents whose shape has passed
	budget budget
}

var (
	_ graphql.HandlerExtension          = (*Limits)(nil)
	_ graphql.OperationParameterMutator = (*Limits)(nil)
	_ graphql.OperationContextMutator   = (*Limits)(nil)
	_ graphql.ResponseInterceptor       = (*Limits)(nil)
)

// NewLimits fills in the defaults.
func NewLimits(l Limits) *Limits {
	for _, f := range []struct {
		at   *int
		want int
	}{
		{&l.Bytes, 64 << 10},
		{&l.Tokens, 8000},
		{&l.Depth, 20},
		{&l.Fields, 4000},
		{&l.Pairs, 10_000},
		{&l.Aliases, 100},
		{&l.RootFields, 20},
		{&l.Directives, 50},
		{&l.Spreads, 120},
		{&l.Parts, 100},
		{&l.Values, 10_000},
		{&l.Cost, 50_000},
		{&l.ActorCost, actorCost},
		{&l.AddressCost, addressCost},
	} {
		if *f.at == 0 {
			*f.at = f.want
		}
	}
	l.known, _ = lru.New[string, struct{}](cachedQueries) // it fails for a size below 1 only
	l.budget = budget{newPurses(l.ActorCost, l.Cost), newPurses(l.AddressCost, l.Cost)}
	return &l
}

// ExtensionName names the extension for gqlgen.
func (*Limits) ExtensionName() string { return "Limits" }

// Validate has nothing to check.
func (*Limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters judges the shape of a document before it is validated. To
// read one costs as well, even if nothing comes of it.
func (l *Limits) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if len(p.Query) > l.Bytes {
		return tooComplex("bytes", l.Bytes)
	}
	if bad := l.values(p.Variables, new(int), maxValueDepth); bad != nil {
		return bad
	}
	if l.known.Contains(p.Query) {
		return nil
	}
	if _, err := l.budget.spend(ctx, len(p.Query)/bytesPerCost); err != nil {
		return late(err)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, l.Tokens)
	if err != nil {
		if strings.Contains(err.Error(), "exceeded token limit") {
			return tooComplex("tokens", l.Tokens)
		}
		if strings.Contains(err.Error(), "exceeded maximum nesting") {
			return tooComplex("depth", l.Depth)
		}
		return nil // the executor says what is wrong with it
	}
	if bad := l.shape(doc); bad != nil {
		return bad
	}
	if len(p.Query) <= cachedQueryBytes {
		l.known.Add(p.Query, struct{}{})
	}
	return nil
}

// shape judges all operations of a document together.
func (l *Limits) shape(doc *ast.QueryDocument) *gqlerror.Error {
	parts := len(doc.Operations) + len(doc.Fragments)
	for _, op := range doc.Operations {
		parts += len(op.VariableDefinitions)
	}
	if parts > l.Parts {
		return tooComplex("parts", l.Parts)
	}
	w := &walk{limits: l, fragments: fragments(doc)}
	w.countSpreads(doc)
	for _, op := range doc.Operations {
		w.directives(op.Directives)
		w.level([]ast.SelectionSet{op.SelectionSet}, 1)
	}
	// Fragments that no operation uses are validated all the same.
	for _, f := range doc.Fragments {
		w.directives(f.Directives)
		if !w.used[f.Name] {
			w.level([]ast.SelectionSet{f.SelectionSet}, 1)
		}
	}
	return w.bad
}

// MutateOperationContext judges the cost of a valid operation with its variables,
// and who may read the schema.
func (l *Limits) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	_, signedIn := account.IdentityFrom(ctx)
	op.DisableIntrospection = !l.OpenIntrospection && !signedIn
	if op.Operation.Operation == ast.Subscription && len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})) != 1 {
		return &gqlerror.Error{
			Message: "a subscription has exactly one root field", Extensions: map[string]any{"code": errcode.ValidationFailed},
		}
	}
	c := &coster{vars: op.Variables, fragments: fragments(op.Doc)}
	cost := c.level(nil, op.Operation.SelectionSet)
	if op.DisableIntrospection && c.introspects {
		return raised(fault.New(fault.CodeUnauthenticated))
	}
	if cost > l.Cost {
		return tooComplex("cost", l.Cost)
	}
	bill, err := l.budget.spend(ctx, cost)
	if err != nil {
		return late(err)
	}
	op.Stats.SetExtension(billed, bill)
	return nil
}

// billed is the name under which an operation keeps what it costs.
const billed = "cost"

// InterceptResponse says in extensions.cost what a query or mutation cost and what is
// left. An event of a subscription says nothing: it was paid for at the start.
func (l *Limits) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.HasOperationContext(ctx) {
		op := graphql.GetOperationContext(ctx)
		if bill, ok := op.Stats.GetExtension(billed).(spent); ok && op.Operation.Operation != ast.Subscription {
			graphql.RegisterExtension(ctx, billed, bill)
		}
	}
	return next(ctx)
}

// late is a refusal of the budget's.
func late(err error) *gqlerror.Error {
	return &gqlerror.Error{Err: err, Message: string(fault.CodeOf(err))}
}

// What variables and the reading of a document weigh.
const (
	maxValueDepth = 20
	bytesPerCost  = 100
)

// values counts what stands in a variable; coercion walks all of it.
func (l *Limits) values(v any, n *int, depth int) (bad *gqlerror.Error) {
	if *n++; *n > l.Values {
		return tooComplex("values", l.Values)
	}
	if depth < 0 {
		return tooComplex("depth of values", maxValueDepth)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if bad = l.values(e, n, depth-1); bad != nil {
				return bad
			}
		}
	case []any:
		for _, e := range v {
			if bad = l.values(e, n, depth-1); bad != nil {
				return bad
			}
		}
	}
	return nil
}

// tooComplex is a refusal; the presenter gives it its words.
func tooComplex(what string, limit int) *gqlerror.Error {
	return raised(fault.New(fault.CodeQueryTooComplex, fault.P("what", what), fault.P("max", limit)))
}

func fragments(doc *ast.QueryDocument) map[string]*ast.FragmentDefinition {
	out := make(map[string]*ast.FragmentDefinition, len(doc.Fragments))
	for _, f := range doc.Fragments {
		out[f.Name] = f
	}
	return out
}

// cachedQueries is how many documents are remembered as parsed and valid, and
// cachedQueryBytes the longest of them: what a program sends is short and repeated,
// what is long is not worth a megabyte of syntax tree.
const (
	cachedQueries    = 1000
	cachedQueryBytes = 16 << 10
)

// QueryCache keeps parsed and validated documents, the short ones only. It is for
// gqlgen's SetQueryCache.
type QueryCache struct {
	docs *lru.Cache[string, *ast.QueryDocument]
}

// NewQueryCache makes an empty cache.
func NewQueryCache() *QueryCache {
	docs, _ := lru.New[string, *ast.QueryDocument](cachedQueries) // it fails for a size below 1 only
	return &QueryCache{docs}
}

// Get finds a document.
func (c *QueryCache) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	return c.docs.Get(query)
}

// Add remembers a document.
func (c *QueryCache) Add(_ context.Context, query string, doc *ast.QueryDocument) {
	if len(query) <= cachedQueryBytes {
		c.docs.Add(query, doc)
	}
}
