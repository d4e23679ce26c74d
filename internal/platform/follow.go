package platform

import (
	"context"
	"maps"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

// Interests are nouns, by the API's names, as the feed follows them, each once, inside
// the divisions or everywhere. Errors: REQUIRED without a noun, INVALID for an unknown
// one, TOO_MANY beyond 20 divisions, ID_INVALID for what is no division.
func (p *Platform) Interests(kinds, divisions []string) ([]feed.Interest, error) {
	if len(kinds) == 0 {
		return nil, fault.New(fault.CodeRequired, fault.At("nouns"))
	}
	where, err := division.InsideAny(divisions, "divisionIds")
	if err != nil {
		return nil, err
	}
	var out []feed.Interest
	for i, kind := range kinds {
		n, ok := p.Nouns.ByKind(kind)
		if !ok {
			return nil, fault.New(fault.CodeInvalid, fault.At("nouns"), fault.P("rule", "NOUN"))
		}
		if !slices.Contains(kinds[:i], kind) {
			out = append(out, feed.Interest{Noun: n.Name, Access: n.Access, Least: n.Least, Where: where})
		}
	}
	return out, nil
}

// Present reads the objects that events tell of, as the actor sees them now, by id;
// what is hidden or gone is not in the map.
func (p *Platform) Present(ctx context.Context, a access.Actor, events []feed.Event) (map[string]any, error) {
	ids := map[string][]string{} // by noun
	for _, ev := range events {
		if ev.Entry != nil && !slices.Contains(ids[ev.Noun], ev.ID) {
			ids[ev.Noun] = append(ids[ev.Noun], ev.ID)
		}
	}
	out := map[string]any{}
	ctx = store.Remember(ctx) // a page's objects share their places and people
	for name, list := range ids {
		n, _ := p.Nouns.ByName(name)
		views, err := n.Views(ctx, a, list)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, views)
	}
	return out, nil
}
