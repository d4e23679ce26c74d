package access_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// An entry tells nobody anything exactly when it only relates and changes nothing that the
// mask shows; that somebody is barred alone is silent for every reader.
func TestWhatOnlyRelatesIsToldToWhomItShowsSomething(t *testing.T) {
	t.Parallel()
	fields := access.HeaderFields()
	rapid.Check(t, func(t *rapid.T) {
		was := drawHeader(t)
		is := was
		if rapid.Bool().Draw(t, "all") {
			is = drawHeader(t)
		}
		is.Barred = rapid.SliceOf(rapid.SampledFrom(people)).Draw(t, "barred")
		e := &store.Entry{Kind: rapid.SampledFrom([]string{"request.related", "request.changed"}).Draw(t, "kind"), Before: was.Values(), After: is.Values()}
		differs, onlyBars := is.Differs(&was)
		for _, m := range append(masks, access.Hidden) {
			shown := false
			for i, f := range fields {
				a, b := e.Before[i], e.After[i]
				list, _ := a.([]string)
				other, _ := b.([]string)
				shown = shown || f.Mask <= m && (list == nil && a != b || list != nil && !slices.Equal(list, other))
			}
			silent := access.Silent(header, e, m)
			if want := e.Kind == "request.related" && !shown; silent != want {
				t.Fatalf("%s with mask %d: silent %t, want %t", e.Kind, m, silent, want)
			}
			if e.Kind == "request.related" && (onlyBars || !differs) && !silent {
				t.Fatalf("mask %d is told who is barred", m)
			}
		}
		e.Before = nil
		if access.Silent(header, e, access.Full) {
			t.Fatal("that a row is there is told")
		}
	})
}
