package allocation

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of allocations.
type Service struct {
	core      *usecase.Core
	rows      *store.Collection[Allocation]
	requests  *request.Service
	resources *resource.Service
}

// New registers the noun; call it before the store starts. What belongs to a
// request ends with it, and what a withdrawn resource had promised is released.
func New(core *usecase.Core, requests *request.Service, resources *resource.Service) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), requests: requests, resources: resources}
	requests.Attach(s)
	resources.OnWithdraw(s.withdrawn)
	resources.OnMove(s.moved)
	return s
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Allocation] { return s.rows }

// Take is what an acceptance asks for.
type Take struct {
	Line     string
	Proposal string
	Quantity measure.Quantity
	Window   *measure.Window
	At       time.Time // when it is needed: what goes off before is no use
	Until    time.Time
}

// Hold takes a part of a resource for a need line, inside the caller's unit: the
// resource's row is changed and saved (STOCK_SHORT, RESOURCE_UNAVAILABLE when it
// can't), the request in hand gets the promise and is saved by the caller.
func (s *Service) Hold(ctx context.Context, a access.Actor, id string, r *request.Request, res *resource.Resource, t Take, now time.Time) (*Allocation, string, error) {
	l := &Allocation{
		Head: store.Head{ID: id}, Request: r.ID, Line: t.Line, Resource: res.ID, Owner: res.Owner,
		Proposal: t.Proposal, Quantity: t.Quantity, Window: t.Window, At: t.At, Fence: 1, Until: t.Until,
	}
	if err := res.Hold(l.hold(), now); err != nil {
		return nil, "", err
	}
	l.Header.State = string(Held)
	l.head(r)
	if err := s.rows.Insert(ctx, l, usecase.Note(a, "allocation.held", r.ID, "")); err != nil {
		return nil, "", err
	}
	if err := s.resources.Save(ctx, res, usecase.Note(a, "resource.held", r.ID, "")); err != nil {
		return nil, "", err
	}
	kind, err := r.Promise(t.Line, l.promise(), now)
	return l, kind, err
}

// command is one person's step on one allocation.
type command struct {
	step     Step
	id       string
	expected *int64 // nil where the fence is held instead
	fence    *int
	key      *string
	input    any
	reason   string
	// rule changes the allocation and the resource after the step was taken.
	rule func(l *Allocation, r *request.Request, res *resource.Resource, now time.Time) error
}

// do runs a step: load → may → version → state → rule → save the allocation, the
// resource and the request, in one unit.
func (s *Service) do(ctx context.Context, a access.Actor, c command) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(c.id, "alc", "input", "allocationId"); err != nil {
		return nil, nil, err
	}
	now, key := s.core.Time(), ""
	if c.key != nil {
		key = *c.key
	}
	_, err := s.core.Run(ctx, a, "allocation."+string(c.step), key, c.input, func(ctx context.Context) ([]string, error) {
		l, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := s.may(a, l, c.step); err != nil {
			return nil, err
		}
		if err := s.current(l, c); err != nil {
			return nil, err
		}
		kind, err := l.take(c.step)
		if err != nil {
			return nil, err
		}
		return []string{l.ID}, s.apply(ctx, a, l, c, kind, now)
	})
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, c.id)
	return v, nil, err
}

// current refuses a step that rests on an older allocation: FENCED for who held it before
// it was given up, CONFLICT for who saw another version. One of the two has to be said.
func (s *Service) current(l *Allocation, c command) error {
	if c.fence == nil && c.expected == nil {
		return fault.New(fault.CodeRequired, fault.At("input", "expectedVersion"))
	}
	if c.fence != nil {
		if err := l.fenced(*c.fence); err != nil {
			return err
		}
	}
	if c.expected == nil {
		return nil
	}
	return s.rows.Expect(l, *c.expected)
}

