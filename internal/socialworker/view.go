package socialworker

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a social worker as one reader sees them: name, employer and certificate
// from LIMITED on, the telephone from CONTACT on. Hidden names what was withheld.
type View struct {
	ID             string
	Version        int64
	DisplayName    string
	Name           *string
	Phone          *string
	Employer       *organisation.View
	Station        *station.View
	PracticeFields []codes.Code
	Skills         []codes.Code
	Certificate    *CertificateView
	Active         bool
	Hidden         []string
	Retirement     *usecase.Retirement
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// CertificateView is a certificate as shown.
type CertificateView struct {
	Level        Level
	MaskedNumber string
	State        CertificateState
	RegisteredOn *usecase.Date
	ValidTo      *usecase.Date
}

// Get reads one social worker. NOT_FOUND if there is none that the actor may see.
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

// Views reads social workers by id; what is absent or hidden is not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	return s.byID(ctx, a, ids, access.Hidden)
}

// Named is Views for those whom a row names that the actor sees, as who serves them
// or works with them: whom the rule would hide is shown by display name.
func (s *Service) Named(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	return s.byID(ctx, a, ids, access.Blind)
}

func (s *Service) byID(ctx context.Context, a access.Actor, ids []string, least access.Mask) (map[string]*View, error) {
	found, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	sight, masks := s.Sight(a), make(map[string]access.Mask, len(found))
	rows := make([]*SocialWorker, 0, len(found))
	for _, w := range found {
		if m := max(sight.Of(&w.Header), least); m > access.Hidden {
			masks[w.ID], rows = m, append(rows, w)
		}
	}
	return s.views(ctx, a, rows, masks)
}

// Past shows a worker as they were; what the row points to is as it is now. NOT_FOUND
// when the actor did not see them then.
func (s *Service) Past(ctx context.Context, a access.Actor, w *SocialWorker, at time.Time) (*View, error) {
	mask := s.Sight(a).Of(&w.Header)
	if mask == access.Hidden {
		return nil, fault.New(fault.CodeNotFound)
	}
	views, err := s.viewsAt(ctx, a, []*SocialWorker{w}, map[string]access.Mask{w.ID: mask}, at)
	return views[w.ID], err
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*SocialWorker, masks map[string]access.Mask) (map[string]*View, error) {
	return s.viewsAt(ctx, a, rows, masks, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*SocialWorker, masks map[string]access.Mask, now time.Time) (map[string]*View, error) {
	var posts, employers []string
	for _, w := range rows {
		posts = append(posts, w.Header.Station)
		if w.Employer != "" {
			employers = append(employers, w.Employer)
		}
	}
	stations, err := s.stations.Views(ctx, a, posts)
	if err != nil {
		return nil, err
	}
	organisations, err := s.organisations.Views(ctx, a, employers)
	if err != nil {
		return nil, err
	}
	today := usecase.DateOf(now)
	out := make(map[string]*View, len(rows))
	for _, w := range rows {
		v := w.view(masks[w.ID], organisations[w.Employer], today)
		v.Station = stations[w.Header.Station]
		out[w.ID] = v
	}
	return out, nil
}

func (w *SocialWorker) view(m access.Mask, employer *organisation.View, today usecase.Date) *View {
	v := &View{
		ID: w.ID, Version: w.Version, DisplayName: w.DisplayName(), Active: w.Active(), Hidden: []string{},
		PracticeFields: codes.Many(codes.PracticeField, w.PracticeFields), Skills: codes.Many(codes.Skill, w.Skills),
		Retirement: usecase.RetirementOf(&w.Head), CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
	}
	if m >= access.Limited {
		v.Name, v.Employer, v.Certificate = usecase.Opt(w.Private.Name), employer, w.certificate(today)
	} else {
		v.Hidden = append(v.Hidden, "name", "employer", "certificate")
	}
	if m >= access.Contact {
		v.Phone = usecase.Opt(w.Private.Phone)
	} else {
		v.Hidden = append(v.Hidden, "phone")
	}
	return v
}

func (w *SocialWorker) certificate(today usecase.Date) *CertificateView {
	c := w.Certificate
	if c.Level == "" {
		return nil
	}
	return &CertificateView{
		Level: c.Level, MaskedNumber: maskNumber(w.Private.Number), State: c.StateOn(today),
		RegisteredOn: usecase.Opt(c.RegisteredOn), ValidTo: usecase.Opt(c.ValidTo()),
	}
}
