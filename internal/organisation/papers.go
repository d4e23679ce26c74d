package organisation

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

const (
	maxCertificate = 64
	maxLabel       = 64
	banYears       = 5 // Charity Law art. 111: no new qualification so long after a revocation
)

// Qualification is the right to raise funds in public; zero when there never was one.
type Qualification struct {
	Certificate string       `bson:"certificate"`
	ValidFrom   usecase.Date `bson:"from"`
	RevokedOn   usecase.Date `bson:"revoked"` // "" while it stands
}

// QualificationInput is a qualification as entered.
type QualificationInput struct {
	Certificate string
	ValidFrom   usecase.Date
	RevokedOn   *usecase.Date
}

// QualificationView is a qualification as anybody reads it.
type QualificationView struct {
	Certificate string
	ValidFrom   usecase.Date
	RevokedOn   *usecase.Date
}

func (q Qualification) view() *QualificationView {
	if q.Certificate == "" {
		return nil
	}
	return &QualificationView{q.Certificate, q.ValidFrom, usecase.Opt(q.RevokedOn)}
}

// Grade is what an evaluation of social organisations gives.
type Grade string

// Grades lists the grades, from the lowest.
var Grades = []Grade{"A1", "A2", "A3", "A4", "A5"}

// Rating is the result of the last evaluation; zero when there was none.
type Rating struct {
	Grade   Grade        `bson:"grade"`
	ValidTo usecase.Date `bson:"to"` // last day
}

// Raises reports whether the organisation may raise funds in public on a day.
func (o *Organisation) Raises(on usecase.Date) bool {
	q := o.Qualification
	if q.Certificate == "" {
		return o.Fundraising // entered without its certificate
	}
	return q.ValidFrom <= on && (q.RevokedOn == "" || on < q.RevokedOn)
}

// qualify sets the qualification. INVALID for a body that cannot have one (Charity Law
// art. 22: charitable organisations) and within five years of a revocation;
// WINDOW_INVALID when it ends before it begins.
func (o *Organisation) qualify(in *QualificationInput) error {
	if in == nil {
		return nil
	}
	at := func(field string) []string { return []string{"input", "fundraising", field} }
	certificate, err := usecase.Text(in.Certificate, maxCertificate, true, at("certificate")...)
	if err != nil {
		return err
	}
	q := Qualification{Certificate: certificate, ValidFrom: in.ValidFrom, RevokedOn: usecase.Or(in.RevokedOn, "")}
	begins, err := q.ValidFrom.Start()
	if err != nil {
		return fault.Under(err, at("validFrom")...)
	}
	if q.RevokedOn != "" {
		if _, err := q.RevokedOn.Start(); err != nil {
			return fault.Under(err, at("revokedOn")...)
		}
	}
	switch old := o.Qualification; {
	case o.Kind != Social:
		return fault.New(fault.CodeInvalid, fault.At("input", "fundraising"), fault.P("rule", "SOCIAL_ORGANISATIONS_ONLY"))
	case q.RevokedOn != "" && q.RevokedOn < q.ValidFrom:
		return fault.New(fault.CodeWindowInvalid, fault.At(at("revokedOn")...))
	case old.RevokedOn != "" && q.Certificate != old.Certificate:
		if ended, err := old.RevokedOn.Start(); err == nil && begins.Before(ended.AddDate(banYears, 0, 0)) {
			return fault.New(fault.CodeInvalid, fault.At(at("validFrom")...), fault.P("rule", "FIVE_YEARS_AFTER_REVOCATION"))
		}
	}
	o.Qualification = q
	return nil
}

// RatingInput is a rating as entered.
type RatingInput struct {
	Grade   Grade
	ValidTo usecase.Date
}

func (o *Organisation) rate(in *RatingInput) error {
	if in == nil {
		return nil
	}
	if !slices.Contains(Grades, in.Grade) {
		return fault.New(fault.CodeInvalid, fault.At("input", "rating", "grade"), fault.P("rule", "GRADE"))
	}
	if _, err := in.ValidTo.Start(); err != nil {
		return fault.Under(err, "input", "rating", "validTo")
	}
	if o.Kind != Social {
		return fault.New(fault.CodeInvalid, fault.At("input", "rating"), fault.P("rule", "SOCIAL_ORGANISATIONS_ONLY"))
	}
	o.Rating = Rating(*in)
	return nil
}

// Published is what the authorities publish of an organisation: the status, in their
// own word too, who says so, and when that was looked up.
type Published struct {
	Credit    Credit
	Label     string
	Source    string
	CheckedAt time.Time
}

// record takes over what the authorities publish; a listing or an end stops an
// admitted one. An older look-up than the last says nothing any more: INVALID.
func (o *Organisation) record(p Published) error {
	if p.CheckedAt.Before(o.CreditChecked) {
		return fault.New(fault.CodeInvalid, fault.At("input", "checkedAt"), fault.P("rule", "CHECKED_SINCE"))
	}
	o.Credit, o.CreditLabel, o.CreditSource, o.CreditChecked = p.Credit, p.Label, p.Source, p.CheckedAt
	if p.Credit != Normal && o.Admission() == Admitted {
		o.Header.State = string(Suspended)
	}
	return nil
}
