package feed

import (
	"sort"

	"github.com/fivesociety/linkage/internal/store"
)

// ring keeps the newest entries, so that most who resume need no store.
type ring struct {
	max     int
	from    int64 // every entry after this one is here
	entries []*store.Entry
}

func (r *ring) add(e *store.Entry) {
	r.entries = append(r.entries, e)
	if len(r.entries) >= 2*r.max {
		cut := len(r.entries) - r.max
		r.from = r.entries[cut-1].Seq
		r.entries = append([]*store.Entry(nil), r.entries[cut:]...)
	}
}

// since copies at most limit entries after a sequence; false when they are no
// longer all here.
func (r *ring) since(seq int64, limit int) ([]*store.Entry, bool) {
	if seq < r.from {
		return nil, false
	}
	i := sort.Search(len(r.entries), func(i int) bool { return r.entries[i].Seq > seq })
	return append([]*store.Entry(nil), r.entries[i:min(i+limit, len(r.entries))]...), true
}
