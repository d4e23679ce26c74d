package webhook

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change alters what a webhook brings and where to; nil stays as it is.
type Change struct {
	WebhookID       string
	ExpectedVersion int64
	Name            *string
	URL             *string
	Nouns           []string
	DivisionIDs     []string
	IdempotencyKey  *string `json:"-"`
}

// Simple is a step without a word to it: pause, resume, rotate, delete.
type Simple struct {
	WebhookID       string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Replay sends again from a cursor on.
type Replay struct {
	WebhookID       string
	ExpectedVersion int64
	After           *string
	IdempotencyKey  *string `json:"-"`
}

// command is one step: what it is called, and its pure rule.
type command struct {
	verb, event string
	id          string
	expected    int64
	key         *string
	input       any
	rule        func(ctx context.Context, h *Webhook, r *run) error
}

// step runs the one order of every change: load, may, version, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "webhookId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, "webhook."+c.verb, usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		h, err := s.load(ctx, a, c.id)
		if err != nil {
			return nil, err
		}
		if err := s.rows.Expect(h, c.expected); err != nil {
			return nil, err
		}
		r, err := s.runs.Get(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		if err := c.rule(ctx, h, r); err != nil {
			return nil, err
		}
		if err := s.runs.Replace(ctx, r, store.Note{}); err != nil {
			return nil, err
		}
		return []string{h.ID}, s.rows.Replace(ctx, h, usecase.Note(a, c.event, h.ID, ""))
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}

// Change alters a webhook. Whoever does it answers for it from then on: its reader's
// rights are theirs, so that nobody points another's sight at an address of their own.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, error) {
	return s.step(ctx, a, command{"change", "webhook.changed", in.WebhookID, in.ExpectedVersion, in.IdempotencyKey, in, func(_ context.Context, h *Webhook, _ *run) (err error) {
		if in.Name != nil {
			if h.Name, err = usecase.Text(*in.Name, maxName, true, "input", "name"); err != nil {
				return err
			}
		}
		h.URL, h.Account = usecase.Or(in.URL, h.URL), a.ID
		if in.Nouns != nil {
			h.Nouns = in.Nouns
		}
		if in.DivisionIDs != nil {
			h.Divisions = in.DivisionIDs
		}
		return s.check(h)
	}})
}

// Pause holds a webhook: nothing is sent, and nothing is lost. TRANSITION_NOT_ALLOWED
// unless it is active.
func (s *Service) Pause(ctx context.Context, a access.Actor, in Simple) (*View, error) {
	return s.turn(ctx, a, in, "pause", "webhook.paused", Paused)
}

// Resume goes on where a paused or stopped webhook stood; what waited is tried at
// once. Whoever does it answers for it from then on.
func (s *Service) Resume(ctx context.Context, a access.Actor, in Simple) (*View, error) {
	return s.turn(ctx, a, in, "resume", "webhook.resumed", Active)
}

func (s *Service) turn(ctx context.Context, a access.Actor, in Simple, verb, event string, to State) (*View, error) {
	return s.step(ctx, a, command{verb, event, in.WebhookID, in.ExpectedVersion, in.IdempotencyKey, in, func(_ context.Context, h *Webhook, r *run) error {
		if err := h.may(to); err != nil {
			return err
		}
		if to == Active {
			h.Account, h.Reason = a.ID, ""
			r.Misses, r.Probe = 0, s.core.Time()
		}
		h.State = to
		return nil
	}})
}

// Replay sends everything behind a cursor again, or behind the log's beginning; what
// waited is dropped, as it comes again. CURSOR_INVALID for a foreign cursor.
func (s *Service) Replay(ctx context.Context, a access.Actor, in Replay) (*View, error) {
	if in.After != nil {
		if err := s.cursors.Check(ctx, *in.After); err != nil {
			return nil, fault.Under(err, "input")
		}
	}
	return s.step(ctx, a, command{"replay", "webhook.replayed", in.WebhookID, in.ExpectedVersion, in.IdempotencyKey, in, func(ctx context.Context, h *Webhook, r *run) error {
		r.Cursor, r.Misses = usecase.Or(in.After, ""), 0
		return s.clear(ctx, h.ID, Waiting, maxWaiting+maxOfObject)
	}})
}

// SecretRotate makes a new secret and answers it this one time; the one before it
// signs too for a day.
func (s *Service) SecretRotate(ctx context.Context, a access.Actor, in Simple) (*View, *string, error) {
	shown, kept := newSecret(s.core.Box)
	now, done := s.core.Time(), false
	v, err := s.step(ctx, a, command{"rotate", "webhook.secret.rotated", in.WebhookID, in.ExpectedVersion, in.IdempotencyKey, in, func(_ context.Context, _ *Webhook, r *run) error {
		r.rotate(kept, now)
		done = true
		return nil
	}})
	if err != nil || !done {
		return v, nil, err
	}
	return v, &shown, nil
}

// Delete takes a webhook away with all that waits.
func (s *Service) Delete(ctx context.Context, a access.Actor, in Simple) (string, error) {
	if err := usecase.SignedIn(a); err != nil {
		return "", err
	}
	if err := usecase.ID(in.WebhookID, prefix, "input", "webhookId"); err != nil {
		return "", err
	}
	ids, err := s.core.Run(ctx, a, "webhook.delete", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		h, err := s.load(ctx, a, in.WebhookID)
		if err != nil {
			return nil, err
		}
		if err := s.rows.Expect(h, in.ExpectedVersion); err != nil {
			return nil, err
		}
		for status, most := range map[Status]int{Waiting: maxWaiting + maxOfObject, Dead: maxDead + maxWaiting} {
			if err := s.clear(ctx, h.ID, status, most); err != nil {
				return nil, err
			}
		}
		if _, err := s.runs.Get(ctx, h.ID); err != nil {
			return nil, err
		}
		if err := s.runs.Delete(ctx, h.ID, store.Note{}); err != nil {
			return nil, err
		}
		return []string{h.ID}, s.rows.Delete(ctx, h.ID, usecase.Note(a, "webhook.deleted", h.ID, ""))
	})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// clear drops what was refused.
func (s *Service) clear(ctx context.Context, id string, status Status, most int) error {
	list, err := s.letter(ctx, id, status, most)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := s.letters.Delete(ctx, d.ID, store.Note{}); err != nil {
			return err
		}
	}
	return nil
}
