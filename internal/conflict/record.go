package conflict

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// RecordInput says who must not meet whom.
type RecordInput struct {
	RecipientID      *string
	ServiceRequestID *string
	PartyID          string
	Relation         string
	Reason           string
	IdempotencyKey   *string `json:"-"`
}

// Record keeps a party from a recipient, or from one request, from its commit on: it is no
// candidate, is planned for nothing and sees nothing of the need; its open proposals and
// claims, what it promised and has not sent or begun, end in the same unit for the reason
// REARRANGED, which people give too. What is under way goes on in the hands of the station.
// Who: the station, who leads, a protection officer for what is protected. FORBIDDEN for an
// account that looks after the work of others: nobody keeps their own overseer out. DUPLICATE
// for a party that is barred there already, TOO_MANY beyond 50. Who names themselves gets no view
// back.
func (s *Service) Record(ctx context.Context, a access.Actor, in RecordInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.InList(codes.ConflictRelation, in.Relation, "input", "relation"); err != nil {
		return nil, nil, err
	}
	reason, notices, err := usecase.FreeText(in.Reason, 500, true, "input", "reason")
	if err != nil {
		return nil, nil, err
	}
	id := s.core.DB.NewBlindID(prefix)
	ids, err := s.core.Run(ctx, a, "conflict.record", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		m, err := s.matter(ctx, a, "conflict.record", in.RecipientID, in.ServiceRequestID, "input")
		if err != nil {
			return nil, err
		}
		c := &Conflict{Head: store.Head{ID: id}, Recipient: usecase.Or(in.RecipientID, ""), Request: usecase.Or(in.ServiceRequestID, ""), Party: in.PartyID, Relation: in.Relation}
		c.Private.Reason, c.Header.State = reason, string(InForce)
		c.head(m.header())
		if c.Persons, err = s.persons(ctx, a, in.PartyID); err != nil {
			return nil, fault.Under(err, "input", "partyId")
		}
		if err := s.fresh(ctx, m, c); err != nil {
			return nil, err
		}
		kept, err := s.barred(ctx, c, m.request)
		if err != nil {
			return nil, err
		}
		c.hide(kept)
		if err := s.rows.Insert(ctx, c, usecase.Note(a, "conflict.recorded", c.ID, "")); err != nil {
			return nil, err
		}
		return []string{id}, s.screen(ctx, a, c)
	})
	return s.answer(ctx, a, ids, notices, err)
}

// persons are the ids that are barred with a party; of an account those of whom it acts or
// acted as. A volunteer or worker of elsewhere may be a relative: they are named by their id,
// which tells nobody more of them.
func (s *Service) persons(ctx context.Context, a access.Actor, id string) (ids []string, err error) {
	above := false
	switch store.IDPrefix(id) {
	case "acc":
		if ids, above, err = s.Persons(ctx, id); err == nil && above {
			err = fault.New(fault.CodeForbidden)
		}
	case "org":
		_, err = s.Organisations.Named(ctx, a, id)
	case "vol":
		ids, err = merged(ctx, id, s.Volunteers.Load)
	case "wrk":
		ids, err = merged(ctx, id, s.Workers.Load)
	default:
		err = fault.New(fault.CodeIDInvalid, fault.P("want", "acc_, vol_, wrk_, org_"))
	}
	return append([]string{id}, ids...), err
}

// merged are the ids that a party has been merged into; NOT_FOUND for none.
func merged[T any, P store.Stored[T]](ctx context.Context, id string, load func(context.Context, string) (*T, error)) (ids []string, err error) {
	for {
		t, err := load(ctx, id)
		if err != nil {
			return nil, err
		}
		r := P(t).StoreHead().Retired
		if r == nil || r.Into == "" {
			return ids, nil
		}
		id = r.Into
		ids = append(ids, id)
	}
}

// fresh refuses what stands already, and more than is meant.
func (s *Service) fresh(ctx context.Context, m matter, c *Conflict) error {
	all, err := s.of(ctx, m.subject(), c.Request)
	if err != nil {
		return err
	}
	open := 0
	for _, o := range all {
		if o.State() != InForce || o.Request != c.Request {
			continue
		}
		if o.Party == c.Party {
			return fault.New(fault.CodeDuplicate, fault.At("input", "partyId"), fault.P("field", "partyId"))
		}
		if open++; open == maxOpen {
			return fault.New(fault.CodeTooMany, fault.At("input"), fault.P("max", maxOpen))
		}
	}
	return nil
}

// LiftInput ends a conflict.
type LiftInput struct {
	ConflictID      string
	Reason          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Lift lets the party meet the recipient again, unless another conflict bars it. It stays
// readable with both reasons. Nothing that ended comes back by itself. Who: as for Record,
// and supervisors of the area.
func (s *Service) Lift(ctx context.Context, a access.Actor, in LiftInput) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	if err := usecase.ID(in.ConflictID, prefix, "input", "conflictId"); err != nil {
		return nil, nil, err
	}
	why, notices, err := usecase.FreeText(in.Reason, 500, true, "input", "reason")
	if err != nil {
		return nil, nil, err
	}
	now := s.core.Time()
	ids, err := s.core.Run(ctx, a, "conflict.lift", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		c, err := s.rows.Get(ctx, in.ConflictID)
		if err != nil {
			return nil, err
		}
		if err := may(access.See(a, Noun), c); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(c, in.ExpectedVersion); err != nil {
			return nil, err
		}
		if err := c.lift(why, now); err != nil {
			return nil, err
		}
		kept, err := s.barredBy(ctx, c)
		if err != nil {
			return nil, err
		}
		c.hide(kept)
		if err := s.rows.Replace(ctx, c, usecase.Note(a, "conflict.lifted", c.ID, "")); err != nil {
			return nil, err
		}
		return []string{c.ID}, s.screen(ctx, a, c)
	})
	return s.answer(ctx, a, ids, notices, err)
}

// reads reports who is shown a conflict: all of it, or nothing. A supervisor is, so that who
// keeps whom out is looked after by somebody.
func reads(standing access.Standing) bool {
	return standing.Mask >= access.Full || standing.Relations.Has(access.ToSupervised)
}

// may asks who reads a conflict and may change it.
func may(sight *access.Sight, c *Conflict) error {
	standing := sight.On(&c.Header)
	if !reads(standing) {
		return fault.New(fault.CodeNotFound)
	}
	return standing.May("conflict.lift")
}

func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	views, err := s.Views(ctx, a, ids)
	return views[ids[0]], notices, err // nil for who named themselves
}
