package post

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Service is the use cases of posts.
type Service struct {
	core       *usecase.Core
	rows       *store.Collection[Post]
	stations   *station.Service
	workers    *socialworker.Service
	volunteers *volunteer.Service
}

// New registers the noun; call it before the store starts. Whoever leaves gives up
// their posts, and a station that closes ends its own, in the same unit of work.
func New(core *usecase.Core, stations *station.Service, workers *socialworker.Service, volunteers *volunteer.Service) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), stations: stations, workers: workers, volunteers: volunteers}
	stations.OnClose(s.closeAll)
	volunteers.OnGone(s.leaveAll)
	return s
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Post] { return s.rows }

// closeAll ends the posts of a station that closes.
func (s *Service) closeAll(ctx context.Context, a access.Actor, st *station.Station) error {
	of := store.Query{Where: store.Is("station", st.ID), Sort: "created", Guard: guard(st.ID)}
	return s.rows.Each(ctx, of, func(found *Post) error {
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil || p.State() == Closed {
			return err
		}
		p.end()
		return s.rows.Replace(ctx, p, usecase.Note(a, "post.closed", p.ID, ""))
	})
}

// leaveAll takes back the posts of a volunteer who was suspended or left.
func (s *Service) leaveAll(ctx context.Context, volunteerID, reason string, a access.Actor) error {
	return s.rows.Each(ctx, Held(volunteerID), func(found *Post) error {
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil || !p.release(volunteerID) { // released since the search
			return err
		}
		return s.rows.Replace(ctx, p, usecase.Note(a, "post.released", p.ID, reason))
	})
}

// may asks whether the actor sees the post and has the right to a step.
func may(sight *access.Sight, p *Post, step Action) error {
	for _, t := range life {
		if t.step == step {
			return sight.May(t.may, &p.Header)
		}
	}
	return fault.New(fault.CodeForbidden)
}

// allowed lists the steps that actor and state allow now.
func allowed(sight *access.Sight, p *Post) []Action {
	return slices.DeleteFunc(p.open(), func(step Action) bool { return may(sight, p, step) != nil })
}
