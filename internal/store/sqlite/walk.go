package sqlite

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/store"
)

// walk writes the SQL of one ordered walk. A side table comes first in a CROSS
// JOIN, which the planner may not reorder.
func (t *table) walk(s store.Scan) (string, []any) {
	w := &where{t: t}
	from, key := t.source(s, w)
	order := "t.id"
	if key.table != "" {
		order = key.table + ".id"
	}
	w.id, w.by, w.key = order, s.Sort, key.sort
	w.after(s, key.sort, order)
	for _, f := range s.Where {
		if !w.walks(s, f) {
			w.and(w.term(f))
		}
	}
	dir := ""
	if s.Desc {
		dir = " DESC"
	}
	by := order + dir
	if key.sort != "" {
		by = key.sort + dir + ", " + by
	}
	var b strings.Builder
	b.WriteString("SELECT t.id, t.version, t.revision, t.shape, t.doc")
	if s.Sort != "" {
		b.WriteString(", t." + column(s.Sort))
	}
	b.WriteString(" FROM " + from)
	if len(w.conds) > 0 {
		b.WriteString(" WHERE " + strings.Join(w.conds, " AND "))
	}
	b.WriteString(" ORDER BY " + by + " LIMIT ?")
	return b.String(), append(w.args, int64(s.Limit))
}

// walks reports whether the walk itself guarantees a condition on an array.
func (w *where) walks(s store.Scan, f store.Filter) bool {
	if f.Op != store.Has || !slices.Contains(s.Index, f.Field) {
		return false
	}
	walked, ok := equal(s.Where, f.Field, true)
	return ok && walked.Vals[0] == f.Vals[0]
}

type orderKey struct{ table, sort string }

// source is the FROM part and the order's columns.
func (t *table) source(s store.Scan, w *where) (string, orderKey) {
	key := orderKey{}
	if len(s.Index) == 0 {
		return t.name + " AS t", key
	}
	at := t.array(s.Index)
	if at < 0 {
		if s.Sort != "" {
			key.sort = "t." + column(s.Sort)
		}
		return t.name + " AS t INDEXED BY " + t.index(s.Index), key
	}
	key.table = "s"
	if s.Sort != "" {
		key.sort = "s." + column(s.Sort)
	}
	for i, name := range s.Index {
		if name == s.Sort {
			continue
		}
		f, ok := equal(s.Where, name, i == at)
		if ok {
			w.and("s." + column(name) + " = ?")
			w.args = append(w.args, f.Vals[0])
		}
	}
	return t.side(s.Index) + " AS s CROSS JOIN " + t.name + " AS t ON t.id = s.id", key
}

func equal(conj []store.Filter, field string, array bool) (store.Filter, bool) {
	for _, f := range conj {
		if f.Field == field && ((array && f.Op == store.Has) || (!array && f.Op == store.Eq)) {
			return f, true
		}
	}
	return store.Filter{}, false
}

// where gathers conditions and their arguments in order.
type where struct {
	t     *table
	id    string // the column of the row's id that is known first
	by    string // the field of the order, and its column in what is walked
	key   string
	conds []string
	args  []any
}

func (w *where) and(cond string) {
	if cond != "" {
		w.conds = append(w.conds, cond)
	}
}

func (w *where) after(s store.Scan, sort, id string) {
	if s.After == nil {
		return
	}
	sign := ">"
	if s.Desc {
		sign = "<"
	}
	if sort == "" {
		w.and(id + " " + sign + " ?")
		w.args = append(w.args, s.After.ID)
		return
	}
	w.and("(" + sort + ", " + id + ") " + sign + " (?, ?)")
	w.args = append(w.args, s.After.Key, s.After.ID)
}

// term writes one filter over the row's columns.
func (w *where) term(f store.Filter) string {
	switch f.Op {
	case store.True:
		return ""
	case store.False:
		return "0"
	case store.And, store.Or:
		return w.join(f)
	}
	c := "t." + column(f.Field)
	if f.Field == w.by && w.key != "" {
		c = w.key // bounds of the walk
	}
	if f.Op == store.In {
		return c + " IN " + w.list(f.Vals)
	}
	w.args = append(w.args, f.Vals...)
	switch f.Op {
	case store.Gte:
		return c + " >= ?"
	case store.Lt:
		return c + " < ?"
	case store.Has:
		return w.has(f.Field, c)
	case store.Lacks:
		return "(" + c + " = '[]' OR NOT EXISTS (SELECT 1 FROM json_each(" + c + ") WHERE value = ?))" // most lists are empty
	case store.Prefix:
		w.args = append(w.args, f.Vals...)
		return "substr(" + c + ", 1, length(?)) = ?"
	}
	return c + " = ?"
}

// has asks the side table of the field if it has one of its own: a look-up by key
// instead of reading the row's list.
func (w *where) has(field, column string) string {
	if own := []string{field}; slices.ContainsFunc(w.t.sides, func(s []string) bool { return slices.Equal(s, own) }) {
		return "EXISTS (SELECT 1 FROM " + w.t.side(own) + " AS h WHERE h." + column[len("t."):] + " = ? AND h.id = " + w.id + ")"
	}
	return "EXISTS (SELECT 1 FROM json_each(" + column + ") WHERE value = ?)"
}

// list writes the values of an IN. A long one is one JSON argument: the engine
// takes at most 32,766. A short one is padded to a power of two, so that lists of
// every length share a few prepared statements.
func (w *where) list(vals []any) string {
	if len(vals) > chunk {
		raw, err := json.Marshal(vals)
		if err == nil { // texts and numbers always are JSON; NaN is not, and equals nothing
			w.args = append(w.args, string(raw))
			return "(SELECT value FROM json_each(?))"
		}
	}
	vals = padded(vals)
	w.args = append(w.args, vals...)
	return marks(len(vals))
}

// padded repeats the last value up to the next power of two.
func padded[V any](list []V) []V {
	n := 1
	for n < len(list) {
		n *= 2
	}
	out := make([]V, 0, n)
	out = append(out, list...)
	for len(out) < n {
		out = append(out, list[len(list)-1])
	}
	return out
}

func (w *where) join(f store.Filter) string {
	var parts []string
	for _, s := range f.Subs {
		if p := w.term(s); p != "" {
			parts = append(parts, p)
		} else if f.Op == store.Or {
			return ""
		}
	}
	return "(" + strings.Join(parts, map[store.Op]string{store.And: " AND ", store.Or: " OR "}[f.Op]) + ")"
}
