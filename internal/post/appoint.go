package post

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// Appoint is one who is to hold a post.
type Appoint struct {
	PostID          string
	HolderID        string // vol_… or wrk_…
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Appoint gives a place in an open post to a volunteer or social worker whom the
// actor may see. REQUIREMENTS_UNMET names the skills that are missing,
// MINORS_CLEARANCE_REQUIRED asks for the clearance first, RESOURCE_UNAVAILABLE is for
// one who takes nothing on now.
func (s *Service) Appoint(ctx context.Context, a access.Actor, in Appoint) (*View, []usecase.Notice, error) {
	today := usecase.DateOf(s.core.Time())
	v, err := s.step(ctx, a, command{
		step: ActAppoint, id: in.PostID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		rule: func(ctx context.Context, p *Post) error {
			c, err := s.candidate(ctx, a, in.HolderID)
			if err == nil {
				err = p.appoint(c, today)
			}
			return fault.Under(err, "input", "holderId")
		},
	})
	return v, nil, err
}

// candidate reads one who may hold a post; whom the actor can't see is NOT_FOUND.
func (s *Service) candidate(ctx context.Context, a access.Actor, id string) (Candidate, error) {
	switch store.IDPrefix(id) {
	case "vol":
		v, err := s.volunteers.Load(ctx, id)
		if err != nil {
			return Candidate{}, err
		}
		if access.See(a, volunteer.Noun).Of(&v.Header) == access.Hidden {
			return Candidate{}, fault.New(fault.CodeNotFound)
		}
		return Candidate{v.ID, ForVolunteer, v.Skills, v.ClearedForMinors(s.core.Time())}, v.CanServe()
	case "wrk":
		w, err := s.workers.Load(ctx, id)
		if err != nil {
			return Candidate{}, err
		}
		if access.See(a, socialworker.Noun).Of(&w.Header) == access.Hidden {
			return Candidate{}, fault.New(fault.CodeNotFound)
		}
		if !w.Active() {
			return Candidate{}, fault.New(fault.CodeResourceUnavailable, fault.P("state", w.Header.State))
		}
		// Staff are checked by who employs them, on entry and yearly (art. 62).
		return Candidate{w.ID, ForSocialWorker, w.Skills, true}, nil
	}
	return Candidate{}, fault.New(fault.CodeIDInvalid, fault.P("want", "vol_… / wrk_…"))
}
