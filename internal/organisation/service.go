package organisation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Stopped is told, inside the unit of work, that an organisation was suspended or
// barred: what it promised and has not sent is to be released, for the reason that
// Released gives. An error stops the whole.
type Stopped func(ctx context.Context, a access.Actor, o *Organisation) error

// Service is the use cases of organisations.
type Service struct {
	core      *usecase.Core
	rows      *store.Collection[Organisation]
	divisions *division.Service
	stopped   []Stopped
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions}
}

// OnStop adds a package that has to release what a stopped organisation promised.
// Call it while wiring.
func (s *Service) OnStop(fn Stopped) { s.stopped = append(s.stopped, fn) }

// Load reads an organisation unmasked, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Organisation, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Named reads an organisation that an input names and that the actor may see:
// NOT_FOUND at the path otherwise, RETIRED when it is out of use.
func (s *Service) Named(ctx context.Context, a access.Actor, id string, path ...string) (*Organisation, error) {
	o, err := s.Load(ctx, id)
	if err == nil && access.See(a, Noun).Of(&o.Header) == access.Hidden {
		err = fault.New(fault.CodeNotFound)
	}
	if err == nil {
		err = o.InUse()
	}
	return o, fault.Under(err, path...)
}

// Sight is the actor's view of organisations.
func (s *Service) Sight(a access.Actor) *access.Sight { return access.See(a, Noun) }

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Organisation] { return s.rows }
