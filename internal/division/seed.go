package division

import (
	"context"
	"fmt"
	"slices"

	"github.com/fivesociety/linkage/internal/store"
)

// seedChunk is how many facts one unit of work writes.
const seedChunk = 500

// Seed writes the embedded facts that are wanted (nil: all) and the changes of code that
// are not stored yet, and says how many those were. Rows that are there stay as people left them. It is meant for start-up:
// when all is there it costs one read. Facts write no log entries: the history of
// a division begins with the first change that somebody makes.
func (s *Service) Seed(ctx context.Context, wanted func(Fact) bool) (added int, err error) {
	facts, ended := slices.Collect(Wanted(wanted)), Successions()
	if len(facts) == 0 {
		return 0, nil
	}
	// Chunks are written in order, each whole or not at all: the last row tells.
	last, former := ID(facts[len(facts)-1].Code), ID(ended[len(ended)-1].Code)
	there, err := s.rows.GetMany(ctx, []string{last, former})
	if err != nil || (there[last] != nil && there[former] != nil) {
		return 0, err
	}
	if there[last] != nil { // planted by a program that did not know of all changes
		return s.succeed(ctx, ended)
	}
	for chunk := range slices.Chunk(facts, seedChunk) {
		n, err := s.plant(ctx, chunk)
		if err != nil {
			return added, fmt.Errorf("seed divisions: %w", err)
		}
		added += n
	}
	n, err := s.succeed(ctx, ended)
	return added + n, err
}

func (s *Service) plant(ctx context.Context, facts []Fact) (added int, err error) {
	ids := make([]string, len(facts))
	for i, f := range facts {
		ids[i] = ID(f.Code)
	}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		added = 0
		there, err := s.rows.GetMany(ctx, ids)
		if err != nil {
			return err
		}
		for i, f := range facts {
			if there[ids[i]] != nil {
				continue
			}
			added++
			d := &Division{Head: store.Head{ID: ids[i]}, Code: f.Code, Name: f.Name, Successors: []string{}}
			if err := s.rows.Insert(ctx, d, store.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	return added, err
}
