package sqlite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSideRowsComeInTheOrderOfTheirTable whatever their first column is.
func TestSideRowsComeInTheOrderOfTheirTable(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, first := range []func() any{
		func() any { return fmt.Sprint(rng.IntN(9)) },
		func() any { return rng.Int64N(9) },
	} {
		var rows [][]any
		for i := range 500 {
			rows = append(rows, []any{first(), rng.Int64N(3), fmt.Sprint("id", 1000+i)})
		}
		want := slices.Clone(rows)
		slices.SortFunc(want, inOrder)
		for i, row := range ordered(rows) {
			if !slices.Equal(row, want[i]) {
				t.Fatalf("row %d is %v, not %v", i, row, want[i])
			}
		}
	}
}
