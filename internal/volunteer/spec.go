package volunteer

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[Volunteer] {
	s := store.Spec[Volunteer]{
		Name: "volunteer",
		Fields: access.Fields(func(v *Volunteer) *access.Header { return &v.Header },
			store.Field[Volunteer]{Name: "skills", Kind: store.Texts, Mask: access.Blind, Get: func(v *Volunteer) any { return v.Skills }},
			// The full name is shown from FULL on: nothing below may find it.
			store.Field[Volunteer]{Name: "nameTerms", Kind: store.Terms, Mask: access.Full, Get: func(v *Volunteer) any { return text.NameTerms(v.Private.Name) }},
			store.Field[Volunteer]{Name: "number", Kind: store.Text, Mask: access.Full, Get: func(v *Volunteer) any { return v.Private.Number }},
			store.Field[Volunteer]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(v *Volunteer) any { return v.CreatedAt }},
		),
		Indexes: [][]string{{"nameTerms"}},
		Unique:  [][]string{{"number"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}},
		Personal: func(v *Volunteer) []store.Personal {
			return []store.Personal{{Subject: v.ID, Fields: []string{"private"}}}
		},
	}
	for _, way := range [][]string{{}, {"skills"}, {"parties"}, {"station"}, {"community"}, {"town"}, {"county"}, {"city"}, {"province"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}
