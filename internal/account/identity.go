package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// identityPrefix is that of the ids of linked identities; maxIdentities is how many
// an account may have.
const (
	identityPrefix = "idn"
	maxIdentities  = 20
)

// linked is one subject of an issuer that signs in as an account. Linking and
// unlinking are log entries.
type linked struct {
	store.Head `bson:",inline"`
	Account    string       `bson:"account"`
	Provider   string       `bson:"provider"`
	Person     linkedPerson `bson:"person"`
}

// linkedPerson is what can be erased from the log alone.
type linkedPerson struct {
	Key     string `bson:"key"`     // keyed hash of issuer and subject
	Display string `bson:"display"` // as the issuer said when it was linked; may be empty
}

func linkedSpec() store.Spec[linked] {
	return store.Spec[linked]{
		Name: "identity",
		Fields: []store.Field[linked]{
			{Name: "key", Kind: store.Text, Get: func(l *linked) any { return l.Person.Key }},
			{Name: "account", Kind: store.Text, Get: func(l *linked) any { return l.Account }},
		},
		Indexes: [][]string{{"key"}, {"account"}},
		Unique:  [][]string{{"key"}},
		Queries: []store.Shape{{Where: []string{"key"}}, {Where: []string{"account"}}},
		Personal: func(l *linked) []store.Personal {
			return []store.Personal{{Subject: l.Account, Fields: []string{"person"}}}
		},
		Guards: func(l *linked) []string { return []string{store.GuardName("identity", l.Account)} },
	}
}

// LinkedView is a linked identity, as those read it who see the account.
type LinkedView struct {
	ID       string
	Provider string
	Display  *string
	LinkedAt time.Time
}

func (l *linked) view() *LinkedView {
	return &LinkedView{ID: l.ID, Provider: l.Provider, Display: usecase.Opt(l.Person.Display), LinkedAt: l.CreatedAt}
}

// IdentityLink links a subject to an account.
type IdentityLink struct {
	AccountID      string
	Provider       string
	Subject        string
	IdempotencyKey *string `json:"-"`
}

// IdentityUnlink takes a link away.
type IdentityUnlink struct{ IdentityID string }

// IdentityInvite asks for an invitation.
type IdentityInvite struct{ AccountID string }

// OneTimeCode is a code that is shown once and works once.
type OneTimeCode struct {
	Secret    string
	ExpiresAt time.Time
}

// key is the index of a subject.
func (s *Service) key(sub oidc.Subject) string { return s.blind("identity", sub.Issuer, sub.ID) }

// Identities reads what is linked to an account; NOT_FOUND when the actor may not see it.
func (s *Service) Identities(ctx context.Context, a access.Actor, accountID string) ([]*LinkedView, error) {
	if _, err := s.visible(ctx, a, accountID); err != nil {
		return nil, err
	}
	page, err := s.linked.Find(ctx, store.Query{Where: store.Is("account", accountID), Limit: maxIdentities})
	if err != nil {
		return nil, err
	}
	out := make([]*LinkedView, len(page.Items))
	for i, l := range page.Items {
		out[i] = l.view()
	}
	return out, nil
}

// IdentityLink lets a subject of an issuer sign in as an account. Errors:
// SIGN_IN_METHOD_OFF for an unknown provider, FORBIDDEN unless the actor administers
// the place of every standing grant, and for oneself; DUPLICATE for a subject that is
// linked already.
func (s *Service) IdentityLink(ctx context.Context, a access.Actor, in IdentityLink) (*LinkedView, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	p, err := s.provider(in.Provider, "input", "provider")
	if err != nil {
		return nil, err
	}
	subject, err := usecase.Text(in.Subject, 255, true, "input", "subject")
	if err != nil {
		return nil, err
	}
	row := s.newLink(in.AccountID, p, oidc.Subject{Issuer: p.Issuer, ID: subject})
	ids, err := s.core.Run(ctx, a, "identity.link", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		if _, err := s.governed(ctx, a, in.AccountID, "account.link", s.core.Time()); err != nil {
			return nil, err
		}
		return []string{row.ID}, s.link(ctx, a, row)
	})
	if err != nil {
		return nil, linkedAlready(err, "subject")
	}
	l, err := s.linked.Get(ctx, ids[0])
	if err != nil {
		return nil, err
	}
	return l.view(), nil
}

func (s *Service) newLink(accountID string, p *oidc.Provider, sub oidc.Subject) *linked {
	display, err := usecase.Text(sub.Display, maxDisplay, false)
	if err != nil {
		display = "" // an issuer's word is not worth a refusal
	}
	return &linked{
		Head: store.Head{ID: s.core.DB.NewBlindID(identityPrefix)}, Account: accountID, Provider: p.Name,
		Person: linkedPerson{Key: s.key(sub), Display: display},
	}
}

