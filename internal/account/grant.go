package account

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

// RoleGrant gives an account a role over an object.
type RoleGrant struct {
	AccountID      string
	Role           access.Role
	ScopeID        string
	Until          *time.Time
	IdempotencyKey *string `json:"-"`
}

// RoleRevoke takes a grant back.
type RoleRevoke struct {
	GrantID        string
	Reason         string
	IdempotencyKey *string `json:"-"`
}

// scopePrefix says over what kind of object each role is held.
var scopePrefix = map[access.Role]string{
	access.Admin: "div", access.Supervisor: "div", access.Auditor: "div",
	access.Coordinator: "sta", access.ProtectionOfficer: "sta",
	access.Partner: "org", access.SocialWorker: "wrk", access.Volunteer: "vol",
	access.Resident: "rcp", access.Guardian: "rcp",
}

// areaOf is the division code below which a role over an object at a code acts:
// the division itself; what a station serves; a protection officer's county; the
// city of persons and organisations, who meet needs all over it.
func areaOf(role access.Role, code string) string {
	province, city, county, _, _ := division.Levels(code)
	switch scopePrefix[role] {
	case "div":
		return code
	case "sta":
		if role == access.ProtectionOfficer && county != "" {
			return county
		}
		return code
	}
	if city != "" {
		return city
	}
	return province
}

// RoleGrant gives the role from now on. Errors: INVALID for a role that no grant
// gives, ID_INVALID and NOT_FOUND for the object, FORBIDDEN outside of the actor's
// area and for oneself, RETIRED for an object out of use, DUPLICATE when the account has the role there already.
func (s *Service) RoleGrant(ctx context.Context, a access.Actor, in RoleGrant) (*GrantView, *View, error) {
	if err := a.MayAt("role.grant", ""); err != nil {
		return nil, nil, err
	}
	g, err := s.newGrant(in)
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "role.grant", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.AccountID, g.ID}, s.give(ctx, a, in.AccountID, g)
	})
	if err != nil {
		return nil, nil, err
	}
	return s.granted(ctx, a, ids)
}

func (s *Service) newGrant(in RoleGrant) (Grant, error) {
	g := Grant{ID: s.core.DB.NewID(grantPrefix), Role: in.Role, Scope: in.ScopeID, GrantedAt: s.core.Time()}
	kind, ok := scopePrefix[in.Role]
	if !ok {
		return g, fault.New(fault.CodeInvalid, fault.At("input", "role"), fault.P("rule", "ROLE_TO_GIVE"))
	}
	if err := usecase.ID(in.AccountID, prefix, "input", "accountId"); err != nil {
		return g, err
	}
	if err := usecase.ID(in.ScopeID, kind, "input", "scopeId"); err != nil {
		return g, err
	}
	if in.Until != nil {
		g.Until = in.Until.UTC().Truncate(time.Millisecond)
		if !g.GrantedAt.Before(g.Until) {
			return g, fault.New(fault.CodeWindowInvalid, fault.At("input", "until"))
		}
	}
	return g, nil
}

func (s *Service) give(ctx context.Context, a access.Actor, accountID string, g Grant) error {
	o, err := s.object(ctx, g.Scope)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.CodeNotFound, fault.At("input", "scopeId"), fault.P("id", g.Scope))
	}
	if err != nil {
		return err
	}
	if err := a.MayAt("role.grant", o.Division); err != nil {
		return err
	}
	if accountID == a.ID {
		return fault.New(fault.CodeForbidden)
	}
	if o.Retired != nil {
		return fault.New(fault.CodeRetired, fault.At("input", "scopeId"))
	}
	row, err := s.rows.Get(ctx, accountID)
	if err != nil {
		return fault.Under(err, "input", "accountId")
	}
	g.Code, g.Area = o.Division, areaOf(g.Role, o.Division)
	if err := row.grant(g, g.GrantedAt); err != nil {
		return err
	}
	if err := s.rows.Replace(ctx, row, usecase.Note(a, "account.granted", row.ID, "")); err != nil {
		return err
	}
	for _, fn := range s.became {
		if err := fn(ctx, a, row.ID, g.Role, g.Scope); err != nil {
			return err
		}
	}
	return nil
}

// Became is told, inside the unit, that an account has got a role over a thing.
type Became func(ctx context.Context, a access.Actor, accountID string, role access.Role, scope string) error

// OnGrant adds one who is told so. Call it while wiring.
func (s *Service) OnGrant(fn Became) { s.became = append(s.became, fn) }

// RoleRevoke ends a grant at once; open sockets that lived on it stop at the
// sequence of its entry. Errors: NOT_FOUND, also for a grant of an area that the
// actor has nothing to do with; FORBIDDEN outside of the actor's area;
// ALREADY_DECIDED for one that has ended, LAST_ADMIN.
func (s *Service) RoleRevoke(ctx context.Context, a access.Actor, in RoleRevoke) (*GrantView, *View, error) {
	if err := a.MayAt("role.revoke", ""); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.GrantID, grantPrefix, "input", "grantId"); err != nil {
		return nil, nil, err
	}
	if err := usecase.InList(codes.SanctionReason, in.Reason, "input", "reason"); err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "role.revoke", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		row, err := s.byGrant(ctx, a, in.GrantID)
		if err != nil {
			return nil, err
		}
		if err := a.MayAt("role.revoke", row.find(in.GrantID).Code); err != nil {
			return nil, err
		}
		if err := s.leavesAdmin(ctx, row, func(g *Grant) bool { return g.ID == in.GrantID }, now, "input", "grantId"); err != nil {
			return nil, err
		}
		if err := row.revoke(in.GrantID, in.Reason, now); err != nil {
			return nil, err
		}
		return []string{row.ID, in.GrantID}, s.rows.Replace(ctx, row, usecase.Note(a, "account.revoked", row.ID, in.Reason))
	})
	if err != nil {
		return nil, nil, err
	}
	return s.granted(ctx, a, ids)
}

// byGrant reads the account that holds a grant. A grant never moves, so the search
// needs no guard; the account itself is asserted.
func (s *Service) byGrant(ctx context.Context, a access.Actor, grantID string) (*Account, error) {
	page, err := s.rows.Find(ctx, store.Query{Where: store.Holds("grants", grantID), Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 || !page.Items[0].seenBy(a) {
		return nil, fault.New(fault.CodeNotFound, fault.At("input", "grantId"), fault.P("id", grantID))
	}
	return s.rows.Get(ctx, page.Items[0].ID)
}

// granted reads an account and one of its grants after a change.
func (s *Service) granted(ctx context.Context, a access.Actor, ids []string) (*GrantView, *View, error) {
	v, err := s.Get(ctx, a, ids[0])
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(v.Grants, func(g GrantView) bool { return g.ID == ids[1] })
	if i < 0 {
		return nil, nil, notFound("id", ids[1])
	}
	return &v.Grants[i], v, nil
}
