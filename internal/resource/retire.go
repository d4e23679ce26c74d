package resource

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
)

// Rest withdraws a resource that is being retired, and says in which state it was.
func (s *Service) Rest(_ context.Context, _ access.Actor, r *Resource) (string, error) {
	was := r.Header.State
	if r.stop(true) != "" {
		r.purge(s.core.Time())
	}
	return was, nil
}

// Wake brings a resource back from retirement: what was on offer has to be published
// anew.
func (s *Service) Wake(r *Resource, was string) {
	r.Header.State = was
	if st := State(was); st == Published || st == Exhausted {
		r.Header.State = string(Paused)
	}
}
