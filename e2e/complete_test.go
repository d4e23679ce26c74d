package e2e

import (
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/graph"
)

// without says which kinds of case an operation cannot have, and why.
var without = map[string]map[string]string{
	"serverInfo":                  {forbidden: everybodys},
	"codes":                       {forbidden: everybodys},
	"divisions":                   {forbidden: everybodys},
	"communities":                 {forbidden: everybodys},
	"stations":                    {forbidden: everybodys},
	"matchingPolicyInForce":       {forbidden: everybodys},
	"webhookDeliveryRetry":        {success: refused},
	"webhookDeliveryDrop":         {success: refused},
	"importJobs":                  {badInput: "it has no argument"},
	"importJob":                   {success: elsewhere},
	"importCancel":                {success: elsewhere},
	"signIn":                      {forbidden: "it is how somebody comes to be somebody; a wrong password is bad input"},
	"signInMethods":               {forbidden: everybodys},
	"signInWithCode":              {forbidden: holders, success: elsewhere},
	"signInWithIdToken":           {forbidden: holders, success: elsewhere},
	"phoneCodeRequest":            {forbidden: everybodys},
	"phoneSignIn":                 {forbidden: holders, success: elsewhere},
	"phoneConfirm":                {success: elsewhere},
	"passwordReset":               {forbidden: holders},
	"serviceRequestConfirmByLink": {forbidden: holders},
	"serviceRequestDisputeByLink": {forbidden: holders},
}

const (
	everybodys = "everybody may read it, signed in or not"
	elsewhere  = "what it needs comes by another way than the API; e2e/wire walks it whole"
	refused    = "a target has to refuse an event first: internal/webhook tries it"
	holders    = "whoever holds the link may; without a good one it is bad input"
)

// TestEveryOperationHasItsCases: a field of Query or Mutation without its cases fails.
func TestEveryOperationHasItsCases(t *testing.T) {
	t.Parallel()
	all, err := operations()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]map[string]bool{}
	for _, o := range all {
		if have[o.field] != nil {
			t.Errorf("%s has two folders", o.field)
		}
		have[o.field] = map[string]bool{}
		for _, c := range o.Cases {
			have[o.field][c.Kind] = true
			if c.Data == nil && c.Errors == nil {
				t.Errorf("%s: nothing is written down for %s", o.field, c.Name)
			}
		}
	}
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	for _, root := range []string{"Query", "Mutation"} {
		for _, f := range schema.Types[root].Fields {
			if f.Name[0] == '_' {
				continue
			}
			if have[f.Name] == nil {
				t.Errorf("%s.%s has no folder", root, f.Name)
				continue
			}
			versioned := false // whether an old version can be named
			for _, arg := range f.Arguments {
				if in := schema.Types[arg.Type.Name()]; in != nil {
					versioned = versioned || slices.ContainsFunc(in.Fields, isVersion)
				}
			}
			for _, kind := range kinds {
				switch reason := without[f.Name][kind]; {
				case kind == stale && !versioned:
				case have[f.Name][kind] && reason != "":
					t.Errorf("%s.%s has the case %s that it is said to be without", root, f.Name, kind)
				case !have[f.Name][kind] && reason == "":
					t.Errorf("%s.%s has no case %s", root, f.Name, kind)
				}
			}
		}
	}
}

// isVersion reports whether an input's field is what a stale case gets wrong.
func isVersion(f *ast.FieldDefinition) bool { return f.Name == "expectedVersion" || f.Name == "fence" }
