package post

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[Post] {
	own := func(name string, kind store.Kind, get func(p *Post) any) store.Field[Post] {
		return store.Field[Post]{Name: name, Kind: kind, Mask: access.Limited, Get: get}
	}
	s := store.Spec[Post]{
		Name: "post",
		Fields: access.Fields(func(p *Post) *access.Header { return &p.Header },
			own("kind", store.Text, func(p *Post) any { return string(p.Kind) }),
			own("skills", store.Texts, func(p *Post) any { return p.Skills }),
			own("nameTerms", store.Terms, func(p *Post) any { return text.NameTerms(p.Title) }),
			own("created", store.Int, func(p *Post) any { return p.CreatedAt }),
			store.RetiredField[Post](access.Blind),
		),
		Indexes: [][]string{{"nameTerms"}, {"retired"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}, {Sort: "retired"}},
		// Whoever closes a station decides on all of its posts, whoever retires a person on
		// all that they hold.
		Guards: func(p *Post) []string {
			out := []string{guard(p.Header.Station)}
			for _, h := range p.Holders {
				out = append(out, store.GuardName("post", h.ID))
			}
			return out
		},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"skills"}, {"kind"}, {"state"}, {"town"}, {"county"}, {"city"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}

// guard names what every write of a station's posts bumps.
func guard(station string) string { return store.GuardName("post", station) }
