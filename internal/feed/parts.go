package feed

import (
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// Parts reads from a row's values those parts of it that a member follows one by one: by
// id, what tells one state of a part from another.
type Parts func(store.Values) map[string]string

// split makes of what happened to a row what happened to its parts, in the order of their
// ids. All but the last leave the feed in front of the entry: who resumes there hears of
// all of them again, and misses none.
func (l *lens) split(e *store.Entry, ev Event, before access.Mask) []Event {
	was, is := map[string]string{}, map[string]string{}
	if before != access.Hidden {
		was = l.parts(e.Before)
	}
	if ev.Mask != access.Hidden {
		is = l.parts(e.After)
	}
	ids := make([]string, 0, len(was)+len(is))
	for id := range is {
		ids = append(ids, id)
	}
	for id := range was {
		if _, still := is[id]; !still {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var out []Event
	for _, id := range ids {
		old, had := was[id]
		now, has := is[id]
		part := ev
		part.Part, part.Seq, part.mark = id, e.Seq-1, 0
		switch {
		case !has:
			part.Kind, part.Entry = Left, nil
		case !had:
			part.Kind, part.Entry = Entered, e
		case old != now || before != ev.Mask:
			part.Kind, part.Entry = Changed, e
		default:
			continue
		}
		out = append(out, part)
	}
	if len(out) > 0 {
		out[len(out)-1].Seq, out[len(out)-1].mark = e.Seq, ev.mark
	}
	return out
}
