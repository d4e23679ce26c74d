package assignment

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Erase empties what the assignments of a request say of its recipient: task, places,
// contact and report, and where the volunteer checked in, which is where they live.
// The hours stay the volunteer's.
func (s *Service) Erase(ctx context.Context, a access.Actor, r *request.Request) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, g := range all {
		g.Private, g.Track = Private{}, track{}
		if err := s.rows.Touch(ctx, g, usecase.Note(a, "assignment.erased", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

// forgotten reports whether the recipient of a request was erased: nothing is written down
// about them any more, though a part that was under way then may still come to its end.
func (s *Service) forgotten(ctx context.Context, r *request.Request) (bool, error) {
	if r.Header.Subject == "" {
		return false, nil
	}
	rcp, err := s.recipients.Load(ctx, r.Header.Subject)
	return err == nil && rcp.Erased(), err
}
