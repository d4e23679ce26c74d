package post

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// View is a post as one reader sees it: who holds it is for those who see it in full.
type View struct {
	ID             string
	Version        int64
	Kind           Kind
	State          State
	Title          string
	Duties         *string
	Skills         []codes.Code
	WithMinors     bool
	Places         int
	Taken          int
	Holders        []HolderView
	Station        *station.View
	AllowedActions []Action
	Hidden         []string
	Retirement     *usecase.Retirement
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// HolderView is one who holds a post; one of the two persons is set, unless the
// reader may see neither.
type HolderView struct {
	Volunteer    *volunteer.View
	SocialWorker *socialworker.View
	HeldFrom     usecase.Date
}

// Get reads one post. NOT_FOUND if there is none that the actor may see.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads posts by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Post) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a post as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, p *Post, _ time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Post{p}))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views keeps the order of the rows and drops those that the actor may not see.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Post) ([]*View, error) {
	sight := access.See(a, Noun)
	var kept []*Post
	var stations, volunteers, workers []string
	for _, p := range rows {
		mask := sight.Of(&p.Header)
		if mask == access.Hidden {
			continue
		}
		kept, stations = append(kept, p), append(stations, p.Header.Station)
		for _, h := range p.Holders {
			switch {
			case mask < access.Full:
			case store.IDPrefix(h.ID) == "wrk":
				workers = append(workers, h.ID)
			default:
				volunteers = append(volunteers, h.ID)
			}
		}
	}
	at, err := s.stations.Views(ctx, a, stations)
	if err != nil {
		return nil, err
	}
	people := holders{}
	if people.volunteers, err = s.volunteers.Named(ctx, a, volunteers); err != nil {
		return nil, err
	}
	if people.workers, err = s.workers.Named(ctx, a, workers); err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, p := range kept {
		out[i] = p.view(sight.Of(&p.Header), people)
		out[i].Station, out[i].AllowedActions = at[p.Header.Station], allowed(sight, p)
	}
	return out, nil
}

// holders are the people of several posts.
type holders struct {
	volunteers map[string]*volunteer.View
	workers    map[string]*socialworker.View
}

func (p *Post) view(mask access.Mask, people holders) *View {
	v := &View{
		ID: p.ID, Version: p.Version, Kind: p.Kind, State: p.State(), Title: p.Title, Duties: usecase.Opt(p.Duties),
		Skills: codes.Many(codes.Skill, p.Skills), WithMinors: p.WithMinors, Places: p.Places, Taken: len(p.Holders),
		Hidden: []string{}, Retirement: usecase.RetirementOf(&p.Head), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
	if mask < access.Full {
		v.Hidden = append(v.Hidden, "holders")
		return v
	}
	v.Holders = make([]HolderView, len(p.Holders))
	for i, h := range p.Holders {
		v.Holders[i] = HolderView{Volunteer: people.volunteers[h.ID], SocialWorker: people.workers[h.ID], HeldFrom: h.From}
	}
	return v
}
