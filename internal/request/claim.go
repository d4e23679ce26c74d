package request

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
)

// LineClaim is an open claim of an organisation on a line, as the line knows it: who
// claims how much. While it is granted it speaks for what the organisation has not
// given yet.
type LineClaim struct {
	ID      string   `bson:"id"` // clm_…
	By      string   `bson:"by"` // organisation
	Value   int64    `bson:"value"`
	Granted bool     `bson:"granted"`
	Before  []string `bson:"before"` // promises that the organisation had made before it claimed
}

// Claim sets a claim of the line; the list is copied, since rows share it.
func (l *Line) Claim(c LineClaim) {
	l.Unclaim(c.ID)
	l.Claims = append(l.Claims, c)
}

// Unclaim takes a claim that has ended from the line.
func (l *Line) Unclaim(id string) {
	l.Claims = slices.DeleteFunc(slices.Clone(l.Claims), func(c LineClaim) bool { return c.ID == id })
}

// ClaimOf is the claim with an id, nil for none that is open.
func (l *Line) ClaimOf(id string) *LineClaim {
	for i := range l.Claims {
		if l.Claims[i].ID == id {
			return &l.Claims[i]
		}
	}
	return nil
}

// PromisedBy are the promises that an organisation has made to the line.
func (l *Line) PromisedBy(by string) (ids []string) {
	for _, p := range l.Promises {
		if p.By == by {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Since is what the organisation holds, has promised or has delivered of what it has given
// since it claimed, and how much of that was delivered.
func (l *Line) Since(c *LineClaim, now time.Time) (all, delivered int64) {
	for _, p := range l.Promises {
		if p.By != c.By || !p.live(now) || slices.Contains(c.Before, p.ID) {
			continue
		}
		if all += p.Value; p.Stage == Fulfilled {
			delivered += p.Value
		}
	}
	return all, delivered
}

// Claimed is what granted claims speak for beyond what their organisations have given,
// at most what is missing.
func (l *Line) Claimed(now time.Time) (n int64) { return l.claimedBeside("", now) }

// Wanted is what is missing and not spoken for by granted claims of others than an
// organisation ("" for none): as much of its own is still to be found.
func (l *Line) Wanted(by string, now time.Time) int64 {
	return l.Missing(now) - l.claimedBeside(by, now)
}

func (l *Line) claimedBeside(by string, now time.Time) (n int64) {
	for i := range l.Claims {
		if c := &l.Claims[i]; c.Granted && (by == "" || c.By != by) {
			given, _ := l.Since(c, now)
			n += max(0, c.Value-given)
		}
	}
	return min(n, l.Missing(now))
}

// Claimable is what is missing and nobody's claim speaks for.
func (l *Line) Claimable(now time.Time) int64 { return l.Wanted("", now) }

// ClaimedBy reports whether an organisation has an open claim on a line of the request.
func (r *Request) ClaimedBy(organisation string) bool {
	return slices.ContainsFunc(r.Lines, func(l Line) bool {
		return slices.ContainsFunc(l.Claims, func(c LineClaim) bool { return c.By == organisation })
	})
}

// Claims is told, inside the unit and before the request in hand is saved, that what is
// promised to its lines may have changed.
type Claims func(ctx context.Context, a access.Actor, r *Request) error

// OnPromise adds who follows the promises of requests that are claimed. Call it while
// wiring.
func (s *Service) OnPromise(fn Claims) { s.claims = append(s.claims, fn) }

// followClaims lets the claims of a request go with what is promised to it.
func (s *Service) followClaims(ctx context.Context, a access.Actor, r *Request) error {
	if !slices.ContainsFunc(r.Lines, func(l Line) bool { return len(l.Claims) > 0 }) {
		return nil
	}
	for _, fn := range s.claims {
		if err := fn(ctx, a, r); err != nil {
			return err
		}
	}
	return nil
}
