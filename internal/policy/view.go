package policy

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a policy as one reader sees it: whoever sees it sees all of it.
type View struct {
	ID                   string
	Version              int64
	Label                string
	Division             *division.View
	State                State
	Terms                TermsView
	ActivatedAt, EndedAt *time.Time
	AllowedActions       []Action
	CreatedAt, UpdatedAt time.Time
}

// TermsView is what a policy says.
type TermsView struct {
	ResourceWeights  []WeightView
	VolunteerWeights []WeightView
	Nearness         Nearness
	Unconfirmed      int
}

// WeightView is how much a soft part counts: as entered, and as its share of the whole.
type WeightView struct {
	Part   codes.Code
	Weight int
	Share  float64
}

// InForceView is what is in force at a division; without a policy it is the built-in one.
type InForceView struct {
	Label  string
	Policy *View
	Terms  TermsView
}

func (t Terms) view() TermsView {
	list := func(weights []Weight, parts []string) []WeightView {
		out := make([]WeightView, len(parts))
		for i, share := range Shares(weights, parts) {
			out[i] = WeightView{Part: codes.Code{List: codes.MatchRule, ID: parts[i]}, Share: share}
			if k := slices.IndexFunc(weights, func(w Weight) bool { return w.Part == parts[i] }); k >= 0 {
				out[i].Weight = weights[k].Weight
			}
		}
		return out
	}
	return TermsView{list(t.Resources, ResourceParts), list(t.Volunteers, VolunteerParts), t.Nearness, t.Unconfirmed}
}

// Get reads one policy. NOT_FOUND if there is none that the actor may see.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads policies by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Policy) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a policy as it was at a moment, without steps to take. NOT_FOUND when the
// actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, p *Policy, _ time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Policy{p}))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// views keeps the order of the rows and drops those that the actor may not see.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Policy) ([]*View, error) {
	sight := access.See(a, Noun)
	seen := make([]*Policy, 0, len(rows))
	for _, p := range rows {
		if sight.Of(&p.Header) != access.Hidden {
			seen = append(seen, p)
		}
	}
	return s.shown(ctx, a, seen)
}

// shown is what rows look like for who sees them.
func (s *Service) shown(ctx context.Context, a access.Actor, rows []*Policy) ([]*View, error) {
	sight := access.See(a, Noun)
	var out []*View
	var places []string
	for _, p := range rows {
		v := &View{
			ID: p.ID, Version: p.Version, Label: p.Label, State: p.State(), Terms: p.Terms.view(), AllowedActions: []Action{},
			ActivatedAt: usecase.Moment(p.ActivatedAt), EndedAt: usecase.Moment(p.EndedAt), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		}
		if sight.Can("policy.change", &p.Header) {
			v.AllowedActions = p.open()
		}
		out, places = append(out, v), append(places, division.ID(p.Division))
	}
	at, err := s.divisions.Views(ctx, a, places)
	for i, v := range out {
		v.Division = at[places[i]]
	}
	return out, err
}

// InForce is what is in force at a division: its own policy, or the one that it inherits.
func (s *Service) InForce(ctx context.Context, a access.Actor, divisionID string) (*InForceView, error) {
	d, err := s.divisions.Known(ctx, divisionID, "divisionId")
	if err != nil {
		return nil, err
	}
	p, err := s.nearest(ctx, d.Code)
	if err != nil {
		return nil, err
	}
	v := p.version()
	out := &InForceView{Label: v.Label, Terms: v.Terms.view()}
	if p != nil {
		out.Policy, err = s.Get(ctx, a, p.ID)
	}
	return out, err
}

// Filter narrows the list of policies; nil leaves a condition out.
type Filter struct {
	DivisionID *string // of this division itself
	WithinID   *string // of this division, or below
	State      *State
}

// List reads the policies that the actor sees, newest first.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	where, err := division.InsideID(f.WithinID, "filter", "withinId")
	if err != nil {
		return out, err
	}
	if f.DivisionID != nil {
		if _, err := division.InsideID(f.DivisionID, "filter", "divisionId"); err != nil {
			return out, err
		}
		where = store.Both(where, store.Is("division", division.CodeOf(*f.DivisionID)))
	}
	if f.State != nil {
		if !slices.Contains(States, *f.State) {
			return out, fault.New(fault.CodeInvalid, fault.At("filter", "state"), fault.P("rule", "STATE"))
		}
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	q := access.See(a, Noun).Query(s.rows.Definition(), store.Query{Where: where, Sort: "created", Desc: true})
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("policies", f), q, p)
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}
