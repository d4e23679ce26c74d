package main

import (
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
