package recipient

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[Recipient] {
	s := store.Spec[Recipient]{
		Name: "recipient",
		Fields: access.Fields(func(r *Recipient) *access.Header { return &r.Header },
			// The name is shown from FULL on: nothing below may find it.
			store.Field[Recipient]{Name: "nameTerms", Kind: store.Terms, Mask: access.Full, Get: func(r *Recipient) any { return text.NameTerms(r.Private.Name) }},
			// For likely duplicates; nobody asks a list for it.
			store.Field[Recipient]{Name: "contact", Kind: store.Text, Mask: access.Full, Get: func(r *Recipient) any { return r.contact() }},
			store.Field[Recipient]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(r *Recipient) any { return r.CreatedAt }},
		),
		Indexes: [][]string{{"nameTerms"}, {"contact", "created"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}, {Where: []string{"contact"}, Sort: "created"}},
		Personal: func(r *Recipient) []store.Personal {
			return []store.Personal{{Subject: r.ID, Fields: []string{"private"}}}
		},
	}
	for _, way := range [][]string{{}, {"parties"}, {"station"}, {"community"}, {"town"}, {"county"}, {"city"}, {"province"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}
