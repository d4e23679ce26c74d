package access

import (
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// Related ends the kind of an entry that only carries to a row what changed around it: who
// leads, how it is classed, who is barred.
const Related = ".related"

// Silent reports whether an entry tells who sees the row with this mask nothing, so that they
// are not told that there is one: it is of a kind that ends in Related, the row was there
// before and is after, and no field that the mask shows has changed. So who must not meet
// whom is said and lifted unheard by all who see the row before and after.
func Silent(d *store.Definition, e *store.Entry, m Mask) bool {
	if !strings.HasSuffix(e.Kind, Related) || e.Before == nil || e.After == nil {
		return false
	}
	for i, f := range d.Fields {
		if f.Route && f.Mask <= m && !same(e.Before[i], e.After[i]) {
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

// Told is the mask by which the log tells an actor of a row: the row's, and no more than is
// seen of what it is a part of.
func (s *Sight) Told(v store.Values) Mask { return min(s.Mask(v), max(Blind, s.Beside(v))) }

// Differs reports whether a header is another than it was, and whether it is in nothing but
// who is barred.
func (h *Header) Differs(was *Header) (at, onlyBars bool) {
	bars := !slices.Equal(h.Barred, was.Barred)
	rest := !slices.Equal(h.Parties, was.Parties) || h.plain() != was.plain()
	return bars || rest, !rest
}

// plain is the header's single values.
func (h *Header) plain() [9]string {
	return [...]string{h.Province, h.City, h.County, h.Town, h.Community, h.Station, string(h.Class), h.State, h.Subject}
}
