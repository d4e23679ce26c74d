package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// Noun is what access has to know of a protected noun.
type Noun struct {
	Name    string
	Offered []string // states in which partners and volunteers of the city see a row blinded
	Shown   []string // states in which anybody sees a PUBLIC row
	Copied  bool     // rows are parts of another one, whose place and people their headers copy: see Sight.Beside
	Desk    bool     // protection officers see the rows of their own station as its coordinators do
	Staff   bool     // rows are people at work: coordinators and protection officers see those of their area as supervisors do, social workers blinded
	// Screened: somebody may be kept from a row (Header.Barred). By no grant of theirs do they
	// see it then; only what is theirs stays: a person's own matter, an owner's own proposal.
	Screened bool
	asked    bool // its owners see it as those who were asked
}

// Sight is an actor's view of one noun: its rule in three forms. It is immutable
// and safe for concurrent use; make a new one when the grants change.
type Sight struct {
	noun     Noun
	branches []branch
	parties  []wanted // the branches that ask for one party, for Mask
	others   []branch // the rest
	ceiling  Mask     // the most that is seen of any row
	beside   *Sight   // of a copied noun: what is seen of whose part a row is
	ids      []string // of a screened noun: what the actor may be named by in a row's list of the barred
}

// wanted is a branch over one entry of parties. Most branches are: Mask looks through
// a row's parties once for all of them.
type wanted struct {
	entry string
	masks [noClass + 1]Mask
	own   bool   // holds for the barred too
	alone string // of an organisation: it holds for whom nothing but this bars
}

// branch is one reason to see rows: a relation and the rows it holds for.
type branch struct {
	relation Relation
	masks    [noClass + 1]Mask // by class: what the relation sees
	where    store.Filter
	match    store.Match
}

// See builds an actor's view of a noun from its grants. What it makes of the actor's own id
// Naming has to find in a row.
func See(a Actor, n Noun) *Sight {
	s := &Sight{noun: n, ceiling: Full}
	if a.capped {
		s.ceiling = a.ceiling
	}
	if n.Copied {
		n.Copied, n.asked = false, true
		s.beside = See(a, n)
	}
	if n.Screened {
		s.ids = a.persons()
	}
	if a.system {
		s.add(ToSystem, store.All())
		return s
	}
	if a.Link.Object != "" {
		return s // a link opens one object by id, never a list: see Linked
	}
	if len(n.Shown) > 0 {
		s.add(ToShown, store.AnyOf("state", n.Shown...))
	}
	if a.ID != "" {
		s.add(ToCreated, party(PartyCreator, a.ID))
	}
	for _, g := range a.Grants {
		s.grant(g)
	}
	return s
}

// Linked is the view of a one-time link: the one row whose id it names. The caller
// has loaded that row by this id.
func Linked(n Noun) *Sight {
	s := &Sight{noun: n, ceiling: Full}
	s.add(ToLinked, store.All())
	return s
}

// grant adds what a role opens. A grant that names nothing opens nothing: rows that
// have no station are not the rows of a coordinator without one.
func (s *Sight) grant(g Grant) {
	if g.Scope == "" {
		return
	}
	switch g.Role {
	case Admin:
		s.add(ToAdmin, area(g.Area))
	case Supervisor:
		s.add(ToSupervised, area(g.Area))
	case Resident:
		s.add(ToSelf, party(PartyRecipient, g.Scope))
	case Guardian:
		s.add(ToWard, party(PartyGuardian, g.Scope))
	case SocialWorker:
		s.add(ToSelf, party(PartySelf, g.Scope))
		s.add(ToLed, party(PartyLead, g.Scope))
		s.helper(PartyHelp, g)
		if s.noun.Staff {
			s.add(ToOffered, area(g.Area))
		}
	case Coordinator:
		s.add(ToStation, store.Is("station", g.Scope))
		s.add(ToHelped, party(PartyHelp, g.Scope)) // who is in its care and lives elsewhere
		s.add(ToReferred, party(PartyReferred, g.Scope))
		s.colleagues(g)
	case ProtectionOfficer:
		s.add(ToProtected, area(g.Area))
		if s.noun.Desk {
			s.add(ToStation, store.Is("station", g.Scope))
		}
		s.add(ToReferred, party(PartyReferred, g.Scope))
		s.colleagues(g)
		if s.noun.Staff {
			s.add(ToVetted, area(g.Area))
		}
	case Volunteer:
		s.add(ToSelf, party(PartySelf, g.Scope))
		s.helper(PartyHelp, g)
		s.outside(g)
	case Partner:
		s.add(ToSelf, party(PartyOwner, g.Scope))
		s.helper(PartySupply, g)
		s.outside(g)
	case Auditor: // the trail only, no rows
	}
}

