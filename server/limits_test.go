package server

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/console"
	"github.com/fivesociety/linkage/internal/fault"
)

// hostile are documents up to 64 kB that would cost far more than they weigh.
func hostile() map[string]string {
	rep := strings.Repeat
	fill := func(head, part, tail string) string {
		return head + rep(part, ((64<<10)-len(head)-len(tail))/len(part)) + tail
	}
	doubling := "{...f0}"
	for i := range 60 {
		doubling += fmt.Sprintf(" fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	doubling += " fragment f60 on Query{who}"
	deepDoubling := "{thing{...f0}}"
	for i := range 18 {
		deepDoubling += fmt.Sprintf(" fragment f%d on Thing{a:thing{...f%d} b:thing{...f%d}}", i, i+1, i+1)
	}
	deepDoubling += " fragment f18 on Thing{id}"
	pages := "{things(first:100){nodes{id " + rep("things(first:100){nodes{id ", 6) + rep("}}", 6) + "}}}"
	var aliased, fragmented strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&aliased, "a%d:who ", i)
	}
	for i := range 90 {
		fmt.Fprintf(&fragmented, " fragment g%d on Thing{id name %s}", i, spreads(i+1, min(i+20, 90)))
	}
	fragmented.WriteString(" fragment g90 on Thing{id}")
	return map[string]string{
		"repeated fields":         fill("{", "who ", "}"),
		"repeated trees":          fill("{", "thing{thing{id}} ", "}"),
		"wide repeated trees":     fill("{", "thing{a:id b:id c:id d:id e:id f:id g:id h:id} ", "}"),
		"repeated inline":         fill("{", "...{who} ", "}"),
		"deep":                    "{" + rep("thing{", 8000) + "id" + rep("}", 8000) + "}",
		"deep inline":             "{" + rep("...{", 9000) + "who" + rep("}", 9000) + "}",
		"doubling fragments":      doubling,
		"deep doubling":           deepDoubling,
		"pages of pages":          pages,
		"aliases":                 "{" + aliased.String() + "}",
		"crossing fragments":      "{thing{...g0}}" + fragmented.String(),
		"unused fragments":        fill("{who}", " fragment f on Thing{id}", ""),
		"directives":              fill("{who ", "@skip(if:false)", "}"),
		"variables":               fill("query(", "$a:Int ", "){who}"),
		"operations":              fill("", "query{who}", ""),
		"a long list":             fill("{byIDs(ids:[", `"x" `, "]){id}}"),
		"a nested list":           "{byIDs(ids:" + rep("[", 30_000) + rep("]", 30_000) + "){id}}",
		"a long name":             fill("{", "a", "}"),
		"a long string":           fill(`{thing(id:"`, "x", `"){id}}`),
		"a long comment":          fill("{who} #", "x", ""),
		"commas":                  fill("{who", ",", "}"),
		"brackets":                fill("", "{", ""),
		"self-spreading":          "{thing{...f}} fragment f on Thing{thing{...f} id}",
		"deferred":                "{thing{...@defer{id}}}",
		"directives in one place": "{who @a @a @a @a @a}",
		"introspection of types":  "{__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}",
	}
}

// barely are documents just inside of the limits: the most that one may cost.
func barely() map[string]string {
	rep := strings.Repeat
	var fragmented, tree, names strings.Builder
	for i := range 54 {
		fmt.Fprintf(&fragmented, " fragment g%d on Thing{id name %s}", i, spreads(i+1, min(i+2, 54)))
	}
	fragmented.WriteString(" fragment g54 on Thing{id}")
	for i := range 40 {
		fmt.Fprintf(&names, "n%d:name ", i)
	}
	tree.WriteString("thing{" + names.String() + "} thing{" + names.String() + "}")
	return map[string]string{
		"pairs":               "{" + rep("who ", 140) + "}",
		"pairs of trees":      "{" + rep("thing{id name thing{id name thing{id name}}} ", 45) + "}",
		"pairs of deep trees": "{" + rep(rep("thing{", 15)+"id"+rep("}", 15), 30) + "}",
		"nested pairs":        "{thing{" + rep("thing{id id id id id name name name name name} ", 17) + "}}",
		"inline fragments":    "{thing{" + rep("...on Thing{id name} ", 95) + "}}",
		"crossing fragments":  "{thing{...g0}}" + fragmented.String(),
		"star of fragments":   "{thing{" + spreads(0, 10) + "}}" + fragmented.String(),
		"fields":              "{thing{" + rep("thing{id name} parts{id name} ", 40) + "}}",
		"a wide tree":         "{thing{" + tree.String() + "}}",
	}
}

