package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
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

func TestASettingThatIsNoneIsNoticed(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{}, settings()...)
	if err != nil {
		t.Fatal(err)
	}
	got := strange(parser.Model, []string{"LINKAGE_ADRR=:80", "PATH=/bin", "LINKAGE_ADDR=:80", "LINKAGE_SMS_TOKEN=x", "LINKAGE_TOKEN_FILE"})
	if want := []string{"LINKAGE_ADRR", "LINKAGE_TOKEN_FILE"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
