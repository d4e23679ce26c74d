package division

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

//go:embed data/changes.csv
var changes []byte

// Succession is one embedded change of code: from Day on, Code stands no more and
// Next do. Source says who tells so.
type Succession struct {
	Code, Name string
	Day        usecase.Date
	Next       []string // short codes
	Source     string
}

// Successions lists the embedded changes of code, oldest first. It panics if the
// embedded file is damaged: no such program may run.
func Successions() []Succession {
	out, err := successions(changes)
	if err != nil {
		panic(err)
	}
	return out
}

func successions(file []byte) ([]Succession, error) {
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read changes of division codes: %w", err)
	}
	var out []Succession
	for _, line := range lines[1:] {
		c := Succession{Code: line[0], Name: line[1], Day: usecase.Date(line[2]), Next: strings.Split(line[3], ";"), Source: line[4]}
		_, err := c.Day.Start()
		if err != nil || slices.ContainsFunc(append([]string{c.Code}, c.Next...), func(code string) bool { return TypeOf(code) == typeUnknown || Short(code) != code }) {
			return nil, fmt.Errorf("changes of division codes: %q is no change", line)
		}
		out = append(out, c)
	}
	return out, nil
}

// succeed plants the embedded changes of code that are not stored yet: the old
// division with its end, and the first day of those that follow. What people have
// said of either stays.
func (s *Service) succeed(ctx context.Context, list []Succession) (added int, err error) {
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		added = 0
		for _, c := range list {
			n, err := s.end(ctx, c)
			if err != nil {
				return fmt.Errorf("seed the end of %s: %w", c.Code, err)
			}
			added += n
		}
		return nil
	})
	return added, err
}

func (s *Service) end(ctx context.Context, c Succession) (added int, err error) {
	next := make([]string, len(c.Next))
	for i, code := range c.Next {
		next[i] = ID(code)
	}
	rows, err := s.rows.GetMany(ctx, append([]string{ID(c.Code)}, next...))
	if err != nil || rows[ID(c.Code)] != nil {
		return 0, err
	}
	for _, id := range next {
		if d := rows[id]; d != nil && d.ValidFrom == "" {
			d.ValidFrom = c.Day
			if err := s.rows.Touch(ctx, d, store.Note{}); err != nil {
				return 0, err
			}
		}
	}
	old := &Division{Head: store.Head{ID: ID(c.Code)}, Code: c.Code, Name: c.Name, ValidTo: c.Day, Successors: next}
	return 1, s.rows.Insert(ctx, old, store.Note{})
}
