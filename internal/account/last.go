package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// adminGuards names the document that every write of an administrator's account bumps:
// of two who take each other's role at once the second one is refused.
func adminGuards(a *Account) []string {
	for i := range a.Grants {
		if a.Grants[i].Role == access.Admin {
			return []string{adminGuard()}
		}
	}
	return nil
}

func adminGuard() string { return store.GuardName("account", "admin") }

// leavesAdmin refuses, with LAST_ADMIN, to take grants from an account when nobody
// else would administer the widest area there is for at least as long. A deployment
// without such a person could only be mended on its machine.
func (s *Service) leavesAdmin(ctx context.Context, row *Account, taken func(*Grant) bool, now time.Time, path ...string) error {
	lost := row.widest(now, taken)
	if lost == nil {
		return nil
	}
	safe := false
	q := store.Query{Where: store.Holds("roles", string(access.Admin)), Guard: adminGuard()}
	err := s.rows.Each(ctx, q, func(other *Account) error {
		g := other.widest(now, func(g *Grant) bool { return other.ID != row.ID || !taken(g) })
		safe = safe || g != nil && (wider(g, lost) || len(g.Area) == len(lost.Area) && !outlasts(lost, g))
		return nil
	})
	if err == nil && !safe {
		err = fault.New(fault.CodeLastAdmin, fault.At(path...))
	}
	return err
}

// widest is the grant among those asked for by which an active account administers
// the widest area, of several the one that lasts longest; nil for none.
func (a *Account) widest(now time.Time, asked func(*Grant) bool) (best *Grant) {
	if a.State != Active {
		return nil
	}
	for i := range a.Grants {
		g := &a.Grants[i]
		if g.Role != access.Admin || !g.stands(now) || !asked(g) {
			continue
		}
		if best == nil || wider(g, best) || len(g.Area) == len(best.Area) && outlasts(g, best) {
			best = g
		}
	}
	return best
}

// wider goes by the level: a code is as long as its division is narrow.
func wider(a, b *Grant) bool { return len(a.Area) < len(b.Area) }

// outlasts reports whether a ends later than b; a grant without end does.
func outlasts(a, b *Grant) bool {
	return !b.Until.IsZero() && (a.Until.IsZero() || a.Until.After(b.Until))
}
