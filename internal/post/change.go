package post

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of a post; nil leaves as it is, "" or an empty list empties.
type Change struct {
	PostID          string
	Title           *string
	Duties          *string
	Skills          []string
	WithMinors      *bool
	Places          *int
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what a post is and asks for. Those who hold it keep it; fewer places
// than holders are OUT_OF_RANGE.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		step: ActChange, id: in.PostID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, p *Post) (err error) {
			notices, err = p.fill(words{in.Title, in.Duties, in.Skills, in.WithMinors, in.Places})
			return err
		},
	})
	return v, notices, err
}

// Simple is a step that needs nothing but the post: publish, close.
type Simple struct {
	PostID          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Publish shows a post to everybody: it takes people from now on.
func (s *Service) Publish(ctx context.Context, a access.Actor, in Simple) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, command{
		step: ActPublish, id: in.PostID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, p *Post) error { p.Header.State = string(Open); return nil },
	})
	return v, nil, err
}

// Close ends a post for good; nobody holds it any more.
func (s *Service) Close(ctx context.Context, a access.Actor, in Simple) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, command{
		step: ActClose, id: in.PostID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, p *Post) error { p.end(); return nil },
	})
	return v, nil, err
}

// Release is a holder who gives up a place.
type Release struct {
	PostID          string
	HolderID        string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Release takes a place back, for a reason of RELEASE_REASON: whoever runs the
// station, or the holder for themselves. NOT_FOUND at holderId for one who holds none.
func (s *Service) Release(ctx context.Context, a access.Actor, in Release) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReleaseReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		step: ActRelease, id: in.PostID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason,
		rule: func(_ context.Context, p *Post) error {
			own := slices.ContainsFunc(a.Grants, func(g access.Grant) bool { return g.Scope == in.HolderID })
			if !own {
				if err := access.See(a, Noun).May("post.change", &p.Header); err != nil {
					return err
				}
			}
			if !p.release(in.HolderID) {
				return fault.New(fault.CodeNotFound, fault.At("input", "holderId"))
			}
			return nil
		},
	})
	return v, nil, err
}

// command is one person's step on one post.
type command struct {
	step     Action
	id       string
	expected int64
	key      *string
	input    any
	reason   string
	rule     func(ctx context.Context, p *Post) error
}

// step runs the one order of every change: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "postId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, "post."+string(c.step), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		p, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		sight := access.See(a, Noun)
		if err := may(sight, p, c.step); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(p, c.expected); err != nil {
			return nil, err
		}
		if err := p.may(c.step, allowed(sight, p)); err != nil {
			return nil, err
		}
		if err := c.rule(ctx, p); err != nil {
			return nil, err
		}
		return []string{p.ID}, s.rows.Replace(ctx, p, usecase.Note(a, event(c.step), p.ID, c.reason))
	})
	v, _, err := s.answer(ctx, a, ids, nil, err)
	return v, err
}

// event is what the log calls a step.
func event(step Action) string {
	i := slices.IndexFunc(life, func(t transition) bool { return t.step == step })
	return life[i].event
}
