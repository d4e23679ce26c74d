package account

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// RecipientErased erases the accounts by which an erased person asked for themselves,
// in the unit of that erasure (PIPL art. 47). Accounts of others with a grant over
// the person, such as a guardian's, are other people's and stay.
func (s *Service) RecipientErased(ctx context.Context, recipientID string, a access.Actor) error {
	page, err := s.rows.Find(ctx, store.Query{Where: store.Holds("scopes", recipientID), Limit: maxGrants})
	if err != nil {
		return err
	}
	now := s.core.Time()
	for _, found := range page.Items {
		if slices.ContainsFunc(found.Grants, func(g Grant) bool { return g.Role == access.Resident && g.Scope == recipientID }) {
			if err := s.forget(ctx, a, found.ID, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget leaves of an account what the log needs: its id and its grants. Name, phone,
// identities, codes and the traces of its devices go, from the log too; its sessions
// end and it never signs in again.
func (s *Service) forget(ctx context.Context, a access.Actor, accountID string, now time.Time) error {
	row, err := s.rows.Get(ctx, accountID)
	if err != nil {
		return err
	}
	// First, so that the entries of this very unit say nothing of them.
	if err := s.forgetDevices(ctx, accountID); err != nil {
		return err
	}
	if _, err := s.endAll(ctx, a, accountID, but(""), now); err != nil {
		return err
	}
	if err := s.dropPhone(ctx, accountID); err != nil {
		return err
	}
	if err := s.tear(ctx, accountID, ""); err != nil {
		return err
	}
	identities, err := s.linked.Find(ctx, store.Query{Where: store.Is("account", accountID), Guard: store.GuardName("identity", accountID), Limit: maxIdentities})
	if err != nil {
		return err
	}
	for _, l := range identities.Items {
		if err := s.linked.Delete(ctx, l.ID, usecase.Note(a, "identity.unlinked", accountID, "")); err != nil {
			return err
		}
	}
	row.Person, row.State = person{Name: row.ID}, Disabled
	if err := s.rows.Replace(ctx, row, usecase.Note(a, "account.erased", row.ID, "")); err != nil {
		return err
	}
	return s.core.DB.Erase(ctx, row.ID)
}

// forgetDevices removes what is kept of the devices: of sessions the label and the
// network, of tries the rows. Tries beyond the thousand newest carry no name and go
// with their time.
func (s *Service) forgetDevices(ctx context.Context, accountID string) error {
	tries, err := s.attempts.Find(ctx, store.Query{Where: store.Is("account", accountID), Sort: "created", Desc: true, Limit: 1000})
	if err != nil {
		return err
	}
	for _, row := range tries.Items {
		if err := s.attempts.Delete(ctx, row.ID, store.Note{}); err != nil {
			return err
		}
	}
	for _, ended := range []int{0, 1} {
		where := store.Both(store.Is("account", accountID), store.Is("ended", ended))
		page, err := s.sessions.Find(ctx, store.Query{Where: where, Guard: sessionGuard(accountID), Limit: 1000})
		if err != nil {
			return err
		}
		for _, found := range page.Items {
			row, err := s.sessions.Get(ctx, found.ID) // as this unit has left it
			if err != nil {
				return err
			}
			row.Client = client{}
			if err := s.sessions.Touch(ctx, row, store.Note{}); err != nil {
				return err
			}
		}
	}
	return nil
}
