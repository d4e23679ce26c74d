package assignment

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Times of an offer and of an assignment.
const (
	offerLife = 24 * time.Hour
	maxLife   = 7 * 24 * time.Hour
	maxWindow = 24 * time.Hour
)

// OfferInput is a part to offer.
type OfferInput struct {
	ServiceRequestID string
	NeedLineID       *string
	VolunteerID      string
	Task             string
	Window           measure.Window
	PlannedMinutes   *int
	MeetingPoint     *string
	Lasts            *time.Duration
	WithinNeed       bool    // refuse what a plan would not propose, see within
	IdempotencyKey   *string `json:"-"`
}

// Offer offers a volunteer a part in a request. Contact with minors needs a
// clearance in force (Minors Protection Law art. 62): MINORS_CLEARANCE_REQUIRED.
func (s *Service) Offer(ctx context.Context, a access.Actor, in OfferInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	g, notices, err := s.compose(in)
	if err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "assignment.OFFER", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		r, err := s.requests.Load(ctx, in.ServiceRequestID)
		if err != nil {
			return nil, err
		}
		if err := s.requests.May(a, r, request.StepAssign); err != nil {
			return nil, err
		}
		fresh := *g // fn may run again on changed rows
		if err := s.within(ctx, in, &fresh, r, now); err != nil {
			return nil, err
		}
		if err := s.fit(ctx, &fresh, r, now); err != nil {
			return nil, err
		}
		return []string{g.ID}, s.put(ctx, a, &fresh, r, now)
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}

func (s *Service) compose(in OfferInput) (*Assignment, []usecase.Notice, error) {
	if err := usecase.ID(in.VolunteerID, "vol", "input", "volunteerId"); err != nil {
		return nil, nil, err
	}
	if err := in.Window.Check("input", "window"); err != nil {
		return nil, nil, err
	}
	if !in.Window.To.After(s.core.Time()) { // nobody can come any more
		return nil, nil, fault.New(fault.CodeWindowInvalid, fault.At("input", "window"))
	}
	if in.Window.To.Sub(in.Window.From) > maxWindow {
		return nil, nil, fault.New(fault.CodeOutOfRange, fault.At("input", "window"), fault.P("min", "PT1M"), fault.P("max", "PT24H"))
	}
	lasts := offerLife
	if in.Lasts != nil {
		lasts = *in.Lasts
	}
	if lasts < time.Minute || lasts > maxLife {
		return nil, nil, fault.New(fault.CodeOutOfRange, fault.At("input", "lasts"), fault.P("min", "PT1M"), fault.P("max", "P7D"))
	}
	planned := int(in.Window.Minutes())
	if in.PlannedMinutes != nil {
		if *in.PlannedMinutes < 1 || *in.PlannedMinutes > planned {
			return nil, nil, fault.New(fault.CodeOutOfRange, fault.At("input", "plannedMinutes"), fault.P("min", 1), fault.P("max", planned))
		}
		planned = *in.PlannedMinutes
	}
	task, notices, err := usecase.FreeText(in.Task, 500, true, "input", "task")
	if err != nil {
		return nil, nil, err
	}
	meet, more, err := usecase.FreeText(usecase.Or(in.MeetingPoint, ""), 200, false, "input", "meetingPoint")
	g := &Assignment{
		Head: store.Head{ID: s.core.DB.NewID("asg")}, Request: in.ServiceRequestID, Line: usecase.Or(in.NeedLineID, ""), Volunteer: in.VolunteerID,
		Fence: 1, Window: in.Window, Planned: planned, ExpiresAt: s.core.Time().Add(lasts), Private: Private{Task: task, MeetingPoint: meet},
	}
	g.Header.State = string(Offered)
	return g, append(notices, more...), err
}

// within asks, if it is wanted, for what a plan keeps to beyond what any offer must: no
// more than the need line still misses (LINE_COVERED), within its window (INVALID), beside
// what the volunteer has promised (ASSIGNMENT_OVERLAP).
func (s *Service) within(ctx context.Context, in OfferInput, g *Assignment, r *request.Request, now time.Time) error {
	line := r.Line(g.Line)
	if !in.WithinNeed || line == nil {
		return nil
	}
	if missing := line.Missing(now); int64(g.Planned) > missing {
		return request.Covered(missing, int64(g.Planned), "input", "quantity", "value")
	}
	if wanted := line.WindowOr(r); wanted != nil && !wanted.Covers(g.Window) {
		return fault.New(fault.CodeInvalid, fault.At("input", "startsAt"), fault.P("rule", "WINDOW"))
	}
	return s.free(ctx, g, "startsAt")
}

// fit asks whether this volunteer may be offered this part.
func (s *Service) fit(ctx context.Context, g *Assignment, r *request.Request, now time.Time) error {
	vol, err := s.volunteers.Load(ctx, g.Volunteer)
	if err != nil {
		return fault.Under(err, "input", "volunteerId")
	}
	if err := vol.CanServe(); err != nil {
		return fault.Under(err, "input", "volunteerId")
	}
	if slices.Contains(r.Header.Barred, vol.ID) {
		return fault.New(fault.CodeInvalid, fault.At("input", "volunteerId"), fault.P("rule", "ELIGIBILITY"))
	}
	if err := s.cleared(ctx, vol, r, now); err != nil {
		return fault.Under(err, "input", "volunteerId")
	}
	if r.Guarded() && g.Private.MeetingPoint == "" {
		return fault.New(fault.CodeRequired, fault.At("input", "meetingPoint"))
	}
	if g.Line == "" {
		return nil
	}
	line := r.Line(g.Line)
	if line == nil {
		return fault.New(fault.CodeNotFound, fault.At("input", "needLineId"))
	}
	if line.Kind != request.KindHours || line.Ended != "" {
		return fault.New(fault.CodeInvalid, fault.At("input", "needLineId"), fault.P("rule", "KIND"))
	}
	for _, skill := range line.Skills {
		if !slices.Contains(vol.Skills, skill) {
			return fault.New(fault.CodeInvalid, fault.At("input", "volunteerId"), fault.P("rule", "SKILL"), fault.P("skill", skill))
		}
	}
	return nil
}

// cleared refuses a volunteer who may not meet minors on that day, where the helper
// will: MINORS_CLEARANCE_REQUIRED.
func (s *Service) cleared(ctx context.Context, vol *volunteer.Volunteer, r *request.Request, now time.Time) error {
	minors, err := s.Minors(ctx, r, now)
	if err == nil && minors && !vol.ClearedForMinors(now) {
		err = fault.New(fault.CodeMinorBlocked)
	}
	return err
}

// Minors reports whether who helps with the request meets minors.
func (s *Service) Minors(ctx context.Context, r *request.Request, now time.Time) (bool, error) {
	if slices.Contains(r.Constraints, "WITH_MINORS") {
		return true, nil
	}
	if r.Header.Subject == "" {
		return false, nil
	}
	rcp, err := s.recipients.Load(ctx, r.Header.Subject)
	if err != nil {
		return false, err
	}
	return rcp.Minor(now), nil
}

// put saves the offer; the volunteer sees the request blinded from now on.
func (s *Service) put(ctx context.Context, a access.Actor, g *Assignment, r *request.Request, now time.Time) error {
	g.head(r)
	if err := s.rows.Insert(ctx, g, usecase.Note(a, "assignment.offered", r.ID, "")); err != nil {
		return err
	}
	r.Header.Relate(access.PartyAsked, g.Volunteer)
	event, err := r.Promise(g.Line, g.promise(), now)
	if err != nil {
		return err
	}
	return s.requests.Keep(ctx, a, r, event, "request.offered", "")
}
