package webhook

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Interests are nouns as the feed follows them, or why they can't be.
type Interests func(kinds, divisions []string) ([]feed.Interest, error)

// Cursors are the feed's: where the log ends now for a reader, and whether one is the store's own.
type Cursors interface {
	Cursor(ctx context.Context, a access.Actor) (string, error)
	Check(ctx context.Context, cursor string) error
}

// Service is the use cases of webhooks.
type Service struct {
	core      *usecase.Core
	accounts  *account.Service
	nouns     catalog.Nouns
	interests Interests
	cursors   Cursors
	targets   *Targets
	rows      *store.Collection[Webhook]
	runs      *store.Collection[run]
	letters   *store.Collection[Delivery]
}

// New registers the nouns; call it before the store starts. targets decide what an
// address may be.
func New(core *usecase.Core, accounts *account.Service, nouns catalog.Nouns, interests Interests, targets *Targets) *Service {
	return &Service{
		core: core, accounts: accounts, nouns: nouns, interests: interests, targets: targets.prepare(),
		rows: store.Register(core.DB, spec()), runs: store.Register(core.DB, runSpec()), letters: store.Register(core.DB, deliverySpec()),
	}
}

// Follow gives the service the feed; call it before any other method.
func (s *Service) Follow(c Cursors) { s.cursors = c }

// actor is the account that answers for a webhook, with those of its grants that are
// over the owner: what else the account may do is not the owner's. Without such a
// grant it is nobody.
func (s *Service) actor(ctx context.Context, w *Webhook) (access.Actor, error) {
	row, err := s.accounts.Load(ctx, w.Account)
	if fault.KindOf(err) == fault.NotFound {
		return access.Nobody(), nil
	}
	if err != nil {
		return access.Nobody(), err
	}
	a := access.Actor{ID: row.ID, Via: "webhook", Acts: row.Acts(s.core.Time())}
	for _, g := range row.Rights(s.core.Time()) {
		if g.Scope == w.Owner {
			a.Grants = append(a.Grants, g)
		}
	}
	if !manages(a, w.Owner) {
		return access.Nobody(), nil
	}
	return a, nil
}

// load reads a webhook that the actor manages; NOT_FOUND for others.
func (s *Service) load(ctx context.Context, a access.Actor, id string) (*Webhook, error) {
	w, err := s.rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !manages(a, w.Owner) {
		return nil, fault.New(fault.CodeNotFound)
	}
	return w, nil
}
