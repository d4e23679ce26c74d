package matching

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/request"
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

// waiting is how much of a line is proposed and waits for an answer, by the owner of what is
// proposed.
type waiting map[string]int64

// on is the line as if all that waits were held: what an owner has claimed and proposes is
// spoken for once.
func (w waiting) on(l *request.Line) *request.Line {
	out := *l
	for _, owner := range slices.Sorted(maps.Keys(w)) {
		out.Promise(request.Promise{ID: "proposed:" + owner, By: owner, Stage: request.Held, Value: w[owner]})
	}
	return &out
}

// Waiting is how much of a need line an owner could still be asked for: what is neither
// promised nor proposed, nor spoken for by granted claims of others; and whether an offer
// has ever proposed for it. Inside a unit it is guarded against new proposals.
func (s *Service) Waiting(ctx context.Context, requestID string, line *request.Line, owner, offerID string, now time.Time) (left int64, ever bool, err error) {
	q, asked := store.Query{Where: store.Is("request", requestID), Sort: "created", Guard: store.GuardName("proposal", requestID)}, waiting{}
	err = s.rows.Each(ctx, q, func(found *Proposal) error {
		if found.Line != line.ID {
			return nil
		}
		p, err := s.rows.Get(ctx, found.ID)
		if err != nil {
			return err
		}
		ever = ever || p.offer() == offerID
		if p.Now(now) == Proposed {
			asked[p.Owner] += p.Quantity.Value
		}
		return nil
	})
	return asked.on(line).Wanted(owner, now), ever, err
}

// TakeBack supersedes what an offer that is withdrawn has proposed and nobody has answered,
// in its unit, guarded against what is proposed by it meanwhile.
func (s *Service) TakeBack(ctx context.Context, a access.Actor, offerID, reason string) error {
	q := inTurn(offerID + "/")
	q.Guard = store.GuardName("proposal", offerID)
	return s.overtake(ctx, a, q, reason)
}
