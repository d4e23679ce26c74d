package assignment

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// StepInput is a step that needs nothing but the assignment: accept, verify.
type StepInput struct {
	AssignmentID    string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Accept takes the offer. Contact with minors needs a clearance in force
// (MINORS_CLEARANCE_REQUIRED); nobody is promised to two places at a time
// (ASSIGNMENT_OVERLAP). With the recipient's consent the helper learns whom to call and,
// for ordinary classes, where to go.
func (s *Service) Accept(ctx context.Context, a access.Actor, in StepInput) (*View, error) {
	return s.do(ctx, a, command{
		step: Accept, id: in.AssignmentID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, g *Assignment, r *request.Request, now time.Time) error {
			vol, err := s.volunteers.Load(ctx, g.Volunteer)
			if err != nil {
				return err
			}
			if err := s.cleared(ctx, vol, r, now); err != nil {
				return fault.Under(err, "input", "assignmentId")
			}
			if err := s.free(ctx, g, "assignmentId"); err != nil {
				return err
			}
			return s.tell(ctx, g, r, now)
		},
	})
}

// free refuses a part whose time can't be served beside what the volunteer has already
// promised: ASSIGNMENT_OVERLAP at the input field, naming a promise that shares some of
// the time.
func (s *Service) free(ctx context.Context, g *Assignment, field string) error {
	q := store.Query{
		Where: store.Both(store.Is("volunteer", g.Volunteer), store.AtLeast("busy", s.core.Time())),
		Sort:  "busy", Guard: store.GuardName("assignment", g.Volunteer),
	}
	var promised []measure.Task
	var beside *Assignment
	err := s.rows.Each(ctx, q, func(o *Assignment) error {
		if o.ID == g.ID {
			return nil
		}
		promised = append(promised, o.task())
		if beside == nil && o.Window.Overlaps(g.Window) {
			beside = o
		}
		return nil
	})
	if err != nil || beside == nil || g.task().Clash(promised).IsZero() {
		return err
	}
	return fault.New(fault.CodeOverlap, fault.At("input", field), fault.P("assignmentId", beside.ID),
		fault.P("from", beside.Window.From.Format(time.RFC3339)), fault.P("to", beside.Window.To.Format(time.RFC3339)))
}

// task is the part as time that it takes of a person.
func (g *Assignment) task() measure.Task {
	return measure.Task{Window: g.Window, Length: time.Duration(g.Planned) * time.Minute}
}

// tell lets the helper know what the service needs, as far as the recipient consents.
func (s *Service) tell(ctx context.Context, g *Assignment, r *request.Request, now time.Time) error {
	if r.Header.Subject == "" {
		g.Private.Address = r.Private.Address
		return nil
	}
	consent, err := s.recipients.ActiveConsent(ctx, r.Header.Subject, "SHARE_CONTACT", now)
	if err != nil || consent == "" {
		return err
	}
	rcp, err := s.recipients.Load(ctx, r.Header.Subject)
	if err != nil {
		return err
	}
	g.Private.SafeContact = rcp.SafeContact()
	if !r.Guarded() {
		g.Private.Address = r.Private.Address
	}
	return nil
}

// EndInput declines or releases an assignment.
type EndInput struct {
	AssignmentID    string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Decline says no to the offer.
func (s *Service) Decline(ctx context.Context, a access.Actor, in EndInput) (*View, error) {
	return s.end(ctx, a, in, Decline, codes.MatchDeclineReason)
}

// ReleaseOne ends an assignment before check-in: the volunteer's access ends, the
// fence moves on, the line opens again.
func (s *Service) ReleaseOne(ctx context.Context, a access.Actor, in EndInput) (*View, error) {
	return s.end(ctx, a, in, Release, codes.ReleaseReason)
}

func (s *Service) end(ctx context.Context, a access.Actor, in EndInput, step Step, list codes.List) (*View, error) {
	if err := usecase.InList(list, in.Reason, "input", "reason"); err != nil {
		return nil, err
	}
	return s.do(ctx, a, command{
		step: step, id: in.AssignmentID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason,
		rule: func(_ context.Context, g *Assignment, _ *request.Request, _ time.Time) error {
			g.drop(in.Reason, list)
			return nil
		},
	})
}

// drop ends the volunteer's part: what they knew of the recipient goes with it.
func (g *Assignment) drop(reason string, list codes.List) {
	g.Fence++
	g.Reason, g.ReasonList = reason, string(list)
	g.forget()
}

// forget takes back where the recipient lives and whom to call: both are for the
// service alone, and access ends with it (domain.md §3d).
func (g *Assignment) forget() { g.Private.SafeContact, g.Private.Address = "", "" }
