package organisation

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is an organisation as a reader sees it. Nothing of it is masked: who sees
// the row sees its facts.
type View struct {
	ID                    string
	Version               int64
	Name                  string
	Kind                  Kind
	SocialKind            *SocialKind
	CreditCode            *string
	FilingNumber          *string
	Admission             Admission
	Credit                Credit
	Division              *division.View
	Phone                 *string
	Profile               *string
	PublicFundraising     bool
	RegistrationAuthority *string
	CreditLabel           *string
	CreditSource          *string
	CreditCheckedAt       *time.Time
	Fundraising           *QualificationView
	Rating                *Rating
	AllowedActions        []Action
	Retirement            *usecase.Retirement
	CreatedAt             time.Time
	UpdatedAt             time.Time
}

// Get reads one organisation. NOT_FOUND if there is none that the actor may see.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	views, err := s.Views(ctx, a, []string{id})
	if err == nil && views[id] == nil {
		err = fault.New(fault.CodeNotFound)
	}
	return views[id], err
}

// Past shows an organisation as it was, without steps to take; what it points to is as
// it is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, o *Organisation, at time.Time) (*View, error) {
	views, err := s.viewsAt(ctx, a, []*Organisation{o}, at)
	if err != nil {
		return nil, err
	}
	v := views[o.ID]
	if v == nil {
		return nil, fault.New(fault.CodeNotFound)
	}
	v.AllowedActions = nil
	return v, nil
}

// Views reads organisations by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	found, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]*Organisation, 0, len(found))
	for _, o := range found {
		rows = append(rows, o)
	}
	return s.views(ctx, a, rows)
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Organisation) (map[string]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Organisation, now time.Time) (map[string]*View, error) {
	sight, today, places := s.Sight(a), usecase.DateOf(now), make([]string, 0, len(rows))
	for _, o := range rows {
		places = append(places, o.Division)
	}
	divisions, err := s.divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*View, len(rows))
	for _, o := range rows {
		if sight.Of(&o.Header) == access.Hidden {
			continue
		}
		v := o.view(divisions[o.Division], today)
		v.AllowedActions = allowed(a, o)
		out[o.ID] = v
	}
	return out, nil
}

func (o *Organisation) view(place *division.View, today usecase.Date) *View {
	return &View{
		ID: o.ID, Version: o.Version, Name: o.Name, Kind: o.Kind, SocialKind: usecase.Opt(o.SocialKind()),
		CreditCode: usecase.Opt(o.CreditCode), FilingNumber: usecase.Opt(o.FilingNumber),
		Admission: o.Admission(), Credit: o.Credit, Division: place, Phone: usecase.Opt(o.Phone), Profile: usecase.Opt(o.Profile),
		PublicFundraising: o.Raises(today), RegistrationAuthority: usecase.Opt(o.Authority), CreditLabel: usecase.Opt(o.CreditLabel),
		CreditSource: usecase.Opt(o.CreditSource), CreditCheckedAt: usecase.Moment(o.CreditChecked), Fundraising: o.Qualification.view(),
		Rating: usecase.Opt(o.Rating), Retirement: usecase.RetirementOf(&o.Head), CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt,
	}
}
