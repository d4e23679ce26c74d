package station

import (
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

func spec() store.Spec[Station] {
	return store.Spec[Station]{
		Name: "station",
		Fields: append(division.PlaceFields((*Station).Code),
			store.Field[Station]{Name: "division", Kind: store.Text, Get: func(s *Station) any { return s.Division }},
			store.Field[Station]{Name: "kind", Kind: store.Text, Get: func(s *Station) any { return s.Kind }},
			store.Field[Station]{Name: "level", Kind: store.Text, Get: func(s *Station) any { return s.Level }},
			store.Field[Station]{Name: "fields", Kind: store.Texts, Get: func(s *Station) any { return s.Fields }},
			store.Field[Station]{Name: "state", Kind: store.Text, Get: func(s *Station) any { return s.State }},
			store.Field[Station]{Name: "operator", Kind: store.Text, Get: func(s *Station) any { return s.Operator }},
			store.Field[Station]{Name: "serves", Kind: store.Texts, Get: func(s *Station) any { return s.Serves }},
			store.Field[Station]{Name: "nameTerms", Kind: store.Terms, Get: func(s *Station) any { return text.NameTerms(s.Name) }},
			store.Field[Station]{Name: "cell", Kind: store.Int, Get: func(s *Station) any { return usecase.CellOf(s.Location) }},
			store.Field[Station]{Name: "created", Kind: store.Int, Get: func(s *Station) any { return s.CreatedAt }},
			store.RetiredField[Station](0),
		),
		Indexes: [][]string{
			{"nameTerms"},
			{"serves"},
			{"division"},
			{"county"},
			{"city"},
			{"town", "created"},
			{"county", "created"},
			{"city", "created"},
			{"province", "created"},
			{"kind", "created"},
			{"level", "created"},
			{"fields", "created"},
			{"state", "created"},
			{"operator", "created"},
			{"created"},
			{"cell"},
			{"retired"},
		},
		Queries: []store.Shape{
			{Where: []string{"nameTerms"}},
			{Where: []string{"serves"}},
			{Where: []string{"division"}},
			{Where: []string{"county"}},
			{Where: []string{"city"}},
			{Sort: "created"},
			{Sort: "cell"},
			{Sort: "retired"},
			{Where: []string{"town"}, Sort: "created"},
			{Where: []string{"county"}, Sort: "created"},
			{Where: []string{"city"}, Sort: "created"},
			{Where: []string{"kind"}, Sort: "created"},
			{Where: []string{"level"}, Sort: "created"},
			{Where: []string{"fields"}, Sort: "created"},
			{Where: []string{"state"}, Sort: "created"},
			{Where: []string{"operator"}, Sort: "created"},
		},
		Guards: func(s *Station) []string { return []string{guard(s.Kind)} },
	}
}

// guard names the document that every write of a station of a kind bumps, so that
// a decision about who is responsible sees no station come or go behind its back.
func guard(k Kind) string { return store.GuardName("station", string(k)) }
