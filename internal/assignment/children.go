package assignment

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Release ends the assignments of a request, or of one line, that have not begun.
func (s *Service) Release(ctx context.Context, a access.Actor, r *request.Request, lineID, reason string) error {
	return s.unbegun(ctx, a, r, reason, func(g *Assignment) bool { return lineID == "" || g.Line == lineID })
}

// Dismiss ends the assignments of these volunteers that have not begun.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, r *request.Request, ids []string, reason string) (kind string, err error) {
	err = s.unbegun(ctx, a, r, reason, func(g *Assignment) bool {
		theirs := slices.Contains(ids, g.Volunteer) && g.waits()
		if theirs {
			kind = "request.covered"
		}
		return theirs
	})
	return kind, err
}

// waits reports whether nobody has set out yet.
func (g *Assignment) waits() bool { return g.State() == Offered || g.State() == Accepted }

func (s *Service) unbegun(ctx context.Context, a access.Actor, r *request.Request, reason string, which func(*Assignment) bool) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, g := range all {
		if !which(g) || !g.waits() {
			continue
		}
		g.Header.State = string(Released)
		g.drop(reason, codes.ReleaseReason)
		if err := s.rows.Replace(ctx, g, usecase.Note(a, "assignment.released", r.ID, reason)); err != nil {
			return err
		}
		if l := r.Line(g.Line); l != nil {
			l.Promise(g.promise())
		}
		if err := s.relate(ctx, g, r); err != nil {
			return err
		}
	}
	return nil
}

// Idle is ALLOCATIONS_OPEN while somebody is there or on the way, or waits to be vouched
// for.
func (s *Service) Idle(ctx context.Context, r *request.Request) error {
	all, err := s.of(ctx, r.ID)
	for _, g := range all {
		switch g.State() {
		case EnRoute, CheckedIn, CheckedOut, Completed:
			return fault.New(fault.CodeAllocationsOpen, fault.At("input", "serviceRequestId"))
		case Offered, Accepted, Verified, Declined, NoShow, Released, Reassigned, Expired:
		}
	}
	return err
}

// Settle forbids closing while somebody still serves or a report waits to be
// vouched for: ALLOCATIONS_OPEN. What was never begun is released.
func (s *Service) Settle(ctx context.Context, a access.Actor, r *request.Request) error {
	if err := s.Idle(ctx, r); err != nil {
		return err
	}
	return s.Release(ctx, a, r, "", "REQUEST_ENDED")
}

// Rehead copies a changed header of the request to its assignments.
func (s *Service) Rehead(ctx context.Context, a access.Actor, r *request.Request) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, g := range all {
		was := g.Header
		g.head(r)
		if err := usecase.Relate(ctx, s.rows, g, &g.Header, &was, usecase.Note(a, "assignment.related", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

// Parts are the volunteers whose time was vouched for.
func (s *Service) Parts(ctx context.Context, r *request.Request) ([]request.Participation, error) {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	var out []request.Participation
	for _, g := range all {
		if g.State() == Verified {
			out = append(out, request.Participation{
				Society: "VOLUNTEER", Role: "HELPED", Party: g.Volunteer, Since: g.CheckedInAt, Lasted: g.CheckedOutAt.Sub(g.CheckedInAt),
			})
		}
	}
	return out, nil
}

// OpenOf counts the assignments of a volunteer that are neither over nor vouched for,
// inside a unit guarded against new ones.
func (s *Service) OpenOf(ctx context.Context, volunteerID string) (int, error) {
	where := store.Both(store.Is("volunteer", volunteerID), store.AnyOf("state", Offered, Accepted, EnRoute, CheckedIn, CheckedOut, Completed))
	return usecase.Count(ctx, s.rows, store.Query{Where: where, Sort: "created", Guard: store.GuardName("assignment", volunteerID)})
}

// gone releases what was open for a volunteer who was suspended or left, in that unit.
func (s *Service) gone(ctx context.Context, volunteerID, reason string, a access.Actor) error {
	now := s.core.Time()
	return s.rows.Each(ctx, store.Query{Where: store.Is("volunteer", volunteerID), Sort: "created"}, func(found *Assignment) error {
		g, err := s.rows.Get(ctx, found.ID)
		if err != nil || (g.State() != Offered && g.State() != Accepted) {
			return err
		}
		r, err := s.requests.Load(ctx, g.Request)
		if err != nil {
			return err
		}
		g.Header.State = string(Released)
		g.drop(reason, codes.ReleaseReason)
		return s.ended(ctx, a, g, r, "assignment.released", reason, now)
	})
}

// ended saves a part that came to nothing and opens its line again.
func (s *Service) ended(ctx context.Context, a access.Actor, g *Assignment, r *request.Request, kind, reason string, now time.Time) error {
	if err := s.rows.Replace(ctx, g, usecase.Note(a, kind, r.ID, reason)); err != nil {
		return err
	}
	event, err := r.Promise(g.Line, g.promise(), now)
	if err != nil {
		return err
	}
	if err := s.relate(ctx, g, r); err != nil {
		return err
	}
	return s.requests.Keep(ctx, a, r, event, "request.covered", "")
}
