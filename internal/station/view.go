package station

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a station as anybody reads it.
type View struct {
	ID            string
	Version       int64
	Name          string
	Kind          Kind
	Level         Level
	State         State
	Division      *division.View
	Address       *string
	Phone         *string
	Location      *place.Point
	Operator      *organisation.View // nil also when the reader may not see it yet
	Host          *string
	ServiceFields []codes.Code
	Haves         []HaveView
	HaveCount     int
	AcceptedAt    *time.Time
	StepNote      *string
	Retirement    *usecase.Retirement
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Get reads one station. NOT_FOUND if there is none.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	st, err := s.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, a, []*Station{st})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// Past shows a station as it was; what it points to is as it is now.
func (s *Service) Past(ctx context.Context, a access.Actor, st *Station, _ time.Time) (*View, error) {
	views, err := s.views(ctx, a, []*Station{st})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// Views reads stations by id; absent ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	found, err := s.rows.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]*Station, 0, len(found))
	for _, st := range found {
		rows = append(rows, st)
	}
	views, err := s.views(ctx, a, rows)
	out := make(map[string]*View, len(views))
	for _, v := range views {
		out[v.ID] = v
	}
	return out, err
}

// views keeps the order of the rows.
func (s *Service) views(ctx context.Context, a access.Actor, rows []*Station) ([]*View, error) {
	var places, operators []string
	for _, st := range rows {
		places = append(places, st.Division)
		if st.Operator != "" {
			operators = append(operators, st.Operator)
		}
	}
	divisions, err := s.divisions.Views(ctx, a, places)
	if err != nil {
		return nil, err
	}
	organisations, err := s.organisations.Views(ctx, a, operators)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(rows))
	for i, st := range rows {
		out[i] = &View{
			ID: st.ID, Version: st.Version, Name: st.Name, Kind: st.Kind, Level: st.Level, State: st.State,
			Division: divisions[st.Division], Address: usecase.Opt(st.Address), Phone: usecase.Opt(st.Phone), Location: st.Location,
			Operator: organisations[st.Operator],
			Host:     usecase.Opt(st.Host), ServiceFields: codes.Many(codes.ServiceField, st.Fields), Haves: st.haves(a), HaveCount: st.present(),
			AcceptedAt: usecase.Moment(st.AcceptedAt), StepNote: usecase.Opt(st.StepNote), Retirement: usecase.RetirementOf(&st.Head), CreatedAt: st.CreatedAt, UpdatedAt: st.UpdatedAt,
		}
	}
	return out, nil
}
