package console_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// schema is the platform's real one, read from its files.
func schema(t *testing.T) *ast.Schema {
	t.Helper()
	names, err := filepath.Glob("../../graph/schema/*.graphqls")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	var sources []*ast.Source
	for _, name := range append(names, "../../schema.graphqls") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	s, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatalf("load the schema: %v", err)
	}
	return s
}

func TestReadyQueriesAreValid(t *testing.T) {
	t.Parallel()
	s := schema(t)
	var tabs []string
	for _, name := range addresses(t) {
		if filepath.Base(name) == "queries.json" {
			if err := json.Unmarshal([]byte(ask(t, "GET", "/"+name).body), &tabs); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(tabs) < 3 {
		t.Fatalf("%d tabs", len(tabs))
	}
	for _, tab := range tabs {
		if _, err := gqlparser.LoadQueryWithRules(s, tab, rules.NewDefaultRules()); err != nil {
			t.Errorf("%v in\n%s", err, tab)
		}
	}
}

type object = map[string]any

// introspect answers GraphiQL's introspection query for s.
func introspect(s *ast.Schema) object {
	var types, directives []object
	for _, d := range s.Types {
		types = append(types, typeOf(s, d))
	}
	for _, d := range s.Directives {
		var places []string
		for _, p := range d.Locations {
			places = append(places, string(p))
		}
		directives = append(directives, object{
			"name": d.Name, "description": d.Description, "isRepeatable": d.IsRepeatable,
			"locations": places, "args": arguments(s, d.Arguments),
		})
	}
	return object{"__schema": object{
		"queryType": object{"name": "Query"}, "mutationType": object{"name": "Mutation"},
		"subscriptionType": object{"name": "Subscription"}, "types": types, "directives": directives,
	}}
}

func typeOf(s *ast.Schema, d *ast.Definition) object {
	o := object{"kind": d.Kind, "name": d.Name, "description": d.Description}
	var fields, inputs, interfaces, values, possible []object
	for _, f := range d.Fields {
		switch {
		case d.Kind == ast.InputObject:
			inputs = append(inputs, argument(s, f.Name, f.Description, f.Type, f.DefaultValue))
		case f.Name != "__schema" && f.Name != "__type":
			fields = append(fields, object{
				"name": f.Name, "description": f.Description, "args": arguments(s, f.Arguments),
				"type": ref(s, f.Type), "isDeprecated": false,
			})
		}
	}
	for _, name := range d.Interfaces {
		interfaces = append(interfaces, object{"kind": "INTERFACE", "name": name})
	}
	for _, v := range d.EnumValues {
		values = append(values, object{"name": v.Name, "description": v.Description, "isDeprecated": false})
	}
	if d.IsAbstractType() {
		for _, p := range s.GetPossibleTypes(d) {
			possible = append(possible, object{"kind": "OBJECT", "name": p.Name})
		}
	}
	o["fields"], o["inputFields"], o["enumValues"], o["possibleTypes"] = fields, inputs, values, possible
	o["interfaces"] = append([]object{}, interfaces...) // null is no list
	return o
}

func arguments(s *ast.Schema, list ast.ArgumentDefinitionList) []object {
	args := []object{}
	for _, a := range list {
		args = append(args, argument(s, a.Name, a.Description, a.Type, a.DefaultValue))
	}
	return args
}

func argument(s *ast.Schema, name, description string, t *ast.Type, standard *ast.Value) object {
	o := object{"name": name, "description": description, "type": ref(s, t), "defaultValue": nil, "isDeprecated": false}
	if standard != nil {
		o["defaultValue"] = standard.String()
	}
	return o
}

func ref(s *ast.Schema, t *ast.Type) object {
	switch {
	case t.NonNull:
		inner := *t
		inner.NonNull = false
		return object{"kind": "NON_NULL", "ofType": ref(s, &inner)}
	case t.Elem != nil:
		return object{"kind": "LIST", "ofType": ref(s, t.Elem)}
	}
	return object{"kind": s.Types[t.NamedType].Kind, "name": t.NamedType}
}
