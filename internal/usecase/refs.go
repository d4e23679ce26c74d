package usecase

import "github.com/fivesociety/linkage/internal/store"

// Ref is a list's condition that a declared field is the id a reader gave.
type Ref struct {
	Field  string  // declared field of the rows
	Prefix string  // type of the id
	Name   string  // of the filter's field
	ID     *string // nil restricts nothing
}

// Refs puts the conditions together. ID_INVALID for an id of another type.
func Refs(refs ...Ref) (store.Filter, error) {
	where := store.All()
	for _, r := range refs {
		if r.ID == nil {
			continue
		}
		if err := ID(*r.ID, r.Prefix, "filter", r.Name); err != nil {
			return store.None(), err
		}
		where = store.Both(where, store.Is(r.Field, *r.ID))
	}
	return where, nil
}
