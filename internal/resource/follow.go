package resource

import (
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// maxDivisions bounds the divisions that one feed is narrowed to.
const maxDivisions = 20

// Following is the condition, on routing fields, of being one of the kinds and going to one
// of the divisions or a part of it; no kinds are all, and no divisions. TOO_MANY beyond 20
// divisions, ID_INVALID for what is no division.
func Following(kinds []Kind, divisions []string) (store.Filter, error) {
	if len(divisions) > maxDivisions {
		return store.None(), fault.New(fault.CodeTooMany, fault.At("divisionIds"), fault.P("max", maxDivisions))
	}
	var any []store.Filter
	for i := range divisions {
		inside, err := division.InsideID(&divisions[i], "divisionIds")
		if err != nil {
			return store.None(), err
		}
		any = append(any, inside, store.AnyOf("area", upwards(division.CodeOf(divisions[i]))...))
	}
	where := store.All()
	if len(any) > 0 {
		where = store.Either(any...)
	}
	if len(kinds) > 0 {
		where = store.Both(where, store.AnyOf("kind", kinds...))
	}
	return where, nil
}
