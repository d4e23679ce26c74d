package offer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// maxTurns bounds the occurrences that are looked through for one need line.
const maxTurns = 31

// standing is an offer that holds, with what it is about.
type standing struct {
	*Offer
	resource *resource.Resource
	owner    access.Actor // whose rights it proposes with
	sight    *access.Sight
	to       []Turn // that are not over
}

// opening is a need line that misses something.
type opening struct {
	request *request.Request
	line    *request.Line
}

// Stand proposes what owners have given their word for: for each open need line that their
// offers are for, the urgent first, then the older, by the offer made first. An offer
// proposes once to a line: what was declined or not answered is not asked again. What the
// matching policy refuses is passed over. The system calls it; it returns how many
// proposals were made and what went wrong with others.
func (s *Service) Stand(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	offers, err := s.standing(ctx, a, now)
	if err != nil || len(offers) == 0 {
		return 0, err
	}
	lines, err := s.openings(ctx, offers, now)
	if err != nil {
		return 0, err
	}
	made, errs := 0, []error(nil)
	for _, l := range lines {
		for _, o := range offers {
			if !o.fits(l) {
				continue
			}
			done, err := s.propose(ctx, o, l, now)
			switch {
			case done:
				made++
			case err == nil, !slices.Contains([]fault.Kind{fault.Internal, fault.Limit, fault.Unavailable}, fault.KindOf(err)): // refused, as by hand
			case ctx.Err() != nil:
				return made, errors.Join(append(errs, ctx.Err())...)
			default:
				errs = append(errs, fmt.Errorf("%s for %s: %w", o.ID, l.line.ID, err))
			}
		}
	}
	return made, errors.Join(errs...)
}

// standing are the offers that hold now, the oldest first. One that is used up is said to
// be so.
func (s *Service) standing(ctx context.Context, a access.Actor, now time.Time) ([]*standing, error) {
	var out []*standing
	err := s.rows.Each(ctx, store.Query{Where: store.Is("state", string(Published)), Sort: "created"}, func(o *Offer) error {
		if o.Now(now) != Published {
			return nil
		}
		used, err := s.usedUp(ctx, a, o, now)
		if err != nil || used {
			return err
		}
		res, err := s.Resources.Load(ctx, o.Resource)
		if err != nil {
			return err
		}
		owner, err := s.Organisations.Load(ctx, o.Owner)
		if err != nil || res.Available(now) != nil || owner.CanTakePart() != nil {
			return err
		}
		turns, err := o.turns()
		if err != nil {
			return err
		}
		x := &standing{Offer: o, resource: res, to: slices.DeleteFunc(turns, func(t Turn) bool { return !now.Before(t.To) })}
		x.owner = access.Actor{ID: o.ID, Via: "timer", OnBehalf: owner.Name, Grants: []access.Grant{{ID: o.ID, Role: access.Partner, Scope: o.Owner, Area: cmp.Or(owner.Header.Town, owner.Header.County, owner.Header.City)}}}
		x.sight = access.See(x.owner, request.Noun)
		out = append(out, x)
		return nil
	})
	return out, err
}

// usedUp ends an offer of one occurrence all of which is promised. A look tells most that
// are not: only what seems used up is asked again in a unit.
func (s *Service) usedUp(ctx context.Context, a access.Actor, found *Offer, now time.Time) (used bool, err error) {
	if found.Rule != "" {
		return false, nil
	}
	seen, err := found.turns()
	if err != nil {
		return false, err
	}
	if _, promised, err := s.Matching.InTurn(ctx, seen[0].Key, now); err != nil || promised < found.Quantity.Value {
		return false, err
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		used = false // the unit may run again
		o, err := s.rows.Get(ctx, found.ID)
		if err != nil || o.Now(now) != Published {
			return err
		}
		turns, err := o.turns()
		if err != nil {
			return err
		}
		_, promised, err := s.Matching.InTurn(ctx, turns[0].Key, now)
		if err != nil || promised < o.Quantity.Value {
			return err
		}
		used, o.Header.State = true, string(Exhausted)
		return s.rows.Touch(ctx, o, usecase.Note(a, "offer.exhausted", o.ID, ""))
	})
	return used, err
}

