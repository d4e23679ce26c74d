package feed

import (
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// view is what one member sees at one time: its rights compiled, its own filter,
// and the least mask that the filter needs, so that nothing can be found by what a
// mask hides.
type view struct {
	noun  string
	id    string // only this row, if not empty
	sight *access.Sight
	own   store.Match
	need  access.Mask
	until time.Time // when the first grant ends; zero: never
}

func newView(def *store.Definition, m Member) (view, error) {
	if def == nil {
		return view{}, fmt.Errorf("feed: no noun %q", m.Noun.Name)
	}
	own, err := def.Compile(m.Where, true)
	if err != nil {
		return view{}, err
	}
	v := view{noun: m.Noun.Name, id: m.ID, own: own, need: access.Blind}
	for _, f := range m.Where.Fields() {
		v.need = max(v.need, def.Fields[def.Position(f)].Mask)
	}
	return v, nil
}

// under is the same view under an actor's rights.
func (v view) under(a access.Actor, n access.Noun) view {
	v.sight, v.until = access.See(a, n), time.Time{}
	for _, g := range a.Grants {
		if !g.Until.IsZero() && (v.until.IsZero() || g.Until.Before(v.until)) {
			v.until = g.Until
		}
	}
	return v
}

// mask is how much of a row's state the member sees; Hidden also when the
// member's own filter does not want it.
func (v *view) mask(values store.Values) access.Mask {
	if values == nil {
		return access.Hidden
	}
	m := v.sight.Mask(values)
	if m < v.need || !v.own(values) {
		return access.Hidden
	}
	return m
}

// route makes an entry the member's event; false when it is none.
func (v *view) route(e *store.Entry) (Event, bool) {
	if e.Noun != v.noun || (v.id != "" && e.ID != v.id) {
		return Event{}, false
	}
	before, after := v.mask(e.Before), v.mask(e.After)
	ev := Event{Seq: e.Seq, At: e.At, ID: e.ID, Entry: e, Mask: after}
	switch {
	case after == access.Hidden && before == access.Hidden:
		return Event{}, false
	case after == access.Hidden:
		ev.Kind, ev.Entry = Left, nil
	case before == access.Hidden:
		ev.Kind = Entered
	default:
		ev.Kind = Changed
	}
	return ev, true
}

// lost reports whether a right that was there is there no more.
func lost(before, after []access.Grant) bool {
	for _, old := range before {
		kept := slices.ContainsFunc(after, func(g access.Grant) bool {
			return g.Role == old.Role && g.Scope == old.Scope && g.Area == old.Area &&
				(g.Until.IsZero() || (!old.Until.IsZero() && !g.Until.Before(old.Until)))
		})
		if !kept {
			return true
		}
	}
	return false
}
