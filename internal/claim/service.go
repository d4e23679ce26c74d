package claim

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Proposals knows whom a request's open proposals ask.
type Proposals interface {
	// Asked reports, inside a unit, whether an organisation has an open proposal there.
	Asked(ctx context.Context, requestID, organisationID string) (bool, error)
}

// Service is the use cases of claims.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[Claim]
	requests      *request.Service
	organisations *organisation.Service
	proposals     Proposals
}

// New registers the noun; call it before the store starts, and after the allocations', so
// that what is given is released before the claims are.
func New(core *usecase.Core, requests *request.Service, organisations *organisation.Service, proposals Proposals) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), requests: requests, organisations: organisations, proposals: proposals}
	requests.Attach(s)
	requests.OnPromise(s.promised)
	organisations.OnStop(s.stopped)
	return s
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Claim] { return s.rows }

// save writes a claim after a step, and carries it into its line; the caller saves the
// request. With its last open claim there the organisation's sight of the request ends,
// unless it was asked besides.
func (s *Service) save(ctx context.Context, a access.Actor, r *request.Request, c *Claim, kind string) error {
	if err := s.rows.Replace(ctx, c, usecase.Note(a, kind, r.ID, c.Reason)); err != nil {
		return err
	}
	l := r.Line(c.Line)
	if c.State().Open() {
		known := *l.ClaimOf(c.ID)
		known.Value, known.Granted = c.Quantity.Value, c.State() != Pending
		l.Claim(known)
		return nil
	}
	l.Unclaim(c.ID)
	if r.ClaimedBy(c.Organisation) {
		return nil
	}
	asked, err := s.proposals.Asked(ctx, r.ID, c.Organisation)
	if err == nil && !asked {
		r.Header.Unrelate(access.PartyAsked, c.Organisation)
	}
	return err
}

// end ends an open claim for a reason of a list.
func (s *Service) end(ctx context.Context, a access.Actor, r *request.Request, c *Claim, step Step, list codes.List, reason string, now time.Time) error {
	kind, err := c.take(step, now)
	if err != nil {
		return err
	}
	c.because(list, reason)
	return s.save(ctx, a, r, c, kind)
}

