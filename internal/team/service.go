package team

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Service is the use cases of teams.
type Service struct {
	core       *usecase.Core
	rows       *store.Collection[Team]
	stations   *station.Service
	volunteers *volunteer.Service
}

// New registers the noun; call it before the store starts. Whoever leaves the
// volunteers leaves their teams, and a station that closes dissolves its own, in the
// same unit of work.
func New(core *usecase.Core, stations *station.Service, volunteers *volunteer.Service) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), stations: stations, volunteers: volunteers}
	stations.OnClose(s.dissolveAll)
	volunteers.OnGone(s.leaveAll)
	return s
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Team] { return s.rows }

func (s *Service) dissolveAll(ctx context.Context, a access.Actor, st *station.Station) error {
	of := store.Query{Where: store.Is("station", st.ID), Sort: "created", Guard: guard(st.ID)}
	return s.rows.Each(ctx, of, func(found *Team) error {
		t, err := s.rows.Get(ctx, found.ID)
		if err != nil || t.State() == Dissolved {
			return err
		}
		t.dissolve()
		return s.rows.Replace(ctx, t, usecase.Note(a, "team.dissolved", t.ID, ""))
	})
}

// leaveAll takes a volunteer who was suspended or left out of all teams.
func (s *Service) leaveAll(ctx context.Context, volunteerID, reason string, a access.Actor) error {
	return s.rows.Each(ctx, With(volunteerID), func(found *Team) error {
		t, err := s.rows.Get(ctx, found.ID)
		if err != nil || t.leave(volunteerID) != nil { // left since the search
			return err
		}
		return s.rows.Replace(ctx, t, usecase.Note(a, "team.left", t.ID, reason))
	})
}

// may asks whether the actor sees the team and has the right to a step.
func may(sight *access.Sight, t *Team, step Action) error {
	i := slices.IndexFunc(life, func(row transition) bool { return row.step == step })
	return sight.May(life[i].may, &t.Header)
}

// allowed lists the steps that actor and state allow now: volunteers join and leave
// by themselves.
func allowed(a access.Actor, t *Team) []Action {
	sight := access.See(a, Noun)
	self := map[Action]bool{}
	for _, g := range a.Grants {
		if g.Role == access.Volunteer {
			self[ActLeave], self[ActJoin] = t.has(g.Scope), !t.has(g.Scope)
		}
	}
	return slices.DeleteFunc(t.open(), func(step Action) bool { return may(sight, t, step) != nil && !self[step] })
}

// own is the volunteer that the actor is, if it is this one.
func own(a access.Actor, volunteerID string) bool { return a.Is(access.Volunteer, volunteerID) }

// visible reads a volunteer whom the actor may see: NOT_FOUND else.
func (s *Service) visible(ctx context.Context, a access.Actor, id string) (*volunteer.Volunteer, error) {
	v, err := s.volunteers.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if access.See(a, volunteer.Noun).Of(&v.Header) == access.Hidden {
		return nil, fault.New(fault.CodeNotFound)
	}
	return v, nil
}
