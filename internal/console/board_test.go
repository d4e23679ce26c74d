package console_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// shell is the name under which the board's files lie.
func shell(t *testing.T) string {
	t.Helper()
	page := ask(t, "GET", "/console/").body
	m := regexp.MustCompile(`src="([0-9a-f]+)/app\.js"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no script in %s", page)
	}
	return m[1]
}

func TestDocumentsOfTheBoardAreValid(t *testing.T) {
	t.Parallel()
	s := schema(t)
	text := ask(t, "GET", "/console/"+shell(t)+"/documents.js").body
	var all map[string]string
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(text, "export default "), ";\n")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Errorf("%d documents", len(all))
	}
	for name, document := range all {
		q, err := gqlparser.LoadQueryWithRules(s, document, rules.NewDefaultRules())
		if err != nil {
			t.Errorf("%s: %v in\n%s", name, err, document)
		} else if len(q.Operations) != 1 || q.Operations[0].Name != name {
			t.Errorf("%s is called otherwise", name)
		}
	}
}

// What the page's scripts ask for by name, and by a noun's letter and a verb.
var (
	asked   = regexp.MustCompile(`\b(?:ask|send|change|tell)\("(\w+)"|[^/]documents\.(\w+)|what: "(\w+)"[,)]|what="(\w+)"`)
	stepped = regexp.MustCompile(`: ([rpas])\("(\w+)"`)
	nouns   = map[string]string{"r": "serviceRequest", "p": "matchProposal", "a": "allocation", "s": "assignment"}
)

func TestScriptsOfTheBoardNameDocumentsAndWordsThatAreThere(t *testing.T) {
	t.Parallel()
	at := "/console/" + shell(t) + "/"
	documents, words := ask(t, "GET", at+"documents.js").body, ask(t, "GET", at+"words.js").body
	for _, name := range []string{"app.js", "candidates.js", "format.js", "live.js", "map.js", "plan.js", "request.js", "session.js", "steps.js"} {
		script := ask(t, "GET", at+name).body
		var names []string
		for _, m := range asked.FindAllStringSubmatch(script, -1) {
			names = append(names, m[1]+m[2]+m[3]+m[4])
		}
		for _, m := range stepped.FindAllStringSubmatch(script, -1) {
			names = append(names, nouns[m[1]]+m[2])
		}
		for _, document := range names {
			if !strings.Contains(documents, `"`+document+`":`) {
				t.Errorf("%s asks for %s, which is no document", name, document)
			}
		}
		for _, m := range regexp.MustCompile(`\bsay\("([\w.]+)"`).FindAllStringSubmatch(script, -1) {
			if key := m[1]; !strings.HasSuffix(key, ".") && !regexp.MustCompile(`(?m)(^|[ ,])"?`+regexp.QuoteMeta(key)+`"?: \[`).MatchString(words) {
				t.Errorf("%s says %s, which has no words", name, key)
			}
		}
	}
}

func TestBoardIsStrictAndItsFilesKeep(t *testing.T) {
	t.Parallel()
	for target, caching := range map[string]string{
		"/console/": "no-cache", "/city/console/": "no-cache", "/console/sw.js": "no-cache", "/console/" + shell(t) + "/app.js": "public, max-age=31536000, immutable",
		"/console/nothing.js": "no-store", "/console/" + strings.Repeat("0", 16) + "/app.js": "no-store",
	} {
		got := ask(t, "GET", target)
		if status := map[bool]int{true: 404, false: 200}[caching == "no-store"]; got.StatusCode != status || got.Header.Get("Cache-Control") != caching {
			t.Errorf("%s: %d, %q", target, got.StatusCode, got.Header.Get("Cache-Control"))
		}
		policy := got.Header.Get("Content-Security-Policy")
		if bad := regexp.MustCompile(`unsafe|\*|https?:|wss?:|blob:|data:`).FindString(policy); bad != "" || !strings.Contains(policy, "default-src 'none'; script-src 'self'") {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
	if got := ask(t, "GET", "/console"); got.StatusCode != 308 || got.Header.Get("Location") != "console/" {
		t.Errorf("/console: %d %q", got.StatusCode, got.Header.Get("Location"))
	}
	if got := ask(t, "POST", "/console/"); got.StatusCode != 405 {
		t.Errorf("POST: %d", got.StatusCode)
	}
	page := ask(t, "GET", "/console/").body
	if inline := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=`).FindString(page); inline != "" {
		t.Errorf("the page has something inline: %q", inline)
	}
	var kept struct {
		Name  string
		Files []string
	}
	worker, _, _ := strings.Cut(strings.TrimPrefix(ask(t, "GET", "/console/sw.js").body, "const shell = "), ";\n")
	if err := json.Unmarshal([]byte(worker), &kept); err != nil || kept.Name != shell(t) || len(kept.Files) < 15 {
		t.Errorf("the worker keeps %+v: %v", kept, err)
	}
	for _, name := range kept.Files {
		body := ask(t, "GET", "/console/"+kept.Name+"/"+name).body
		for _, m := range regexp.MustCompile(`from ?"\./([\w.-]+)"`).FindAllStringSubmatch(body, -1) {
			if !strings.Contains(worker, `"`+m[1]+`"`) {
				t.Errorf("%s imports %s, which is not kept", name, m[1])
			}
		}
		if rule := foreign[name[strings.LastIndex(name, ".")+1:]]; rule != nil && rule.MatchString(body) {
			t.Errorf("%s would load something from elsewhere: %q", name, rule.FindString(body))
		}
	}
}
