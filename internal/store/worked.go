package store

import "context"

// worked is what OncePerUnit keeps, and how many writes of the noun came before it.
type worked struct {
	value   any
	changes int
}

// OncePerUnit answers with what fn made when the unit of ctx first asked under this
// name, until the unit writes an object of c. It is for what rests on nothing but
// objects of c, read by id or by guarded searches: they answer alike however often a
// unit asks. The answer is shared and not to be changed; errors are not kept. Outside
// of a unit fn runs each time.
func OncePerUnit[T, V any](ctx context.Context, c *Collection[T], name string, fn func() (V, error)) (V, error) {
	u := unitOf(ctx)
	if u == nil {
		return fn()
	}
	k, changes := Key{c.def.Name, name}, u.changes[c.def.Name]
	if w, ok := u.worked[k]; ok && w.changes == changes {
		if v, ok := w.value.(V); ok {
			return v, nil
		}
	}
	v, err := fn()
	if err == nil {
		if u.worked == nil {
			u.worked = map[Key]worked{}
		}
		u.worked[k] = worked{v, changes}
	}
	return v, err
}
