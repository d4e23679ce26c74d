package access_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

// literals are the string literals of the program, with where each stands: tests and
// generated code left out, and the table itself.
func literals(t *testing.T) map[string]string {
	t.Helper()
	out, files := map[string]string{}, token.NewFileSet()
	visit := func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "access/action.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					out[s] = files.Position(lit.Pos()).String()
				}
			}
			return true
		})
		return nil
	}
	for _, root := range []string{"..", "../../resolvers", "../../server", "../../cmd"} {
		if err := filepath.WalkDir(root, visit); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A right that nobody asks for promises a rule that does not exist.
func TestEveryRightIsAskedForSomewhere(t *testing.T) {
	t.Parallel()
	said := literals(t)
	for name := range access.Actions() {
		if said[string(name)] == "" {
			t.Errorf("nothing asks for %s", name)
		}
	}
}

// A right that is asked for and stands in no table refuses everybody, silently.
func TestEveryRightAskedForStandsInTheTable(t *testing.T) {
	t.Parallel()
	calls := map[string]bool{"May": true, "MayAt": true, "Can": true, "OnlyAs": true}
	files := token.NewFileSet()
	visit := func(path string, d fs.DirEntry, err error) error {
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
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || !calls[sel.Sel.Name] {
				return true
			}
			for _, arg := range call.Args {
				lit, ok := arg.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					continue
				}
				name, _ := strconv.Unquote(lit.Value)
				if _, known := access.Actions()[access.Action(name)]; strings.Contains(name, ".") && !known {
					t.Errorf("%s: %s stands in no table", files.Position(lit.Pos()), name)
				}
			}
			return true
		})
		return nil
	}
	for _, root := range []string{"..", "../../resolvers", "../../server", "../../cmd"} {
		if err := filepath.WalkDir(root, visit); err != nil {
			t.Fatal(err)
		}
	}
}
