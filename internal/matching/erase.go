package matching

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Erase empties what the proposals of a request, open or decided, say of its recipient.
func (s *Service) Erase(ctx context.Context, a access.Actor, r *request.Request) error {
	q := store.Query{Where: store.Is("request", r.ID), Sort: "created", Guard: store.GuardName("proposal", r.ID)}
	return s.rows.Each(ctx, q, func(found *Proposal) error {
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		p.Private = private{}
		return s.rows.Touch(ctx, p, usecase.Note(a, "proposal.erased", r.ID, ""))
	})
}
