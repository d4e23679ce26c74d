package request

import (
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

// Who served is counted once for a request by how the recipient's side has answered, and
// for nothing where a number would tell of a guarded need or where there is time to answer.
func TestOutcomesAreCountedForWhoServed(t *testing.T) {
	t.Parallel()
	word := Confirmation{By: "RECIPIENT"}
	for _, c := range []struct {
		what string
		r    Request
		in   State
		want string
	}{
		{"in service", Request{}, InService, ""},
		{"delivered, with time to answer", Request{}, Delivered, ""},
		{"no answer within the time", Request{Reminded: true}, Delivered, "unconfirmed"},
		{"disputed", Request{Disputed: true}, Delivered, "unconfirmed"},
		{"disputed once, in service again", Request{Reminded: true}, InService, ""},
		{"confirmed", Request{Confirmed: &word, Reminded: true}, Confirmed, "confirmed"},
		{"by a witness", Request{Confirmed: &Confirmation{By: "WITNESS"}}, Confirmed, "confirmed"},
		{"closed", Request{Confirmed: &word}, Closed, "confirmed"},
		{"opened again", Request{Reminded: true}, Reopened, ""},
	} {
		var want []string
		if c.want != "" {
			want = []string{outcomeName(c.want, "org_1"), outcomeName(c.want, "vol_1")}
		}
		c.r.Header.State, c.r.Header.Class = string(c.in), access.Restricted
		c.r.Header.Parties = []string{
			access.PartyLead.Of("wrk_1"), access.PartyAsked.Of("org_2"), access.PartySupply.Of("org_1"), access.PartyServed.Of("vol_1"), access.PartyHelp.Of("vol_1"),
		}
		got := c.r.outcomes()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.what, got, want)
		}
		c.r.Header.Class = access.Protected
		if got := c.r.outcomes(); got != nil {
			t.Errorf("%s, guarded: %v", c.what, got)
		}
	}
}
