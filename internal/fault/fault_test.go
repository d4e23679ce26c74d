package fault

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestEveryCodeSpeaksBothLanguagesWithTheSameParameters(t *testing.T) {
	param := regexp.MustCompile(`\{[a-zA-Z]+\}`)
	for code, e := range table {
		if e.zh == "" || e.en == "" {
			t.Errorf("%s lacks a text", code)
		}
		zh, en := param.FindAllString(e.zh, -1), param.FindAllString(e.en, -1)
		if len(zh) != len(en) {
			t.Errorf("%s: parameters differ: %v against %v", code, zh, en)
		}
		for _, p := range zh {
			if !strings.Contains(e.en, p) {
				t.Errorf("%s: English lacks %s", code, p)
			}
		}
	}
}

func TestErrorsKeepCodePathAndCauseThroughWrapping(t *testing.T) {
	cause := errors.New("disk")
	err := fmt.Errorf("save request: %w", New(CodeStoreFull, Because(cause)))
	if CodeOf(err) != CodeStoreFull || KindOf(err) != Unavailable || !errors.Is(err, cause) {
		t.Fatalf("lost on the way: %v", err)
	}
	if !errors.Is(err, New(CodeStoreFull)) || errors.Is(err, New(CodeConflict)) {
		t.Fatal("errors.Is does not go by code")
	}
	under := Under(New(CodeRequired, At("unit")), "input", "lines", "0")
	if e, _ := As(under); strings.Join(e.Path, ".") != "input.lines.0.unit" {
		t.Fatalf("path %v", e.Path)
	}
	if CodeOf(errors.New("x")) != CodeInternal {
		t.Fatal("a foreign error must be INTERNAL")
	}
}

func TestMessageFillsParameters(t *testing.T) {
	e := New(CodeStockShort, P("free", 3), P("wanted", 10))
	if got := e.Message("en-GB"); got != "Not enough in stock: 3 free, 10 wanted." {
		t.Fatal(got)
	}
	if got := e.Message("zh"); got != "库存不足：可用 3，需要 10。" {
		t.Fatal(got)
	}
}
