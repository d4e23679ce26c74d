package community

import (
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// counter is the kept counter of all communities in use.
const counter = "community"

func spec() store.Spec[Community] {
	return store.Spec[Community]{
		Name: "community",
		Fields: append(division.PlaceFields(func(c *Community) string { return c.Code }),
			store.Field[Community]{Name: "residents", Kind: store.Text, Get: func(c *Community) any { return c.Residents }},
			store.Field[Community]{Name: "facilities", Kind: store.Texts, Get: kinds},
			store.Field[Community]{Name: "nameTerms", Kind: store.Terms, Get: func(c *Community) any { return text.NameTerms(c.Name) }},
			store.Field[Community]{Name: "cell", Kind: store.Int, Get: func(c *Community) any { return usecase.CellOf(c.Location) }},
			store.RetiredField[Community](0),
		),
		Indexes: [][]string{{"nameTerms"}, {"cell"}, {"retired"}, {"residents"}, {"facilities"}, {"town"}, {"county"}, {"city"}, {"province"}},
		Queries: []store.Shape{
			{}, {Where: []string{"nameTerms"}}, {Sort: "cell"}, {Sort: "retired"}, {Where: []string{"residents"}}, {Where: []string{"facilities"}}, {Where: []string{"town"}}, {Where: []string{"county"}}, {Where: []string{"city"}},
		},
		Personal: func(c *Community) []store.Personal {
			return []store.Personal{{Subject: c.ID, Fields: []string{"contacts"}}}
		},
		Counters: func(c *Community) []string {
			if c.Retired != nil {
				return nil
			}
			return []string{counter}
		},
	}
}

// kinds are those of the community's service facilities.
func kinds(c *Community) any {
	out := make([]string, len(c.Services))
	for i, f := range c.Services {
		out[i] = f.Kind
	}
	return out
}
