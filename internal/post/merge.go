package post

import (
	"slices"

	"github.com/fivesociety/linkage/internal/access"
)

// Follow puts another holder in the place of one who was merged into them; a post that
// both hold is held once. It reports whether that one held it.
func (p *Post) Follow(from, into string) bool {
	i := slices.IndexFunc(p.Holders, func(h Holder) bool { return h.ID == from })
	if i < 0 {
		return false
	}
	if p.holds(into) {
		return p.release(from)
	}
	p.Holders = slices.Clone(p.Holders)
	p.Holders[i].ID = into
	p.Header.Unrelate(access.PartyHelp, from)
	return p.Header.Relate(access.PartyHelp, into)
}
