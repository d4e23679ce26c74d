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
	return s.each(ctx, store.Query{Where: store.Is("station", st.ID), Guard: guard(st.ID)}, func(p *Post) error {
		if p.State() == Closed {
			return nil
		}
		p.end()
		return s.rows.Replace(ctx, p, usecase.Note(a, "post.closed", p.ID, ""))
	})
}

// leaveAll takes back the posts of a volunteer who was suspended or left.
func (s *Service) leaveAll(ctx context.Context, volunteerID, reason string, a access.Actor) error {
	held := store.Query{Where: store.Holds("parties", access.PartyHelp.Of(volunteerID))}
	return s.each(ctx, held, func(p *Post) error {
		if !p.release(volunteerID) {
			return nil
		}
		return s.rows.Replace(ctx, p, usecase.Note(a, "post.released", p.ID, reason))
	})
}

// each gathers before it changes: a walk and writes of the same rows do not mix.
func (s *Service) each(ctx context.Context, q store.Query, change func(*Post) error) error {
	var rows []*Post
	q.Sort = "created"
	if err := s.rows.Each(ctx, q, func(p *Post) error { rows = append(rows, p); return nil }); err != nil {
		return err
	}
	for _, p := range rows {
		fresh, err := s.rows.Get(ctx, p.ID)
		if err != nil {
			return err
		}
		if err := change(fresh); err != nil {
			return err
		}
	}
	return nil
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
