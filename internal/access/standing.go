package access

import (
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Standing is what an actor is to one row, found once for all questions about it.
type Standing struct {
	Mask      Mask
	Relations Relations // those that see the row; one to which its class is hidden gives no right
}

// On is the actor's standing with a row.
func (s *Sight) On(h *Header) Standing { return s.Upon(h.Values()) }

// Upon is On for a row's declared values (header fields first).
func (s *Sight) Upon(v store.Values) Standing {
	out := Standing{}
	c := classIndex(string(ClassOf(v)))
	for i := range s.branches {
		b := &s.branches[i]
		if m := b.masks[c]; m != Hidden && b.match(v) {
			out.Relations |= 1 << b.relation
			out.Mask = max(out.Mask, min(s.ceiling, m))
		}
	}
	return out
}

// May refuses an action: NOT_FOUND when the actor can't see the row, FORBIDDEN when
// none of its relations may do this.
func (t Standing) May(action Action) error {
	switch {
	case t.Mask == Hidden:
		return fault.New(fault.CodeNotFound)
	case t.Relations&actions[action].Relations == 0:
		return fault.New(fault.CodeForbidden)
	}
	return nil
}

// OnlyAs reports whether these relations alone give the actor the right to an action:
// without them the actor could not do it.
func (t Standing) OnlyAs(action Action, rels ...Relation) bool {
	by := t.Relations & actions[action].Relations
	return by != 0 && by&^Rel(rels...) == 0
}