// open runs fn on the open claims of a request, or of one line of it.
func (s *Service) open(ctx context.Context, r *request.Request, lineID string, fn func(*request.Line, *Claim) error) error {
	for i := range r.Lines {
		l := &r.Lines[i]
		if lineID != "" && l.ID != lineID {
			continue
		}
		for _, known := range l.Claims {
			c, err := s.rows.Get(ctx, known.ID)
			if err != nil {
				return err
			}
			if err := fn(l, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// promised lets the claims of a request go with what is promised to its lines.
func (s *Service) promised(ctx context.Context, a access.Actor, r *request.Request) error {
	now := s.core.Time()
	return s.open(ctx, r, "", func(l *request.Line, c *Claim) error { return s.moved(ctx, a, r, l, c, now) })
}

func (s *Service) moved(ctx context.Context, a access.Actor, r *request.Request, l *request.Line, c *Claim, now time.Time) error {
	step, reason := c.move(r, l, now)
	if step == "" {
		return nil
	}
	kind, err := c.take(step, now)
	if err != nil {
		return err
	}
	if reason != "" {
		c.because(codes.ReleaseReason, reason)
	}
	return s.save(ctx, a, r, c, kind)
}

// Release ends the claims of a request that ends or waits, or of one line.
func (s *Service) Release(ctx context.Context, a access.Actor, r *request.Request, lineID, reason string) error {
	now := s.core.Time()
	return s.open(ctx, r, lineID, func(_ *request.Line, c *Claim) error {
		return s.end(ctx, a, r, c, Release, codes.ReleaseReason, reason, now)
	})
}

// Dismiss ends the claims of these organisations.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, r *request.Request, ids []string, reason string) (kind string, err error) {
	now := s.core.Time()
	err = s.open(ctx, r, "", func(_ *request.Line, c *Claim) error {
		if !slices.Contains(ids, c.Organisation) {
			return nil
		}
		kind = "request.claimed"
		return s.end(ctx, a, r, c, Release, codes.ReleaseReason, reason, now)
	})
	return kind, err
}

// stopped ends the claims of an organisation that may not take part any more.
func (s *Service) stopped(ctx context.Context, a access.Actor, o *organisation.Organisation) error {
	now := s.core.Time()
	return s.rows.Each(ctx, s.openOf(o.ID), func(found *Claim) error {
		r, err := s.requests.Load(ctx, found.Request)
		if err != nil {
			return err
		}
		c, err := s.rows.Get(ctx, found.ID)
		if err != nil || !c.State().Open() {
			return err
		}
		if err := s.end(ctx, a, r, c, Release, codes.ReleaseReason, o.Released(), now); err != nil {
			return err
		}
		return s.requests.Keep(ctx, a, r, "", "request.claimed", "")
	})
}

// openOf are the open claims of an organisation, guarded against new ones.
func (s *Service) openOf(organisationID string) store.Query {
	where := store.Both(store.Is("organisation", organisationID), store.AnyOf("state", string(Pending), string(Granted), string(Active)))
	return store.Query{Where: where, Sort: "created", Guard: guard(organisationID)}
}

// OpenOf counts the open claims of an organisation, inside a unit guarded against new ones.
func (s *Service) OpenOf(ctx context.Context, organisationID string) (int, error) {
	return usecase.Count(ctx, s.rows, s.openOf(organisationID))
}

// Idle has nothing to say: a claim is never under way.
func (s *Service) Idle(context.Context, *request.Request) error { return nil }

// Settle ends what claims a closed request still has.
func (s *Service) Settle(ctx context.Context, a access.Actor, r *request.Request) error {
	return s.Release(ctx, a, r, "", "REQUEST_ENDED")
}

// Rehead copies a changed header of the request to its claims.
func (s *Service) Rehead(ctx context.Context, a access.Actor, r *request.Request) error {
	q := store.Query{Where: store.Is("request", r.ID), Sort: "created", Guard: guard(r.ID)}
	return s.rows.Each(ctx, q, func(found *Claim) error {
		c, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		was := c.Header
		c.head(r)
		return usecase.Relate(ctx, s.rows, c, &c.Header, &was, usecase.Note(a, "claim.related", r.ID, ""))
	})
}

// Parts answers none: a claim alone is no participation.
func (s *Service) Parts(context.Context, *request.Request) ([]request.Participation, error) {
	return nil, nil
}

// Erase has nothing to do: a claim says nothing of the recipient.
func (s *Service) Erase(context.Context, access.Actor, *request.Request) error { return nil }

// Lapse ends the claims whose time is over, the longest overdue first: one that the station
// did not answer is declined, one that brought nothing lapses. Where the request waits for
// no help any more, nothing could be brought: it is released. The system calls it; it
// returns how many ended and what went wrong with the others.
func (s *Service) Lapse(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("due", now.Add(time.Millisecond)), Sort: "due"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, c *Claim) (bool, error) {
		if !c.State().Open() || c.DueAt.IsZero() || now.Before(c.DueAt) {
			return false, nil
		}
		r, err := s.requests.Load(ctx, c.Request)
		if err != nil {
			return false, err
		}
		step, list, reason := lapse, codes.List(""), ""
		switch {
		case !r.State().Allows(request.StepPropose):
			step, list, reason = Release, codes.ReleaseReason, "COVERED"
		case c.State() == Pending:
			step, list, reason = Decline, codes.MatchDeclineReason, "NO_REPLY"
		}
		if err := s.end(ctx, a, r, c, step, list, reason, now); err != nil {
			return false, err
		}
		return true, s.requests.Keep(ctx, a, r, "", "request.claimed", "")
	})
}

// may asks sight and relation. What a station does with a claim, only a protection officer
// does on a guarded request.
func (s *Service) may(a access.Actor, c *Claim, step Step) error {
	at := access.See(a, Noun).On(&c.Header)
	for _, t := range life {
		if t.step != step || t.may == "" {
			continue
		}
		if err := at.May(t.may); err != nil {
			return err
		}
		if c.Header.Guarded() && at.OnlyAs(t.may, access.ToStation) {
			return fault.New(fault.CodeOfficerRequired)
		}
		// Nobody decides for the station what their own organisation asks of it.
		if t.may == "claim.decide" && a.Is(access.Partner, c.Organisation) {
			return fault.New(fault.CodeSecondPersonRequired)
		}
	}
	return nil
}