func spreads(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "...g%d ", i)
	}
	return b.String()
}

func limited() *executor.Executor {
	e := executor.New(&scripted{schema: gqlparser.MustLoadSchema(&ast.Source{Input: testSchema})})
	e.SetQueryCache(NewQueryCache())
	e.Use(NewLimits(Limits{}))
	return e
}

func create(e *executor.Executor, query string) error {
	ctx := graphql.StartOperationTrace(context.Background())
	_, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
	if len(errs) > 0 {
		return errs
	}
	return nil
}

func TestHostileDocumentsAreRefusedQuickly(t *testing.T) {
	e := limited()
	mayPass := map[string]bool{
		"a long string": true, "a long comment": true, "commas": true, "a long list": true,
		"doubling fragments": true,
	} // merged, it is one field
	for name, doc := range hostile() {
		if len(doc) > 64<<10+64 {
			t.Fatalf("%s has %d bytes", name, len(doc))
		}
		start := time.Now()
		err := create(e, doc)
		took := time.Since(start)
		if err == nil && !mayPass[name] {
			t.Errorf("%s passes", name)
		}
		if took > time.Second { // wide, for a busy machine; the benchmark has the figures
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestDocumentsJustInsideTheLimitsPass(t *testing.T) {
	e := limited()
	for name, doc := range barely() {
		start := time.Now()
		if err := create(e, doc); err != nil {
			f, _ := fault.As(err)
			t.Errorf("%s: %v", name, f)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestVariablesAreBounded(t *testing.T) {
	t.Parallel()
	f := serve(t)
	for name, c := range map[string]struct {
		variables string
		what      string
	}{
		"many": {`{"id":[` + strings.Repeat("1,", 10_000) + `1]}`, "values"},
		"deep": {`{"id":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`, "depth of values"},
	} {
		r := f.post(t, `{"query":"query($id:ID){thing(id:$id){id}}","variables":`+c.variables+`}`)
		params, _ := r.Errors[0].Extensions["params"].(map[string]any)
		if r.code() != "QUERY_TOO_COMPLEX" || params["what"] != c.what {
			t.Errorf("%s: %.300s", name, r.body)
		}
	}
}

// Fields of types of fields multiply; the parser's own rule knows.
func TestListsOfTheSchemaDoNotMultiply(t *testing.T) {
	t.Parallel()
	f := serve(t)
	f.fields["__schema"] = func(context.Context, map[string]any) (any, error) { return "schema", nil }
	_, s := f.token(t, "lifang")
	for query, code := range map[string]string{
		"{__schema{types{fields{args{type{ofType{ofType{name}}}} type{fields{name}}} inputFields{name} interfaces{name}}}}":      "",
		"{__schema{types{fields{type{fields{type{fields{name}}}}}}}}":                                                            "GRAPHQL_VALIDATION_FAILED",
		"{__schema{types{...a}}} fragment a on __Type{fields{type{...b}}} fragment b on __Type{possibleTypes{interfaces{name}}}": "GRAPHQL_VALIDATION_FAILED",
	} {
		if r := f.query(t, query, "Authorization", "Bearer "+s.AccessToken); r.code() != code {
			t.Errorf("%s: %.300s", query, r.body)
		}
	}
}

func TestOrdinaryDocumentsPass(t *testing.T) {
	t.Parallel()
	e := limited()
	for name, doc := range map[string]string{
		"a page":              "{things(first:100){nodes{id name parts{id name}} edges{node{id}}}}",
		"the default page":    "{things{nodes{id name thing{id thing{id}}}}}",
		"many ids":            `{byIDs(ids:["a","b","c"]){id name parts{id}}}`,
		"colocated fragments": "{thing{...a ...b id}} fragment a on Thing{id name ...b} fragment b on Thing{id name thing{id ...c}} fragment c on Thing{id}",
		"skip and include":    "query($x:Boolean!){who @skip(if:$x) thing @include(if:true){id}}",
	} {
		params := &graphql.RawParams{Query: doc, Variables: map[string]any{"x": true}}
		_, errs := e.CreateOperationContext(graphql.StartOperationTrace(context.Background()), params)
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

func TestCostGrowsWithThePage(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: testSchema})
	weigh := func(query string, vars map[string]any) int {
		doc, errs := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		c := &coster{vars: vars, fragments: fragments(doc)}
		return c.level(nil, doc.Operations[0].SelectionSet)
	}
	for _, c := range []struct {
		query string
		vars  map[string]any
		want  int
	}{
		{"{who}", nil, 1},
		{"{who __typename}", nil, 1},
		{"{thing{id name}}", nil, 3},
		{"{things(first:10){nodes{id}}}", nil, 1 + 10*2},
		{"{things{nodes{id}}}", nil, 1 + 20*2},
		{"query($n:Int){things(first:$n){nodes{id}}}", map[string]any{"n": int64(7)}, 1 + 7*2},
		{"{things(first:100000){nodes{id}}}", nil, 1 + 100*2},
		{"{things(last:-1){nodes{id}}}", nil, 1 + 100*2},
		{"{thing{parts{id}}}", nil, 2 + 5},
		{`{byIDs(ids:["a","b"]){id}}`, nil, 1 + 2},
		{"{thing{...f ...f}} fragment f on Thing{id name}", nil, 1 + 2},
		{"mutation{touch}", nil, 20},
	} {
		if got := weigh(c.query, c.vars); got != c.want {
			t.Errorf("%s costs %d, want %d", c.query, got, c.want)
		}
	}
}

// A plan may take a second, so it costs what an account may spend in one; one operation
// does not ask for twenty, and what people ask for still passes.
func TestPlansCostWhatTheyTake(t *testing.T) {
	t.Parallel()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	weigh := func(query string, vars map[string]any) int {
		doc, errs := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return (&coster{vars: vars, fragments: fragments(doc)}).level(nil, doc.Operations[0].SelectionSet)
	}
	for _, c := range []struct {
		query string
		vars  map[string]any
		want  int
	}{
		{`{matchPlan(stationId:"x"){gap}}`, nil, 5001 + 1},
		{`{matchPlan(stationId:"x",losses:0){gap}}`, nil, 5001 + 1},
		{`query($n:Int!){matchPlan(stationId:"x",losses:$n){gap}}`, map[string]any{"n": int64(50)}, 5001 + 50*300 + 1},
		{`{matchPlan(stationId:"x",losses:-1){gap}}`, nil, 5001 + 50*300 + 1},
		{`{matchPlan(stationId:"x"){items{loss{score}} open{fitting}}}`, nil, 5001 + 1 + 200*2 + 1 + 200},
		{`{matchCandidates(needLineId:"x",best:3){candidates{score} nearMisses{score}}}`, nil, 101 + 1 + 3 + 1 + 20},
		{`{matchingPolicyDryRun(matchingPolicyId:"x",stationId:"y",most:200){lines{before{score}} shifts{after}}}`, nil, 10001 + 1 + 200*2 + 1 + 200},
	} {
		if got := weigh(c.query, c.vars); got != c.want {
			t.Errorf("%s costs %d, want %d", c.query, got, c.want)
		}
	}
	most := NewLimits(Limits{}).Cost
	if got := weigh("{"+manyPlans(10)+"}", nil); got <= most {
		t.Errorf("ten plans cost %d", got)
	}
	for name, text := range console.Documents() {
		doc, errs := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Fatal(name, errs)
		}
		if got := (&coster{fragments: fragments(doc)}).level(nil, doc.Operations[0].SelectionSet); got > most {
			t.Errorf("the board's %s costs %d", name, got)
		}
	}
}

func manyPlans(n int) (out string) {
	for i := range n {
		out += fmt.Sprintf("p%d:matchPlan(stationId:\"x\"){gap} ", i)
	}
	return out
}

func TestOnlyTheSignedInReadTheSchema(t *testing.T) {
	t.Parallel()
	f := serve(t)
	const query = "query I{...s} fragment s on Query{__schema{queryType{name}}}"
	f.fields["__schema"] = func(context.Context, map[string]any) (any, error) { return "schema", nil }
	if r := f.query(t, query); r.code() != "UNAUTHENTICATED" || r.Data != nil {
		t.Errorf("nobody: %s", r.body)
	}
	_, s := f.token(t, "lifang")
	if r := f.query(t, query, "Authorization", "Bearer "+s.AccessToken); r.code() != "" {
		t.Errorf("signed in: %s", r.body)
	}
	r := f.query(t, "{"+strings.Repeat("who ", 5000)+"}")
	if r.code() != "QUERY_TOO_COMPLEX" || r.Errors[0].Extensions["params"] == nil {
		t.Errorf("too complex: %s", r.body)
	}
}

// The budget is 5 ms for any document, on one core.
func BenchmarkHostile(b *testing.B) {
	for kind, docs := range map[string]map[string]string{"beyond": hostile(), "barely": barely()} {
		for name, doc := range docs {
			b.Run(kind+"/"+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
				e := limited()
				b.ResetTimer()
				for i := range b.N {
					_ = create(e, fmt.Sprintf("%s #%d", doc, i)) // never from the cache
				}
			})
		}
	}
}
