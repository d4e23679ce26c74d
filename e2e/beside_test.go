package e2e

import (
	"slices"
	"testing"
)

// partsTellNoMore: the history of a proposal, an allocation or an assignment tells whose it
// is nothing of the need's place and people that the need itself would not tell them.
func partsTellNoMore(t *testing.T, e *env) {
	const trail = `query($id: ID!) { node(id: $id) { ... on MatchProposal { history { ...trail } } ... on Allocation { history { ...trail } } ... on Assignment { history { ...trail } } } }
		fragment trail on HistoryConnection { nodes { kind actor { accountId } changes { field } } }`
	for _, who := range []cast{ordinary, guarded} {
		th := e.stage(t, "offered", who)
		for _, part := range []struct{ name, of string }{{"proposal", th.owner()}, {"allocation", th.owner()}, {"assignment", "volunteer"}} {
			read := func(actor string) (fields []string, names bool) {
				for _, entry := range e.ask(t, actor, trail, object{"id": th.get(part.name)}).list("node.history.nodes") {
					names = names || entry.text("actor.accountId") != ""
					for _, c := range entry.list("changes") {
						fields = append(fields, c.text("field"))
					}
				}
				return fields, names
			}
			fields, names := read(part.of)
			if len(fields) == 0 || names {
				t.Errorf("%s of %s: %s reads %v, who did it: %t", part.name, who.class, part.of, fields, names)
			}
			for _, hidden := range []string{"town", "community", "station", "subject", "parties", "barred"} {
				if slices.Contains(fields, hidden) {
					t.Errorf("%s of %s: %s reads %s", part.name, who.class, part.of, hidden)
				}
			}
			if desk, named := read(who.desk); !slices.Contains(desk, "subject") || !named {
				t.Errorf("%s of %s: the desk reads %v, who did it: %t", part.name, who.class, desk, named)
			}
		}
	}
}
