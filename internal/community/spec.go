package community

import (
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

// counter is the kept counter of all communities.
const counter = "community"

func spec() store.Spec[Community] {
	return store.Spec[Community]{
		Name: "community",
		Fields: append(division.PlaceFields(func(c *Community) string { return c.Code }),
			store.Field[Community]{Name: "terms", Kind: store.Terms, Get: func(c *Community) any { return text.Terms(c.Name) }},
		),
		Indexes: [][]string{{"terms"}, {"town"}, {"county"}, {"city"}, {"province"}},
		Queries: []store.Shape{
			{}, {Where: []string{"terms"}}, {Where: []string{"town"}}, {Where: []string{"county"}}, {Where: []string{"city"}},
		},
		Counters: func(*Community) []string { return []string{counter} },
	}
}
