package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// attemptPrefix is that of the ids of attempts; nobodyID stands for an account that
// there is not.
const (
	attemptPrefix = "att"
	nobodyID      = prefix + "_nobody"
)

// KeepAttempts is how long the sign-in history is kept. The Cybersecurity Law asks
// for not less than six months (art. 23(3)), the longest of which have 184 days.
const KeepAttempts = 184 * 24 * time.Hour

// Method is a way to sign in.
type Method string

// The methods.
const (
	ByPassword Method = "PASSWORD"
	ByIssuer   Method = "ISSUER"
	ByPhone    Method = "PHONE"
	ByRecovery Method = "RECOVERY" // no sign-in: a new password by a recovery code or a phone
	ByOperator Method = "OPERATOR" // whoever runs the program
)

// attempt is one try to sign in. It is book-keeping: not in the log, and gone after
// KeepAttempts. A try for an account that there is not is kept as well, because the
// work done must not tell one from the other.
type attempt struct {
	store.Head `bson:",inline"`
	Account    string `bson:"account"`
	Method     Method `bson:"method"`
	Succeeded  bool   `bson:"ok"`
	Client     client `bson:"client"`
}

func attemptSpec() store.Spec[attempt] {
	return store.Spec[attempt]{
		Name: "attempt",
		Fields: []store.Field[attempt]{
			{Name: "account", Kind: store.Text, Get: func(a *attempt) any { return a.Account }},
			{Name: "created", Kind: store.Int, Get: func(a *attempt) any { return a.CreatedAt }},
		},
		Indexes: [][]string{{"account", "created"}, {"created"}},
		Queries: []store.Shape{{Where: []string{"account"}, Sort: "created"}, {Sort: "created"}},
		Personal: func(a *attempt) []store.Personal {
			return []store.Personal{{Subject: a.Account, Fields: []string{"client"}}}
		},
	}
}

// attempted makes the row of a try, to be inserted by book.
func (s *Service) attempted(ctx context.Context, accountID string, m Method, succeeded bool) *attempt {
	if accountID == "" {
		accountID = nobodyID
	}
	return &attempt{
		Head: store.Head{ID: s.core.DB.NewID(attemptPrefix)}, Account: accountID, Method: m, Succeeded: succeeded, Client: clientOf(ctx),
	}
}

// book saves a try within a unit.
func (s *Service) book(ctx context.Context, row *attempt) error {
	fresh := *row // the unit may run again
	return s.attempts.Insert(ctx, &fresh, store.Note{})
}

// failed books a try that failed and gives the one answer that all of them get.
func (s *Service) failed(ctx context.Context, accountID string, m Method) error {
	row := s.attempted(ctx, accountID, m, false)
	if err := s.core.DB.Tx(ctx, func(ctx context.Context) error { return s.book(ctx, row) }); err != nil {
		return err
	}
	return fault.New(fault.CodeSignInFailed, fault.At("input"))
}

// AttemptView is one try to sign in, as the account's owner reads it.
type AttemptView struct {
	At        time.Time
	Method    Method
	Succeeded bool
	Device    string
	Network   string
}

// Attempts reads the tries to sign in to the actor's own account, newest first.
func (s *Service) Attempts(ctx context.Context, a access.Actor, p usecase.Paging) (usecase.Page[*AttemptView], error) {
	var out usecase.Page[*AttemptView]
	if err := usecase.SignedIn(a); err != nil {
		return out, err
	}
	q := store.Query{Where: store.Is("account", a.ID), Sort: "created", Desc: true}
	page, err := usecase.List(ctx, s.core, a, s.attempts, usecase.Asked("attempts", nil), q, p)
	if err != nil {
		return out, err
	}
	views := make([]*AttemptView, len(page.Rows))
	for i, row := range page.Rows {
		views[i] = &AttemptView{
			At: row.CreatedAt, Method: row.Method, Succeeded: row.Succeeded, Device: row.Client.Device, Network: row.Client.Network,
		}
	}
	return usecase.Convert(page, views), nil
}
