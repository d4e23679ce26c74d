package matching

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/store"
)

// Stand makes the proposal that an owner has given its word for, inside the caller's unit:
// a is the owner, and Turn says by which word. Errors as of Propose.
func (s *Service) Stand(ctx context.Context, a access.Actor, id string, in ProposeInput, now time.Time) error {
	note, _, lasts, err := in.check()
	if err != nil {
		return err
	}
	return s.propose(ctx, a, id, in, note, now.Add(lasts), now)
}

// inTurn asks for the proposals whose turn begins so: all of an offer, or of one of its days.
func inTurn(prefix string) store.Query {
	return store.Query{Where: store.Both(store.AtLeast("turn", prefix), store.Below("turn", prefix+"~")), Sort: "turn"}
}

// InTurn is how much is proposed or promised in one turn of an offer, and how much of it is
// promised, inside a unit guarded against new proposals.
func (s *Service) InTurn(ctx context.Context, turn string, now time.Time) (asked, promised int64, err error) {
	q := inTurn(turn)
	q.Guard = store.GuardName("proposal", turn)
	err = s.rows.Each(ctx, q, func(found *Proposal) error {
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		switch p.Now(now) { //nolint:exhaustive // the others gave it back
		case Proposed:
			asked += p.Quantity.Value
		case Accepted:
			l, err := s.allocations.Rows().Get(ctx, p.Allocation)
			if err != nil {
				return err
			}
			if state := l.State(); state != allocation.Released && state != allocation.Returned {
				asked, promised = asked+p.Quantity.Value, promised+p.Quantity.Value
			}
		}
		return nil
	})
	return asked, promised, err
}

// Waiting is how much is proposed for a need line and waits for an answer, and whether an
// offer has ever proposed for it, inside a unit guarded against new proposals.
func (s *Service) Waiting(ctx context.Context, requestID, lineID, offerID string, now time.Time) (asked int64, ever bool, err error) {
	q := store.Query{Where: store.Is("request", requestID), Sort: "created", Guard: store.GuardName("proposal", requestID)}
	err = s.rows.Each(ctx, q, func(found *Proposal) error {
		if found.Line != lineID {
			return nil
		}
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		ever = ever || p.offer() == offerID
		if p.Now(now) == Proposed {
			asked += p.Quantity.Value
		}
		return nil
	})
	return asked, ever, err
}

// TakeBack supersedes what an offer that is withdrawn has proposed and nobody has answered,
// in its unit, guarded against what is proposed by it meanwhile.
func (s *Service) TakeBack(ctx context.Context, a access.Actor, offerID, reason string) error {
	q := inTurn(offerID + "/")
	q.Guard = store.GuardName("proposal", offerID)
	return s.overtake(ctx, a, q, reason)
}
