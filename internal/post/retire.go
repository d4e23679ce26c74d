package post

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Rest ends a post that is being retired, and says in which state it was.
func (s *Service) Rest(_ context.Context, _ access.Actor, p *Post) (string, error) {
	was := p.Header.State
	p.end()
	return was, nil
}

// Wake brings a post back from retirement: it has to be published anew, unless it was
// closed before.
func (s *Service) Wake(p *Post, was string) {
	if State(was) != Closed {
		p.Header.State = string(Draft)
	}
}

// HeldBy counts the posts that somebody holds, inside a unit guarded against new ones.
func (s *Service) HeldBy(ctx context.Context, id string) (int, error) {
	return usecase.Count(ctx, s.rows, Held(id))
}

// Held asks for the posts of a holder.
func Held(id string) store.Query {
	return store.Query{Where: store.Holds("parties", access.PartyHelp.Of(id)), Sort: "created", Guard: store.GuardName("post", id)}
}
