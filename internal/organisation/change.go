package organisation

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Change is a change of an organisation; nil leaves as it is, "" empties.
type Change struct {
	OrganisationID        string
	Name                  *string
	CreditCode            *string
	FilingNumber          *string
	Phone                 *string
	Profile               *string
	PublicFundraising     *bool
	RegistrationAuthority *string
	Fundraising           *QualificationInput
	Rating                *RatingInput
	ExpectedVersion       int64
	IdempotencyKey        *string `json:"-"`
}

// Change changes what is known. A new code, or a name near a banned one, takes the
// verification back and stops an admitted organisation until it is verified and admitted
// again. Another new name does so only before it is let in: afterwards the code says who
// it is, and a name that is written better breaks no promise.
func (s *Service) Change(ctx context.Context, a access.Actor, in Change) (*View, []usecase.Notice, error) {
	var notices []usecase.Notice
	v, err := s.step(ctx, a, step{
		op: "organisation.change", act: ActChange, id: in.OrganisationID, expected: in.ExpectedVersion, key: in.IdempotencyKey, input: in,
		event: "organisation.changed",
		rule: func(o *Organisation) (err error) {
			if !administers(a, o) && in.facts() {
				return fault.New(fault.CodeForbidden)
			}
			name, code, filing := o.Name, o.CreditCode, o.FilingNumber
			notices, err = o.fill(words{
				name: in.Name, code: in.CreditCode, filing: in.FilingNumber, phone: in.Phone, profile: in.Profile,
				authority: in.RegistrationAuthority, fundraising: in.Fundraising, rating: in.Rating,
			})
			if err != nil {
				return err
			}
			o.Fundraising = usecase.Or(in.PublicFundraising, o.Fundraising)
			switch {
			case code != o.CreditCode || filing != o.FilingNumber || name != o.Name && len(nameNotices(o.Name)) > 0:
				o.recheck(a.ID)
			case name != o.Name && o.Admission() != Admitted && o.Admission() != Suspended:
				o.recheck(a.ID)
			}
			return nil
		},
	})
	return v, notices, err
}

// facts reports whether the change is of what papers say: its own partner may not.
func (in *Change) facts() bool {
	return in.Name != nil || in.CreditCode != nil || in.FilingNumber != nil || in.PublicFundraising != nil ||
		in.RegistrationAuthority != nil || in.Fundraising != nil || in.Rating != nil
}

// administers reports whether the actor is an administrator of the place.
func administers(a access.Actor, o *Organisation) bool {
	return a.MayAt("organisation.admit", place(o)) == nil
}

func place(o *Organisation) string {
	h := o.Header
	for _, code := range []string{h.Community, h.Town, h.County, h.City} {
		if code != "" {
			return code
		}
	}
	return h.Province
}

// may is the noun's own question of rights: administrators take every step, its own
// partner changes it. The row's standing is asked later.
func may(a access.Actor, o *Organisation, act Action) error {
	if access.See(a, Noun).Of(&o.Header) == access.Hidden {
		return fault.New(fault.CodeNotFound)
	}
	if administers(a, o) || (act == ActChange && a.Is(access.Partner, o.ID)) {
		return nil
	}
	return fault.New(fault.CodeForbidden)
}

// allowed lists the steps that actor and standing allow now.
func allowed(a access.Actor, o *Organisation) []Action {
	out := []Action{}
	for _, act := range o.open() {
		switch {
		case may(a, o, act) != nil:
		case act == ActVerify && a.ID == o.EnteredBy && !a.IsSystem():
		case act == ActVerify && o.Admission() == Suspended && !o.Papers.At.IsZero():
		case act == ActAdmit && (o.Papers.At.IsZero() || o.Credit != Normal || (a.ID == o.Papers.By && !a.IsSystem())):
		default:
			out = append(out, act)
		}
	}
	return out
}

// step is one step of an organisation's life.
type step struct {
	op       string
	act      Action
	id       string
	expected int64
	key      *string
	input    any
	event    string
	reason   string
	rule     func(o *Organisation) error
}

// step runs the one order of every step: load, may, version, standing, rule, save.
func (s *Service) step(ctx context.Context, a access.Actor, st step) (*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	if err := usecase.ID(st.id, prefix, "input", "organisationId"); err != nil {
		return nil, err
	}
	ids, err := s.core.Run(ctx, a, st.op, usecase.Or(st.key, ""), st.input, func(ctx context.Context) ([]string, error) {
		o, err := s.rows.Get(ctx, st.id)
		if err != nil {
			return nil, err
		}
		if err := may(a, o, st.act); err != nil {
			return nil, err
		}
		if err := s.rows.Expect(o, st.expected); err != nil {
			return nil, err
		}
		return []string{o.ID}, s.apply(ctx, a, o, st)
	})
	v, _, err := s.answer(ctx, a, ids, nil, err)
	return v, err
}

func (s *Service) apply(ctx context.Context, a access.Actor, o *Organisation, st step) error {
	was := o.Admission()
	if !o.allows(st.act) {
		return o.refuse(allowed(a, o))
	}
	if st.rule != nil {
		if err := st.rule(o); err != nil {
			return err
		}
	}
	o.move(st.act)
	if err := s.rows.Replace(ctx, o, usecase.Note(a, st.event, o.ID, st.reason)); err != nil {
		return err
	}
	if now := o.Admission(); now == was || (now != Suspended && now != Barred) {
		return nil
	}
	return s.stop(ctx, a, o)
}
