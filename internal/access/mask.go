package access

import "github.com/fivesociety/linkage/internal/store"

// Mask says how much of a row a reader sees; each level includes those below it.
type Mask = store.Mask

// The masks.
const (
	Hidden  Mask = iota // the row does not exist for this reader
	Blind               // category, coarse area, window, quantities, constraints, state, number
	Limited             // and community, title, first name or code, meeting point
	Contact             // and safe contact, address, what the helper has to know
	Full                // and notes, everything
	Unseen              // of a field: for the platform alone, told to no reader
)

// Relation is what an actor is to a row.
type Relation uint8

// The relations, in no order.
const (
	ToSelf       Relation = iota // the person, or the owning organisation
	ToWard                       // guardian of the person
	ToCreated                    // entered it
	ToLed                        // leads it
	ToHelped                     // helps or supplies
	ToServed                     // helped or supplied; it is over
	ToAsked                      // was proposed to
	ToOffered                    // may offer help: a partner or volunteer of the city
	ToStation                    // coordinates its station
	ToProtected                  // protection officer of its area
	ToSupervised                 // supervises its area
	ToVetted                     // protection officer, for the people at work in the area
	ToAdmin                      // administers its area
	ToShown                      // anybody, for rows on show
	ToLinked                     // holds a one-time link to it
	ToReferred                   // coordinates a station that it is referred to, or came from
	ToSystem                     // the system
	relations
)

// Relations is a set of relations.
type Relations uint32

// Rel makes a set.
func Rel(list ...Relation) (s Relations) {
	for _, r := range list {
		s |= 1 << r
	}
	return s
}

// Has reports whether the set contains the relation.
func (s Relations) Has(r Relation) bool { return s&(1<<r) != 0 }

// sight is the table of domain.md §3d: what each relation sees of each class, in
// the order PUBLIC, RESTRICTED, PROTECTED, SEALED. Access ends with the part that
// somebody has: who served keeps what their own record needs, no name of who is
// protected and nobody's contact.
var sight = [relations][4]Mask{
	ToSelf:       {Full, Full, Full, Full},
	ToWard:       {Full, Full, Full, Full},
	ToCreated:    {Full, Full, Limited, Blind},
	ToLed:        {Full, Full, Full, Full},
	ToHelped:     {Contact, Contact, Limited, Blind},
	ToServed:     {Limited, Limited, Blind, Blind},
	ToAsked:      {Limited, Blind, Blind, Blind},
	ToOffered:    {Limited, Blind, Blind, Hidden},
	ToStation:    {Full, Full, Limited, Blind},
	ToProtected:  {Hidden, Hidden, Full, Full},
	ToSupervised: {Full, Limited, Blind, Hidden},
	ToVetted:     {Full, Limited, Blind, Hidden},
	ToAdmin:      {Full, Limited, Blind, Hidden},
	ToShown:      {Limited, Hidden, Hidden, Hidden},
	ToLinked:     {Limited, Limited, Limited, Blind},
	ToReferred:   {Limited, Blind, Blind, Blind},
	ToSystem:     {Full, Full, Full, Full},
}

// noClass is the column of a class that no row should have: what is seen of it is what
// the relation sees of every class, as a filter that names no class matches it too.
const noClass = 4

func classIndex(c string) int {
	switch Class(c) {
	case Public:
		return 0
	case Restricted:
		return 1
	case Protected:
		return 2
	case Sealed:
		return 3
	}
	return noClass
}

// row is what a relation sees of each class and, last, of none.
func (r Relation) row() [noClass + 1]Mask {
	s := sight[r]
	return [...]Mask{s[0], s[1], s[2], s[3], min(s[0], s[1], s[2], s[3])}
}

// classesAt lists the classes of which the relation sees at least the mask.
func (r Relation) classesAt(m Mask) []string {
	var out []string
	for i, c := range Classes {
		if sight[r][i] >= m {
			out = append(out, string(c))
		}
	}
	return out
}
