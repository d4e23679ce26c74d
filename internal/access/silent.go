package access

import (
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// Related ends the kind of an entry that only carries to a row what changed around it: who
// leads, how it is classed, who is barred.
const Related = ".related"

// Silent reports whether an entry shows nobody anything, so that nobody is told that there is
// one: it is of a kind that ends in Related, the row was there before and is after, and
// nothing has changed but who is barred. So who must not meet whom is said and lifted
// unheard by all who see the row before and after. It holds for what was saved by
// store.Collection.Hush, and for nothing else: what moves a row's revision is told.
func Silent(d *store.Definition, e *store.Entry) bool {
	if !strings.HasSuffix(e.Kind, Related) || e.Before == nil || e.After == nil {
		return false
	}
	for i, f := range d.Fields {
		if f.Route && i != posBarred && !same(e.Before[i], e.After[i]) {
			return false
		}
	}
	return true
}

func same(a, b any) bool {
	list, ok := a.([]string)
	if !ok {
		return a == b
	}
	other, _ := b.([]string)
	return slices.Equal(list, other)
}

// Differs reports whether a header is another than it was, and whether it is in nothing but
// who is barred.
func (h *Header) Differs(was *Header) (at, onlyBars bool) {
	is, before, onlyBars := h.Values(), was.Values(), true
	for i := range is {
		if !same(is[i], before[i]) {
			at, onlyBars = true, onlyBars && i == posBarred
		}
	}
	return at, onlyBars
}
