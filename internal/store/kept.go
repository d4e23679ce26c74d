package store

import (
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
)

// keeper is the part of a Spec that a write keeps up: unique keys, counters, guards.
type keeper[T any] struct {
	spec *Spec[T]
	def  *Definition
}

func (c *Collection[T]) keeper() keeper[T] { return keeper[T]{&c.spec, c.def} }

// keep records what changes with a row: old or new may be nil, and so their values.
func (k keeper[T]) keep(u *unit, old, now *T, was, is Values) {
	k.claims(u, old, now, was, is)
	if k.spec.Counters != nil {
		u.add(call(k.spec.Counters, old), -1)
		u.add(call(k.spec.Counters, now), +1)
	}
	if k.spec.Guards != nil {
		for _, name := range append(call(k.spec.Guards, old), call(k.spec.Guards, now)...) {
			u.bump(name)
		}
	}
}

func (k keeper[T]) claims(u *unit, old, now *T, before, after Values) {
	for _, fields := range k.spec.Unique {
		was, is, owner := "", "", ""
		if old != nil {
			was = uniqueKey(k.def.Name, fields, k.def, before)
		}
		if now != nil {
			is, owner = uniqueKey(k.def.Name, fields, k.def, after), k.id(now)
		}
		if was == is {
			continue
		}
		if was != "" {
			u.claim(was, fields[0]).free(k.id(old))
		}
		if is != "" {
			u.claim(is, fields[0]).take(owner, u.part())
		}
	}
}

// claimState follows one unique key through a unit, whatever the order in which
// its objects give it up and take it: only the end has to be unambiguous.
type claimState struct {
	key, field string
	holders    []string
	parts      []int // of the rehearsal in which each holder took it
	freed      bool
	fresh      bool // touched since the rehearsal last asked
}

func (u *unit) claim(key, field string) *claimState {
	c := u.claimed[key]
	if c == nil {
		c = &claimState{key: key, field: field}
		if u.claimed == nil {
			u.claimed = map[string]*claimState{}
		}
		u.claimed[key] = c
		u.claims = append(u.claims, c)
	}
	if u.rehearsal != nil && !c.fresh {
		c.fresh = true
		u.rehearsal.fresh = append(u.rehearsal.fresh, c)
	}
	return c
}

func (c *claimState) take(id string, part int) {
	c.holders, c.parts = append(c.holders, id), append(c.parts, part)
}

func (c *claimState) free(id string) {
	if i := slices.Index(c.holders, id); i >= 0 {
		c.holders, c.parts = slices.Delete(c.holders, i, i+1), slices.Delete(c.parts, i, i+1)
		return
	}
	c.freed = true
}

// settleClaims says what the unit does to each key in the end; DUPLICATE when two of
// its own objects hold one.
func (u *unit) settleClaims() error {
	for _, c := range u.claims {
		switch {
		case len(c.holders) > 1:
			return fault.New(fault.CodeDuplicate, fault.P("field", c.field))
		case len(c.holders) == 1:
			u.set.Claims = append(u.set.Claims, Claim{Key: c.key, Owner: c.holders[0], Freed: c.freed, Field: c.field})
		case c.freed:
			u.set.Claims = append(u.set.Claims, Claim{Key: c.key, Field: c.field})
		}
	}
	return nil
}

func (k keeper[T]) id(t *T) string { return any(t).(interface{ StoreHead() *Head }).StoreHead().ID }

func call[T any](fn func(*T) []string, t *T) []string {
	if t == nil {
		return nil
	}
	return slices.Clone(fn(t))
}

func (u *unit) add(names []string, n int64) {
	for _, name := range names {
		if u.set.Adds == nil {
			u.set.Adds = map[string]int64{}
		}
		if u.set.Adds[name] += n; u.set.Adds[name] == 0 {
			delete(u.set.Adds, name)
		}
	}
}

// bump makes a guard's revision grow once in this unit, whoever else writes.
func (u *unit) bump(name string) {
	k := Key{guardNoun, name}
	if _, ok := u.pending[k]; ok {
		return
	}
	w := &Write{Change: Bump, Key: k, Record: Record{ID: name}}
	u.pending[k] = w
	u.set.Writes = append(u.set.Writes, w)
}
