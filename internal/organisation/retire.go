package organisation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
)

// Rest suspends an admitted organisation that is being retired, and what it offers with
// it; it says in which standing it was. Restored it stays suspended until it is admitted
// again.
func (s *Service) Rest(ctx context.Context, a access.Actor, o *Organisation) (string, error) {
	was := o.Admission()
	if was != Admitted { // one that only applied is not shown to all by being suspended
		return string(was), nil
	}
	o.Header.State = string(Suspended)
	return string(was), s.stop(ctx, a, o)
}

// stop releases what a stopped organisation promised.
func (s *Service) stop(ctx context.Context, a access.Actor, o *Organisation) error {
	for _, stopped := range s.stopped {
		if err := stopped(ctx, a, o); err != nil {
			return err
		}
	}
	return nil
}
