package fault

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Every state and every action of the schema has a word in Chinese messages.
func TestStatesAndActionsHaveWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../graph/schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	enum, value := regexp.MustCompile(`(?s)enum \w+(State|Action) \{(.*?)\n\}`), regexp.MustCompile(`(?m)^  ([A-Z_]+)`)
	found := 0
	for _, path := range files {
		text, err := os.ReadFile(path) //nolint:gosec // our own schema
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range enum.FindAllStringSubmatch(string(text), -1) {
			words := map[string]map[string]string{"State": states, "Action": actions}[e[1]]
			for _, v := range value.FindAllStringSubmatch(e[2], -1) {
				if found++; words[v[1]] == "" {
					t.Errorf("%s: %s has no word", path, v[1])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d values: the test reads the wrong files", found)
	}
}
