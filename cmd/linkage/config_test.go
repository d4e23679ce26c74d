package main

import (
	"strings"
	"testing"
)

func TestAConfigurationFileIsOneJSONObject(t *testing.T) {
	t.Parallel()
	for given, good := range map[string]bool{
		`{"addr": ":9090"}` + "\n": true,
		`{"addr": ":9090"} {}`:     false,
		`{"addr": ":9090"} x`:      false,
		`[]`:                       false,
		``:                         false,
	} {
		if _, err := file(strings.NewReader(given)); (err == nil) != good {
			t.Errorf("%q: %v", given, err)
		}
	}
}