func (s *Service) apply(ctx context.Context, a access.Actor, l *Allocation, c command, kind string, now time.Time) error {
	r, err := s.requests.Load(ctx, l.Request)
	if err != nil {
		return err
	}
	if !l.live() {
		// The resource is the hot row: what leave asks is asked before it is read, once a
		// unit, so that others who take of it are kept waiting as short as can be.
		if _, err := s.of(ctx, "request", r.ID); err != nil {
			return err
		}
	}
	res, err := s.resources.Load(ctx, l.Resource)
	if err != nil {
		return err
	}
	if err := c.rule(l, r, res, now); err != nil {
		return err
	}
	if err := s.rows.Replace(ctx, l, usecase.Note(a, kind, l.Request, c.reason)); err != nil {
		return err
	}
	if err := s.resources.Save(ctx, res, usecase.Note(a, "resource."+kind[len("allocation."):], l.Request, "")); err != nil {
		return err
	}
	return s.carry(ctx, a, l, r, c.step, now)
}

// carry brings the new promise into the request and saves it.
func (s *Service) carry(ctx context.Context, a access.Actor, l *Allocation, r *request.Request, step Step, now time.Time) error {
	event, err := r.Promise(l.Line, l.promise(), now)
	if err != nil {
		return err
	}
	if step == Dispatch {
		if started, err := r.Start(now); err != nil {
			return err
		} else if started != "" {
			event = started
		}
	}
	if !l.live() {
		if err := s.leave(ctx, r, l); err != nil {
			return err
		}
	}
	return s.requests.Keep(ctx, a, r, event, "request.covered", why(l, step, event))
}

// why is the reason that the request's entry gives: that of a release, unless the
// request was arranged all the same, which has reasons of its own.
func why(l *Allocation, step Step, event string) string {
	if step != Release || event == "request.arranged" {
		return ""
	}
	return l.Reason
}

// leave ends the owner's sight of the request as its supplier when nothing of theirs is
// under way there any more; what was settled stays theirs to remember.
func (s *Service) leave(ctx context.Context, r *request.Request, gone *Allocation) error {
	left, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return err
	}
	served := gone.State() == Settled
	for _, l := range left {
		switch {
		case l.ID == gone.ID || l.Owner != gone.Owner:
		case l.live():
			return nil
		default:
			served = served || l.State() == Settled
		}
	}
	r.Header.Unrelate(access.PartySupply, gone.Owner)
	if served {
		r.Header.Relate(access.PartyServed, gone.Owner)
	}
	return nil
}

// of reads all allocations of a request or a resource inside a unit, guarded
// against new ones until the commit.
func (s *Service) of(ctx context.Context, field, id string) ([]*Allocation, error) {
	var out []*Allocation
	q := store.Query{Where: store.Is(field, id), Sort: "created", Guard: store.GuardName("allocation", id)}
	err := s.rows.Each(ctx, q, func(found *Allocation) error {
		l, err := s.rows.Get(ctx, found.ID)
		if err == nil {
			out = append(out, l)
		}
		return err
	})
	return out, err
}

// OpenOf counts the allocations of a resource or an owner that are not settled, inside a
// unit guarded against new ones; field names which.
func (s *Service) OpenOf(ctx context.Context, field, id string) (int, error) {
	where := store.Both(store.Is(field, id), store.AnyOf("state", Held, Committed, Dispatched, Delivered))
	return usecase.Count(ctx, s.rows, store.Query{Where: where, Sort: "created", Guard: store.GuardName("allocation", id)})
}

// may asks sight and relation. Guarded requests are a protection officer's.
func (s *Service) may(a access.Actor, l *Allocation, step Step) error {
	sight := access.See(a, Noun)
	for _, t := range life {
		if t.step != step {
			continue
		}
		if err := sight.May(t.may, &l.Header); err != nil {
			return err
		}
	}
	rel := sight.Relations(&l.Header)
	// What gives no right to a step (to supervise, to administer) does not help one either.
	near := rel & access.Rel(access.ToSelf, access.ToLed, access.ToStation, access.ToProtected, access.ToSystem)
	if l.Header.Guarded() && near == access.Rel(access.ToStation) {
		return fault.New(fault.CodeOfficerRequired)
	}
	if step == Deliver && near == access.Rel(access.ToSelf) {
		return fault.New(fault.CodeForbidden) // the owner never says that it arrived
	}
	return nil
}
