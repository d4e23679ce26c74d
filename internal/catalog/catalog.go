package catalog

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// Views reads objects by id as an actor may see them now; what is absent or hidden is
// not in the map. The values are what the API's object types are bound to.
type Views func(ctx context.Context, a access.Actor, ids []string) (map[string]any, error)

// Noun is all that the general parts have to know of a noun.
type Noun struct {
	Kind   string       // as the API calls it: SERVICE_REQUEST
	Name   string       // as registered in the store
	Prefix string       // of its ids
	Access *access.Noun // nil: a public noun
	Least  access.Mask  // the least mask that shows a row at all; zero: any
	Trail  bool         // its history is read by those whom history.read names only
	Views  Views
}

// Of makes Views of a noun's own batch.
func Of[V any](batch func(context.Context, access.Actor, []string) (map[string]*V, error)) Views {
	return func(ctx context.Context, a access.Actor, ids []string) (map[string]any, error) {
		found, err := batch(ctx, a, ids)
		if err != nil {
			return nil, err
		}
		out := make(map[string]any, len(ids))
		for _, id := range ids { // a batch may bring what its rows refer to as well
			if v := found[id]; v != nil {
				out[id] = v
			}
		}
		return out, nil
	}
}

// Nouns is the list, in the order of the API's enum.
type Nouns []Noun

// ByKind finds a noun by the API's name.
func (n Nouns) ByKind(kind string) (Noun, bool) {
	return n.find(func(x *Noun) bool { return x.Kind == kind })
}

// ByName finds a noun by the store's name.
func (n Nouns) ByName(name string) (Noun, bool) {
	return n.find(func(x *Noun) bool { return x.Name == name })
}

// OfID finds the noun of an id by its prefix.
func (n Nouns) OfID(id string) (Noun, bool) {
	prefix := store.IDPrefix(id)
	return n.find(func(x *Noun) bool { return x.Prefix == prefix })
}

func (n Nouns) find(is func(*Noun) bool) (Noun, bool) {
	for i := range n {
		if is(&n[i]) {
			return n[i], true
		}
	}
	return Noun{}, false
}
