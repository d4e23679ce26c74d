package socialworker

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of social workers.
type Service struct {
	core          *usecase.Core
	rows          *store.Collection[SocialWorker]
	organisations *organisation.Service
	stations      *station.Service
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, organisations *organisation.Service, stations *station.Service) *Service {
	return &Service{core: core, rows: store.Register(core.DB, spec()), organisations: organisations, stations: stations}
}

// Load reads a social worker unmasked, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*SocialWorker, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// Sight is the actor's view of social workers.
func (s *Service) Sight(a access.Actor) *access.Sight { return access.See(a, Noun) }

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[SocialWorker] { return s.rows }

// post gives the social worker a post at a station: administrators of the place and
// the station's own coordinator may.
func (s *Service) post(ctx context.Context, a access.Actor, w *SocialWorker, id string) error {
	st, err := s.stations.Named(ctx, id, "input", "stationId")
	if err != nil {
		return err
	}
	if err := st.MayRun(a, "worker.create"); err != nil {
		return err
	}
	w.Header.Station = st.ID
	w.Header.Place(division.Short(st.Code()))
	return nil
}
