package access_test

import (
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

// BenchmarkDecision is one decision: how much of a row does this reader see? A
// subscription asks it for each event and member. The budget is 50 ns and no
// allocation.
func BenchmarkDecision(b *testing.B) {
	request := access.Noun{Name: "request", Offered: []string{"MATCHING", "ARRANGED"}}
	h := access.Header{Station: "sta_ts01h2xcejqtf2nbrexx3vqjhp41", Class: access.Restricted, State: "MATCHING", Subject: "rcp_ts01h2xcejqtf2nbrexx3vqjhp41"}
	h.Place("130202001001")
	for _, p := range []string{"creator:acc_", "recipient:rcp_", "guardian:rcp_", "lead:wrk_", "help:vol_"} {
		h.Parties = append(h.Parties, p+"ts01h2xcejqtf2nbrexx3vqjhp41")
	}
	v := h.Values()
	other := "ts01h2xcejqtf2nbrexx3vqjhp99"
	for name, grants := range map[string][]access.Grant{
		"coordinator-of-it":    {{Role: access.Coordinator, Scope: h.Station, Area: "130202001"}},
		"coordinator-else":     {{Role: access.Coordinator, Scope: "sta_" + other, Area: "130203001"}},
		"worker-who-leads":     {{Role: access.SocialWorker, Scope: "wrk_ts01h2xcejqtf2nbrexx3vqjhp41", Area: "1302"}},
		"volunteer-else":       {{Role: access.Volunteer, Scope: "vol_" + other, Area: "1303"}},
		"volunteer-of-city":    {{Role: access.Volunteer, Scope: "vol_" + other, Area: "1302"}},
		"partner-and-resident": {{Role: access.Partner, Scope: "org_" + other, Area: "1303"}, {Role: access.Resident, Scope: "rcp_" + other, Area: "1302"}},
		"supervisor":           {{Role: access.Supervisor, Scope: "div_130200000000", Area: "1302"}},
	} {
		sight := access.See(access.Actor{ID: "acc_" + other, Grants: grants}, request)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sight.Mask(v)
			}
		})
	}
}

func ExampleSight_Mask() {
	coordinator := access.Actor{ID: "acc_a", Grants: []access.Grant{{Role: access.Coordinator, Scope: "sta_a"}}}
	h := access.Header{Station: "sta_a", Class: access.Protected}
	fmt.Println(access.See(coordinator, access.Noun{Name: "request"}).Of(&h) == access.Limited)
	// Output: true
}
