package testkit

import (
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
)

// System is the system itself.
func (w *World) System() access.Actor { return access.System("test") }

// As is an account with grants; without any it is signed in and no more. The
// account's id is "acc_" and the name.
func As(name string, grants ...access.Grant) access.Actor {
	for i := range grants {
		if grants[i].ID == "" {
			grants[i].ID = "grt_" + name
		}
	}
	return access.Actor{ID: "acc_" + name, Via: "test", Grants: grants}
}

// Admin administers 唐山市.
func (w *World) Admin() access.Actor {
	return As("admin", access.Grant{Role: access.Admin, Scope: division.ID(City), Area: City})
}

// Reviewer is a second administrator of 唐山市, for what needs two.
func (w *World) Reviewer() access.Actor {
	return As("reviewer", access.Grant{Role: access.Admin, Scope: division.ID(City), Area: City})
}

// OtherAdmin administers 路北区 only.
func (w *World) OtherAdmin() access.Actor {
	return As("otheradmin", access.Grant{Role: access.Admin, Scope: division.ID(Lubei), Area: Lubei})
}

// Coordinator coordinates the world's station.
func (w *World) Coordinator() access.Actor {
	return As("coordinator", access.Grant{Role: access.Coordinator, Scope: w.Station, Area: Street})
}

// Officer is a protection officer of 路南区, with a desk at the world's station.
func (w *World) Officer() access.Actor {
	return As("officer", access.Grant{Role: access.ProtectionOfficer, Scope: w.Station, Area: Lunan})
}

// Supervisor oversees 唐山市.
func (w *World) Supervisor() access.Actor {
	return As("supervisor", access.Grant{Role: access.Supervisor, Scope: division.ID(City), Area: City})
}

// Partner acts for the world's organisation.
func (w *World) Partner() access.Actor {
	return As("partner", access.Grant{Role: access.Partner, Scope: w.Organisation, Area: City})
}

// Stranger is signed in without any grant.
func (w *World) Stranger() access.Actor { return As("stranger") }

// WantCode fails the test unless err carries the code; "" wants no error.
func WantCode(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if err == nil && want == "" {
		return
	}
	if err == nil || want == "" || fault.CodeOf(err) != want {
		t.Fatalf("got %v, want %q", err, want)
	}
}