// link inserts the row in this unit; TOO_MANY beyond 20 of an account.
func (s *Service) link(ctx context.Context, a access.Actor, row *linked) error {
	q := store.Query{Where: store.Is("account", row.Account), Guard: store.GuardName("identity", row.Account), Limit: maxIdentities}
	page, err := s.linked.Find(ctx, q)
	if err != nil {
		return err
	}
	if len(page.Items) >= maxIdentities {
		return fault.New(fault.CodeTooMany, fault.At("input", "accountId"), fault.P("max", maxIdentities))
	}
	fresh := *row
	return s.linked.Insert(ctx, &fresh, usecase.Note(a, "identity.linked", row.Account, ""))
}

// linkedAlready names the field of a DUPLICATE that the commit found.
func linkedAlready(err error, field string) error {
	if e, ok := fault.As(err); ok && e.Code == fault.CodeDuplicate && e.Params["field"] == "key" {
		return fault.New(fault.CodeDuplicate, fault.At("input", field), fault.P("field", field))
	}
	return err
}

// IdentityUnlink takes an identity from its account and ends the sessions that were
// opened by issuers. Its owner may, with a session of the last minutes, and who may
// link. NOT_FOUND for one that the actor does not see.
func (s *Service) IdentityUnlink(ctx context.Context, a access.Actor, in IdentityUnlink) (*LinkedView, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(in.IdentityID, identityPrefix, "input", "identityId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	var gone *linked
	err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
		found, err := s.linked.GetMany(ctx, []string{in.IdentityID})
		if err != nil {
			return err
		}
		if gone = found[in.IdentityID]; gone == nil {
			return fault.New(fault.CodeNotFound, fault.At("input", "identityId"), fault.P("id", in.IdentityID))
		}
		if gone.Account == a.ID {
			err = s.fresh(ctx, a, now)
		} else if _, err = s.visible(ctx, a, gone.Account); err == nil {
			_, err = s.governed(ctx, a, gone.Account, "account.link", now)
		} else if fault.KindOf(err) == fault.NotFound {
			err = fault.New(fault.CodeNotFound, fault.At("input", "identityId"), fault.P("id", in.IdentityID))
		}
		if err != nil {
			return err
		}
		if err := s.linked.Delete(ctx, gone.ID, usecase.Note(a, "identity.unlinked", gone.Account, "")); err != nil {
			return err
		}
		_, err = s.endAll(ctx, a, gone.Account, func(row *Session) bool { return row.Method == ByIssuer }, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return gone.view(), nil
}

// IdentityInvite makes a code by which an unknown subject links itself to an account,
// once, within 7 days, where the provider's policy is LINK_BY_INVITE. An earlier
// invitation of the account ends. Errors as of IdentityLink.
func (s *Service) IdentityInvite(ctx context.Context, a access.Actor, in IdentityInvite) (*OneTimeCode, error) {
	return s.hand(ctx, a, in.AccountID, "account.link", invite, "account.invited", inviteFor)
}

// hand makes the one live code of a kind for an account that the actor governs.
func (s *Service) hand(ctx context.Context, a access.Actor, accountID string, action access.Action, kind, event string, lives time.Duration) (*OneTimeCode, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	now, code := s.core.Time(), newCode()
	t := &ticket{Head: store.Head{ID: s.ticketID(kind, plainCode(code))}, Kind: kind, Account: accountID, Expires: now.Add(lives)}
	err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
		row, err := s.governed(ctx, a, accountID, action, now)
		if err != nil {
			return err
		}
		if err := s.tear(ctx, accountID, kind); err != nil {
			return err
		}
		if err := s.put(ctx, t); err != nil {
			return err
		}
		return s.rows.Touch(ctx, row, usecase.Note(a, event, row.ID, ""))
	})
	if err != nil {
		return nil, err
	}
	return &OneTimeCode{Secret: code, ExpiresAt: t.Expires}, nil
}

// governed reads an account over which the actor has an action: it administers the
// place of every standing grant, and it is not its own. What opens an account must
// not be a way to more rights than one has.
func (s *Service) governed(ctx context.Context, a access.Actor, accountID string, action access.Action, now time.Time) (*Account, error) {
	if err := a.MayAt(action, ""); err != nil {
		return nil, err
	}
	row, err := s.visible(ctx, a, accountID)
	if err != nil {
		return nil, fault.Under(err, "input", "accountId")
	}
	for i := range row.Grants {
		if !row.Grants[i].stands(now) {
			continue
		}
		if err := a.MayAt(action, row.Grants[i].Code); err != nil {
			return nil, err
		}
	}
	if row.ID == a.ID {
		return nil, fault.New(fault.CodeForbidden)
	}
	return row, nil
}

// fresh refuses a session that was opened too long ago (SIGN_IN_AGAIN): a phone left
// on a table must not be enough to take an account over.
func (s *Service) fresh(ctx context.Context, a access.Actor, now time.Time) error {
	found, err := s.sessions.GetMany(ctx, []string{a.Session})
	if err != nil {
		return err
	}
	if row := found[a.Session]; row == nil || row.Account != a.ID || now.Sub(row.CreatedAt) > freshFor {
		return fault.New(fault.CodeSignInAgain)
	}
	return nil
}

// freshFor is how long a sign-in is enough for what changes how one signs in.
const freshFor = 10 * time.Minute
