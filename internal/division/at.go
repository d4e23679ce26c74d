package division

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// maxHops bounds how many changes of code are followed; no code of GB/T 2260 has
// changed so often.
const maxHops = 16

// At reads the division that a code names. Without a day that is the code's own,
// ended or not: its successors tell what follows. With a day it is what stood then
// at that place: a code that had ended is followed to its one successor, a code that
// was not made yet back to its one predecessor; an ended one with several successors
// is answered itself. INVALID (DIVISION_CODE) for what is no code, NOT_FOUND if there
// was none.
func (s *Service) At(ctx context.Context, _ access.Actor, code string, on *usecase.Date) (*View, error) {
	if Short(code) == "" {
		return nil, fault.New(fault.CodeInvalid, fault.At("code"), fault.P("rule", "DIVISION_CODE"))
	}
	if err := checkDay(usecase.Or(on, ""), "validOn"); err != nil {
		return nil, err
	}
	d, err := s.rows.Get(ctx, ID(code))
	if err != nil {
		return nil, err
	}
	if on == nil {
		return s.one(ctx, d)
	}
	for range maxHops {
		next, err := s.toward(ctx, d, *on)
		if err != nil {
			return nil, err
		}
		if next == nil {
			return s.one(ctx, d)
		}
		d = next
	}
	return nil, fault.New(fault.CodeNotFound) // successors that go in a circle
}

// toward is the division one change of code nearer to a day, nil when there is
// nowhere to go on.
func (s *Service) toward(ctx context.Context, d *Division, on usecase.Date) (*Division, error) {
	switch {
	case d.InForce(on):
		return nil, nil
	case d.ValidTo != "" && d.ValidTo <= on:
		if len(d.Successors) != 1 {
			return nil, nil
		}
		return s.rows.Get(ctx, d.Successors[0])
	}
	before, err := s.rows.Find(ctx, store.Query{Where: store.Holds("next", d.ID), Limit: 2})
	if err != nil {
		return nil, err
	}
	if len(before.Items) != 1 {
		return nil, fault.New(fault.CodeNotFound)
	}
	return before.Items[0], nil
}
