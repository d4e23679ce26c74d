package codes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// saysWhy are the calls whose last argument is a reason.
var saysWhy = []string{"Note", "free", "leave", "Release", "release", "supersede", "ended", "drop"}

// A reason that the code gives by itself is a code with words, as those that people give.
func TestEveryReasonInTheCodeStandsInAList(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"": true}
	for list, entries := range lists {
		for _, e := range entries {
			known[e.id] = known[e.id] || list != NeedCategory && list != Skill
		}
	}
	files, found := token.NewFileSet(), 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(saysWhy, sel.Sel.Name) {
				return true
			}
			for _, arg := range call.Args {
				lit, ok := arg.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					continue
				}
				s, _ := strconv.Unquote(lit.Value)
				if s == "" || strings.ToUpper(s) != s { // kinds of entries are in lower case
					continue
				}
				if found++; !known[s] {
					t.Errorf("%s: the reason %s stands in no code list", files.Position(lit.Pos()), s)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || found < 5 {
		t.Fatalf("%d reasons found, %v", found, err)
	}
}
