package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// namesRule are the calls, but P, whose first argument is a rule.
var namesRule = map[string]bool{"unfit": true, "badCode": true}

// TestEveryRuleInTheCodeHasWords: whoever names a rule by a token writes down what it
// means; what is named otherwise than by a literal or one of gb's problems is found too.
func TestEveryRuleInTheCodeHasWords(t *testing.T) {
	t.Parallel()
	used, files := map[string]bool{}, token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, arg := range ruleOf(n) {
				rule, literal := literalOf(arg)
				switch {
				case !literal && !passed(path):
					t.Errorf("%s: a rule that is no literal", files.Position(arg.Pos()))
				case literal && rules[rule].zh == "":
					t.Errorf("%s: the rule %q has no words", files.Position(arg.Pos()), rule)
				}
				used[rule] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for rule, w := range rules {
		if !used[rule] {
			t.Errorf("nothing in the code names the rule %s", rule)
		}
		if w.zh == "" || w.en == "" || len(regexp.MustCompile(`\{\w+\}`).FindAllString(w.zh, -1)) != strings.Count(w.en, "{") {
			t.Errorf("%s: %+v", rule, w)
		}
	}
}

// passed are the files that hand a rule on: gb's problems are constants there; a
// request that is no GraphQL request is answered with a sentence about HTTP.
func passed(path string) bool {
	for _, end := range []string{"internal/matching/policy.go", "internal/organisation/words.go", "server/present.go", "server/http.go"} {
		if strings.HasSuffix(filepath.ToSlash(path), end) {
			return true
		}
	}
	return false
}

// ruleOf is the expression by which a node names a rule, if it does.
func ruleOf(n ast.Node) []ast.Expr {
	switch x := n.(type) {
	case *ast.CallExpr:
		if id, ok := x.Fun.(*ast.Ident); ok && namesRule[id.Name] {
			return x.Args[:1]
		}
		sel, ok := x.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "P" || len(x.Args) != 2 {
			return nil
		}
		if name, _ := literalOf(x.Args[0]); name == "rule" {
			return x.Args[1:]
		}
	case *ast.ValueSpec: // ProblemLength Problem = "LENGTH"
		if id, ok := x.Type.(*ast.Ident); ok && id.Name == "Problem" {
			return x.Values
		}
	}
	return nil
}

func literalOf(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestARuleIsToldInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e      *Error
		zh, en string
	}{
		{New(CodeInvalid, P("rule", "KIND")), "内容不符合要求：种类不合适。", "Not valid: of a kind that does not fit here."},
		{New(CodeCreditCodeInvalid, P("rule", "LAYOUT"), P("at", 5)), "统一社会信用代码不正确：第 5 位应为数字。", "The unified social credit code is not valid: a digit is wanted at position 5."},
		{New(CodeInvalid, P("rule", "not a token")), "内容不符合要求：not a token。", "Not valid: not a token."},
		{New(CodeTransition, P("from", "CLOSED"), P("allowed", []string{})), "当前状态（已结束）不能这样做；允许的操作：无。", "Not possible from state CLOSED; allowed: none."},
	} {
		if zh, en := c.e.Message("zh-CN"), c.e.Message("en"); zh != c.zh || en != c.en {
			t.Errorf("%s / %s", zh, en)
		}
	}
}
