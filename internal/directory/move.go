package directory

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Place is how a row of a noun goes elsewhere.
type Place[T any] struct {
	To string // prefix of the ids of where
	// Settle puts the row there; the error's path starts at the id. After carries along
	// what has copied the place, once the row is saved.
	Settle func(ctx context.Context, t *T, to string) error
	After  func(ctx context.Context, a access.Actor, t *T) error
}

// MoveInput is an entry that belongs elsewhere from now on.
type MoveInput struct {
	NodeID          string
	ToID            string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Relocate moves an entry, and in the same unit what has copied its place: an organisation
// and a station to a division, a social worker, a post and a team to a station, a volunteer
// to a community. What was keeps the old place (asOf). Who may needs the right where the
// entry is and where it goes. Errors: INVALID (COMMUNITY_STAYS) for a community, which is
// its division; ID_INVALID for other nouns and for a place of another kind; RETIRED.
func (s *Service) Relocate(ctx context.Context, a access.Actor, in MoveInput) error {
	e, err := s.entry(a, in.NodeID, "input", "nodeId")
	switch {
	case err != nil:
		return err
	case store.IDPrefix(in.NodeID) == "com":
		return fault.New(fault.CodeInvalid, fault.At("input", "nodeId"), fault.P("rule", "COMMUNITY_STAYS"))
	case e.move == nil:
		return s.wanted(func(e Entry) bool { return e.move != nil }, []string{"input", "nodeId"})
	}
	_, err = s.core.Run(ctx, a, "entry.move", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.NodeID}, e.move(ctx, a, in)
	})
	return err
}

func move[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, k Kind[T], a access.Actor, in MoveInput) error {
	if err := usecase.ID(in.ToID, k.Place.To, "input", "toId"); err != nil {
		return err
	}
	t, err := k.Rows.Get(ctx, in.NodeID)
	if err != nil {
		return err
	}
	if err := k.May(a, mayMove, t); err != nil {
		return err
	}
	if err := k.Rows.Expect(t, in.ExpectedVersion); err != nil {
		return err
	}
	if err := k.Place.Settle(ctx, t, in.ToID); err != nil {
		return fault.Under(err, "input", "toId")
	}
	if err := k.May(a, mayMove, t); err != nil { // there too: else one could push work on others
		return fault.New(fault.CodeForbidden, fault.At("input", "toId"))
	}
	if err := k.save(ctx, core, a, t, in.NodeID, ".moved", ""); err != nil || k.Place.After == nil {
		return err
	}
	return k.Place.After(ctx, a, t)
}

// Rehead copies a changed place to the rows of a query, in the caller's unit.
func Rehead[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, a access.Actor, rows *store.Collection[T], of store.Query, place func(*T)) error {
	return rows.Each(ctx, of, func(found *T) error {
		id := P(found).StoreHead().ID
		t, err := rows.Get(ctx, id)
		if err != nil {
			return err
		}
		place(t)
		if err := usecase.StateFact(ctx, core, rows, id); err != nil {
			return err
		}
		return rows.Touch(ctx, t, usecase.Note(a, rows.Definition().Name+".followed", id, ""))
	})
}
