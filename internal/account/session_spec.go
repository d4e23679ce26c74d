package account

import (
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// Session is one sign-in: the family of all refresh tokens that descend from it.
// Opening and rotating are not logged; its end is.
type Session struct {
	store.Head `bson:",inline"`
	Account    string    `bson:"account"`
	Family     []byte    `bson:"family"`  // SHA-256 of what all its refresh tokens share
	Refresh    []byte    `bson:"refresh"` // SHA-256 of what the valid one alone has
	Expires    time.Time `bson:"expires"` // of the refresh token
	EndedAt    time.Time `bson:"ended"`
	UsedAt     time.Time `bson:"used"` // to the hour: when its tokens were last renewed
	Method     Method    `bson:"method"`
	Client     client    `bson:"client"`
}

// client is what is kept of the device: enough for its owner to recognise it, too
// little to follow anybody by it.
type client struct {
	Device  string `bson:"device"`  // such as "Firefox · Linux"
	Network string `bson:"network"` // /24 or /48 of the address
}

// open reports whether the session still gives tokens.
func (s *Session) open(now time.Time) bool { return s.EndedAt.IsZero() && now.Before(s.Expires) }

func sessionSpec() store.Spec[Session] {
	return store.Spec[Session]{
		Name: "session",
		Fields: []store.Field[Session]{
			{Name: "account", Kind: store.Text, Route: true, Get: func(s *Session) any { return s.Account }},
			{Name: "ended", Kind: store.Int, Route: true, Get: func(s *Session) any { return !s.EndedAt.IsZero() }},
			{Name: "expires", Kind: store.Int, Get: func(s *Session) any { return s.Expires }},
			{Name: "created", Kind: store.Int, Get: func(s *Session) any { return s.CreatedAt }},
		},
		Indexes: [][]string{{"account", "ended"}, {"account", "ended", "created"}, {"expires"}},
		Queries: []store.Shape{
			{Where: []string{"account", "ended"}}, {Where: []string{"account", "ended"}, Sort: "created"}, {Sort: "expires"},
		},
		Personal: func(s *Session) []store.Personal {
			return []store.Personal{{Subject: s.Account, Fields: []string{"client"}}}
		},
		Guards: func(s *Session) []string { return []string{sessionGuard(s.Account)} },
	}
}

// sessionGuard names the document that every write of an account's sessions bumps,
// so that ending them all misses none that is being opened.
func sessionGuard(account string) string { return store.GuardName("session", account) }