// openings are the open lines of requests that wait for matches at the offers' stations and
// that some offer is for.
func (s *Service) openings(ctx context.Context, offers []*standing, now time.Time) ([]opening, error) {
	var out []opening
	seen := map[string]bool{}
	for _, o := range offers {
		at := o.Header.Station
		if seen[at] {
			continue
		}
		seen[at] = true
		q := store.Query{Where: store.Both(store.Is("station", at), store.Is("state", string(request.Matching))), Sort: "created"}
		err := s.Requests.Rows().Each(ctx, q, func(r *request.Request) error {
			for i := range r.Lines {
				l := opening{r, &r.Lines[i]}
				if l.line.Missing(now) > 0 && slices.ContainsFunc(offers, func(o *standing) bool { return o.fits(l) }) {
					out = append(out, l)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	rank := map[request.Urgency]int{request.Urgent: 0, request.High: 1, request.Normal: 2}
	slices.SortStableFunc(out, func(x, y opening) int {
		return cmp.Or(rank[x.request.Urgency]-rank[y.request.Urgency], x.request.CreatedAt.Compare(y.request.CreatedAt), cmp.Compare(x.line.ID, y.line.ID))
	})
	return out, nil
}

// fits asks what needs no reading: the policy asks the rest. An owner who may not see the
// request is not put to it by its offer either.
func (o *standing) fits(l opening) bool {
	return string(l.line.Kind) == string(o.resource.Kind) && l.line.Category == o.resource.Category && l.line.Need.Unit == o.resource.Unit() &&
		o.wants(l.request) && o.sight.Of(&l.request.Header) != access.Hidden
}

// propose puts an offer to a line, in a unit of its own in which all that was found is
// asked again: in the first occurrence that has all that is missing, else in that which has
// most.
func (s *Service) propose(ctx context.Context, x *standing, found opening, now time.Time) (made bool, err error) {
	id := s.core.DB.NewID("mat")
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		made = false // the unit may run again
		o, err := s.rows.Get(ctx, x.ID)
		if err != nil || o.Now(now) != Published {
			return err
		}
		r, line, err := s.Requests.LoadLine(ctx, found.line.ID)
		if err != nil || !x.fits(opening{r, line}) { // it may be another's by now, or less urgent
			return err
		}
		missing, ever, err := s.Matching.Waiting(ctx, r.ID, line, o.Owner, o.ID, now)
		if err != nil || ever || missing < 1 {
			return err
		}
		in := matching.ProposeInput{NeedLineID: line.ID, CharityResourceID: o.Resource}
		for _, t := range x.within(line.WindowOr(r)) {
			asked, _, err := s.Matching.InTurn(ctx, t.Key, now)
			if err != nil {
				return err
			}
			amount := min(missing, o.Quantity.Value-asked, x.resource.FreeAt(clock.Later(t.From, now), now))
			if amount < max(1, x.resource.Minimum) || amount <= in.Quantity.Value {
				continue
			}
			in.Turn, in.Quantity, in.Window = t.Key, o.Quantity.Of(amount), &t.Window
			if amount == missing {
				break
			}
		}
		if in.Turn == "" {
			return nil
		}
		made = true
		return s.Matching.Stand(ctx, x.owner, id, in, now)
	})
	return made && err == nil, err
}

// within are the occurrences that lie in what is wanted, in part at least, as far as they
// do.
func (o *standing) within(wanted *measure.Window) []Turn {
	var out []Turn
	for _, t := range o.to {
		if wanted != nil {
			if !t.Overlaps(*wanted) {
				continue
			}
			if t.From = clock.Later(t.From, wanted.From); wanted.To.Before(t.To) {
				t.To = wanted.To
			}
		}
		if out = append(out, t); len(out) == maxTurns {
			break
		}
	}
	return out
}
