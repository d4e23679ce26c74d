package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// Interest is one noun that a member follows.
type Interest struct {
	Noun   string        // as registered in the store
	Access *access.Noun  // nil: a public noun, every row of which everybody sees in full
	Least  access.Mask   // the least mask that shows a row at all; zero: any
	Where  store.Filter  // the reader's own conditions, on routing fields; the zero value is none
	Coarse *store.Filter // the same conditions asked no closer than every reader of a row is shown: they need no mask; nil for none
	Parts  Parts         // nil: rows are followed whole
	PartOf string        // the same for all Parts that read the same from a row; "" for one that is like no other
}

// Protected is the interest in all rows of a protected noun.
func Protected(n access.Noun) Interest { return Interest{Noun: n.Name, Access: &n} }

// following is what somebody follows, whoever it is.
type following struct {
	only     string // only this row, if not empty
	mirror   bool
	personal bool
	lenses   map[string]lens // without a sight
	key      string          // the same for all who follow the same; "" for what is like nothing else
}

// view is what all see who follow the same with the same rights until the same moment: the
// rights compiled, the filters, and the least mask that each filter needs, so that nothing
// can be found by what a mask hides. A row that names one of them by its account (see
// access.Naming) is shown to that one as its own view has it.
type view struct {
	*following
	key    viewKey
	lenses map[string]lens
	until  time.Time    // when the first grant ends; zero: never
	print  string       // of a mirror: tells readers and their rights apart
	reader access.Actor // anybody with these rights
	rights string       // tells the reader's rights apart

	// Of one that members share, guarded by hub.mu.
	users   int             // who see by it
	members []*Subscription // those whom the hub hands over to
	batch   []stream.Item   // what they are to be handed
	apart   []*Subscription // those of them who are handed what is in their own queues, this time
	at      int64           // the entry that news is of
	news    []stream.Item
}

type viewKey struct {
	following, rights string
	until             int64
}

// lens is a view of one noun.
type lens struct {
	noun   *access.Noun
	sight  *access.Sight
	def    *store.Definition
	own    store.Match
	need   access.Mask
	place  access.Mask // what a filter on where a row lies needs: see access.Sight.Beside
	coarse store.Match // nil for none
	least  access.Mask // that coarse needs
	parts  Parts
}

// following reads what a member wants.
func (h *Hub) following(m Member) (*following, error) {
	out := &following{only: m.ID, mirror: m.Mirror, personal: m.Personal, lenses: make(map[string]lens, len(m.Nouns))}
	alike := !m.Mirror // whose cursors say whose they are
	wanted := []any{m.ID, m.Personal}
	for _, n := range m.Nouns {
		def := h.db.Definition(n.Noun)
		if def == nil {
			return nil, fmt.Errorf("feed: no noun %q", n.Noun)
		}
		own, err := def.Compile(n.Where, true)
		if err != nil {
			return nil, err
		}
		least := max(access.Blind, n.Least)
		l := lens{noun: n.Access, def: def, own: own, need: least, least: least, parts: n.Parts}
		if n.Coarse != nil {
			if l.coarse, err = def.Compile(*n.Coarse, true); err != nil {
				return nil, err
			}
		}
		for _, f := range n.Where.Fields() {
			at := def.Position(f)
			l.need = max(l.need, def.Fields[at].Mask)
			if n.Access != nil && at < access.Places {
				l.place = max(l.place, def.Fields[at].Mask)
			}
		}
		out.lenses[n.Noun] = l
		alike = alike && (n.Parts == nil || n.PartOf != "")
		wanted = append(wanted, n.Noun, n.Access, n.Least, n.Where, n.Coarse, n.PartOf)
	}
	if alike {
		text, err := json.Marshal(wanted)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out.key = string(sum[:])
	}
	return out, nil
}

// under is what one sees who follows this with an actor's rights: the actor itself, named by
// its account.
func (f *following) under(a access.Actor) *view {
	v := f.seen(a)
	v.print = printOf(a)
	return v
}

