package conflict

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Release has nothing to end: who must not meet whom holds when the request has ended too.
func (s *Service) Release(context.Context, access.Actor, *request.Request, string, string) error {
	return nil
}

// Dismiss has nothing to end.
func (s *Service) Dismiss(context.Context, access.Actor, *request.Request, []string, string) (string, error) {
	return "", nil
}

// Idle has nothing to say: a conflict is never under way.
func (s *Service) Idle(context.Context, *request.Request) error { return nil }

// Settle has nothing to do.
func (s *Service) Settle(context.Context, access.Actor, *request.Request) error { return nil }

// Parts answers none: a conflict is no participation.
func (s *Service) Parts(context.Context, *request.Request) ([]request.Participation, error) {
	return nil, nil
}

// Rehead copies a changed header of the request to what was said of it alone.
func (s *Service) Rehead(ctx context.Context, a access.Actor, r *request.Request) error {
	return s.each(ctx, "request", r.ID, func(c *Conflict) error {
		was := c.Header
		c.head(&r.Header)
		return usecase.Relate(ctx, s.rows, c, &c.Header, &was, usecase.Note(a, "conflict.related", c.ID, ""))
	})
}

// Erase empties what was said of the request alone.
func (s *Service) Erase(ctx context.Context, a access.Actor, r *request.Request) error {
	return s.each(ctx, "request", r.ID, func(c *Conflict) error { return s.empty(ctx, a, c) })
}

// followed copies a changed header of a recipient to what was said of them.
func (s *Service) followed(ctx context.Context, r *recipient.Recipient, a access.Actor) error {
	return s.each(ctx, "subject", r.ID, func(c *Conflict) error {
		if c.Request != "" {
			return nil
		}
		was := c.Header
		c.head(&r.Header)
		return usecase.Relate(ctx, s.rows, c, &c.Header, &was, usecase.Note(a, "conflict.related", c.ID, ""))
	})
}

// erased empties what was said of a recipient. Who was barred stays barred.
func (s *Service) erased(ctx context.Context, recipientID string, a access.Actor) error {
	return s.each(ctx, "subject", recipientID, func(c *Conflict) error {
		if c.Request != "" { // with its request
			return nil
		}
		return s.empty(ctx, a, c)
	})
}

func (s *Service) empty(ctx context.Context, a access.Actor, c *Conflict) error {
	c.Private = private{}
	return s.rows.Touch(ctx, c, usecase.Note(a, "conflict.erased", c.ID, ""))
}

// each runs fn on the conflicts of a recipient or a request, the oldest first; inside a unit
// they are guarded against new ones.
func (s *Service) each(ctx context.Context, field, id string, fn func(*Conflict) error) error {
	return s.rows.Each(ctx, store.Query{Where: store.Is(field, id), Sort: "created", Guard: guard(id)}, func(found *Conflict) error {
		c, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		return fn(c)
	})
}
