package access_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
)

var update = flag.Bool("update", false, "write testdata anew; read the difference before you commit it")

func at(second int64) time.Time {
	if second == 0 {
		return time.Time{}
	}
	return time.Unix(second, 0)
}

// who are the ways to stand to a row, one or more a role. Each has one grant at most.
var who = []struct {
	title string
	actor access.Actor
	party string // of the row, if it takes one
	sight func(access.Actor, access.Noun) *access.Sight
}{
	{title: "SYSTEM", actor: access.System("test")},
	{title: "nobody", actor: access.Nobody()},
	{title: "LINK to it", actor: access.ByLink("req_a", "request.confirm"), sight: func(_ access.Actor, n access.Noun) *access.Sight { return access.Linked(n) }},
	{title: "any account", actor: as("")},
	{title: "who entered it", actor: as(""), party: "creator:acc_a"},
	{title: "RESIDENT it is for", actor: as(access.Resident, "rcp_a"), party: "recipient:rcp_a"},
	{title: "GUARDIAN of them", actor: as(access.Guardian, "rcp_a"), party: "guardian:rcp_a"},
	{title: "SOCIAL_WORKER leads", actor: as(access.SocialWorker, "wrk_a"), party: "lead:wrk_a"},
	{title: "SOCIAL_WORKER helps", actor: as(access.SocialWorker, "wrk_a"), party: "help:wrk_a"},
	{title: "SOCIAL_WORKER is it", actor: as(access.SocialWorker, "wrk_a"), party: "self:wrk_a"},
	{title: "SOCIAL_WORKER else", actor: as(access.SocialWorker, "wrk_a")},
	{title: "VOLUNTEER helps", actor: as(access.Volunteer, "vol_a"), party: "help:vol_a"},
	{title: "VOLUNTEER is it", actor: as(access.Volunteer, "vol_a"), party: "self:vol_a"},
	{title: "VOLUNTEER asked", actor: as(access.Volunteer, "vol_a"), party: "asked:vol_a"},
	{title: "VOLUNTEER of city", actor: as(access.Volunteer, "vol_a")},
	{title: "PARTNER supplies", actor: as(access.Partner, "org_a"), party: "supply:org_a"},
	{title: "PARTNER owns it", actor: as(access.Partner, "org_a"), party: "owner:org_a"},
	{title: "PARTNER asked", actor: as(access.Partner, "org_a"), party: "asked:org_a"},
	{title: "PARTNER of city", actor: as(access.Partner, "org_a")},
	{title: "COORDINATOR of it", actor: as(access.Coordinator, "sta_a")},
	{title: "COORDINATOR referred to", actor: as(access.Coordinator, "sta_b"), party: "referred:sta_b"},
	{title: "COORDINATOR else", actor: as(access.Coordinator, "sta_b")},
	{title: "OFFICER of county", actor: as(access.ProtectionOfficer, "sta_b")},
	{title: "SUPERVISOR of city", actor: as(access.Supervisor, "div_130200000000")},
	{title: "ADMIN of city", actor: as(access.Admin, "div_130200000000")},
	{title: "AUDITOR of city", actor: as(access.Auditor, "div_130200000000")},
}

func as(role access.Role, scope ...string) access.Actor {
	a := access.Actor{ID: "acc_a"}
	if role != "" {
		area := "1302"
		if role == access.ProtectionOfficer {
			area = "130202"
		}
		a.Grants = []access.Grant{{ID: "grt_a", Role: role, Scope: scope[0], Area: area}}
	}
	return a
}

func row(class access.Class, party string) *access.Header {
	h := &access.Header{Station: "sta_a", Class: class, State: "MATCHING"}
	h.Place("130202001001")
	if party != "" {
		h.Parties = []string{party}
	}
	return h
}

// cell says what one way to stand to a row of a class lets one do.
func cell(i int, action access.Action, class access.Class) string {
	w := who[i]
	sight := access.See(w.actor, nouns[0])
	if w.sight != nil {
		sight = w.sight(w.actor, nouns[0])
	}
	r := access.Actions()[action]
	if r.Anyone || len(r.Roles) > 0 {
		if err := w.actor.MayAt(action, "130202001001"); err == nil {
			return "y"
		} else if r.Relations == 0 {
			return map[fault.Code]string{fault.CodeForbidden: ".", fault.CodeUnauthenticated: "!"}[fault.CodeOf(err)]
		}
	}
	switch err := sight.May(action, row(class, w.party)); fault.CodeOf(err) {
	case fault.CodeForbidden:
		return "."
	case fault.CodeNotFound:
		return "?"
	}
	return "y"
}

// The whole table of who may do what, as people read it: testdata/rights.txt.
func TestRights(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Who may do what, on a row at 130202001001 of station sta_a that waits for matches.\n")
	b.WriteString("y : may · . : FORBIDDEN · ? : NOT_FOUND, the row is hidden · ! : UNAUTHENTICATED.\n")
	b.WriteString("What the row's state allows is the noun's own table and not here.\n")
	var names []string
	for name := range access.Actions() {
		names = append(names, string(name))
	}
	slices.Sort(names)
	fmt.Fprintf(&b, "\nRESTRICTED rows\n")
	for i, w := range who {
		fmt.Fprintf(&b, "%-22s%s%s\n", "", strings.Repeat("|  ", i), w.title)
	}
	for _, name := range names {
		b.WriteString(line(name, access.Restricted))
	}
	b.WriteString("\nPROTECTED rows, where it differs\n")
	for _, name := range names {
		if l := line(name, access.Protected); l != line(name, access.Restricted) {
			b.WriteString(l)
		}
	}
	golden(t, "rights.txt", b.String())
}

func line(name string, class access.Class) string {
	out := fmt.Sprintf("%-22s", name)
	for i := range who {
		out += fmt.Sprintf("%-3s", cell(i, access.Action(name), class))
	}
	return strings.TrimRight(out, " ") + "\n"
}

// The whole table of who sees how much: testdata/masks.txt, after domain.md §3d.
func TestMasks(t *testing.T) {
	t.Parallel()
	names := map[access.Mask]string{access.Hidden: "-", access.Blind: "BLIND", access.Limited: "LIMITED", access.Contact: "CONTACT", access.Full: "FULL"}
	var b strings.Builder
	b.WriteString("How much of a row each sees, by its class, while it waits for matches.\n\n")
	fmt.Fprintf(&b, "%-22s%-10s%-12s%-11s%s\n", "", "PUBLIC", "RESTRICTED", "PROTECTED", "SEALED")
	for _, w := range who {
		sight := access.See(w.actor, nouns[0])
		if w.sight != nil {
			sight = w.sight(w.actor, nouns[0])
		}
		m := func(c access.Class) string { return names[sight.Of(row(c, w.party))] }
		fmt.Fprintf(&b, "%-22s%-10s%-12s%-11s%s\n", w.title, m(access.Public), m(access.Restricted), m(access.Protected), m(access.Sealed))
	}
	golden(t, "masks.txt", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if it should, run with -update and read the difference.\n%s", path, difference(string(want), got))
	}
}

func difference(want, got string) string {
	var b strings.Builder
	old := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(old) || old[i] != line {
			if i < len(old) {
				fmt.Fprintf(&b, "- %s\n", old[i])
			}
			fmt.Fprintf(&b, "+ %s\n", line)
		}
	}
	return b.String()
}
