package request

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// unmergeLife is how long a merging may be taken back (domain.md §3b, 8).
const unmergeLife = 7 * day

// maxMerged bounds how many requests one takes in.
const maxMerged = 50

// Merge is how a request was joined into another, and where it stood.
type Merge struct {
	Into string    `bson:"into"`
	From State     `bson:"from"`
	Due  time.Time `bson:"due"` // of the timer that ran there
	At   time.Time `bson:"at"`
	Kept []string  `bson:"kept"` // parties that still have a part there: they see it again when it goes on
}

// MergeInput joins a duplicate into the request that goes on.
type MergeInput struct {
	ServiceRequestID string
	SurvivorID       string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Merge joins a duplicate into another open request of the same recipient at the same
// station; a community's own need into one of the same community. What was held,
// promised or assigned for the duplicate is released in the same unit; its history stays
// and is reached from the survivor, which is never less protected than it was, and from which
// nobody is let in who was barred from either.
func (s *Service) Merge(ctx context.Context, a access.Actor, in MergeInput) (*View, []usecase.Notice, error) {
	if err := usecase.ID(in.SurvivorID, "req", "input", "survivorId"); err != nil {
		return nil, nil, err
	}
	var into *Request
	v, err := s.do(ctx, a, change{
		step: StepMerge, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) (err error) {
			if into, err = s.survivor(ctx, a, r, in.SurvivorID); err != nil {
				return fault.Under(err, "input", "survivorId")
			}
			r.Merge = &Merge{Into: into.ID, From: r.State(), Due: r.DueAt, At: now}
			return s.idle(ctx, r)
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			r.EndedAt = now
			r.stopSeries(now)
			if err := s.follow(ctx, a, r, r.Lead, false); err != nil {
				return "", err
			}
			if err := s.release(ctx, a, r, "", "REQUEST_ENDED"); err != nil {
				return "", err
			}
			r.Merge.Kept = r.serving()
			return "", s.absorb(ctx, a, into, r)
		},
	})
	return v, nil, err
}

// survivor is the request that a duplicate is to be joined into.
func (s *Service) survivor(ctx context.Context, a access.Actor, r *Request, id string) (*Request, error) {
	if id == r.ID {
		return nil, fault.New(fault.CodeInvalid, fault.P("rule", "ANOTHER_REQUEST"))
	}
	into, err := s.rows.Get(ctx, id)
	if err == nil {
		err = into.may(s.Sight(a).On(&into.Header), StepMerge)
	}
	switch {
	case err != nil:
	case into.State() == Draft || !into.State().Open():
		err = fault.New(fault.CodeInvalid, fault.P("rule", "OPEN_REQUEST"))
	case into.Header.Subject != r.Header.Subject:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "SAME_RECIPIENT"))
	case into.Header.Station != r.Header.Station:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "SAME_STATION"))
	case r.Header.Subject == "" && into.Place != r.Place:
		err = fault.New(fault.CodeInvalid, fault.P("rule", "SAME_PLACE"))
	case len(into.Merged) >= maxMerged:
		err = fault.New(fault.CodeTooMany, fault.P("max", maxMerged))
	}
	return into, err
}

// absorb notes a duplicate on its survivor.
func (s *Service) absorb(ctx context.Context, a access.Actor, into, r *Request) error {
	into.Merged = append(slices.Clone(into.Merged), r.ID)
	kind := ""
	if ids := barredTogether(into, r); !slices.Equal(ids, into.Header.Barred) {
		var err error
		if kind, _, err = s.screen(ctx, a, into, ids); err != nil {
			return err
		}
	}
	if class := access.Stricter(into.Header.Class, r.Header.Class); class != into.Header.Class {
		into.Header.Class = class
		if err := s.stayHome(ctx, into); err != nil {
			return err
		}
		if err := s.rehead(ctx, a, into); err != nil {
			return err
		}
	}
	return s.Keep(ctx, a, into, kind, "request.absorbed", "")
}

