package policy

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const maxLabel = 40

// DraftInput is a new version for a division.
type DraftInput struct {
	DivisionID     string
	Label          string
	Terms          *TermsInput
	IdempotencyKey *string `json:"-"`
}

// Draft writes a new version of a division's policy, which is not in force yet. What its
// terms leave out is as what is in force there now.
func (s *Service) Draft(ctx context.Context, a access.Actor, in DraftInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	label, notices, err := usecase.FreeText(in.Label, maxLabel, true, "input", "label")
	if err != nil {
		return nil, nil, err
	}
	id := s.core.DB.NewID(prefix)
	ids, err := s.core.Run(ctx, a, "policy.draft", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		d, err := s.divisions.Resolve(ctx, in.DivisionID, "input", "divisionId")
		if err != nil {
			return nil, err
		}
		if err := a.MayAt("policy.draft", d.Code); err != nil {
			return nil, err
		}
		p := &Policy{Head: store.Head{ID: id}, Division: d.Code, Label: label}
		p.Header.Class, p.Header.State = access.Public, string(Draft)
		p.Header.Place(p.Division)
		now, err := s.For(ctx, p.Division)
		if err != nil {
			return nil, err
		}
		if p.Terms, err = in.Terms.on(now.Terms); err != nil {
			return nil, err
		}
		if err := s.unused(ctx, p); err != nil {
			return nil, err
		}
		return []string{id}, s.rows.Insert(ctx, p, usecase.Note(a, "policy.drafted", id, ""))
	})
	v, err := s.answer(ctx, a, ids, err)
	return v, notices, err
}

// unused refuses a label that another version of the division has, or the built-in one:
// DUPLICATE. One that was discarded has none any more.
func (s *Service) unused(ctx context.Context, p *Policy) error {
	taken := p.Label == StandardLabel
	err := s.rows.Each(ctx, s.of(p.Division), func(o *Policy) error {
		taken = taken || o.ID != p.ID && o.Label == p.Label && o.State() != Discarded
		return nil
	})
	if err == nil && taken {
		err = fault.New(fault.CodeDuplicate, fault.At("input", "label"), fault.P("field", "label"))
	}
	return err
}

// of asks for all versions of a division, guarded.
func (s *Service) of(code string) store.Query {
	return store.Query{Where: store.Is("division", code), Sort: "created", Guard: guard(code)}
}

// ChangeInput changes a draft; nil leaves as it is.
type ChangeInput struct {
	MatchingPolicyID string
	Label            *string
	Terms            *TermsInput
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Change changes a draft: what is or was in force stays as it is.
func (s *Service) Change(ctx context.Context, a access.Actor, in ChangeInput) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		step: ActChange, id: in.MatchingPolicyID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, p *Policy, _ time.Time) (err error) {
			if in.Label != nil {
				if p.Label, notices, err = usecase.FreeText(*in.Label, maxLabel, true, "input", "label"); err != nil {
					return err
				}
				if err := s.unused(ctx, p); err != nil {
					return err
				}
			}
			p.Terms, err = in.Terms.on(p.Terms)
			return err
		},
	})
	return v, notices, err
}

// ActivateInput puts a draft into force.
type ActivateInput struct {
	MatchingPolicyID string
	ReplacesID       *string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Activate puts a draft into force in its division and supersedes, in the same unit, the
// version that was. The caller says which one they saw in force, nil for none: when
// another is by now, POLICY_REPLACED and nothing is changed, so that of two who replace the
// same one the second looks again.
func (s *Service) Activate(ctx context.Context, a access.Actor, in ActivateInput) (*View, error) {
	if in.ReplacesID != nil {
		if err := usecase.ID(*in.ReplacesID, prefix, "input", "replacesId"); err != nil {
			return nil, err
		}
	}
	return s.step(ctx, a, command{
		step: ActActivate, id: in.MatchingPolicyID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, p *Policy, now time.Time) error {
			old, err := s.active(ctx, p.Division)
			if err != nil {
				return err
			}
			if seen := usecase.Or(in.ReplacesID, ""); seen != old.version().ID {
				is, err := s.For(ctx, p.Division)
				if err != nil {
					return err
				}
				return fault.New(fault.CodePolicyReplaced, fault.At("input", "replacesId"), fault.P("label", is.Label))
			}
			if old != nil {
				old.end(now)
				if err := s.rows.Replace(ctx, old, usecase.Note(a, "policy.superseded", old.ID, "")); err != nil {
					return err
				}
			}
			p.Header.State, p.ActivatedAt = string(Active), now
			return nil
		},
	})
}

// active is the version in force of this very division, nil when there is none.
func (s *Service) active(ctx context.Context, code string) (*Policy, error) {
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("force", code), Guard: guard(inForce)})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	p, err := s.rows.Get(ctx, page.Items[0].ID)
	if err != nil || p.State() != Active { // superseded since the search
		return nil, err
	}
	return p, nil
}

// WithdrawInput takes a policy back.
type WithdrawInput struct {
	MatchingPolicyID string
	ExpectedVersion  int64
	IdempotencyKey   *string `json:"-"`
}

// Withdraw takes a policy back: a draft is discarded, one in force superseded by what the
// division inherits.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, in WithdrawInput) (*View, error) {
	return s.step(ctx, a, command{
		step: ActWithdraw, id: in.MatchingPolicyID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, p *Policy, now time.Time) error { p.end(now); return nil },
	})
}

// command is one person's step on one policy.
type command struct {
	step     Action
	id       string
	expected int64
	key      *string
	input    any
	rule     func(ctx context.Context, p *Policy, now time.Time) error
}

// step runs the one order of every change: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "matchingPolicyId"); err != nil {
		return nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "policy."+string(c.step), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		p, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := access.See(a, Noun).May("policy.change", &p.Header); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(p, c.expected); err != nil {
			return nil, err
		}
		if err := p.may(c.step); err != nil {
			return nil, err
		}
		if err := c.rule(ctx, p, now); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(life, func(t transition) bool { return t.step == c.step })
		return []string{p.ID}, s.rows.Replace(ctx, p, usecase.Note(a, life[i].event, p.ID, ""))
	})
	return s.answer(ctx, a, ids, err)
}

// answer reads what a use case left behind, as the caller sees it.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, err error) (*View, error) {
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, a, ids[0])
}
