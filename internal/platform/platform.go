package platform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/importjob"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
	"github.com/fivesociety/linkage/internal/webhook"
)

// Platform is all services over one open store.
type Platform struct {
	Core          *usecase.Core
	Nouns         catalog.Nouns // what the parts that serve all nouns alike know of them
	Accounts      *account.Service
	Divisions     *division.Service
	Communities   *community.Service
	Stations      *station.Service
	Organisations *organisation.Service
	Workers       *socialworker.Service
	Volunteers    *volunteer.Service
	Posts         *post.Service
	Teams         *team.Service
	Recipients    *recipient.Service
	Resources     *resource.Service
	Policies      *policy.Service
	Requests      *request.Service
	Allocations   *allocation.Service
	Matching      *matching.Service
	Claims        *claim.Service
	Offers        *offer.Service
	Conflicts     *conflict.Service
	Assignments   *assignment.Service
	Directory     *directory.Service
	History       *history.Service
	Webhooks      *webhook.Service
	Imports       *importjob.Service
}

// Config is what a platform is made with.
type Config struct {
	Adapter  store.Adapter
	Now      func() time.Time // default time.Now
	Code     string           // store code of a new store
	Sets     int              // units that may share one commit; 0 is the store's default, 1 is for measuring
	Accounts account.Config
	Webhooks webhook.Targets // the addresses that webhooks may call
	Fresh    time.Duration   // how long an owner's word on an offer holds; 0 is resource.StaleAfter
	// Seeded says which of the embedded divisions and communities a store is to hold from the
	// beginning; nil: all of them.
	Seeded func(division.Fact) bool
}

// Open registers every noun, starts the store, and seeds the divisions if they are
// not there yet. Close it when done.
func Open(ctx context.Context, cfg Config) (*Platform, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p, err := start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := p.prepare(ctx, cfg.Seeded); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

// start opens the store with every noun registered, and writes nothing of its own.
func start(ctx context.Context, cfg Config) (*Platform, error) {
	db := store.New(cfg.Adapter, store.Options{Now: cfg.Now, Code: cfg.Code, Sets: cfg.Sets})
	p, err := register(&usecase.Core{DB: db, Once: store.NewOnce(db), Now: cfg.Now}, cfg)
	if err != nil {
		return nil, err
	}
	if err := db.Start(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Close interrupts imports, answers what is under way and closes the store.
func (p *Platform) Close() error {
	p.Imports.Close()
	return p.Core.DB.Close()
}

// Tick does the system's own recurring work once: what time makes due. A part that fails
// keeps no other from its turn; all that went wrong comes back joined.
func (p *Platform) Tick(ctx context.Context) error {
	return work(ctx, []chore{
		{"purge drafts", p.Requests.Purge},
		{"requests' timers", p.Requests.Elapse},
		{"recurring needs", p.Requests.Recur},
		{"forget links", p.Requests.Forget},
		{"expire proposals", p.Matching.Expire},
		{"release lapsed holds", p.Allocations.Lapse},
		{"end stale claims", p.Claims.Lapse},
		{"expire offers of assignments", p.Assignments.Expire},
		{"expire resources", p.Resources.Expire},
		{"expire offers", p.Offers.Expire},
		{"propose by offers", p.Offers.Stand},
		{"forget imports", p.Imports.Forget},
		{"go on with merges", p.Directory.Follow},
		{"tidy receipts", func(ctx context.Context, _ access.Actor) (int, error) {
			return p.Core.Once.Tidy(ctx, p.Core.Now().Add(-store.ReceiptsKept))
		}},
		{"tidy accounts", func(ctx context.Context, _ access.Actor) (int, error) { return p.Accounts.Tidy(ctx) }},
	})
}

// chore is a part of the system's own work.
type chore struct {
	name string
	run  func(context.Context, access.Actor) (int, error)
}

// work does each chore in its turn, whatever became of those before it.
func work(ctx context.Context, chores []chore) error {
	var errs []error
	for _, c := range chores {
		if _, err := c.run(ctx, access.System("timer")); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}
