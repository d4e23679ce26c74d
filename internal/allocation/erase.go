package allocation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Erase empties what the allocations of a request say of its recipient. What is still
// on its way to them has to arrive or come back first: REQUESTS_OPEN.
func (s *Service) Erase(ctx context.Context, a access.Actor, r *request.Request) error {
	all, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.State() == Dispatched {
			return fault.New(fault.CodeRequestsOpen, fault.At("input", "recipientId"))
		}
		l.Private = private{}
		if err := s.rows.Touch(ctx, l, usecase.Note(a, "allocation.erased", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}
