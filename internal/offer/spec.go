package offer

import (
	"math"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

func spec() store.Spec[Offer] {
	own := func(name string, kind store.Kind, get func(o *Offer) any) store.Field[Offer] {
		return store.Field[Offer]{Name: name, Kind: kind, Mask: access.Limited, Get: get}
	}
	s := store.Spec[Offer]{
		Name: "offer",
		Fields: access.Fields(func(o *Offer) *access.Header { return &o.Header },
			own("created", store.Int, func(o *Offer) any { return o.CreatedAt }),
			own("resource", store.Text, func(o *Offer) any { return o.Resource }),
			own("owner", store.Text, func(o *Offer) any { return o.Owner }),
			own("ends", store.Int, endsKey),
		),
		Indexes: [][]string{{"ends"}},
		Queries: []store.Shape{{Sort: "ends"}},
		// Whoever withdraws a resource, stops its owner or closes a station decides on all
		// their offers.
		Guards: func(o *Offer) []string {
			return []string{store.GuardName("offer", o.Resource), store.GuardName("offer", o.Owner), store.GuardName("offer", o.Header.Station)}
		},
	}
	for _, way := range [][]string{{}, {"state"}, {"station"}, {"parties"}, {"county"}, {"town"}, {"resource"}, {"owner"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}

// endsKey puts what is over behind all that still ends.
func endsKey(o *Offer) any {
	if !slices.Contains(open, o.State()) {
		return int64(math.MaxInt64)
	}
	return o.ends()
}

// of asks for the offers of a resource, an owner or a station.
func of(field, id string) store.Query {
	return store.Query{Where: store.Is(field, id), Sort: "created", Guard: store.GuardName("offer", id)}
}