// helper is how who serves sees what they serve, and served.
func (s *Sight) helper(p Party, g Grant) {
	s.add(ToHelped, party(p, g.Scope))
	s.add(ToServed, party(PartyServed, g.Scope))
}

// colleagues is how a desk finds the people at work in its area.
func (s *Sight) colleagues(g Grant) {
	if s.noun.Staff {
		s.add(ToSupervised, area(g.Area))
	}
}

// outside is how partners and volunteers meet needs that are not theirs yet.
func (s *Sight) outside(g Grant) {
	s.add(ToAsked, party(PartyAsked, g.Scope))
	if len(s.noun.Offered) > 0 && len(g.Area) >= 4 {
		s.add(ToOffered, store.Both(store.Is("city", g.Area[:4]), store.AnyOf("state", s.noun.Offered...)))
	}
}

func (s *Sight) add(r Relation, where store.Filter) {
	own := r == ToSelf && !s.noun.asked
	if s.noun.asked && r == ToSelf {
		r = ToAsked
	}
	entry, ok := partyOf(where)
	alone := ""
	if own && ok { // an organisation's own is not of one of its people who is barred besides
		if id, is := strings.CutPrefix(entry, PartyOwner.Of("")); is {
			alone = id
		}
	}
	for _, id := range s.ids {
		if !own || alone != "" && id != alone {
			where = store.Both(where, store.Misses("barred", id))
		}
	}
	m, err := headerDefinition.Compile(where, true)
	if err != nil {
		panic(fmt.Sprintf("access: %v", err)) // the branches above are fixed; a test builds them all
	}
	b := branch{r, r.row(), where, m}
	s.branches = append(s.branches, b)
	if ok {
		s.parties = append(s.parties, wanted{entry, b.masks, own, alone})
	} else {
		s.others = append(s.others, b)
	}
}

// partyOf is the entry that a filter over parties alone asks for.
func partyOf(f store.Filter) (string, bool) {
	if f.Op != store.Has || f.Field != "parties" {
		return "", false
	}
	entry, ok := f.Vals[0].(string)
	return entry, ok && entry != ""
}

func party(p Party, id string) store.Filter { return store.Holds("parties", p.Of(id)) }

// area matches the rows below a division code: equality on the code's own level,
// so that every order keeps its index. An empty code matches nothing.
func area(code string) store.Filter {
	switch len(code) {
	case 2:
		return store.Is("province", code)
	case 4:
		return store.Is("city", code)
	case 6:
		return store.Is("county", code)
	case 9:
		return store.Is("town", code)
	case 12:
		return store.Is("community", code)
	}
	return store.None()
}

// Where is the rule as a filter: the rows seen with at least the mask.
func (s *Sight) Where(m Mask) store.Filter {
	var out []store.Filter
	for _, b := range s.branches {
		classes := b.relation.classesAt(max(m, Blind))
		switch len(classes) {
		case 0:
		case len(Classes):
			out = append(out, b.where)
		default:
			out = append(out, store.Both(b.where, store.AnyOf("class", classes...)))
		}
	}
	return store.Either(out...)
}

// Mask is the rule on one row's declared values (header fields first): how much
// of it the actor sees. It does not allocate.
func (s *Sight) Mask(v store.Values) Mask { return min(s.ceiling, s.mask(v)) }

