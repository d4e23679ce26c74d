package team

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName  = 100
	maxAbout = 1000
)

// Create is a new team.
type Create struct {
	StationID      string
	Name           string
	About          *string
	IdempotencyKey *string `json:"-"`
}

// Create founds a team without members: an administrator of the station's place, or
// the station's own coordinator.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	t := &Team{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Members: []Member{}}
	t.Header.Class, t.Header.State = access.Public, string(Active)
	t.Header.Relate(access.PartyCreator, a.ID)
	notices, err := t.fill(&in.Name, in.About)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "team.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *t // the unit may run again
		st, err := s.stations.Named(ctx, in.StationID, "input", "stationId")
		if err != nil {
			return nil, err
		}
		if err := st.MayRun(a, "team.create"); err != nil {
			return nil, err
		}
		fresh.Header.Station = st.ID
		fresh.Header.Place(division.Short(st.Code()))
		return []string{t.ID}, s.rows.Insert(ctx, &fresh, usecase.Note(a, "team.created", t.ID, ""))
	})
	return s.answer(ctx, a, ids, notices, err)
}

func (t *Team) fill(name, about *string) (notices []usecase.Notice, err error) {
	if name != nil {
		if t.Name, err = usecase.Text(*name, maxName, true, "input", "name"); err != nil {
			return nil, err
		}
	}
	if about != nil {
		t.About, notices, err = usecase.FreeText(*about, maxAbout, false, "input", "about")
	}
	return notices, err
}

// Change is a change of a team; nil leaves as it is, "" empties.
type Change struct {
	TeamID          string
	Name            *string
	About           *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change changes what a team is called and what it says of itself.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, command{
		step: ActChange, id: in.TeamID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, t *Team) (err error) {
			notices, err = t.fill(in.Name, in.About)
			return err
		},
	})
	return v, notices, err
}

// Join is a volunteer who joins a team.
type Join struct {
	TeamID          string
	VolunteerID     string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Join takes a volunteer in: whoever runs the station or leads the team, a volunteer
// whom they may see; a volunteer, themselves. RESOURCE_UNAVAILABLE for one who takes
// nothing on now.
func (s *Service) Join(ctx context.Context, a access.Actor, in Join) (*View, []usecase.Notice, error) {
	today := usecase.DateOf(s.core.Time())
	v, err := s.step(ctx, a, command{
		step: ActJoin, id: in.TeamID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, own: own(a, in.VolunteerID),
		rule: func(ctx context.Context, t *Team) error {
			v, err := s.visible(ctx, a, in.VolunteerID)
			if err == nil {
				err = v.CanServe()
			}
			if err == nil {
				err = t.join(v.ID, today)
			}
			return fault.Under(err, "input", "volunteerId")
		},
	})
	return v, nil, err
}

// Lead says who leads a team; nil is nobody.
type Lead struct {
	TeamID          string
	VolunteerID     *string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Lead makes a member the leader, or leaves the team without one.
func (s *Service) Lead(ctx context.Context, a access.Actor, in Lead) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, command{
		step: ActLead, id: in.TeamID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, t *Team) error {
			id := usecase.Or(in.VolunteerID, "")
			if id != "" && !t.has(id) {
				return fault.New(fault.CodeNotFound, fault.At("input", "volunteerId"))
			}
			t.lead(id)
			return nil
		},
	})
	return v, nil, err
}

// Leave is a member who leaves a team.
type Leave struct {
	TeamID          string
	VolunteerID     string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Leave takes a member out, for a reason of RELEASE_REASON: whoever runs the station
// or leads the team; a member, themselves. NOT_FOUND for one who is no member.
func (s *Service) Leave(ctx context.Context, a access.Actor, in Leave) (*View, []usecase.Notice, error) {
	if err := usecase.InList(codes.ReleaseReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	v, err := s.step(ctx, a, command{
		step: ActLeave, id: in.TeamID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, reason: in.Reason, own: own(a, in.VolunteerID),
		rule: func(_ context.Context, t *Team) error {
			return fault.Under(t.leave(in.VolunteerID), "input", "volunteerId")
		},
	})
	return v, nil, err
}

// Dissolve is a team to end.
type Dissolve struct {
	TeamID          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Dissolve ends a team for good; nobody is in it any more.
func (s *Service) Dissolve(ctx context.Context, a access.Actor, in Dissolve) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, command{
		step: ActDissolve, id: in.TeamID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(_ context.Context, t *Team) error { t.dissolve(); return nil },
	})
	return v, nil, err
}

// command is one person's step on one team.
type command struct {
	step     Action
	id       string
	expected int64
	key      *string
	input    any
	reason   string
	own      bool // it is about the actor, who needs no right over the team for it
	rule     func(ctx context.Context, t *Team) error
}

// step runs the one order of every change: load, may, version, state, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, c command) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(c.id, prefix, "input", "teamId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, "team."+string(c.step), usecase.Or(c.key, ""), c.input, func(ctx context.Context) ([]string, error) {
		t, err := s.rows.Get(ctx, c.id)
		if err != nil {
			return nil, err
		}
		if err := may(access.See(a, Noun), t, c.step); err != nil && (!c.own || fault.CodeOf(err) == fault.CodeNotFound) {
			return nil, err
		}
		if err := s.rows.Expect(t, c.expected); err != nil {
			return nil, err
		}
		if !slices.Contains(t.open(), c.step) {
			return nil, fault.New(fault.CodeTransition, fault.P("from", t.Header.State), fault.P("allowed", []string{}))
		}
		if err := c.rule(ctx, t); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(life, func(row transition) bool { return row.step == c.step })
		return []string{t.ID}, s.rows.Replace(ctx, t, usecase.Note(a, life[i].event, t.ID, c.reason))
	})
	v, _, err := s.answer(ctx, a, ids, nil, err)
	return v, err
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	views, err := s.Views(ctx, a, ids)
	return views[ids[0]], notices, err // nil for who sees it no more
}
