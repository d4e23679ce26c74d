package wire

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// reply is an answer, parsed as far as it is GraphQL.
type reply struct {
	status int
	header http.Header
	body   string
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
}

// answer is the body without what it says of the cost, which is another each time.
func (r reply) answer() string {
	body, _, _ := strings.Cut(r.body, `,"extensions":{"cost"`)
	return body
}

// failure is one error, wherever it stands in an answer.
type failure struct{ code, message, path string }

// first is the first error: at the top, or in the payload of the one root field.
func (r reply) first() failure {
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		path, _ := e.Extensions["path"].([]any)
		return failure{text(e.Extensions["code"]), e.Message, joined(path)}
	}
	for _, root := range r.Data {
		payload, _ := root.(map[string]any)
		list, _ := payload["errors"].([]any)
		if len(list) > 0 {
			e, _ := list[0].(map[string]any)
			path, _ := e["path"].([]any)
			return failure{text(e["code"]), text(e["message"]), joined(path)}
		}
	}
	return failure{}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func joined(path []any) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}

// at walks to a value of the data, "a.0.b"; nil if there is none.
func (r reply) at(path string) any {
	var v any = r.Data
	for _, step := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i := 0
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// refused checks that an answer is one typed error, said in both languages without a gap
// in the sentence. ask is called once for each language.
func refused(t *testing.T, name, code string, ask func(header ...string) reply) {
	t.Helper()
	for _, locale := range []string{"zh-CN", "en"} {
		r := ask("Accept-Language", locale)
		f := r.first()
		if f.code != code {
			t.Errorf("%s: got %q, want %s: %d %.400s", name, f.code, code, r.status, r.body)
			return
		}
		if f.message == "" || strings.ContainsAny(f.message, "{}") {
			t.Errorf("%s: the sentence has a gap: %s", name, f.message)
		}
		if hasHan(f.message) != (locale == "zh-CN") && !strings.HasPrefix(code, "GRAPHQL_") {
			t.Errorf("%s in %s: %s", name, locale, f.message)
		}
		for _, inside := range []string{"sqlite", "SQLITE", "mongo", "panic", "goroutine", "/root/", ".go:", "sql:"} {
			if strings.Contains(r.body, inside) {
				t.Errorf("%s: the answer tells of the inside (%s): %.400s", name, inside, r.body)
			}
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}
