package access_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// An entry tells nobody anything exactly when it only relates and nothing but who is barred has
// changed: what is saved unheard.
func TestOnlyThatSomebodyIsBarredIsSilent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was := drawHeader(t)
		is := was
		if rapid.Bool().Draw(t, "all") {
			is = drawHeader(t)
		}
		is.Barred = rapid.SliceOf(rapid.SampledFrom(people)).Draw(t, "barred")
		e := &store.Entry{Kind: rapid.SampledFrom([]string{"request.related", "request.changed"}).Draw(t, "kind"), Before: was.Values(), After: is.Values()}
		differs, onlyBars := is.Differs(&was)
		rest := is
		rest.Barred = was.Barred
		same := reflect.DeepEqual(rest.Values(), e.Before)
		if onlyBars != same || differs != (!same || !slices.Equal(is.Barred, was.Barred)) {
			t.Fatalf("differs %t, in nothing but who is barred %t", differs, onlyBars)
		}
		if silent, want := access.Silent(header, e), e.Kind == "request.related" && same; silent != want {
			t.Fatalf("%s: silent %t, want %t", e.Kind, silent, want)
		}
		e.Before = nil
		if access.Silent(header, e) {
			t.Fatal("that a row is there is told")
		}
	})
}
