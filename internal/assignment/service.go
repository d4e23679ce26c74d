package assignment

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Service is the use cases of assignments.
type Service struct {
	core       *usecase.Core
	rows       *store.Collection[Assignment]
	requests   *request.Service
	volunteers *volunteer.Service
	workers    *socialworker.Service
	recipients *recipient.Service
}

// New registers the noun; call it before the store starts. What belongs to a
// request ends with it.
func New(core *usecase.Core, requests *request.Service, volunteers *volunteer.Service, workers *socialworker.Service, recipients *recipient.Service) *Service {
	s := &Service{
		core: core, rows: store.Register(core.DB, spec()),
		requests: requests, volunteers: volunteers, workers: workers, recipients: recipients,
	}
	requests.Attach(s)
	volunteers.OnGone(s.gone)
	return s
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Assignment] { return s.rows }

// command is one person's step on one assignment.
type command struct {
	step     Step
	id       string
	expected int64 // 0 for steps that go by the fence
	key      *string
	input    any
	reason   string
	// rule changes the assignment and the request, before the step is taken.
	rule func(ctx context.Context, g *Assignment, r *request.Request, now time.Time) error
	// then runs after the step, before saving; it may return an event of the request.
	then func(g *Assignment, r *request.Request, now time.Time) (string, error)
}

// do runs a step: load → may → version → rule → state → save both, in one unit.
func (s *Service) do(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, "asg", "input", "assignmentId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	_, err := s.core.Run(ctx, a, "assignment."+string(c.step), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		g, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := s.may(a, g, c.step); err != nil {
			return nil, err
		}
		if c.expected != 0 {
			if err := s.rows.Expect(g, c.expected); err != nil {
				return nil, err
			}
		}
		r, err := s.requests.Load(ctx, g.Request)
		if err != nil {
			return nil, err
		}
		return []string{g.ID}, s.apply(ctx, a, g, r, c, now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, c.id)
}

func (s *Service) apply(ctx context.Context, a access.Actor, g *Assignment, r *request.Request, c command, now time.Time) error {
	if c.rule != nil {
		if err := c.rule(ctx, g, r, now); err != nil {
			return err
		}
	}
	kind, err := g.take(c.step, now)
	if err != nil {
		return err
	}
	event, err := r.Promise(g.Line, g.promise(), now)
	if err != nil {
		return err
	}
	if c.then != nil {
		later, err := c.then(g, r, now)
		if err != nil {
			return err
		}
		if later != "" {
			event = later
		}
	}
	if err := s.rows.Replace(ctx, g, usecase.Note(a, kind, r.ID, c.reason)); err != nil {
		return err
	}
	if err := s.relate(ctx, g, r); err != nil {
		return err
	}
	return s.requests.Keep(ctx, a, r, event, "request.covered", "")
}

// relate brings the request's header in line with the assignment: who was asked,
// who helps. Another living assignment of the same volunteer keeps its relation.
func (s *Service) relate(ctx context.Context, g *Assignment, r *request.Request) error {
	all, err := s.of(ctx, r.ID)
	if err != nil {
		return err
	}
	is := map[access.Party]bool{}
	for _, o := range append(all, g) {
		if o.ID == g.ID {
			o = g
		}
		if o.Volunteer == g.Volunteer {
			is[o.party(r)] = true
		}
	}
	set := func(p access.Party, on bool) {
		if on {
			r.Header.Relate(p, g.Volunteer)
		} else {
			r.Header.Unrelate(p, g.Volunteer)
		}
	}
	set(access.PartyAsked, is[access.PartyAsked])
	set(access.PartyHelp, is[access.PartyHelp])
	set(access.PartyServed, is[access.PartyServed])
	return nil
}

// party is what the assignment makes its volunteer to the request: "" for nothing. A part
// that was vouched for is over, and so is every part of a request that has ended.
func (g *Assignment) party(r *request.Request) access.Party {
	switch g.State() {
	case Offered:
		return access.PartyAsked
	case Accepted, EnRoute, CheckedIn, CheckedOut, Completed:
		if r.State().Open() {
			return access.PartyHelp
		}
		return access.PartyServed
	case Verified:
		return access.PartyServed
	case Declined, NoShow, Released, Reassigned, Expired:
	}
	return ""
}

// of reads all assignments of a request inside a unit, guarded against new ones.
func (s *Service) of(ctx context.Context, requestID string) ([]*Assignment, error) {
	var out []*Assignment
	q := store.Query{Where: store.Is("request", requestID), Sort: "created", Guard: store.GuardName("assignment", requestID)}
	err := s.rows.Each(ctx, q, func(found *Assignment) error {
		g, err := s.rows.Get(ctx, found.ID)
		if err == nil {
			out = append(out, g)
		}
		return err
	})
	return out, err
}

// may asks sight and relation.
func (s *Service) may(a access.Actor, g *Assignment, step Step) error {
	sight, action := access.See(a, Noun), action(step)
	if err := sight.May(action, &g.Header); err != nil {
		return err
	}
	if (step == Release || step == Verify) && g.Header.Guarded() && sight.OnlyAs(access.ToStation, action, &g.Header) {
		return fault.New(fault.CodeOfficerRequired)
	}
	// The recipient's side sees the assignment as its own, but takes no step on it;
	// nobody vouches for their own work.
	self := a.Is(access.Volunteer, g.Volunteer)
	switch step {
	case Accept, Decline, CheckIn, CheckOut, Complete:
		if !self && !a.IsSystem() {
			return fault.New(fault.CodeForbidden)
		}
	case Verify:
		if self {
			return fault.New(fault.CodeNotOwnVerifier)
		}
	case Release:
		if !self && sight.Relations(&g.Header)&access.Rel(access.ToLed, access.ToStation, access.ToProtected, access.ToSystem) == 0 {
			return fault.New(fault.CodeForbidden)
		}
	}
	return nil
}
