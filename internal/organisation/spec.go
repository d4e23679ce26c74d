package organisation

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[Organisation] {
	return store.Spec[Organisation]{
		Name: "organisation",
		Fields: access.Fields(func(o *Organisation) *access.Header { return &o.Header },
			store.Field[Organisation]{Name: "kind", Kind: store.Text, Get: func(o *Organisation) any { return o.Kind }},
			store.Field[Organisation]{Name: "credit", Kind: store.Text, Get: func(o *Organisation) any { return o.Credit }},
			store.Field[Organisation]{Name: "creditCode", Kind: store.Text, Get: func(o *Organisation) any { return o.CreditCode }},
			store.Field[Organisation]{Name: "nameTerms", Kind: store.Terms, Get: func(o *Organisation) any { return text.NameTerms(o.Name) }},
			store.Field[Organisation]{Name: "created", Kind: store.Int, Get: func(o *Organisation) any { return o.CreatedAt }},
			store.RetiredField[Organisation](0),
		),
		Indexes: [][]string{
			{"nameTerms"},
			{"creditCode"},
			{"parties", "created"},
			{"town", "created"},
			{"county", "created"},
			{"city", "created"},
			{"province", "created"},
			{"kind", "created"},
			{"state", "created"},
			{"credit", "created"},
			{"created"},
			{"retired"},
		},
		Unique: [][]string{{"creditCode"}},
		Queries: []store.Shape{
			{Where: []string{"nameTerms"}},
			{Where: []string{"creditCode"}},
			{Sort: "created"},
			{Sort: "retired"},
			{Where: []string{"parties"}, Sort: "created"},
			{Where: []string{"city"}, Sort: "created"},
			{Where: []string{"county"}, Sort: "created"},
			{Where: []string{"town"}, Sort: "created"},
			{Where: []string{"kind"}, Sort: "created"},
			{Where: []string{"state"}, Sort: "created"},
			{Where: []string{"credit"}, Sort: "created"},
		},
	}
}
