package socialworker

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[SocialWorker] {
	return store.Spec[SocialWorker]{
		Name: "worker",
		Fields: access.Fields(func(w *SocialWorker) *access.Header { return &w.Header },
			store.Field[SocialWorker]{Name: "skills", Kind: store.Texts, Mask: access.Blind, Get: func(w *SocialWorker) any { return w.Skills }},
			// The name is shown from LIMITED on: nothing below may find it.
			store.Field[SocialWorker]{Name: "nameTerms", Kind: store.Terms, Mask: access.Limited, Get: func(w *SocialWorker) any { return text.NameTerms(w.Private.Name) }},
			store.Field[SocialWorker]{Name: "employer", Kind: store.Text, Mask: access.Limited, Get: func(w *SocialWorker) any { return w.Employer }},
			store.Field[SocialWorker]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(w *SocialWorker) any { return w.CreatedAt }},
			store.RetiredField[SocialWorker](access.Blind),
		),
		Indexes: [][]string{
			{"nameTerms"},
			{"skills", "created"},
			{"parties", "created"},
			{"employer", "created"},
			{"station", "created"},
			{"town", "created"},
			{"county", "created"},
			{"city", "created"},
			{"province", "created"},
			{"created"},
			{"retired"},
		},
		Queries: []store.Shape{
			{Where: []string{"nameTerms"}},
			{Where: []string{"skills"}, Sort: "created"},
			{Where: []string{"parties"}, Sort: "created"},
			{Where: []string{"employer"}, Sort: "created"},
			{Where: []string{"station"}, Sort: "created"},
			{Where: []string{"town"}, Sort: "created"},
			{Where: []string{"county"}, Sort: "created"},
			{Where: []string{"city"}, Sort: "created"},
			{Sort: "created"},
			{Sort: "retired"},
		},
		Personal: func(w *SocialWorker) []store.Personal {
			return []store.Personal{{Subject: w.ID, Fields: []string{"private"}}}
		},
	}
}
