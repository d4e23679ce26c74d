package team

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

func spec() store.Spec[Team] {
	own := func(name string, kind store.Kind, get func(t *Team) any) store.Field[Team] {
		return store.Field[Team]{Name: name, Kind: kind, Mask: access.Limited, Get: get}
	}
	s := store.Spec[Team]{
		Name: "team",
		Fields: access.Fields(func(t *Team) *access.Header { return &t.Header },
			own("nameTerms", store.Terms, func(t *Team) any { return text.NameTerms(t.Name) }),
			own("created", store.Int, func(t *Team) any { return t.CreatedAt }),
			store.RetiredField[Team](access.Blind),
		),
		Indexes: [][]string{{"nameTerms"}, {"retired"}},
		Queries: []store.Shape{{Where: []string{"nameTerms"}}, {Sort: "retired"}},
		// Whoever closes a station decides on all of its teams.
		// Whoever closes a station decides on all of its teams, whoever retires a volunteer
		// on all that they are in.
		Guards: func(t *Team) []string {
			out := []string{guard(t.Header.Station)}
			for _, m := range t.Members {
				out = append(out, guard(m.ID))
			}
			return out
		},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"state"}, {"town"}, {"county"}, {"city"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	return s
}

// guard names what every write of a team bumps: for its station, and for each member.
func guard(what string) string { return store.GuardName("team", what) }
