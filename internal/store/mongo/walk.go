package mongo

import (
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// walk is one scan in MongoDB's words. The bounds are given as min and max of the
// named index, not as conditions: so the server has one plan, reads exactly the
// keys of the page, and never sorts.
type walk struct {
	filter   bson.D
	min, max bson.D
	sort     bson.D
	index    string
	empty    bool // no key lies between min and max
}

// edge is one end of the range of keys: the sort key's value and the id. A nil
// means that this part is open.
type edge struct{ key, id any }

func (t *table) walk(s store.Scan) walk {
	w := walk{index: indexName(s.Index)}
	used := map[int]bool{} // conditions that the bounds guarantee
	for _, name := range s.Index {
		if name == s.Sort {
			continue
		}
		if i := equal(s.Where, name); i >= 0 {
			used[i] = true
			w.bound("f."+name, s.Where[i].Vals[0], s.Where[i].Vals[0])
		}
	}
	low, high := w.edges(s)
	if s.Sort != "" {
		w.bound("f."+s.Sort, orElse(low.key, bson.MinKey{}), orElse(high.key, bson.MaxKey{}))
	}
	w.bound("_id", orElse(low.id, bson.MinKey{}), orElse(high.id, bson.MaxKey{}))
	var rest bson.A
	for i, f := range s.Where {
		if !used[i] {
			rest = append(rest, term(f))
		}
	}
	if s.After != nil && !s.Desc { // min is inclusive, max is not
		rest = append(rest, bson.D{{Key: "_id", Value: bson.D{{Key: "$ne", Value: s.After.ID}}}})
	}
	w.filter = bson.D{}
	if len(rest) > 0 {
		w.filter = bson.D{{Key: "$and", Value: rest}}
	}
	w.sort = order(s)
	return w
}

// edges are the narrowest range that the conditions on the sort key and the
// cursor leave.
func (w *walk) edges(s store.Scan) (low, high edge) {
	for _, f := range s.Where {
		if f.Field != s.Sort || s.Sort == "" {
			continue
		}
		switch f.Op { //nolint:exhaustive // the others bound nothing
		case store.Gte:
			if e := (edge{key: f.Vals[0]}); low.key == nil || less(low.key, e.key) {
				low = e
			}
		case store.Lt:
			if e := (edge{key: f.Vals[0], id: bson.MinKey{}}); high.key == nil || less(e.key, high.key) {
				high = e
			}
		}
	}
	if s.After == nil {
		w.empty = crossed(low, high)
		return low, high
	}
	at := edge{key: s.After.Key, id: s.After.ID}
	if s.Desc {
		if high.key == nil || less(at.key, high.key) {
			high = at
		}
	} else if low.key == nil || !less(at.key, low.key) {
		low = at
	}
	w.empty = crossed(low, high)
	return low, high
}

// crossed reports whether high, exclusive, is not behind low.
func crossed(low, high edge) bool {
	return low.key != nil && high.key != nil && !less(low.key, high.key) && (less(high.key, low.key) || notBehind(high.id, low.id))
}

func notBehind(high, low any) bool {
	h, ok := high.(string)
	if !ok {
		return high != nil // MinKey: nothing of this key
	}
	l, ok := low.(string)
	return ok && h <= l
}

func (w *walk) bound(name string, low, high any) {
	w.min = append(w.min, bson.E{Key: name, Value: low})
	w.max = append(w.max, bson.E{Key: name, Value: high})
}

func orElse(v, other any) any {
	if v == nil {
		return other
	}
	return v
}

func order(s store.Scan) bson.D {
	dir := 1
	if s.Desc {
		dir = -1
	}
	if s.Sort == "" {
		return bson.D{{Key: "_id", Value: dir}}
	}
	return bson.D{{Key: "f." + s.Sort, Value: dir}, {Key: "_id", Value: dir}}
}

// equal finds the condition that fixes a field of the index, -1 if none does.
func equal(conj []store.Filter, field string) int {
	for i, f := range conj {
		if f.Field == field && (f.Op == store.Has || f.Op == store.Eq) {
			return i
		}
	}
	return -1
}

func less(a, b any) bool {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return x < y
	case int64:
		y, _ := b.(int64)
		return x < y
	case float64:
		y, _ := b.(float64)
		return x < y
	}
	return false
}

// term writes one filter.
func term(f store.Filter) bson.D {
	name := "f." + f.Field
	with := func(op string, v any) bson.D { return bson.D{{Key: name, Value: bson.D{{Key: op, Value: v}}}} }
	switch f.Op {
	case store.True:
		return bson.D{}
	case store.False:
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{}}}}}
	case store.And, store.Or:
		subs := make(bson.A, len(f.Subs))
		for i, s := range f.Subs {
			subs[i] = term(s)
		}
		return bson.D{{Key: map[store.Op]string{store.And: "$and", store.Or: "$or"}[f.Op], Value: subs}}
	case store.In:
		return with("$in", bson.A(f.Vals))
	case store.Gte:
		return with("$gte", f.Vals[0])
	case store.Lt:
		return with("$lt", f.Vals[0])
	case store.Lacks:
		return with("$ne", f.Vals[0])
	case store.Prefix:
		return prefix(name, f.Vals[0].(string))
	case store.Eq, store.Has:
	}
	return with("$eq", f.Vals[0])
}

// prefix is a range: all texts from the prefix up to the next one that does not
// have it. Valid UTF-8 is ordered by code point in both worlds.
func prefix(name, p string) bson.D {
	between := bson.D{{Key: "$gte", Value: p}}
	if end, ok := successor(p); ok {
		between = append(between, bson.E{Key: "$lt", Value: end})
	}
	return bson.D{{Key: name, Value: between}}
}

func successor(p string) (string, bool) {
	for p != "" {
		r, n := utf8.DecodeLastRuneInString(p)
		p = p[:len(p)-n]
		switch r {
		case utf8.MaxRune:
			continue // nothing is behind it: the rune in front of it has to grow
		case 0xD7FF:
			r = 0xE000 // the gap of the surrogates
		default:
			r++
		}
		return p + string(r), true
	}
	return "", false
}
