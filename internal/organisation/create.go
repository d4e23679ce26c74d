package organisation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Create is a new organisation.
type Create struct {
	Name                  string
	Kind                  Kind
	CreditCode            *string
	FilingNumber          *string
	DivisionID            string
	Phone                 *string
	Profile               *string
	PublicFundraising     bool
	RegistrationAuthority *string
	Fundraising           *QualificationInput
	Rating                *RatingInput
	IdempotencyKey        *string `json:"-"`
}

// Create enters an organisation that wants to take part; it is APPLIED. Notices
// tell of a banned or near name and of an unusual credit code. Errors:
// CREDIT_CODE_INVALID, DUPLICATE for a code that is there, DIVISION_UNKNOWN.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, nil, err
	}
	o := &Organisation{Head: store.Head{ID: s.core.DB.NewID(prefix)}, Kind: in.Kind, Credit: Normal, Fundraising: in.PublicFundraising, EnteredBy: a.ID}
	o.Header.Class, o.Header.State = access.Public, string(Applied)
	o.Header.Relate(access.PartyOwner, o.ID)
	o.Header.Relate(access.PartyCreator, a.ID)
	notices, err := o.fill(words{
		name: &in.Name, code: in.CreditCode, filing: in.FilingNumber, phone: in.Phone, profile: in.Profile,
		authority: in.RegistrationAuthority, fundraising: in.Fundraising, rating: in.Rating,
	})
	if err != nil {
		return nil, nil, err
	}
	ids, err := s.core.Run(ctx, a, "organisation.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := *o // the unit may run again
		return []string{o.ID}, s.create(ctx, a, &fresh, in.DivisionID)
	})
	return s.answer(ctx, a, ids, notices, err)
}

func (s *Service) create(ctx context.Context, a access.Actor, o *Organisation, divisionID string) error {
	d, err := s.divisions.Resolve(ctx, divisionID, "input", "divisionId")
	if err != nil {
		return err
	}
	if err := a.MayAt("organisation.create", d.Code); err != nil {
		return err
	}
	o.Division = d.ID
	o.Header.Place(d.Code)
	return s.rows.Insert(ctx, o, usecase.Note(a, "organisation.created", o.ID, ""))
}

// answer reads what a use case left behind, as the caller sees it today. A code
// that another organisation has is found at the commit: the error gets its path.
func (s *Service) answer(ctx context.Context, a access.Actor, ids []string, notices []usecase.Notice, err error) (*View, []usecase.Notice, error) {
	if fault.CodeOf(err) == fault.CodeDuplicate {
		err = fault.Under(err, "input", "creditCode")
	}
	if err != nil {
		return nil, nil, err
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, notices, err
}
