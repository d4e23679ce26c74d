package resource

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// OwnedBy asks for the resources of an owner.
func OwnedBy(id string) store.Query {
	return store.Query{Where: store.Is("owner", id), Sort: "created"}
}

// Follow puts another owner in the place of one that was merged into it. It reports whether
// that one owned the resource; what is over stays in its name.
func (r *Resource) Follow(from, into string) bool {
	if r.Owner != from || r.Retired != nil || r.State() == Withdrawn || r.State() == Recalled {
		return false
	}
	r.Owner = into
	r.Header.Unrelate(access.PartyOwner, from)
	r.Header.Relate(access.PartyOwner, into)
	return true
}
