package volunteer

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

func spec() store.Spec[Volunteer] {
	s := store.Spec[Volunteer]{
		Name: "volunteer",
		Fields: access.Fields(func(v *Volunteer) *access.Header { return &v.Header },
			store.Field[Volunteer]{Name: "skills", Kind: store.Texts, Mask: access.Blind, Get: func(v *Volunteer) any { return v.Skills }},
			// The full name is shown from FULL on: nothing below may find it.
			store.Field[Volunteer]{Name: "nameTerms", Kind: store.Terms, Mask: access.Full, Get: func(v *Volunteer) any { return text.NameTerms(v.Private.Name) }},
			store.Field[Volunteer]{Name: "number", Kind: store.Text, Mask: access.Full, Get: func(v *Volunteer) any { return v.Private.Number }},
			// The exact place goes with the name; everybody else has the cell, over a kilometre wide.
			store.Field[Volunteer]{Name: "cell", Kind: store.Int, Mask: access.Full, Get: func(v *Volunteer) any { return usecase.CellOf(v.Private.Location) }},
			store.Field[Volunteer]{Name: "coarse", Kind: store.Int, Mask: access.Blind, Get: func(v *Volunteer) any { return usecase.CoarseOf(v.Private.Location) }},
			store.Field[Volunteer]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(v *Volunteer) any { return v.CreatedAt }},
			store.RetiredField[Volunteer](access.Blind),
		),
		Indexes: [][]string{{"nameTerms"}, {"retired"}},
		Unique:  [][]string{{"number"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}, {Sort: "retired"}},
		Personal: func(v *Volunteer) []store.Personal {
			return []store.Personal{{Subject: v.ID, Fields: []string{"private"}}}
		},
	}
	for _, by := range []string{"cell", "coarse"} {
		for _, way := range [][]string{{}, {"skills"}} {
			s.Indexes = append(s.Indexes, append(append([]string{}, way...), by))
			s.Queries = append(s.Queries, store.Shape{Where: way, Sort: by})
		}
	}
	for _, way := range [][]string{{}, {"skills"}, {"parties"}, {"station"}, {"community"}, {"town"}, {"county"}, {"city"}, {"province"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}
