package sqlite

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// writeAll saves objects as a set leaves them. New ones go many by one statement: a set
// of an import is nearly nothing else.
func (a *Adapter) writeAll(ctx context.Context, run exec, writes []*store.Write, added sideRows) error {
	for len(writes) > 0 {
		w, n := writes[0], fresh(writes)
		if n == 0 {
			if err := a.writeOne(ctx, run, w, added); err != nil {
				return err
			}
			writes = writes[1:]
			continue
		}
		t, rows := a.nouns[w.Noun.Name], make([][]any, n)
		for i, w := range writes[:n] {
			var err error
			if rows[i], err = t.row(&w.Record); err != nil {
				return err
			}
		}
		if err := insert(ctx, run, t.insert, rows, t.replace); err != nil {
			return err
		}
		writes = writes[n:]
	}
	return nil
}

// fresh counts the new objects of one noun at the beginning of writes, as many as one
// goes on to make ready at a time.
func fresh(writes []*store.Write) int {
	n := 0
	for n < min(len(writes), step*manySteps) && writes[n].Change == store.Put && writes[n].Before == nil && writes[n].Noun == writes[0].Noun {
		n++
	}
	return n
}

func (a *Adapter) writeOne(ctx context.Context, run exec, w *store.Write, added sideRows) error {
	if w.Change == store.Remove {
		t := a.nouns[w.Noun.Name]
		if err := t.clear(ctx, run, w.Key.ID, w.Before, nil, added); err != nil {
			return err
		}
		return run(ctx, "DELETE FROM "+t.name+" WHERE id = ?", w.Key.ID)
	}
	return a.nouns[w.Noun.Name].put(ctx, run, &w.Record, w.Before, added)
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

// freshSides are the side rows of the objects that are new, in the order of their tables.
func (a *Adapter) freshSides(writes []*store.Write) sideRows {
	out := sideRows{}
	for _, w := range writes {
		if w.Change == store.Put && w.Before == nil {
			a.nouns[w.Noun.Name].fresh(w.Key.ID, w.Record.Values, out)
		}
	}
	for s, list := range out {
		out[s] = ordered(list)
	}
	return out
}

// ordered sorts side rows that come by id: those with one first value, a term of many
// names, are in their order then or nearly so.
func ordered(rows [][]any) [][]any {
	byFirst := map[string][][]any{}
	for _, row := range rows {
		first, ok := row[0].(string)
		if !ok {
			slices.SortFunc(rows, inOrder)
			return rows
		}
		byFirst[first] = append(byFirst[first], row)
	}
	out := rows[:0]
	for _, first := range slices.Sorted(maps.Keys(byFirst)) {
		slices.SortFunc(byFirst[first], inOrder)
		out = append(out, byFirst[first]...)
	}
	return out
}

// fresh adds all side rows of a new object.
func (t *table) fresh(id string, values store.Values, to sideRows) {
	for n, ix := range t.sides {
		to[side{t, n}] = append(to[side{t, n}], t.sideOf(ix, id, values)...)
	}
}

// add saves a new row and its side rows.
func (t *table) add(ctx context.Context, run exec, r *store.Record) error {
	added := sideRows{}
	t.fresh(r.ID, r.Values, added)
	if err := t.put(ctx, run, r, nil, added); err != nil {
		return err
	}
	return added.write(ctx, run)
}

// put saves a row. Of one that was there it takes out of the side tables what is no
// longer right, and what they miss it adds to added.
func (t *table) put(ctx context.Context, run exec, r *store.Record, before store.Values, added sideRows) error {
	if before == nil {
		row, err := t.row(r)
		if err != nil {
			return err
		}
		return insert(ctx, run, t.insert, [][]any{row}, t.replace)
	}
	values, err := bind(r.Values, make([]any, 0, len(r.Values)))
	if err != nil {
		return err
	}
	if err := t.update(ctx, run, r, values, before); err != nil {
		return err
	}
	return t.clear(ctx, run, r.ID, before, r.Values, added)
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

// clear removes side rows that are no longer right and gathers those that are missing.
func (t *table) clear(ctx context.Context, run exec, id string, before, after store.Values, added sideRows) error {
	for n, ix := range t.sides {
		if t.same(ix, before, after) {
			continue
		}
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
				added[side{t, n}] = append(added[side{t, n}], row)
			}
		}
	}
	return nil
}

// side is one side table, sideRows what is to be added to each.
type (
	side struct {
		t *table
		n int // of t.sides
	}
	sideRows map[side][][]any
)

// write adds all rows, in the order of the table: what many objects have in common
// lies together there.
func (rows sideRows) write(ctx context.Context, run exec) error {
	for s, list := range rows {
		slices.SortFunc(list, inOrder)
		if err := insert(ctx, run, "INSERT INTO "+s.t.side(s.t.sides[s.n]), list, ""); err != nil {
			return err
		}
	}
	return nil
}

// A statement adds step rows, manySteps times as many where there are: a name has about
// a dozen terms, and a statement costs more than a row.
const (
	step      = 8
	manySteps = 8
)

// insert adds rows of one table, many by one statement, which few texts serve.
func insert(ctx context.Context, run exec, into string, rows [][]any, tail string) error {
	for len(rows) > 0 {
		n := min(len(rows), step)
		if len(rows) >= step*manySteps && step*manySteps*len(rows[0]) <= maxVariables {
			n = step * manySteps
		}
		text := into + " VALUES " + marks(len(rows[0])) + strings.Repeat(", "+marks(len(rows[0])), n-1) + tail
		if err := run(ctx, text, slices.Concat(rows[:n]...)...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// maxVariables is how many variables a statement has at most; the engine's own bound is
// 32,766.
const maxVariables = 4096

// inOrder compares two rows of one side table.
func inOrder(a, b []any) int {
	for i := range a {
		c := 0
		switch v := a[i].(type) {
		case string:
			c = strings.Compare(v, b[i].(string))
		case int64:
			c = cmp.Compare(v, b[i].(int64))
		case float64:
			c = cmp.Compare(v, b[i].(float64))
		}
		if c != 0 {
			return c
		}
	}
	return 0
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
