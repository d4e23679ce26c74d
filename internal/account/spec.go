package account

import (
	"slices"

	"github.com/fivesociety/linkage/internal/store"
)

// spec declares accounts. Log entries name the account by their id and carry its
// state; grants stand in the public part of the body.
func spec() store.Spec[Account] {
	return store.Spec[Account]{
		Name: "account",
		Fields: []store.Field[Account]{
			{Name: "login", Kind: store.Text, Get: func(a *Account) any { return fold(a.Person.Name) }},
			{Name: "state", Kind: store.Text, Route: true, Get: func(a *Account) any { return a.State }},
			{Name: "roles", Kind: store.Texts, Get: func(a *Account) any { return a.roleNames() }},
			{Name: "within", Kind: store.Texts, Get: func(a *Account) any { return a.places() }},
			{Name: "grants", Kind: store.Texts, Get: func(a *Account) any { return a.grantIDs() }},
			{Name: "scopes", Kind: store.Texts, Get: func(a *Account) any { return a.scopeIDs() }},
			{Name: "next", Kind: store.Int, Get: func(a *Account) any { return a.next() }},
			{Name: "created", Kind: store.Int, Get: func(a *Account) any { return a.CreatedAt }},
		},
		Indexes: [][]string{{"login"}, {"within", "created"}, {"roles"}, {"grants"}, {"scopes"}, {"next"}, {"created"}},
		Unique:  [][]string{{"login"}},
		Queries: []store.Shape{{Where: []string{"login"}}, {Where: []string{"within"}, Sort: "created"}, {Where: []string{"roles"}}, {Where: []string{"grants"}}, {Where: []string{"scopes"}}, {Sort: "next"}, {Sort: "created"}},
		Guards:  adminGuards,
		Personal: func(a *Account) []store.Personal {
			return []store.Personal{{Subject: a.ID, Fields: []string{"person"}}}
		},
	}
}

func (a *Account) roleNames() []string {
	var out []string
	seen := map[string]bool{}
	for i := range a.Grants {
		if g := &a.Grants[i]; g.EndedAt.IsZero() && !seen[string(g.Role)] {
			seen[string(g.Role)] = true
			out = append(out, string(g.Role))
		}
	}
	return out
}

func (a *Account) scopeIDs() []string {
	var out []string
	for i := range a.Grants {
		if !slices.Contains(out, a.Grants[i].Scope) {
			out = append(out, a.Grants[i].Scope)
		}
	}
	return out
}

func (a *Account) grantIDs() []string {
	out := make([]string, len(a.Grants))
	for i := range a.Grants {
		out[i] = a.Grants[i].ID
	}
	return out
}

// credential is an account's password, never logged. Its id is the account's.
type credential struct {
	store.Head `bson:",inline"`
	Hash       string `bson:"hash"` // argon2id with its parameters and salt
}

func credentialSpec() store.Spec[credential] { return store.Spec[credential]{Name: "credential"} }
