package policy

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of matching policies.
type Service struct {
	core      *usecase.Core
	rows      *store.Collection[Policy]
	divisions *division.Service
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions}
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Policy] { return s.rows }

// Version is what judges: a policy that is or was in force, or the built-in one, which
// has no id.
type Version struct {
	ID    string
	Label string
	Terms Terms
}

// version is what a policy judges by; that of none is the built-in one.
func (p *Policy) version() Version {
	if p == nil {
		return Version{Label: StandardLabel, Terms: Standard}
	}
	return Version{p.ID, p.Label, p.Terms}
}

// For is what is in force at a place: the version of the nearest division that has one,
// else the built-in one. In a unit of work it still is at the commit.
func (s *Service) For(ctx context.Context, place string) (Version, error) {
	p, err := s.nearest(ctx, place)
	return p.version(), err
}

// nearest is the policy in force at a place, nil for the built-in one.
func (s *Service) nearest(ctx context.Context, place string) (*Policy, error) {
	codes, where := lineage(place), store.None()
	for _, code := range codes {
		where = store.Either(where, store.Is("force", code))
	}
	page, err := s.rows.Find(ctx, store.Query{Where: where, Guard: guard(inForce)})
	if err != nil {
		return nil, err
	}
	var best *Policy
	for _, p := range page.Items {
		if best == nil || len(p.Division) > len(best.Division) {
			best = p
		}
	}
	return best, nil
}

// Pinned is a version by its id; "" is the built-in one. What it says never changes.
func (s *Service) Pinned(ctx context.Context, id string) (Version, error) {
	if id == "" {
		return (*Policy)(nil).version(), nil
	}
	p, err := s.rows.Get(ctx, id)
	return p.version(), err
}

// Trial is a policy that is tried.
type Trial struct {
	s      *Service
	policy *Policy
}

// Try reads a policy to be tried at a place: NOT_FOUND unless the actor sees it. A draft that
// would be in force there is tried also by the desks of the place, whose boards it would
// judge: they know them best, and guarded requests are on no other board.
func (s *Service) Try(ctx context.Context, a access.Actor, id, place string) (Trial, error) {
	if err := usecase.ID(id, prefix, "matchingPolicyId"); err != nil {
		return Trial{}, err
	}
	p, err := s.rows.Get(ctx, id)
	if err == nil && access.See(a, Noun).Of(&p.Header) == access.Hidden && !p.triedBy(a, place) {
		err = fault.New(fault.CodeNotFound)
	}
	return Trial{s, p}, err
}

// triedBy reports whether the policy is a draft for the place, and the actor of a desk there.
func (p *Policy) triedBy(a access.Actor, place string) bool {
	return p.State() == Draft && slices.Contains(lineage(place), p.Division) && a.MayAt("policy.try", division.Short(place)) == nil
}

// View is the policy that is tried, as who may try it sees it.
func (t Trial) View(ctx context.Context, a access.Actor) (*View, error) {
	return usecase.Only(t.s.shown(ctx, a, []*Policy{t.policy}))
}

// For is what is in force at a place, and what would be with the policy: the same where
// another is nearer, or where it is not for the place.
func (t Trial) For(ctx context.Context, place string) (now, then Version, err error) {
	p, err := t.s.nearest(ctx, place)
	now, then = p.version(), p.version()
	if slices.Contains(lineage(place), t.policy.Division) && (p == nil || len(p.Division) <= len(t.policy.Division)) {
		then = t.policy.version()
	}
	return now, then, err
}