func (s *Sight) mask(v store.Values) Mask {
	class, _ := v[posClass].(string)
	c := classIndex(class)
	best := Hidden
	for i := range s.others {
		b := &s.others[i]
		if m := b.masks[c]; m > best && b.match(v) {
			best = m
		}
	}
	if len(s.parties) == 0 || best == Full {
		return best
	}
	list, _ := v[posParties].([]string)
	barred := s.barred(v)
	for _, entry := range list {
		for i := range s.parties {
			w := &s.parties[i]
			if barred && (!w.own || w.alone != "" && s.barredBut(v, w.alone)) {
				continue
			}
			// Ids differ in their ends and share beginnings.
			if m := w.masks[c]; m > best && len(entry) == len(w.entry) && entry[len(entry)-1] == w.entry[len(entry)-1] && entry == w.entry {
				best = m
			}
		}
	}
	return best
}

// barred reports whether the actor is kept from a row, by any id that stands for them.
func (s *Sight) barred(v store.Values) bool { return s.barredBut(v, "") }

// barredBut is barred by another id than one.
func (s *Sight) barredBut(v store.Values, but string) bool {
	list, _ := v[posBarred].([]string)
	for _, id := range list {
		if id != but && slices.Contains(s.ids, id) {
			return true
		}
	}
	return false
}

// Beside is how much the actor sees of what a row's header copies from the row that it is a
// part of. A proposal is its owner's in full, but of the request's place, station and people
// it tells the owner no more than is told to who was asked.
func (s *Sight) Beside(v store.Values) Mask {
	if s.beside == nil {
		return s.Mask(v)
	}
	return s.beside.Mask(v)
}

// Passing reports whether the actor, who sees a row LIMITED or more, does so only as everybody
// of a place who may offer help, or to whom it is on show: it is nothing to the actor yet.
func (s *Sight) Passing(v store.Values) bool {
	if c := classIndex(string(ClassOf(v))); max(ToOffered.row()[c], ToShown.row()[c]) < Limited {
		return false
	}
	return s.Upon(v).Relations&^Rel(ToOffered, ToShown) == 0
}

// Of is Mask for a header in hand.
func (s *Sight) Of(h *Header) Mask { return s.Mask(h.Values()) }

// Relations is what the actor is to a row, as far as it lets them see the row.
func (s *Sight) Relations(h *Header) Relations { return s.On(h).Relations }

// Query and-s the rule to a reader's own conditions and order. A condition on a
// field that some mask hides sees only rows whose mask shows that field, so that
// nothing can be found by what it hides.
func (s *Sight) Query(d *store.Definition, q store.Query) store.Query {
	need := Blind
	fields := q.Where.Fields()
	if q.Sort != "" {
		fields = append(fields, q.Sort)
	}
	for _, f := range fields {
		if i := d.Position(f); i >= 0 {
			need = max(need, d.Fields[i].Mask)
		}
	}
	q.Where = store.Both(s.Where(need), q.Where)
	return q
}

// May is Standing.May for a header in hand.
func (s *Sight) May(action Action, h *Header) error { return s.On(h).May(action) }

// OnlyAs is Standing.OnlyAs for a header in hand.
func (s *Sight) OnlyAs(r Relation, action Action, h *Header) bool { return s.On(h).OnlyAs(action, r) }

// Can is May as a yes or no, for allowedActions.
func (s *Sight) Can(action Action, h *Header) bool { return s.May(action, h) == nil }

// Audits reports whether a row's declared values (header fields first) lie in an
// area whose trail the actor may read, and do not bar the actor.
func Audits(a Actor, v store.Values) bool {
	if (&Sight{ids: a.persons()}).barred(v) {
		return false
	}
	for _, g := range a.Grants {
		if g.Role != Auditor {
			continue
		}
		if m, err := headerDefinition.Compile(area(g.Area), true); err == nil && m(v) {
			return true
		}
	}
	return false
}
