package allocation

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Release ends what is held or promised for a request, or for one line of it, in
// the unit that ends or holds the request. The request in hand is changed; its
// owner saves it.
func (s *Service) Release(ctx context.Context, a access.Actor, r *request.Request, lineID, reason string) error {
	return s.release(ctx, a, r, reason, func(l *Allocation) bool { return lineID == "" || l.Line == lineID })
}

// Dismiss releases what these owners hold or have promised and not sent.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, r *request.Request, ids []string, reason string) (kind string, err error) {
	err = s.release(ctx, a, r, reason, func(l *Allocation) bool {
		theirs := slices.Contains(ids, l.Owner) && l.unsent()
		if theirs {
			kind = "request.covered"
		}
		return theirs
	})
	return kind, err
}

// unsent reports whether it is held or promised, and still where it was.
func (l *Allocation) unsent() bool { return l.State() == Held || l.State() == Committed }

func (s *Service) release(ctx context.Context, a access.Actor, r *request.Request, reason string, which func(*Allocation) bool) error {
	all, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return err
	}
	for _, l := range all {
		if !which(l) || !l.unsent() {
			continue
		}
		if err := s.free(ctx, a, l, reason); err != nil {
			return err
		}
		r.Line(l.Line).Promise(l.promise())
		if err := s.leave(ctx, r, l); err != nil {
			return err
		}
	}
	return nil
}

// free releases one allocation and gives its part back to the resource.
func (s *Service) free(ctx context.Context, a access.Actor, l *Allocation, reason string) error {
	kind, err := l.take(Release)
	if err != nil {
		return err
	}
	l.Reason = reason
	if err := s.rows.Replace(ctx, l, usecase.Note(a, kind, l.Request, reason)); err != nil {
		return err
	}
	res, err := s.resources.Load(ctx, l.Resource)
	if err != nil {
		return err
	}
	res.Release(l.ID)
	return s.resources.Save(ctx, res, usecase.Note(a, "resource.released", l.Request, reason))
}

// Idle is ALLOCATIONS_OPEN while something is on its way.
func (s *Service) Idle(ctx context.Context, r *request.Request) error {
	all, err := s.of(ctx, "request", r.ID)
	for _, l := range all {
		if l.State() == Dispatched {
			return fault.New(fault.CodeAllocationsOpen, fault.At("input", "serviceRequestId"))
		}
	}
	return err
}

// Settle settles what was delivered for a request that closes. What is still
// under way forbids closing: ALLOCATIONS_OPEN. Lapsed holds are released.
func (s *Service) Settle(ctx context.Context, a access.Actor, r *request.Request) error {
	all, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return err
	}
	for _, l := range all {
		switch l.State() {
		case Delivered:
			kind, err := l.take(Settle)
			if err != nil {
				return err
			}
			if err := s.rows.Replace(ctx, l, usecase.Note(a, kind, r.ID, "")); err != nil {
				return err
			}
		case Held, Committed:
			if !l.Lapsed(s.core.Time()) {
				return fault.New(fault.CodeAllocationsOpen, fault.At("input", "serviceRequestId"))
			}
			if err := s.free(ctx, a, l, "HOLD_LAPSED"); err != nil {
				return err
			}
		case Dispatched:
			return fault.New(fault.CodeAllocationsOpen, fault.At("input", "serviceRequestId"))
		case Settled, Released, Returned, Lost:
		}
	}
	return nil
}

// Rehead copies a changed header of the request to its allocations.
func (s *Service) Rehead(ctx context.Context, a access.Actor, r *request.Request) error {
	all, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return err
	}
	for _, l := range all {
		was := l.Header
		l.head(r)
		if err := usecase.Relate(ctx, s.rows, l, &l.Header, &was, usecase.Note(a, "allocation.related", r.ID, "")); err != nil {
			return err
		}
	}
	return nil
}

// Parts are the organisations and resources that supplied a request: the resource
// as such, and its owner.
func (s *Service) Parts(ctx context.Context, r *request.Request) ([]request.Participation, error) {
	all, err := s.of(ctx, "request", r.ID)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, all)
	if err != nil {
		return nil, err
	}
	var out []request.Participation
	add := func(society, party string, l *Allocation) {
		p := request.Participation{
			Society: society, Role: "SUPPLIED", Party: party, Display: names[party], Since: l.CreatedAt, Lasted: l.DeliveredAt.Sub(l.CreatedAt),
		}
		same := func(o request.Participation) bool { return o.Party == party && o.Society == society }
		if i := slices.IndexFunc(out, same); i < 0 {
			out = append(out, p)
		} else if p.Since.Before(out[i].Since) {
			out[i].Since = p.Since
		}
	}
	for _, l := range all {
		if l.State() == Delivered || l.State() == Settled {
			add("SOCIAL_ORGANISATION", l.Owner, l)
			add("CHARITY_RESOURCE", l.Resource, l)
		}
	}
	return out, nil
}

// withdrawn releases what is held or promised of a resource that is withdrawn, or whose
// owner is stopped, and tells the requests, in the same unit. What is on its way stays.
func (s *Service) withdrawn(ctx context.Context, resourceID, reason string, a access.Actor) error {
	all, err := s.of(ctx, "resource", resourceID)
	if err != nil {
		return err
	}
	now := s.core.Time()
	for _, l := range all {
		if l.State() != Held && l.State() != Committed {
			continue
		}
		if err := s.free(ctx, a, l, reason); err != nil {
			return err
		}
		r, err := s.requests.Load(ctx, l.Request)
		if err != nil {
			return err
		}
		if err := s.carry(ctx, a, l, r, Release, now); err != nil {
			return err
		}
	}
	return nil
}

// names are the names of the resources and their owners, which are public.
func (s *Service) names(ctx context.Context, all []*Allocation) (map[string]string, error) {
	ids := make([]string, len(all))
	for i, l := range all {
		ids[i] = l.Resource
	}
	views, err := s.resources.Views(ctx, access.System("close"), ids)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, v := range views {
		out[v.ID] = v.Title
		if v.Owner != nil {
			out[v.Owner.ID] = v.Owner.Name
		}
	}
	return out, nil
}
