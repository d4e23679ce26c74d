package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what a grant makes of an account.
type Role string

// The roles that grants give. Each has a scope: the thing it is about.
const (
	Admin             Role = "ADMIN"              // sets up a subtree of divisions
	Resident          Role = "RESIDENT"           // is a recipient
	Guardian          Role = "GUARDIAN"           // answers for a recipient
	Volunteer         Role = "VOLUNTEER"          // is a volunteer
	SocialWorker      Role = "SOCIAL_WORKER"      // is a social worker
	Coordinator       Role = "COORDINATOR"        // runs a station's board
	ProtectionOfficer Role = "PROTECTION_OFFICER" // handles protected and sealed cases of a station's county
	Partner           Role = "PARTNER"            // acts for an organisation
	Supervisor        Role = "SUPERVISOR"         // oversees a subtree of divisions
	Auditor           Role = "AUDITOR"            // reads the trail of a subtree, no rows
)

// Roles lists every role a grant can give.
var Roles = []Role{Admin, Resident, Guardian, Volunteer, SocialWorker, Coordinator, ProtectionOfficer, Partner, Supervisor, Auditor}

// Grant is one role with its scope. Area is the division code below which the
// role acts, without trailing zero groups ("1302", "130202001"); for roles about a
// person or an organisation it is the city of that person or organisation.
type Grant struct {
	ID    string
	Role  Role
	Scope string
	Area  string
	Until time.Time // zero: no end
}

// Actor is who acts: an account with its grants, a one-time link, the system, or
// nobody. Grants come from the store at the start of a request, never from a token.
type Actor struct {
	ID       string // account id; "system"; "link"; "" for nobody
	Grants   []Grant
	Via      string // "graphql", "socket", "link", "import", "timer"
	OnBehalf string
	Session  string
	Locale   string
	Link     Link // what a one-time link opens, if the actor is one
	// Acts are ids of volunteers, workers and organisations that the actor is or was, besides
	// those in its grants: by them it may be kept from rows (Noun.Screened). They open nothing.
	Acts    []string
	system  bool
	capped  bool
	ceiling Mask // with capped: the most that the actor sees of any row
}

// Link is one object and one verb that a one-time link opens.
type Link struct{ Object, Verb string }

// System is the actor of what no person does: timers, imports, start-up.
func System(via string) Actor { return Actor{ID: "system", Via: via, system: true} }

// Under is the same actor, who sees no row with more than a mask: how a past state is
// shown to one who sees less of the row by now.
func (a Actor) Under(most Mask) Actor {
	a.capped, a.ceiling = true, most
	return a
}

// Nobody is a caller who has not signed in.
func Nobody() Actor { return Actor{} }

// ByLink is the actor that a one-time link stands for.
func ByLink(object, verb string) Actor {
	return Actor{ID: "link", Via: "link", Link: Link{object, verb}}
}

// SignedIn reports whether the actor is an account.
func (a Actor) SignedIn() bool { return a.ID != "" && a.Link == (Link{}) }

// IsSystem reports whether the actor is the system itself.
func (a Actor) IsSystem() bool { return a.system }

// Nameless is somebody with the same rights who has no name: one of all those to whom a row
// looks alike. What the actor may see for having entered it is not among these rights.
func (a Actor) Nameless() Actor {
	return Actor{ID: "reader", Grants: a.Grants, Acts: a.Acts, capped: a.capped, ceiling: a.ceiling}
}

// Rights is the same text for all actors to whom every row looks alike, but for rows that name
// one of them by its account: see Naming. When grants end is not part of it.
func (a Actor) Rights() string {
	lines := make([]string, 0, len(a.Grants)+len(a.Acts))
	for _, g := range a.Grants {
		lines = append(lines, string(g.Role)+"\x1f"+g.Scope+"\x1f"+g.Area)
	}
	for _, id := range a.Acts {
		lines = append(lines, "\x1d"+id)
	}
	slices.Sort(lines)
	text := strings.Join(slices.Compact(lines), "\x1e")
	if a.system || a.capped || a.Link != (Link{}) {
		text = fmt.Sprint(text, "\x1c", a.system, a.capped, a.ceiling, a.Link)
	}
	return text
}

// Live drops the grants that have ended.
func (a Actor) Live(now time.Time) Actor {
	live := make([]Grant, 0, len(a.Grants))
	for _, g := range a.Grants {
		if g.Until.IsZero() || now.Before(g.Until) {
			live = append(live, g)
		}
	}
	a.Grants = live
	return a
}

// Has reports whether any grant gives the role.
func (a Actor) Has(r Role) bool { return len(a.Scopes(r)) > 0 }

// Scopes lists the scopes in which the actor has the role.
func (a Actor) Scopes(r Role) []string {
	var out []string
	for _, g := range a.Grants {
		if g.Role == r {
			out = append(out, g.Scope)
		}
	}
	return out
}

// persons are the ids by which a row may name the actor to be kept from it: the account,
// and whom or what it acts as.
func (a Actor) persons() []string {
	var out []string
	if a.ID != "" && !a.system {
		out = append(out, a.ID)
	}
	for _, g := range a.Grants {
		if g.Acting() {
			out = append(out, g.Scope)
		}
	}
	return append(out, a.Acts...)
}

// Acting reports whether a grant says who its account is: a volunteer, a worker, one of an
// organisation.
func (g Grant) Acting() bool {
	return g.Scope != "" && (g.Role == Volunteer || g.Role == SocialWorker || g.Role == Partner)
}

// Is reports whether the actor has the role for exactly this scope.
func (a Actor) Is(r Role, scope string) bool {
	for _, g := range a.Grants {
		if g.Role == r && g.Scope == scope {
			return true
		}
	}
	return false
}

// Covers reports whether a division code lies in the grant's area.
func (g Grant) Covers(code string) bool { return g.Area != "" && strings.HasPrefix(code, g.Area) }
