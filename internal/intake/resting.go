package intake

import (
	"context"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// resting makes an outlet write only what can go in again: a row that names one which
// its own table leaves out, such as a volunteer who has left, is left out too if the
// name stands in a column of needs. In one of drops it goes without the name.
func (o outlet) resting(needs, drops []string) outlet {
	each, find := o.each, o.find
	o.each = func(ctx context.Context, n Nouns, s speech, fn func(map[string]string) error) (int, error) {
		more := 0
		left, err := each(ctx, n, s, func(cells map[string]string) error {
			ok, err := s.rests(ctx, n, cells, needs, drops)
			if err == nil && ok {
				return fn(cells)
			}
			more++
			return err
		})
		return left + more, err
	}
	o.find = func(ctx context.Context, n Nouns, s speech, key string) (map[string]string, string, bool, error) {
		cells, id, ok, err := find(ctx, n, s, key)
		if err == nil {
			var all bool
			all, err = s.rests(ctx, n, cells, needs, drops)
			ok = ok && all
		}
		return cells, id, ok, err
	}
	return o
}

// rests takes the names that no table holds out of the drops, and reports whether all
// of the needs are held.
func (s speech) rests(ctx context.Context, n Nouns, cells map[string]string, needs, drops []string) (bool, error) {
	for _, column := range slices.Concat(needs, drops) {
		var kept []string
		cut := false
		for _, part := range lists(cells[column]) {
			id := part[strings.LastIndex(part, ":")+1:]
			held, err := s.holds(ctx, n, id)
			switch {
			case err != nil:
				return false, err
			case held:
				kept = append(kept, part)
			case slices.Contains(needs, column):
				return false, nil
			case strings.Count(part, ":") > 1: // what stands before it stands without it
				kept = append(kept, strings.TrimSuffix(part, ":"+id))
			}
			cut = cut || !held
		}
		if cut {
			cells[column] = strings.Join(kept, ";")
		}
	}
	return true, nil
}

// holds reports whether the table of an id's kind has a row of it. What is no id of
// any table's is not asked for.
func (s speech) holds(ctx context.Context, n Nouns, id string) (bool, error) {
	i := slices.IndexFunc(s.tables, func(t table) bool { return t.prefix != "" && t.prefix == store.IDPrefix(id) })
	if i < 0 {
		return true, nil
	}
	_, _, ok, err := s.tables[i].out.find(ctx, n, s, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return ok, err
}
