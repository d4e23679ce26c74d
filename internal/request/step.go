package request

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// change is one person's step on one request.
type change struct {
	step     Step
	id       string
	expected int64
	key      string
	input    any
	reason   string
	// rule checks and changes the request before the step is taken; nil for none.
	rule func(ctx context.Context, r *Request, now time.Time) error
	// then does what follows from the step, in the same unit; nil for none. It returns
	// the kind of the log entry when something else than the step is to be told: another
	// step that followed; "" for the step's own.
	then func(ctx context.Context, r *Request, now time.Time) (string, error)
	// touch saves without a new version: the step changes nothing that people edit.
	touch bool
	// leaves: the step may end the actor's own sight of the request, whose view is nil then.
	leaves bool
	// made is the id of what the step makes; after a repeated call with the same key
	// it is the id of what the first one made.
	made *string
}

// do runs a step: load → may → version → state → rule → save, in one unit.
func (s *Service) do(ctx context.Context, a access.Actor, c change) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, "req", "input", "serviceRequestId"); err != nil {
		return nil, err
	}
	now, sight := s.core.Time(), s.Sight(a)
	ids, err := s.core.Run(ctx, a, "request."+string(c.step), c.key, c.input, func(ctx context.Context) ([]string, error) {
		r, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		at := sight.On(&r.Header)
		if err := r.may(at, c.step); err != nil {
			return nil, err
		}
		if !c.touch {
			if err := s.rows.Expect(r, c.expected); err != nil {
				return nil, err
			}
		}
		if !r.State().Allows(c.step) {
			return nil, r.refuse(r.allowed(at, now))
		}
		ids := []string{r.ID}
		if c.made != nil {
			ids = append(ids, *c.made)
		}
		return ids, s.apply(ctx, a, r, c, now)
	})
	if err != nil {
		return nil, err
	}
	if c.made != nil {
		*c.made = ids[len(ids)-1]
	}
	v, err := s.Get(ctx, a, ids[0])
	if c.leaves && fault.CodeOf(err) == fault.CodeNotFound {
		return nil, nil
	}
	return v, err
}

func (s *Service) apply(ctx context.Context, a access.Actor, r *Request, c change, now time.Time) error {
	draft := r.State() == Draft
	if c.rule != nil {
		if err := c.rule(ctx, r, now); err != nil {
			return err
		}
	}
	kind, err := r.take(c.step, now)
	if err != nil {
		return err
	}
	if c.then != nil {
		told, err := c.then(ctx, r, now)
		if err != nil {
			return err
		}
		if told != "" { // the reason went with the step's own entry
			kind, c.reason = told, ""
		}
	}
	if !r.State().Open() {
		r.retire()
		if err := s.host(ctx, a, r, false); err != nil {
			return err
		}
	}
	note := usecase.Note(a, kind, r.ID, c.reason)
	if draft && r.State() != Submitted { // what was never handed in leaves nothing in the log
		note = store.Note{}
	}
	if c.touch {
		return s.rows.Touch(ctx, r, note)
	}
	return s.rows.Replace(ctx, r, note)
}

// release ends what is not under way yet, of one line or ("") of all.
func (s *Service) release(ctx context.Context, a access.Actor, r *Request, lineID, reason string) error {
	for _, c := range s.children {
		if err := c.Release(ctx, a, r, lineID, reason); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) rehead(ctx context.Context, a access.Actor, r *Request) error {
	for _, c := range s.children {
		if err := c.Rehead(ctx, a, r); err != nil {
			return err
		}
	}
	return nil
}
