package allocation

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
)

// A role that gives no right to a step must not lift what the rights of another leave out.
func TestToSuperviseAddsNoRightToAStep(t *testing.T) {
	t.Parallel()
	supervisor := access.Grant{Role: access.Supervisor, Scope: "div_1302", Area: "1302"}
	coordinator := access.Grant{Role: access.Coordinator, Scope: "sta_a", Area: "130202001"}
	partner := access.Grant{Role: access.Partner, Scope: "org_a", Area: "1302"}
	for _, c := range []struct {
		name  string
		class access.Class
		grant access.Grant
		step  Step
		want  fault.Code
	}{
		{"a station's commit", access.Restricted, coordinator, Commit, ""},
		{"a station's commit for a protected request", access.Protected, coordinator, Commit, fault.CodeOfficerRequired},
		{"an owner's dispatch", access.Restricted, partner, Dispatch, ""},
		{"an owner's word that it came back", access.Restricted, partner, Return, ""},
		{"an owner's word that it is lost", access.Restricted, partner, Lose, ""},
		{"a station's word that it came back", access.Restricted, coordinator, Return, ""},
		{"a station's word that it is lost, of a protected request", access.Protected, coordinator, Lose, fault.CodeOfficerRequired},
		{"an owner's word that it arrived", access.Restricted, partner, Deliver, fault.CodeForbidden},
	} {
		l := &Allocation{Header: access.Header{Station: "sta_a", Class: c.class, State: string(Held)}}
		l.Header.Place("130202001001")
		l.Header.Relate(access.PartyOwner, "org_a")
		for _, grants := range [][]access.Grant{{c.grant}, {c.grant, supervisor}} {
			err := new(Service).may(access.Actor{ID: "acc_a", Grants: grants}, l, c.step)
			if got := fault.CodeOf(err); (err != nil || c.want != "") && got != c.want {
				t.Errorf("%s with %d grants: %v, want %q", c.name, len(grants), err, c.want)
			}
		}
	}
}
