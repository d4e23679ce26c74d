package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
)

func TestOriginsAreRefusedThatNoBrowserSends(t *testing.T) {
	t.Parallel()
	if err := origins([]string{"https://board.example", "http://127.0.0.1:5173/"}); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"", "*", "board.example", "https://board.example/path", "https://a@board.example", "https://board.example?x", "ftp://board.example", "https://"} {
		if err := origins([]string{s}); fault.CodeOf(err) != fault.CodeConfiguration {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestACostPerSecondIsNoneOrAtLeastOne(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]int{-1: -1, 0: -1, 1: 1, 5000: 5000} {
		if got, err := rate("actor-cost", given); got != want || err != nil {
			t.Errorf("%d: %d %v", given, got, err)
		}
	}
	if _, err := rate("actor-cost", -5); fault.CodeOf(err) != fault.CodeConfiguration {
		t.Errorf("-5: %v", err)
	}
}

func TestAManifestIsAnObjectOfTexts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "documents.json")
	for text, ok := range map[string]bool{`{"a":"{viewer{id}}"}`: true, `{}`: false, `[]`: false, `{"a":1}`: false, `null`: false, ``: false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := manifest(path); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := manifest(path + ".none"); err == nil {
		t.Error("a file that is not there")
	}
	if m, err := manifest(""); m != nil || err != nil {
		t.Errorf("without one: %v %v", m, err)
	}
}
