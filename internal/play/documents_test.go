package play_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/fivesociety/linkage/internal/play"
)

func TestEveryDocumentIsValidOneOperationAndExplained(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../graph/schema/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	for _, p := range append(paths, "../../schema.graphqls") {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: p, Input: string(raw)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	if len(play.Documents()) < 20 {
		t.Fatal("documents are missing")
	}
	for _, name := range play.Documents() {
		text := play.Document(name)
		doc, errs := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules())
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		if len(doc.Operations) != 1 || strings.Count(text, "\n# ") < 1 || !strings.HasPrefix(text, "# ") {
			t.Errorf("%s: want one operation with a remark in both languages", name)
		}
	}
}
