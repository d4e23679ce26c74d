package webhook

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const maxName = 60

// Create sets a webhook up.
type Create struct {
	Name           string
	OwnerID        string
	URL            string
	Nouns          []string
	DivisionIDs    []string
	After          *string
	IdempotencyKey *string `json:"-"`
}

// Create sets up a webhook for an owner that the actor has a role over; events come
// from After on, or from now. The secret is answered this one time: a repeat with the
// same key answers without it. Errors: FORBIDDEN without the role, INVALID for the URL,
// TOO_MANY beyond 20 of an owner, those of Interests, CURSOR_INVALID.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, *string, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if scopes[store.IDPrefix(in.OwnerID)] == nil {
		return nil, nil, fault.New(fault.CodeIDInvalid, fault.At("input", "ownerId"), fault.P("want", "sta_…, org_…, div_…"))
	}
	if !manages(a, in.OwnerID) {
		return nil, nil, fault.New(fault.CodeForbidden)
	}
	fresh := Webhook{
		Head: store.Head{ID: s.core.DB.NewID(prefix)}, Owner: in.OwnerID, Account: a.ID, URL: in.URL, Nouns: in.Nouns, Divisions: in.DivisionIDs, State: Active,
	}
	var err error
	if fresh.Name, err = usecase.Text(in.Name, maxName, true, "input", "name"); err != nil {
		return nil, nil, err
	}
	if err := s.check(&fresh); err != nil {
		return nil, nil, err
	}
	cursor, err := s.begin(ctx, &fresh, in.After)
	if err != nil {
		return nil, nil, err
	}
	shown, kept := newSecret(s.core.Box)
	ids, err := s.core.Run(ctx, a, "webhook.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		page, err := s.rows.Find(ctx, store.Query{Where: store.Is("owner", in.OwnerID), Limit: maxPerOwner, Guard: guard(in.OwnerID)})
		if err != nil {
			return nil, err
		}
		if len(page.Items) >= maxPerOwner {
			return nil, fault.New(fault.CodeTooMany, fault.At("input", "ownerId"), fault.P("max", maxPerOwner))
		}
		row, r := fresh, run{Head: store.Head{ID: fresh.ID}, Secrets: []secret{kept}, Cursor: cursor}
		if err := s.runs.Insert(ctx, &r, store.Note{}); err != nil {
			return nil, err
		}
		return []string{row.ID}, s.rows.Insert(ctx, &row, usecase.Note(a, "webhook.created", row.ID, ""))
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	if ids[0] != fresh.ID { // a repeat: the secret that was drawn now is nobody's
		return v, nil, err
	}
	return v, &shown, err
}

// check refuses a target or a choice that can't be delivered.
func (s *Service) check(h *Webhook) error {
	if err := s.targets.Check(h.URL, "input", "url"); err != nil {
		return err
	}
	_, err := s.interests(h.Nouns, h.Divisions)
	return fault.Under(err, "input")
}

// begin is where a webhook starts in the feed: behind a cursor, or now.
func (s *Service) begin(ctx context.Context, w *Webhook, after *string) (string, error) {
	if after != nil {
		return *after, fault.Under(s.cursors.Check(ctx, *after), "input")
	}
	reader, err := s.actor(ctx, w)
	if err != nil {
		return "", err
	}
	return s.cursors.Cursor(ctx, reader)
}
