package account

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix, grantPrefix and sessionPrefix are those of the ids made here.
const (
	prefix        = "acc"
	grantPrefix   = "grt"
	sessionPrefix = "ses"
)

// Limits of what an account holds and is called.
const (
	minName   = 3
	maxName   = 64
	maxGrants = 100 // standing at a time
)

// State says whether an account may sign in.
type State string

// The states.
const (
	Active   State = "ACTIVE"
	Disabled State = "DISABLED"
)

// person is what an account says of a person; it can be erased from the log alone.
type person struct {
	Name    string `bson:"name"`    // to sign in with, as entered
	Display string `bson:"display"` // as others see it in histories
}

// Grant is one role over one object, as stored. It is never removed: it ends.
type Grant struct {
	ID        string      `bson:"id"`
	Role      access.Role `bson:"role"`
	Scope     string      `bson:"scope"`
	Code      string      `bson:"code"` // short division code of the object
	Area      string      `bson:"area"` // division code below which the role acts
	Until     time.Time   `bson:"until"`
	GrantedAt time.Time   `bson:"at"`
	EndedAt   time.Time   `bson:"ended"` // zero while it stands
	Lapsed    bool        `bson:"lapsed"`
	Reason    string      `bson:"reason"` // code of SANCTION_REASON when it was revoked
}

// stands reports whether the grant gives its role at a moment.
func (g *Grant) stands(now time.Time) bool {
	return g.EndedAt.IsZero() && (g.Until.IsZero() || now.Before(g.Until))
}

// Account is one identity with its grants. The password stands elsewhere.
type Account struct {
	store.Head `bson:",inline"`
	Person     person   `bson:"person"`
	State      State    `bson:"state"`
	Grants     []Grant  `bson:"grants"`
	Origin     []string `bson:"origin"` // areas of the administrator who made it
	MadeBy     string   `bson:"maker"`
}

// Rights are the standing grants as access reads them; none of a disabled account.
func (a *Account) Rights(now time.Time) []access.Grant {
	if a.State != Active {
		return nil
	}
	out := make([]access.Grant, 0, len(a.Grants))
	for i := range a.Grants {
		if g := &a.Grants[i]; g.stands(now) {
			out = append(out, access.Grant{ID: g.ID, Role: g.Role, Scope: g.Scope, Area: g.Area, Until: g.Until})
		}
	}
	return out
}

// Acts are the volunteers and workers that the account ever was, whatever became of the role,
// and the organisations that it acts for: as these it may be kept from rows (access.Actor).
func (a *Account) Acts(now time.Time) []string {
	var out []string
	for i := range a.Grants {
		g := &a.Grants[i]
		acting := access.Grant{Role: g.Role, Scope: g.Scope}.Acting()
		if acting && (g.stands(now) || g.Role != access.Partner) && !slices.Contains(out, g.Scope) {
			out = append(out, g.Scope)
		}
	}
	return out
}

// grant adds a role; DUPLICATE when the account has it, TOO_MANY beyond 100.
func (a *Account) grant(g Grant, now time.Time) error {
	standing := 0
	for i := range a.Grants {
		if !a.Grants[i].stands(now) {
			continue
		}
		if a.Grants[i].Role == g.Role && a.Grants[i].Scope == g.Scope {
			return fault.New(fault.CodeDuplicate, fault.At("input", "role"), fault.P("field", "role"))
		}
		standing++
	}
	if standing >= maxGrants {
		return fault.New(fault.CodeTooMany, fault.At("input", "role"), fault.P("max", maxGrants))
	}
	a.Grants = append(a.Grants[:len(a.Grants):len(a.Grants)], g)
	return nil
}

// revoke ends a grant. ALREADY_DECIDED when it has ended.
func (a *Account) revoke(id, reason string, now time.Time) error {
	g := a.find(id)
	if g == nil {
		return fault.New(fault.CodeNotFound, fault.At("input", "grantId"), fault.P("id", id))
	}
	if !g.stands(now) {
		return fault.New(fault.CodeAlreadyDecided, fault.At("input", "grantId"), fault.P("state", "ENDED"))
	}
	g.EndedAt, g.Reason = now, reason
	return nil
}

// lapse ends the grants whose time is over. It reports whether there were any.
func (a *Account) lapse(now time.Time) (changed bool) {
	for i := range a.Grants {
		g := &a.Grants[i]
		if g.EndedAt.IsZero() && !g.Until.IsZero() && !now.Before(g.Until) {
			g.EndedAt, g.Lapsed, changed = g.Until, true, true
		}
	}
	return changed
}

func (a *Account) find(id string) *Grant {
	for i := range a.Grants {
		if a.Grants[i].ID == id {
			return &a.Grants[i]
		}
	}
	return nil
}

// places are the codes of all divisions that hold an object of a grant. An account
// that never had one lies where its maker administers, so that somebody sees it.
func (a *Account) places() []string {
	codes := a.Origin
	if len(a.Grants) > 0 {
		codes = nil
		for i := range a.Grants {
			codes = append(codes, a.Grants[i].Code)
		}
	}
	return spreadUp(codes)
}

// spreadUp adds to each code those of all levels above, each once.
func spreadUp(codes []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, code := range codes {
		for at := division.Short(code); at != "" && !seen[at]; at = division.Parent(at) {
			seen[at] = true
			out = append(out, at)
		}
	}
	return out
}

// next is the first moment at which a standing grant will lapse, zero for none.
func (a *Account) next() (first time.Time) {
	for i := range a.Grants {
		g := &a.Grants[i]
		if g.EndedAt.IsZero() && !g.Until.IsZero() && (first.IsZero() || g.Until.Before(first)) {
			first = g.Until
		}
	}
	return first
}

// fold is the form in which sign-in names are compared.
func fold(name string) string { return text.Fold(name) }

// checkName refuses what is no sign-in name: 3 to 64 letters and digits of any
// script and . _ - @ + between them.
func checkName(name string, path ...string) (string, error) {
	name, err := usecase.Text(name, maxName, true, path...)
	if err != nil {
		return "", err
	}
	odd := strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("._-@+", r)
	})
	if odd || utf8.RuneCountInString(name) < minName {
		return "", fault.New(fault.CodeInvalid, fault.At(path...), fault.P("rule", "SIGN_IN_NAME"))
	}
	return name, nil
}
