package codes

import (
	"context"
	"testing"
)

func TestEveryCodeIsLabelledOnceInBothLanguages(t *testing.T) {
	for list, entries := range lists {
		seen := map[string]bool{}
		for _, e := range entries {
			if e.zh == "" || e.en == "" || seen[e.id] {
				t.Errorf("%s.%s: label missing or id twice", list, e.id)
			}
			seen[e.id] = true
		}
	}
}

func TestLabelFollowsTheReadersLanguage(t *testing.T) {
	c := Code{NeedCategory, "TUTORING"}
	if got := c.Label(context.Background()); got != "课业辅导" {
		t.Error(got)
	}
	if got := c.Label(WithLocale(context.Background(), "en-GB")); got != "Tutoring" {
		t.Error(got)
	}
	if got := (Code{NeedCategory, "X"}).Label(context.Background()); got != "X" {
		t.Error(got)
	}
}
