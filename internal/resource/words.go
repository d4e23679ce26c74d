package resource

import (
	"slices"
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxTitle       = 128
	maxDescription = 2000
	maxBatch       = 64
	maxCodes       = 20
)

// words are the plain fields of an input; nil leaves a field as it is, an empty text
// or list and a zero minimum empty it.
type words struct {
	title, category, description, batch *string
	minimum                             *measure.Quantity
	window                              *measure.Window
	expiresOn                           *usecase.Date
	location                            *usecase.GeoPoint
	eligibility                         []string
	capacity                            *Capacity
}

func (r *Resource) fill(in words, today usecase.Date) (notices []usecase.Notice, err error) {
	free := func(to, s *string, most int, required bool, field string) {
		if s == nil || err != nil {
			return
		}
		var more []usecase.Notice
		*to, more, err = usecase.FreeText(*s, most, required, "input", field)
		notices = append(notices, more...)
	}
	free(&r.Title, in.title, maxTitle, true, "title")
	free(&r.Description, in.description, maxDescription, false, "description")
	free(&r.Batch, in.batch, maxBatch, false, "batch")
	if err != nil {
		return nil, err
	}
	for _, check := range []func(words, usecase.Date) error{r.sort, r.accepts, r.least, r.last, r.where} {
		if err := check(in, today); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// sort sets what need it answers and whom it is for.
func (r *Resource) sort(in words, _ usecase.Date) error {
	if in.category != nil {
		if err := usecase.InList(codes.NeedCategory, *in.category, "input", "category"); err != nil {
			return err
		}
		r.Category = *in.category
	}
	if in.eligibility == nil && r.Eligibility != nil {
		return nil
	}
	if len(in.eligibility) > maxCodes {
		return fault.New(fault.CodeTooMany, fault.At("input", "eligibility"), fault.P("max", maxCodes))
	}
	r.Eligibility = []string{}
	for i, c := range in.eligibility {
		if err := usecase.InList(codes.RecipientCategory, c, "input", "eligibility", strconv.Itoa(i)); err != nil {
			return err
		}
		r.Eligibility = append(r.Eligibility, c)
	}
	return nil
}

// accepts sets whom it takes on.
func (r *Resource) accepts(in words, _ usecase.Date) error {
	if in.capacity == nil {
		return nil
	}
	if !slices.Contains(Capacities, *in.capacity) {
		return fault.New(fault.CodeInvalid, fault.At("input", "capacity"), fault.P("rule", "CAPACITY"))
	}
	r.Accepts = *in.capacity
	return nil
}

// least sets the least that is given at once: never more than there is.
func (r *Resource) least(in words, _ usecase.Date) error {
	if in.minimum != nil {
		if err := in.minimum.Same(r.Unit(), "input", "minimum"); err != nil {
			return err
		}
		r.Minimum = in.minimum.Value
	}
	if r.Minimum < 0 || r.Minimum > r.Total.Value {
		return fault.New(fault.CodeOutOfRange, fault.At("input", "minimum", "value"), fault.P("min", 0), fault.P("max", r.Total.Value))
	}
	return nil
}

// last sets when it can be had: a last day that has passed is no offer.
func (r *Resource) last(in words, today usecase.Date) error {
	if in.window != nil {
		if err := in.window.Check("input", "window"); err != nil {
			return err
		}
		r.Window = in.window
	}
	if in.expiresOn == nil {
		return nil
	}
	ends, err := lastDay(*in.expiresOn, today)
	if err == nil {
		r.ExpiresOn, r.ExpiresAt = *in.expiresOn, ends
	}
	return err
}

// lastDay is the moment when a last day is over, zero for none.
func lastDay(on, today usecase.Date) (time.Time, error) {
	if on == "" {
		return time.Time{}, nil
	}
	start, err := on.Start()
	if err != nil {
		return time.Time{}, fault.Under(err, "input", "expiresOn")
	}
	if on < today {
		return time.Time{}, fault.New(fault.CodeOutOfRange, fault.At("input", "expiresOn"), fault.P("min", string(today)), fault.P("max", ""))
	}
	return start.AddDate(0, 0, 1), nil
}

// where sets the place where it stands.
func (r *Resource) where(in words, _ usecase.Date) error {
	if in.location == nil {
		return nil
	}
	at, err := in.location.Point("input", "location")
	if err == nil {
		r.Location = at
	}
	return err
}
