package sqlite

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

func (a *Adapter) writeOne(ctx context.Context, run exec, w *store.Write) error {
	if w.Change == store.Remove {
		t := a.nouns[w.Noun.Name]
		if err := t.clear(ctx, run, w.Key.ID, w.Before, nil); err != nil {
			return err
		}
		return run(ctx, "DELETE FROM "+t.name+" WHERE id = ?", w.Key.ID)
	}
	return a.nouns[w.Noun.Name].put(ctx, run, &w.Record, w.Before)
}

// bump saves the guards that a batch's sets bumped, each once: many sets of a batch
// bump one.
func (a *Adapter) bump(ctx context.Context, sets []*store.Set) error {
	last := map[string]int64{}
	for _, s := range sets {
		for _, w := range s.Writes {
			if w.Change == store.Bump {
				last[w.Key.ID] = w.Record.Revision
			}
		}
	}
	for id, revision := range last {
		if err := a.writer.exec(ctx, `INSERT OR REPLACE INTO guard (id, revision) VALUES (?, ?)`, id, revision); err != nil {
			return err
		}
	}
	return nil
}

// put saves a row and brings its side tables up to date.
func (t *table) put(ctx context.Context, run exec, r *store.Record, before store.Values) error {
	values, err := bind(r.Values)
	if err != nil {
		return err
	}
	if before == nil {
		err = run(ctx, t.insert, append([]any{r.ID, r.Version, r.Revision, r.Shape, []byte(r.Body)}, values...)...)
	} else {
		err = t.update(ctx, run, r, values, before)
	}
	if err != nil {
		return err
	}
	return t.clear(ctx, run, r.ID, before, r.Values)
}

// update saves what differs. The engine rewrites the entries of every index that
// one of the named columns is in, equal or not.
func (t *table) update(ctx context.Context, run exec, r *store.Record, values []any, before store.Values) error {
	text, args := "UPDATE "+t.name+" SET version = ?, revision = ?, shape = ?, doc = ?", []any{r.Version, r.Revision, r.Shape, []byte(r.Body)}
	for i, v := range r.Values {
		if !reflect.DeepEqual(v, before[i]) {
			text, args = text+", "+t.columns[i]+" = ?", append(args, values[i])
		}
	}
	return run(ctx, text+" WHERE id = ?", append(args, r.ID)...)
}

// clear removes side rows that are no longer right and adds those that are missing.
func (t *table) clear(ctx context.Context, run exec, id string, before, after store.Values) error {
	for _, ix := range t.sides {
		if t.same(ix, before, after) {
			continue
		}
		var fresh [][]any
		if before == nil && after != nil {
			fresh = t.sideRows(ix, id, after)
		} else {
			old, now := t.rowSet(ix, id, before), t.rowSet(ix, id, after)
			for k, row := range old {
				if _, stays := now[k]; stays {
					continue
				}
				if err := run(ctx, "DELETE FROM "+t.side(ix)+" WHERE "+t.sideKey(ix), row...); err != nil {
					return err
				}
			}
			for k, row := range now {
				if _, there := old[k]; !there {
					fresh = append(fresh, row)
				}
			}
		}
		if err := t.sideInsert(ctx, run, ix, fresh); err != nil {
			return err
		}
	}
	return nil
}

// sideStep is how many side rows one statement adds: a name has about a dozen terms,
// and a statement costs more than a row.
const sideStep = 8

func (t *table) sideInsert(ctx context.Context, run exec, ix []string, rows [][]any) error {
	for some := range slices.Chunk(rows, sideStep) {
		text := "INSERT INTO " + t.side(ix) + " VALUES " + marks(len(some[0])) + strings.Repeat(", "+marks(len(some[0])), len(some)-1)
		if err := run(ctx, text, slices.Concat(some...)...); err != nil {
			return err
		}
	}
	return nil
}

// same reports whether no field of an index differs.
func (t *table) same(index []string, before, after store.Values) bool {
	if before == nil || after == nil {
		return false
	}
	for _, name := range index {
		if at := t.def.Position(name); !reflect.DeepEqual(before[at], after[at]) {
			return false
		}
	}
	return true
}
