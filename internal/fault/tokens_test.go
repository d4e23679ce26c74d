package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestParametersAreToldInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e      *Error
		zh, en string
	}{
		{New(CodeUnitMismatch, P("want", "PIECE, FEN"), P("got", "GRAM")), "单位不一致：应为 件, 分（金额），收到 克。", "Units differ: pieces, fen (money) is wanted, grams was given."},
		{New(CodeOutOfRange, P("min", "PT1M"), P("max", "P7D")), "数值超出范围（1 分钟 至 7 天）。", "Out of range (1 minute to 7 days)."},
		{New(CodeOutOfRange, P("min", "PT1M"), P("max", "PT24H")), "数值超出范围（1 分钟 至 24 小时）。", "Out of range (1 minute to 24 hours)."},
		{New(CodeOutOfRange, P("min", 1), P("max", 400)), "数值超出范围（1 至 400）。", "Out of range (1 to 400)."},
		{New(CodeOutOfRange, P("min", ""), P("max", "2026-03-02")), "超出范围：最大（最晚）为 2026-03-02。", "Out of range: 2026-03-02 at the most."},
		{New(CodeOutOfRange, P("min", "2026-03-02"), P("max", "")), "超出范围：最小（最早）为 2026-03-02。", "Out of range: 2026-03-02 at the least."},
		{New(CodeOutOfRange, P("min", "2026-03-01T01:00:00Z"), P("max", "2026-03-02T01:00:00Z")), "数值超出范围（2026-03-01 09:00 至 2026-03-02 09:00）。", "Out of range (2026-03-01 09:00 to 2026-03-02 09:00)."},
		{New(CodeRetired), "已停用；须先恢复使用。", "It is retired; restore it first."},
		{New(CodeRetired, P("merged", true)), "已并入另一条记录，请改用那一条。", "It was merged into another; use that one."},
		{New(CodeWorkOpen, P("open", "SERVICE_REQUEST 3, POST 1")), "还有未了结的关联：服务需求 3, 岗位 1。", "Something still hangs on it: service requests 3, posts 1."},
		{New(CodeNotTheSame, P("fields", []string{"creditCode", "kind"})), "两条记录互相矛盾，不是同一对象：统一社会信用代码, 种类。", "The two contradict each other: credit code, kind."},
		{New(CodeLineCovered, P("missing", int64(2)), P("wanted", int64(3))), "除已落实和已提议的以外，该需求项只需 2，这次是 3。", "Beside what is promised or proposed already the line needs 2 only; this is 3."},
		{New(CodeLineCovered, P("missing", int64(0)), P("wanted", int64(3))), "该需求项所缺的已全部落实或已有人提议。", "All that the line missed is promised or proposed already."},
		{New(CodeCodeUnknown, P("list", "SKILL"), P("value", "PIECE")), "不在代码表 SKILL 中：PIECE。", "Not in the code list SKILL: PIECE."},
	} {
		if zh, en := c.e.Message("zh-CN"), c.e.Message("en"); zh != c.zh || en != c.en {
			t.Errorf("%s: %s / %s", c.e, zh, en)
		}
	}
}

// What entries that are merged differ by, and what hangs on them, has words: the calls that
// name such a thing are found in the code.
func TestWhatTheDirectoryNamesHasWords(t *testing.T) {
	t.Parallel()
	names := map[string]int{"Identity": 0, "Same": 0, "open": 0, "follow": 1, "Follow": 1, "more": 1}
	named := regexp.MustCompile(`^[A-Za-z_]+$`)
	found := 0
	for _, dir := range []string{"platform", "directory", "organisation", "socialworker", "volunteer", "team"} {
		err := filepath.WalkDir("../"+dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				name := ""
				switch fn := call.Fun.(type) {
				case *ast.Ident:
					name = fn.Name
				case *ast.SelectorExpr:
					name = fn.Sel.Name
				}
				if i, ok := names[name]; ok && i < len(call.Args) {
					if s, literal := literalOf(call.Args[i]); literal && named.MatchString(s) {
						if found++; tokens[s].zh == "" {
							t.Errorf("%s: %s has no words", path, s)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 15 {
		t.Errorf("only %d names found", found)
	}
}
