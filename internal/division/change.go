package division

import (
	"context"
	"slices"
	"strconv"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxName       = 64
	maxSuccessors = 20
)

// Create is a new division.
type Create struct {
	Code           string
	Name           string
	ValidFrom      *usecase.Date
	IdempotencyKey *string `json:"-"`
}

// Create adds a division below one that is stored. INVALID for a code outside the
// published ranges, DIVISION_UNKNOWN when its parent is not stored, DUPLICATE when
// it is itself.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	name, err := usecase.Text(in.Name, maxName, true, "input", "name")
	if err != nil {
		return nil, nil, err
	}
	from := usecase.Or(in.ValidFrom, "")
	if err := checkDay(from, "input", "validFrom"); err != nil {
		return nil, nil, err
	}
	d := &Division{Code: Short(in.Code), Name: name, ValidFrom: from, Successors: []string{}}
	d.ID = ID(d.Code)
	if len(in.Code) != fullLen || TypeOf(d.Code) == typeUnknown {
		return nil, nil, fault.New(fault.CodeInvalid, fault.At("input", "code"), fault.P("rule", "DIVISION_CODE"))
	}
	ids, err := s.core.Run(ctx, a, "division.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{d.ID}, s.create(ctx, a, d)
	})
	return s.answer(ctx, ids, err)
}

func (s *Service) create(ctx context.Context, a access.Actor, d *Division) error {
	place := Parent(d.Code)
	if place == "" {
		place = d.Code // a province has no parent whose administrator could be asked
	}
	if err := a.MayAt("division.change", place); err != nil {
		return err
	}
	if up := Parent(d.Code); up != "" {
		if _, err := s.Known(ctx, ID(up), "input", "code"); err != nil {
			return err
		}
	}
	fresh := *d // the unit may run again
	return fault.Under(s.rows.Insert(ctx, &fresh, usecase.Note(a, "division.created", d.ID, "")), "input", "code")
}

// Change is a change of a division; nil leaves as it is, "" takes the end back.
type Change struct {
	DivisionID      string
	Name            *string
	ValidTo         *usecase.Date
	SuccessorIDs    []string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Change renames a division, or ends it and names what follows it.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	if err := in.check(); err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "division.change", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.DivisionID}, s.change(ctx, a, in)
	})
	return s.answer(ctx, ids, err)
}

func (in *Change) check() (err error) {
	if err := usecase.ID(in.DivisionID, prefix, "input", "divisionId"); err != nil {
		return err
	}
	if in.Name != nil {
		name, err := usecase.Text(*in.Name, maxName, true, "input", "name")
		if err != nil {
			return err
		}
		in.Name = &name
	}
	if len(in.SuccessorIDs) > maxSuccessors {
		return fault.New(fault.CodeTooMany, fault.At("input", "successorIds"), fault.P("max", maxSuccessors))
	}
	return checkDay(usecase.Or(in.ValidTo, ""), "input", "validTo")
}

func (s *Service) change(ctx context.Context, a access.Actor, in Change) error {
	d, err := s.rows.Get(ctx, in.DivisionID)
	if err != nil {
		return err
	}
	if err := a.MayAt("division.change", d.Code); err != nil {
		return err
	}
	if err := s.rows.Expect(d, in.ExpectedVersion); err != nil {
		return err
	}
	for i, id := range in.SuccessorIDs {
		if _, err := s.Known(ctx, id, "input", "successorIds", strconv.Itoa(i)); err != nil {
			return err
		}
	}
	next := d.Successors
	if in.SuccessorIDs != nil {
		next = slices.Clone(in.SuccessorIDs)
	}
	if err := d.End(usecase.Or(in.ValidTo, d.ValidTo), next); err != nil {
		return err
	}
	d.Name = usecase.Or(in.Name, d.Name)
	if err := usecase.StateFact(ctx, s.core, s.rows, d.ID); err != nil {
		return err
	}
	return s.rows.Replace(ctx, d, usecase.Note(a, "division.changed", d.ID, ""))
}

// answer reads what a use case left behind, as the caller sees it today.
func (s *Service) answer(ctx context.Context, ids []string, err error) (*View, []usecase.Notice, error) {
	if err != nil {
		return nil, nil, err
	}
	d, err := s.rows.Get(ctx, ids[0])
	if err != nil {
		return nil, nil, err
	}
	v, err := s.one(ctx, d)
	return v, nil, err
}

func checkDay(day usecase.Date, path ...string) error {
	if day == "" {
		return nil
	}
	_, err := day.Start()
	return fault.Under(err, path...)
}

func badID(path []string) error {
	return fault.New(fault.CodeIDInvalid, fault.At(path...), fault.P("want", prefix+"_…"))
}
