package account

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Over asks for the accounts that have or had a role over an object.
func Over(id string) store.Query { return store.Query{Where: store.Holds("scopes", id)} }

// Follow gives an account its standing roles over an object also over the one that this
// was merged into, but for those over that one which were taken away since the merge began.
// The old ones stay: what is past is shown by them. It reports whether there were any to
// give.
func (s *Service) Follow(ctx context.Context, row *Account, from, into string) (bool, error) {
	was, err := s.object(ctx, from)
	if err != nil {
		return false, err
	}
	now := s.core.Time()
	revoked := func(o Grant) bool {
		return was.Retired != nil && !o.EndedAt.Before(was.Retired.At) && !o.Lapsed
	}
	var fresh []Grant
	for _, g := range row.Grants {
		has := func(o Grant) bool { return o.Role == g.Role && o.Scope == into && (o.stands(now) || revoked(o)) }
		if g.Scope == from && g.stands(now) && !slices.ContainsFunc(row.Grants, has) {
			fresh = append(fresh, Grant{ID: s.core.DB.NewID(grantPrefix), Role: g.Role, Scope: into, Until: g.Until, GrantedAt: now})
		}
	}
	if len(fresh) == 0 {
		return false, nil
	}
	o, err := s.object(ctx, into)
	if err != nil {
		return false, err
	}
	for _, g := range fresh {
		g.Code, g.Area = o.Division, areaOf(g.Role, o.Division)
		row.Grants = append(row.Grants[:len(row.Grants):len(row.Grants)], g)
	}
	return true, nil
}

// Moved says in the accounts that have a role over an object where that is now, in the
// caller's unit: the object is saved already.
func (s *Service) Moved(ctx context.Context, a access.Actor, id string) error {
	o, err := s.object(ctx, id)
	if err != nil {
		return err
	}
	now := s.core.Time()
	return s.rows.Each(ctx, Over(id), func(found *Account) error {
		row, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		changed := false
		row.Grants = slices.Clone(row.Grants)
		for i := range row.Grants {
			if g := &row.Grants[i]; g.Scope == id && g.stands(now) && g.Code != o.Division {
				g.Code, g.Area, changed = o.Division, areaOf(g.Role, o.Division), true
			}
		}
		if !changed {
			return nil
		}
		return s.rows.Touch(ctx, row, usecase.Note(a, "account.followed", row.ID, ""))
	})
}