// UnmergeInput takes a merging back.
type UnmergeInput struct {
	ServiceRequestID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Unmerge takes a merging back within 7 days (MERGE_OVER): the request stands where it
// stood, with the time that was left there; what was released has to be found again. It
// goes to the station that is responsible today. Not for a person who was erased since
// (NOT_FOUND).
func (s *Service) Unmerge(ctx context.Context, a access.Actor, in UnmergeInput) (*View, []usecase.Notice, error) {
	v, err := s.do(ctx, a, change{
		step: StepUnmerge, id: in.ServiceRequestID, expected: in.ExpectedVersion, key: usecase.Or(in.IdempotencyKey, ""), input: in,
		rule: func(ctx context.Context, r *Request, now time.Time) error {
			if err := r.unmergeable(now); err != nil {
				return err
			}
			if err := s.notErased(ctx, r); err != nil {
				return err
			}
			return s.deliverTo(ctx, a, r, now)
		},
		then: func(ctx context.Context, r *Request, now time.Time) (string, error) {
			m := r.Merge
			r.unmerge(now)
			if err := s.lead(ctx, a, r); err != nil {
				return "", err
			}
			if err := s.host(ctx, a, r, r.accepted()); err != nil {
				return "", err
			}
			if err := s.rehead(ctx, a, r); err != nil {
				return "", err
			}
			into, err := s.rows.Get(ctx, m.Into)
			if err != nil {
				return "", err
			}
			into.Merged = slices.DeleteFunc(slices.Clone(into.Merged), func(id string) bool { return id == r.ID })
			if err := s.rows.Touch(ctx, into, usecase.Note(a, "request.separated", into.ID, "")); err != nil {
				return "", err
			}
			for _, fn := range s.parted {
				if err := fn(ctx, a, into); err != nil {
					return "", err
				}
			}
			return "", nil
		},
	})
	return v, nil, err
}

// Parted is told, inside the unit, of a request from which one that was merged into it has been
// taken out again.
type Parted func(ctx context.Context, a access.Actor, into *Request) error

// OnPart adds one who is told so. Call it while wiring.
func (s *Service) OnPart(fn Parted) { s.parted = append(s.parted, fn) }

func (r *Request) unmergeable(now time.Time) error {
	if until := r.Merge.At.Add(unmergeLife); !now.Before(until) {
		return fault.New(fault.CodeMergeOver, fault.At("input", "serviceRequestId"), fault.P("until", usecase.DateOf(until)))
	}
	return nil
}

// unmerge goes back to where the request stood.
func (r *Request) unmerge(now time.Time) {
	m := r.Merge
	r.Header.State, r.EndedAt, r.DueAt = string(m.From), time.Time{}, m.Due
	switch m.From {
	case Arranged, InService: // what carried it was released
		r.Header.State, r.Partial = string(Matching), false
		r.waitAgain(now)
	case OnHold: // until its day
	default:
		if !m.Due.IsZero() {
			r.run(r.left(m.At, m.Due), now)
		}
	}
	for _, entry := range m.Kept {
		_, id, _ := strings.Cut(entry, ":")
		r.Header.Unrelate(access.PartyServed, id)
		r.Header.Parties = append(r.Header.Parties, entry)
	}
	r.Merge = nil
}

// notErased refuses to go on for a person who is known no more.
func (s *Service) notErased(ctx context.Context, r *Request) error {
	if r.Header.Subject == "" {
		return nil
	}
	rcp, err := s.nouns.Recipients.Load(ctx, r.Header.Subject)
	if err == nil && rcp.Erased() {
		err = fault.New(fault.CodeNotFound, fault.At("input", "serviceRequestId"))
	}
	return err
}

// idle refuses while something is under way that no release ends.
func (s *Service) idle(ctx context.Context, r *Request) error {
	for _, c := range s.children {
		if err := c.Idle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// MergedInto is the request that each of these was merged into, as the actor may see it;
// none for those of the feed, which serve many.
func (s *Service) MergedInto(ctx context.Context, a access.Actor, vs []*View) ([]*View, error) {
	return s.ofEach(ctx, a, vs, func(v *View) string { return v.MergeInto })
}

// OccurrenceOf is the first occurrence of the series of each of these, as MergedInto.
func (s *Service) OccurrenceOf(ctx context.Context, a access.Actor, vs []*View) ([]*View, error) {
	return s.ofEach(ctx, a, vs, func(v *View) string { return v.FirstOf })
}

func (s *Service) ofEach(ctx context.Context, a access.Actor, vs []*View, of func(*View) string) ([]*View, error) {
	var ids []string
	for _, v := range vs {
		if id := of(v); id != "" && v.AllowedActions != nil {
			ids = append(ids, id)
		}
	}
	out := make([]*View, len(vs))
	if len(ids) == 0 {
		return out, nil
	}
	found, err := s.Views(ctx, a, ids)
	for i, v := range vs {
		if v.AllowedActions != nil {
			out[i] = found[of(v)]
		}
	}
	return out, err
}

// MergedHere are the requests that were merged into one, as the actor may see them.
func (s *Service) MergedHere(ctx context.Context, a access.Actor, id string) ([]*View, error) {
	r, err := s.rows.Get(ctx, id)
	if err != nil || len(r.Merged) == 0 {
		return nil, err
	}
	found, err := s.Views(ctx, a, r.Merged)
	var out []*View
	for _, id := range r.Merged {
		if m := found[id]; m != nil {
			out = append(out, m)
		}
	}
	return out, err
}
