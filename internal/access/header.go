package access

import (
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// Class is the sensitivity of a row.
type Class string

// The classes, from open to sealed.
const (
	Public     Class = "PUBLIC"
	Restricted Class = "RESTRICTED"
	Protected  Class = "PROTECTED"
	Sealed     Class = "SEALED"
)

// Classes lists the classes from open to sealed.
var Classes = []Class{Public, Restricted, Protected, Sealed}

// Stricter is the stricter of two classes; Sealed when neither is one.
func Stricter(a, b Class) Class {
	for i := len(Classes) - 1; i >= 0; i-- {
		if c := Classes[i]; a == c || b == c {
			return c
		}
	}
	return Sealed
}

// Guarded reports whether a row is of a protected class, whose steps a protection officer
// takes instead of a coordinator.
func (h *Header) Guarded() bool { return h.Class == Protected || h.Class == Sealed }

// Header is what rules look at: it stands on every protected row, so that no rule
// needs a join. Division codes are without trailing zero groups, "" if unknown.
type Header struct {
	Province  string   `bson:"p1"`
	City      string   `bson:"p2"`
	County    string   `bson:"p3"`
	Town      string   `bson:"p4"`
	Community string   `bson:"p5"`
	Station   string   `bson:"sta"`
	Class     Class    `bson:"cls"`
	State     string   `bson:"st"`
	Subject   string   `bson:"sub"` // the recipient or person the row is about
	Barred    []string `bson:"bar"` // ids that are kept from it: see Noun.Screened
	Parties   []string `bson:"par"` // "<relation>:<id>", see the Party constants
}

// Party is the relation part of an entry of Header.Parties.
type Party string

// The parties.
const (
	PartyCreator   Party = "creator"   // account that entered it
	PartyRecipient Party = "recipient" // recipient it is for
	PartyGuardian  Party = "guardian"  // recipient whose guardians may see it
	PartyLead      Party = "lead"      // social worker who leads
	PartyHelp      Party = "help"      // volunteer or worker who helps
	PartySupply    Party = "supply"    // organisation that supplies
	PartyServed    Party = "served"    // helped or supplied; their part is over
	PartyAsked     Party = "asked"     // proposed to, not yet accepted
	PartyOwner     Party = "owner"     // organisation that owns it
	PartySelf      Party = "self"      // the person the row is
	PartyReferred  Party = "referred"  // station that it is referred to, or was referred from last
)

// Of makes the entry for an id.
func (p Party) Of(id string) string { return string(p) + ":" + id }

// Place sets the five division levels from a code of up to 12 digits.
func (h *Header) Place(code string) {
	level := func(n int) string {
		if len(code) >= n {
			return code[:n]
		}
		return ""
	}
	h.Province, h.City, h.County, h.Town, h.Community = level(2), level(4), level(6), level(9), level(12)
}

// Relate adds a party, once. It reports whether the header changed.
func (h *Header) Relate(p Party, id string) bool {
	entry := p.Of(id)
	if id == "" {
		return false
	}
	for _, e := range h.Parties {
		if e == entry {
			return false
		}
	}
	h.Parties = append(h.Parties[:len(h.Parties):len(h.Parties)], entry)
	return true
}

// Unrelate removes a party. It reports whether the header changed.
func (h *Header) Unrelate(p Party, id string) bool {
	entry := p.Of(id)
	for i, e := range h.Parties {
		if e == entry {
			h.Parties = append(append([]string{}, h.Parties[:i]...), h.Parties[i+1:]...)
			return true
		}
	}
	return false
}

// headerFields are the header's declared fields, first on every protected noun and
// always in this order.
var headerFields = []store.FieldDef{
	{Name: "province", Kind: store.Text, Route: true},
	{Name: "city", Kind: store.Text, Route: true},
	{Name: "county", Kind: store.Text, Mask: Blind, Route: true},
	{Name: "town", Kind: store.Text, Mask: Limited, Route: true},
	{Name: "community", Kind: store.Text, Mask: Limited, Route: true},
	{Name: "station", Kind: store.Text, Mask: Limited, Route: true},
	{Name: "class", Kind: store.Text, Mask: Blind, Route: true},
	{Name: "state", Kind: store.Text, Mask: Blind, Route: true},
	{Name: "subject", Kind: store.Text, Mask: Full, Route: true},
	{Name: "barred", Kind: store.Texts, Mask: Unseen, Route: true},
	{Name: "parties", Kind: store.Texts, Mask: Full, Route: true},
}

// Places is how many of the header's fields, the first ones, say where a row lies: the
// division levels and the station.
const Places = 6

const (
	posClass   = 6
	posState   = 7
	posBarred  = 9
	posParties = 10
)

var headerDefinition = store.NewDefinition("header", headerFields)

// HeaderFields are the header's declared fields, for tests and documentation.
func HeaderFields() []store.FieldDef { return append([]store.FieldDef(nil), headerFields...) }

// headerGet reads the fields one by one, in the same order.
var headerGet = [...]func(*Header) any{
	func(h *Header) any { return h.Province },
	func(h *Header) any { return h.City },
	func(h *Header) any { return h.County },
	func(h *Header) any { return h.Town },
	func(h *Header) any { return h.Community },
	func(h *Header) any { return h.Station },
	func(h *Header) any { return string(h.Class) },
	func(h *Header) any { return h.State },
	func(h *Header) any { return h.Subject },
	func(h *Header) any { return nonNil(h.Barred) },
	func(h *Header) any { return nonNil(h.Parties) },
}

// Values are the header's declared values in their fixed order.
func (h *Header) Values() store.Values {
	out := make(store.Values, len(headerGet))
	for i, get := range headerGet {
		out[i] = get(h)
	}
	return out
}

// ClassOf is the class in declared values that begin with a header's.
func ClassOf(v store.Values) Class {
	class, _ := v[posClass].(string)
	return Class(class)
}

// Naming adds to a list the ids by which a row's declared values may name an account itself:
// who entered it, and who is kept from it. The rule tells apart who has the same rights by
// nothing else of them; whom no id names sees what its rights show.
func Naming(list []string, v store.Values) []string {
	if len(v) <= posParties {
		return list
	}
	barred, _ := v[posBarred].([]string)
	list = append(list, barred...)
	parties, _ := v[posParties].([]string)
	for _, entry := range parties {
		if id, ok := strings.CutPrefix(entry, string(PartyCreator)+":"); ok {
			list = append(list, id)
		}
	}
	return list
}

// Fields puts the header's declared fields in front of a noun's own, where every
// rule expects them.
func Fields[T any](header func(*T) *Header, own ...store.Field[T]) []store.Field[T] {
	out := make([]store.Field[T], 0, len(headerFields)+len(own))
	for i, f := range headerFields {
		out = append(out, store.Field[T]{
			Name: f.Name, Kind: f.Kind, Mask: f.Mask, Route: f.Route,
			Get: func(t *T) any { return headerGet[i](header(t)) },
		})
	}
	return append(out, own...)
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
