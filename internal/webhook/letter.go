package webhook

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Letter is a step with one refused event.
type Letter struct {
	DeliveryID     string
	IdempotencyKey *string `json:"-"`
}

// Retry tries a refused event again at once, a dead letter for another three days; it
// goes behind what waits of its object by its sequence.
func (s *Service) Retry(ctx context.Context, a access.Actor, in Letter) (*View, error) {
	return s.onLetter(ctx, a, "retry", in, func(ctx context.Context, d *Delivery) error {
		d.Status, d.Attempts, d.Since, d.Next = Waiting, 0, time.Time{}, s.core.Time()
		return s.letters.Replace(ctx, d, store.Note{})
	})
}

// Drop gives a refused event up.
func (s *Service) Drop(ctx context.Context, a access.Actor, in Letter) (*View, error) {
	return s.onLetter(ctx, a, "drop", in, func(ctx context.Context, d *Delivery) error {
		return s.letters.Delete(ctx, d.ID, store.Note{})
	})
}

func (s *Service) onLetter(ctx context.Context, a access.Actor, verb string, in Letter, rule func(context.Context, *Delivery) error) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(in.DeliveryID, letterPrefix, "input", "deliveryId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, "webhook.delivery."+verb, usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		d, err := s.letters.Get(ctx, in.DeliveryID)
		if err != nil {
			return nil, err
		}
		h, err := s.load(ctx, a, d.Webhook)
		if err != nil {
			return nil, err
		}
		// The worker's step in hand must not write the row back.
		r, err := s.runs.Get(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		if err := s.runs.Replace(ctx, r, store.Note{}); err != nil {
			return nil, err
		}
		return []string{h.ID}, rule(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// View is a webhook as those who manage its owner see it.
type View struct {
	ID, Name, OwnerID    string
	Version              int64
	AccountID            string
	URL                  string
	Nouns, DivisionIDs   []string
	State                State
	Reason               *string
	Cursor               *string
	Delivered            int64
	LastDeliveredAt      *time.Time
	LastFailure          *string
	FirstFailedAt        *time.Time
	Rotating             bool
	CreatedAt, UpdatedAt time.Time
}

// LetterView is an event that a target has not taken.
type LetterView struct {
	ID, EventID    string
	Sequence       int64
	Kind           *string
	Noun           *string
	NodeID         *string
	Attempts       int
	Result         string
	FirstAttemptAt time.Time
	NextAttemptAt  *time.Time
}

// Get reads one webhook; NOT_FOUND for who does not manage its owner.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	h, err := s.load(ctx, a, id)
	if err != nil {
		return nil, err
	}
	r, err := s.runs.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.view(h, r), nil
}

func (s *Service) view(h *Webhook, r *run) *View {
	v := &View{
		ID: h.ID, Name: h.Name, OwnerID: h.Owner, Version: h.Version, AccountID: h.Account, URL: h.URL, Nouns: h.Nouns, DivisionIDs: append([]string{}, h.Divisions...),
		State: h.State, Reason: usecase.Opt(h.Reason), Cursor: usecase.Opt(r.Cursor), Delivered: r.Delivered, LastDeliveredAt: usecase.Moment(r.LastAt),
		LastFailure: usecase.Opt(r.Last), FirstFailedAt: usecase.Moment(r.Since), CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
	if h.State == Active && r.Misses > 0 {
		v.State = Failing
	}
	v.Rotating = len(r.Secrets) > 1 && s.core.Time().Before(r.Secrets[1].Until)
	return v
}

// Of lists the webhooks of an owner, oldest first; FORBIDDEN for who does not manage it.
func (s *Service) Of(ctx context.Context, a access.Actor, owner string) ([]*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if scopes[store.IDPrefix(owner)] == nil {
		return nil, fault.New(fault.CodeIDInvalid, fault.At("ownerId"), fault.P("want", "sta_…, org_…, div_…"))
	}
	if !manages(a, owner) {
		return nil, fault.New(fault.CodeForbidden)
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("owner", owner), Limit: maxPerOwner})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(page.Items))
	for i, h := range page.Items {
		ids[i] = h.ID
	}
	runs, err := s.runs.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*View, 0, len(ids))
	for _, h := range page.Items {
		if r := runs[h.ID]; r != nil {
			out = append(out, s.view(h, r))
		}
	}
	return out, nil
}

// Letters lists at most 100 refused events of a webhook in hand, oldest first.
func (s *Service) Letters(ctx context.Context, v *View, status Status) ([]LetterView, error) {
	list, err := s.letter(ctx, v.ID, status, usecase.MaxPage)
	out := make([]LetterView, len(list))
	for i, d := range list {
		out[i] = LetterView{
			ID: d.ID, EventID: d.Event.ID, Sequence: d.Event.Seq, Kind: usecase.Opt(d.Event.Kind), Noun: usecase.Opt(d.Event.Noun), NodeID: usecase.Opt(d.Event.Node),
			Attempts: d.Attempts, Result: d.Result, FirstAttemptAt: d.Since,
		}
		if d.Status == Waiting {
			out[i].NextAttemptAt = &d.Next
		}
	}
	return out, err
}
