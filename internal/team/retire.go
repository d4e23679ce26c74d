package team

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
)

// Rest dissolves a team that is being retired, and says in which state it was.
func (s *Service) Rest(_ context.Context, _ access.Actor, t *Team) (string, error) {
	was := t.Header.State
	if t.State() != Dissolved {
		t.dissolve()
	}
	return was, nil
}

// Wake brings a team back from retirement, though nobody is in it; one that was
// dissolved before is so still.
func (s *Service) Wake(t *Team, was string) { t.Header.State = was }
