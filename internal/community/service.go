package community

import (
	"context"
	"fmt"
	"slices"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of communities.
type Service struct {
	core      *usecase.Core
	rows      *store.Collection[Community]
	divisions *division.Service
	stations  *station.Service
}

// New registers the noun; call it before the store starts.
func New(core *usecase.Core, divisions *division.Service, stations *station.Service) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), divisions: divisions, stations: stations}
	stations.OnServe(s.servable)
	return s
}

// servable refuses a station to begin with a community that is out of use: RETIRED.
func (s *Service) servable(ctx context.Context, code string) error {
	_, err := s.InUse(ctx, ID(code))
	if fault.CodeOf(err) == fault.CodeNotFound { // a division that nobody made a community of yet
		return nil
	}
	return err
}

// Load reads a community by id, for other packages' use cases.
func (s *Service) Load(ctx context.Context, id string) (*Community, error) {
	if err := usecase.ID(id, prefix); err != nil {
		return nil, err
	}
	return s.rows.Get(ctx, id)
}

// InUse is Load for what is to stand in a community from now on: RETIRED for one that
// is out of use.
func (s *Service) InUse(ctx context.Context, id string) (*Community, error) {
	c, err := store.OncePerUnit(ctx, s.rows, id, func() (*Community, error) { return s.Load(ctx, id) })
	if err != nil {
		return nil, err
	}
	own := *c
	return &own, own.InUse()
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Community] { return s.rows }

// seedChunk is how many communities one unit of work writes.
const seedChunk = 500

// Seed makes the communities of the embedded facts that are wanted (nil: all) and not
// there yet, and says how many those were. Like division.Seed, which comes before it, it
// costs one read when all is there, and writes no log entries.
func (s *Service) Seed(ctx context.Context, wanted func(division.Fact) bool) (added int, err error) {
	var facts []*Community
	for f := range division.Wanted(wanted) {
		if f.Level == division.LevelCommunity {
			facts = append(facts, of(f.Code, f.Name))
		}
	}
	if len(facts) == 0 {
		return 0, nil
	}
	// Chunks are written in order, each whole or not at all: the last row tells.
	last, err := s.rows.GetMany(ctx, []string{facts[len(facts)-1].ID})
	if err != nil || len(last) > 0 {
		return 0, err
	}
	for chunk := range slices.Chunk(facts, seedChunk) {
		n, err := s.plant(ctx, chunk)
		if err != nil {
			return added, fmt.Errorf("seed communities: %w", err)
		}
		added += n
	}
	return added, nil
}

// Found makes the communities of those among new divisions that are of community
// level, in the caller's unit of work. Like the embedded ones they write no log
// entries.
func (s *Service) Found(ctx context.Context, places []*division.Division) error {
	var facts []*Community
	for _, d := range places {
		if division.LevelOf(d.Code) == division.LevelCommunity {
			facts = append(facts, of(d.Code, d.Name))
		}
	}
	_, err := s.plant(ctx, facts)
	return err
}

func (s *Service) plant(ctx context.Context, facts []*Community) (added int, err error) {
	ids := make([]string, len(facts))
	for i, c := range facts {
		ids[i] = c.ID
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		added = 0
		there, err := s.rows.GetMany(ctx, ids)
		if err != nil {
			return err
		}
		for _, c := range facts {
			if there[c.ID] != nil {
				continue
			}
			added++
			if err := s.rows.Insert(ctx, c, store.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	return added, err
}
