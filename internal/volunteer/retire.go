package volunteer

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
)

// Rest ends the work of a volunteer who is being retired, posts and teams with it, and
// says in which state they were.
func (s *Service) Rest(ctx context.Context, a access.Actor, v *Volunteer) (string, error) {
	was := v.Header.State
	v.Header.State = string(Exited)
	return was, s.leave(ctx, a, v, "OVERLOAD")
}

// Wake brings a volunteer back from retirement, though not to work: whoever had left or
// was stopped is so still, all others wait for the station to activate them.
func (s *Service) Wake(v *Volunteer, was string) {
	switch {
	case State(was) == Exited, State(was) == Suspended:
		v.Header.State = was
	case v.Verified:
		v.Header.State = string(Verified)
	default:
		v.Header.State = string(Registered)
	}
}
