package division

import (
	"context"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// prefix is that of division ids.
const prefix = "div"

// ID is the natural id of a code of any form, "" for no division code.
func ID(code string) string {
	full := Full(code)
	if full == "" {
		return ""
	}
	return prefix + "_" + full
}

// CodeOf is the short code in a division id, "" when the id is none.
func CodeOf(id string) string {
	if len(id) != len(prefix)+1+fullLen || id[:len(prefix)+1] != prefix+"_" {
		return ""
	}
	return Short(id[len(prefix)+1:])
}

// Division is one administrative division. Its level and kind are read from the
// code and never stored; rows are not removed, they end.
type Division struct {
	store.Head `bson:",inline"`
	Code       string       `bson:"code"` // short
	Name       string       `bson:"name"`
	ValidFrom  usecase.Date `bson:"from"` // "": not known
	ValidTo    usecase.Date `bson:"to"`   // "": stands
	Successors []string     `bson:"next"` // ids
}

// End sets the first day no longer in force and what follows; "" takes the end
// back. WINDOW_INVALID when it would end before it began.
func (d *Division) End(day usecase.Date, successors []string) error {
	if day != "" && d.ValidFrom != "" && day < d.ValidFrom {
		return fault.New(fault.CodeWindowInvalid, fault.At("input", "validTo"))
	}
	d.ValidTo, d.Successors = day, successors
	return nil
}

// Service is the use cases of divisions.
type Service struct {
	core *usecase.Core
	rows *store.Collection[Division]
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec())}
}

// Load reads a division by id, for other packages' use cases. Ended ones too.
func (s *Service) Load(ctx context.Context, id string) (*Division, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// InForce reports whether the division stands on a day. One whose beginning is not
// known has always been there.
func (d *Division) InForce(on usecase.Date) bool {
	return (d.ValidFrom == "" || d.ValidFrom <= on) && (d.ValidTo == "" || on < d.ValidTo)
}

// Resolve reads a division in which an input places something: ID_INVALID for another
// type of id, DIVISION_UNKNOWN for a code that is not stored, DIVISION_ENDED for one
// that stands no more, all at the path. What stands there already stays.
func (s *Service) Resolve(ctx context.Context, id string, path ...string) (*Division, error) {
	d, err := s.Known(ctx, id, path...)
	if err == nil && d.ValidTo != "" && usecase.DateOf(s.core.Time()) >= d.ValidTo {
		next := make([]string, len(d.Successors))
		for i, id := range d.Successors {
			next[i] = Full(CodeOf(id))
		}
		return nil, fault.New(fault.CodeDivisionEnded, fault.At(path...), fault.P("code", Full(d.Code)), fault.P("successors", next))
	}
	return d, err
}

// Known is Resolve for any division, ended ones too.
func (s *Service) Known(ctx context.Context, id string, path ...string) (*Division, error) {
	if err := usecase.ID(id, prefix, path...); err != nil {
		return nil, err
	}
	d, err := s.rows.Get(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.CodeDivisionUnknown, fault.At(path...), fault.P("code", id[len(prefix)+1:]))
	}
	return d, err
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Division] { return s.rows }