// alike is what all see who follow this with an actor's rights, where no row names them.
func (f *following) alike(a access.Actor) *view {
	if f.mirror || a.IsSystem() {
		return f.under(a)
	}
	return f.seen(a.Nameless())
}

func (f *following) seen(a access.Actor) *view {
	v := &view{following: f, lenses: make(map[string]lens, len(f.lenses)), until: endOf(a), reader: a.Nameless()}
	v.reader.Grants = slices.Clone(a.Grants)
	for i := range v.reader.Grants {
		v.reader.Grants[i].ID, v.reader.Grants[i].Until = "", time.Time{} // one account's
	}
	v.rights = sumOf(v.reader)
	for name, l := range f.lenses {
		if l.noun != nil {
			l.sight = access.See(a, *l.noun)
		}
		v.lenses[name] = l
	}
	return v
}

// endOf is when the first of an actor's grants ends; zero for never.
func endOf(a access.Actor) time.Time {
	var until time.Time
	for _, g := range a.Grants {
		if !g.Until.IsZero() && (until.IsZero() || g.Until.Before(until)) {
			until = g.Until
		}
	}
	return until
}

// printOf is the same for the same reader with the same rights.
func printOf(a access.Actor) string { return hex.EncodeToString([]byte(sumOf(a)[:8])) }

// sumOf is printOf where another reader must not have the same, whoever makes the grants.
func sumOf(a access.Actor) string {
	sum := sha256.Sum256([]byte(a.ID + "\x1e" + a.Rights()))
	return string(sum[:])
}

// mask is how much of a row's state the member sees; Hidden also when the
// member's own filter does not want it.
func (l *lens) mask(values store.Values) access.Mask {
	m := l.rule(values)
	switch {
	case m == access.Hidden:
	case m >= l.need && (l.place <= access.Blind || l.sight.Beside(values) >= l.place) && l.own(values),
		l.coarse != nil && m >= l.least && l.coarse(values):
		return m
	}
	return access.Hidden
}

// silent reports whether an entry shows the reader nothing, neither of the row nor of what it
// is a part of.
func (l *lens) silent(e *store.Entry) bool {
	return l.sight != nil && access.Silent(l.def, e) && l.sight.Beside(e.Before) == l.sight.Beside(e.After)
}

// rule is how much of a row's state the rule alone shows.
func (l *lens) rule(values store.Values) access.Mask {
	switch {
	case values == nil:
		return access.Hidden
	case l.sight == nil:
		return access.Full
	}
	return l.sight.Mask(values)
}

// route adds the member's events of an entry: none, one, or one for each part of the row.
func (v *view) route(out []Event, e *store.Entry) []Event {
	l, wanted := v.lenses[e.Noun]
	if !wanted || (v.only != "" && e.ID != v.only) {
		return out
	}
	before, after := l.mask(e.Before), l.mask(e.After)
	ev := v.told(Event{Seq: e.Seq, mark: markOf(e.At), At: e.At, Noun: e.Noun, ID: e.ID, Entry: e, Mask: after}, e.After)
	if l.noun != nil && after != access.Hidden {
		ev.Class = access.ClassOf(e.After)
	}
	switch {
	case after == access.Hidden && before == access.Hidden:
		return out
	case l.parts != nil:
		return append(out, l.split(e, ev, before)...)
	case after == access.Hidden:
		ev.Kind, ev.Entry = Left, nil
	case before == access.Hidden:
		ev.Kind = Entered
	case before == after && l.silent(e):
		return out
	default:
		ev.Kind = Changed
	}
	return append(out, ev)
}

// told is an event as this view's reader is told it, to whom the row is nothing yet or
// something in the states that count.
func (v *view) told(ev Event, states ...store.Values) Event {
	ev.Reader, ev.rights = access.Actor{ID: v.reader.ID}, ""
	l := v.lenses[ev.Noun]
	passing := func(state store.Values) bool { return l.sight.Passing(state) }
	if !v.personal && ev.Mask >= access.Limited && l.sight != nil && !slices.ContainsFunc(states, passing) {
		ev.Reader, ev.rights = v.reader, v.rights
	}
	if v.mirror {
		ev.print = v.print
	}
	return ev
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
