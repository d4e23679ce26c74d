package store

import "slices"

// keeper is the part of a Spec that a write keeps up: unique keys, counters, guards.
type keeper[T any] struct {
	spec *Spec[T]
	def  *Definition
}

func (c *Collection[T]) keeper() keeper[T] { return keeper[T]{&c.spec, c.def} }

// keep records what changes with a row: old or new may be nil.
func (k keeper[T]) keep(u *unit, old, now *T) {
	k.claims(u, old, now)
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

func (k keeper[T]) claims(u *unit, old, now *T) {
	for _, fields := range k.spec.Unique {
		was, is, owner := "", "", ""
		if old != nil {
			was = uniqueKey(k.def.Name, fields, k.def, k.spec.values(old))
		}
		if now != nil {
			is, owner = uniqueKey(k.def.Name, fields, k.def, k.spec.values(now)), k.id(now)
		}
		if was == is {
			continue
		}
		if was != "" {
			u.set.Claims = append(u.set.Claims, Claim{Key: was, Field: fields[0]})
		}
		if is != "" {
			u.set.Claims = append(u.set.Claims, Claim{Key: is, Owner: owner, Field: fields[0]})
		}
	}
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
