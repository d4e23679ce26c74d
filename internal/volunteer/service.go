package volunteer

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Gone is told, inside the unit of work, that a volunteer was suspended or left:
// what was open for them is to be released.
type Gone func(ctx context.Context, volunteerID, reason string, a access.Actor) error

// Service is the use cases of volunteers.
type Service struct {
	core        *usecase.Core
	rows        *store.Collection[Volunteer]
	divisions   *division.Service
	communities *community.Service
	stations    *station.Service
	gone        []Gone
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service, communities *community.Service, stations *station.Service) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions, communities: communities, stations: stations}
}

// OnGone adds a package that releases what was open for a volunteer. Call it while
// wiring.
func (s *Service) OnGone(fn Gone) { s.gone = append(s.gone, fn) }

// Load reads a volunteer unmasked, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Volunteer, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Rows is the collection, for the history.
func (s *Service) Rows() *store.Collection[Volunteer] { return s.rows }

// settle sets where they serve and which station looks after them; without one in
// operation nobody does until a coordinator takes them in.
func (s *Service) settle(ctx context.Context, v *Volunteer, communityID string) error {
	com, err := s.communities.InUse(ctx, communityID)
	if err != nil {
		return err
	}
	v.Community = com.ID[len("com_"):]
	v.Header.Place(v.Community)
	v.Header.Station = ""
	st, err := s.stations.For(ctx, v.Community, station.SocialWork)
	if err == nil {
		v.Header.Station = st.ID
	} else if fault.CodeOf(err) != fault.CodeNoStation {
		return err
	}
	return nil
}

// takeIn gives a volunteer whose community has no station to that of the
// coordinator who enters them.
func takeIn(a access.Actor, v *Volunteer) {
	for _, g := range a.Grants {
		if g.Role == access.Coordinator && g.Covers(v.Community) && v.Header.Station == "" {
			v.Header.Station = g.Scope
		}
	}
}

// may asks whether the actor may see the volunteer and take the step.
func may(sight *access.Sight, v *Volunteer, step Action) error {
	i := slices.IndexFunc(life, func(t transition) bool { return t.step == step })
	if err := sight.May(life[i].may, &v.Header); err != nil {
		return err
	}
	// After a pause one comes back by oneself; otherwise the station lets one serve.
	if step == ActActivate && v.State() != Paused {
		return sight.May("volunteer.verify", &v.Header)
	}
	return nil
}

// allowed lists the steps that actor and state allow now.
func allowed(sight *access.Sight, v *Volunteer) []Action {
	out := []Action{}
	for _, t := range v.open() {
		if may(sight, v, t.step) == nil {
			out = append(out, t.step)
		}
	}
	return out
}
