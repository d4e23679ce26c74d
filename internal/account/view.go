package account

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is an account as those who may see it at all read it.
type View struct {
	ID          string
	Version     int64
	Name        string
	DisplayName string
	State       State
	Grants      []GrantView // newest first, ended ones included
	CreatedAt   time.Time
}

// GrantView is one grant.
type GrantView struct {
	ID        string
	Role      access.Role
	Scope     *ScopeView
	Until     *time.Time
	GrantedAt time.Time
	RevokedAt *time.Time
}

// ScopeView is the object a role is over.
type ScopeView struct {
	ObjectID string
	Name     string
	Division *division.View
}

// Viewer is whoever a call speaks for.
type Viewer struct {
	Account *View
	Roles   []access.Role // each once
	Scopes  []*ScopeView  // each once
	Grants  []GrantView   // standing ones
}

// Viewer reads the actor's own account and rights; nil for nobody.
func (s *Service) Viewer(ctx context.Context, a access.Actor) (*Viewer, error) {
	if !a.SignedIn() || a.IsSystem() {
		return nil, nil //nolint:nilnil // the schema's viewer is null for nobody
	}
	row, err := s.rows.Get(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, a, []*Account{row})
	if err != nil {
		return nil, err
	}
	v, now, seen := &Viewer{Account: views[0], Roles: []access.Role{}, Scopes: []*ScopeView{}, Grants: []GrantView{}}, s.core.Time(), map[string]bool{}
	for _, g := range views[0].Grants {
		if !row.find(g.ID).stands(now) {
			continue
		}
		v.Grants = append(v.Grants, g)
		if !slices.Contains(v.Roles, g.Role) {
			v.Roles = append(v.Roles, g.Role)
		}
		if !seen[g.Scope.ObjectID] {
			seen[g.Scope.ObjectID] = true
			v.Scopes = append(v.Scopes, g.Scope)
		}
	}
	return v, nil
}

// Get reads an account; NOT_FOUND when the actor may not see it.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	row, err := s.visible(ctx, a, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, a, []*Account{row})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// visible reads an account that the actor may see: its own, or one of an area that
// the actor administers or audits.
func (s *Service) visible(ctx context.Context, a access.Actor, id string) (*Account, error) {
	row, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if !row.seenBy(a) {
		return nil, notFound("id", id)
	}
	return row, nil
}

func (a *Account) seenBy(reader access.Actor) bool {
	if reader.IsSystem() || (reader.ID == a.ID && reader.SignedIn()) {
		return true
	}
	places := a.places()
	return slices.ContainsFunc(overseen(reader), func(area string) bool { return slices.Contains(places, area) })
}

// overseen are the areas whose accounts an actor may read.
func overseen(a access.Actor) []string {
	var out []string
	for _, g := range a.Grants {
		if (g.Role == access.Admin || g.Role == access.Auditor) && g.Area != "" && !slices.Contains(out, g.Area) {
			out = append(out, g.Area)
		}
	}
	return out
}

// views keeps the order of the rows and reads each scope once.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Account) ([]*View, error) {
	scopes, err := s.scopes(ctx, a, rows)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(rows))
	for i, row := range rows {
		v := &View{
			ID: row.ID, Version: row.Version, Name: row.Person.Name, DisplayName: row.Person.Display,
			State: row.State, CreatedAt: row.CreatedAt, Grants: make([]GrantView, 0, len(row.Grants)),
		}
		for _, g := range slices.Backward(row.Grants) {
			v.Grants = append(v.Grants, GrantView{
				ID: g.ID, Role: g.Role, Scope: scopes[g.Scope], GrantedAt: g.GrantedAt,
				Until: usecase.Opt(g.Until), RevokedAt: usecase.Opt(g.EndedAt),
			})
		}
		out[i] = v
	}
	return out, nil
}

// scopes reads the objects of all grants. One that is gone shows as its id.
func (s *Service) scopes(ctx context.Context, a access.Actor, rows []*Account) (map[string]*ScopeView, error) {
	out, places := map[string]*ScopeView{}, map[string]string{}
	var ids []string
	for _, row := range rows {
		for _, g := range row.Grants {
			if out[g.Scope] != nil {
				continue
			}
			o, err := s.object(ctx, g.Scope)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			if err != nil {
				o.Name = g.Scope
			}
			out[g.Scope], places[g.Scope] = &ScopeView{ObjectID: g.Scope, Name: o.Name}, division.ID(g.Code)
			ids = append(ids, division.ID(g.Code))
		}
	}
	divisions, err := s.divisions.Views(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	for id, v := range out {
		v.Division = divisions[places[id]]
	}
	return out, nil
}

// Names tells how accounts are shown in histories: display name and first role.
func (s *Service) Names(ctx context.Context, ids []string) (map[string]history.Name, error) {
	rows, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]history.Name, len(rows))
	for id, row := range rows {
		n := history.Name{Display: row.Person.Display, Role: string(access.Resident)}
		if len(row.Grants) > 0 {
			n.Role = string(row.Grants[0].Role)
		}
		out[id] = n
	}
	return out, nil
}

func notFound(name, id string) error {
	return fault.New(fault.CodeNotFound, fault.P(name, id))
}
