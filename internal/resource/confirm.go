package resource

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Capacity is whom a resource takes on now, as its owner says: the four codes of FHIR's
// Plan-Net for patients.
type Capacity string

// The capacities.
const (
	AcceptsNew       Capacity = "ACCEPTS_NEW"         // newpt
	AcceptsNone      Capacity = "ACCEPTS_NONE"        // nopt
	ExistingOnly     Capacity = "EXISTING_ONLY"       // existptonly
	ExistingFamilies Capacity = "EXISTING_AND_FAMILY" // existptfam
)

// Capacities lists the capacities.
var Capacities = []Capacity{AcceptsNew, AcceptsNone, ExistingOnly, ExistingFamilies}

// StaleAfter is how long an owner's word holds unless the platform is told otherwise.
const StaleAfter = 30 * 24 * time.Hour

// Capacity is whom it takes on now.
func (r *Resource) Capacity() Capacity {
	if r.Accepts == "" {
		return AcceptsNew
	}
	return r.Accepts
}

// Known reports whether it matters to the resource if it has served somebody before.
func (r *Resource) Known() bool {
	return r.Accepts == ExistingOnly || r.Accepts == ExistingFamilies
}

// TakesOn reports whether it takes on somebody; served says whether it has served them
// before. The platform knows of no families: what takes on those of people it has served
// is proposed to these people only.
func (r *Resource) TakesOn(served bool) bool {
	return r.Capacity() == AcceptsNew || (r.Known() && served)
}

// confirmed is when the owner last said that the offer is still true.
func (r *Resource) confirmed() time.Time {
	if r.ConfirmedAt.IsZero() {
		return r.CreatedAt
	}
	return r.ConfirmedAt
}

// Stale reports whether what is on offer has not been confirmed for too long.
func (s *Service) Stale(r *Resource, now time.Time) bool {
	state := r.Now(now)
	return (state == Published || state == Paused) && r.confirmed().Add(s.staleAfter).Before(now)
}

// Confirm is a resource of which the owner says that the offer is still true.
type Confirm struct {
	CharityResourceID string
	ExpectedVersion   int64
	IdempotencyKey    *string `json:"-"`
}

// Confirm says that the offer is still true, as publishing does.
func (s *Service) Confirm(ctx context.Context, a access.Actor, in Confirm) (*View, []usecase.Notice, error) {
	v, err := s.step(ctx, a, step{
		act: ActConfirm, id: in.CharityResourceID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in, event: "resource.confirmed",
		rule: func(_ context.Context, r *Resource, now time.Time) error {
			r.ConfirmedAt = now
			return nil
		},
	})
	return v, nil, err
}
