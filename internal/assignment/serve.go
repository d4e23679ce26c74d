package assignment

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// offline is how far back an action noted without a connection may lie.
const offline = 24 * time.Hour

// CheckInInput is a start of service.
type CheckInInput struct {
	AssignmentID   string
	Fence          int
	At             *time.Time
	Location       *usecase.GeoPoint
	IdempotencyKey *string `json:"-"`
}

// CheckIn starts the service; the request is in service from then on. FENCED when
// the assignment has changed hands since the volunteer saw it;
// MINORS_CLEARANCE_REQUIRED when their clearance has run out since they accepted.
func (s *Service) CheckIn(ctx context.Context, a access.Actor, in CheckInInput) (*View, error) {
	at, err := s.moment(in.At)
	if err != nil {
		return nil, err
	}
	point, err := in.Location.Point("input", "location")
	if err != nil {
		return nil, err
	}
	return s.do(ctx, a, command{
		step: CheckIn, id: in.AssignmentID, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, g *Assignment, r *request.Request, now time.Time) error {
			g.CheckedInAt, g.Track.Point = at, point
			if err := g.fenced(in.Fence); err != nil {
				return err
			}
			vol, err := s.volunteers.Load(ctx, g.Volunteer)
			if err != nil {
				return err
			}
			for _, t := range []time.Time{at, now} { // told late, it still has to hold today
				if err := s.cleared(ctx, vol, r, t); err != nil {
					return fault.Under(err, "input", "assignmentId")
				}
			}
			return nil
		},
		then: func(_ *Assignment, r *request.Request, now time.Time) (string, error) { return r.Start(now) },
	})
}

// CheckOutInput is an end of service.
type CheckOutInput struct {
	AssignmentID   string
	Fence          int
	At             *time.Time
	IdempotencyKey *string `json:"-"`
}

// CheckOut stops the service: address and contact are taken back. Time beyond the plan
// is cut to it and flagged.
func (s *Service) CheckOut(ctx context.Context, a access.Actor, in CheckOutInput) (*View, error) {
	at, err := s.moment(in.At)
	if err != nil {
		return nil, err
	}
	return s.do(ctx, a, command{
		step: CheckOut, id: in.AssignmentID, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, g *Assignment, _ *request.Request, _ time.Time) error {
			if err := g.fenced(in.Fence); err != nil {
				return err
			}
			g.forget()
			return g.leave(at)
		},
	})
}

// leave counts the minutes between check-in and check-out.
func (g *Assignment) leave(at time.Time) error {
	if g.State() == CheckedIn && at.Before(g.CheckedInAt) {
		return fault.New(fault.CodeWindowInvalid, fault.At("input", "at"))
	}
	minutes := int(at.Sub(g.CheckedInAt).Round(time.Minute) / time.Minute)
	g.CheckedOutAt, g.Minutes, g.Capped = at, min(minutes, g.Planned), minutes > g.Planned
	return nil
}

// moment is now, or an earlier moment noted offline, at most a day ago.
func (s *Service) moment(at *time.Time) (time.Time, error) {
	now := s.core.Time()
	if at == nil {
		return now, nil
	}
	if at.After(now.Add(time.Minute)) || at.Before(now.Add(-offline)) {
		return now, fault.New(fault.CodeOutOfRange, fault.At("input", "at"),
			fault.P("min", now.Add(-offline).Format(time.RFC3339)), fault.P("max", now.Format(time.RFC3339)))
	}
	return at.UTC().Truncate(time.Millisecond), nil
}

// CompleteInput is a report of service.
type CompleteInput struct {
	AssignmentID   string
	Fence          int
	Report         string
	IdempotencyKey *string `json:"-"`
}

// Complete reports what was done. Of a recipient who was erased nothing is kept.
func (s *Service) Complete(ctx context.Context, a access.Actor, in CompleteInput) (*View, []usecase.Notice, error) {
	report, notices, err := usecase.FreeText(in.Report, 2000, true, "input", "report")
	if err != nil {
		return nil, nil, err
	}
	v, err := s.do(ctx, a, command{
		step: Complete, id: in.AssignmentID, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, g *Assignment, r *request.Request, _ time.Time) error {
			if err := g.fenced(in.Fence); err != nil {
				return err
			}
			erased, err := s.forgotten(ctx, r)
			if !erased {
				g.Private.Report = report
			}
			return err
		},
	})
	return v, notices, err
}

// Verify vouches for the report; the time counts for the need line. Never by the
// volunteer: NOT_OWN_VERIFIER.
func (s *Service) Verify(ctx context.Context, a access.Actor, in StepInput) (*View, error) {
	return s.do(ctx, a, command{
		step: Verify, id: in.AssignmentID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, g *Assignment, r *request.Request, now time.Time) error {
			g.VerifiedAt = now
			g.forget()
			if a.Is(access.SocialWorker, r.Lead) {
				g.VerifiedBy = r.Lead
			}
			return nil
		},
	})
}
