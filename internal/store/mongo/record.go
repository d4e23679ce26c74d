package mongo

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// record reads a stored row. It keeps nothing of raw, which the cursor reuses.
func (t *table) record(raw bson.Raw) (store.Record, error) {
	r, fields, err := frame(raw)
	if err == nil && t != nil {
		r.Values, err = t.values(fields)
	}
	return r, err
}

// found reads a row of a walk: the sort key instead of all values.
func (t *table) found(raw bson.Raw, sort string) (store.Record, error) {
	r, fields, err := frame(raw)
	if err == nil && sort != "" {
		r.Key = value(t.def.Fields[t.def.Position(sort)].Kind, fields.Lookup(sort))
	}
	return r, err
}

// frame reads what every row has, and its declared values as stored.
func frame(raw bson.Raw) (r store.Record, fields bson.Raw, err error) {
	elements, err := slices.Clone(raw).Elements()
	if err != nil {
		return r, nil, fmt.Errorf("decode row: %w", err)
	}
	for _, e := range elements {
		v := e.Value()
		switch e.Key() {
		case "_id":
			r.ID, _ = v.StringValueOK()
		case "v":
			r.Version, _ = v.AsInt64OK()
		case "r":
			r.Revision, _ = v.AsInt64OK()
		case "shape":
			n, _ := v.AsInt64OK()
			r.Shape = int32(n) //nolint:gosec // written as int32
		case "f":
			fields, _ = v.DocumentOK()
		case "b":
			r.Body, _ = v.DocumentOK()
		}
	}
	return r, fields, nil
}

// values reads the declared values, which stand in the order of the definition
// unless the row is older than it.
func (t *table) values(fields bson.Raw) (store.Values, error) {
	out := make(store.Values, len(t.def.Fields))
	elements, err := fields.Elements()
	if err != nil && fields != nil {
		return nil, fmt.Errorf("decode values: %w", err)
	}
	for i, e := range elements {
		at := i
		if name := e.Key(); at >= len(t.def.Fields) || t.def.Fields[at].Name != name {
			if at = t.def.Position(name); at < 0 {
				continue
			}
		}
		out[at] = value(t.def.Fields[at].Kind, e.Value())
	}
	for i, f := range t.def.Fields {
		if out[i] == nil {
			out[i] = value(f.Kind, bson.RawValue{})
		}
	}
	return out, nil
}

// value turns a stored value into a declared one; what is missing is the kind's zero.
func value(k store.Kind, v bson.RawValue) any {
	switch k {
	case store.Int:
		n, _ := v.AsInt64OK()
		return n
	case store.Real:
		n, _ := v.DoubleOK()
		return n
	case store.Texts, store.Terms:
		return list(v)
	case store.Text:
	}
	s, _ := v.StringValueOK()
	return s
}

func list(v bson.RawValue) []string {
	out := []string{}
	array, ok := v.ArrayOK()
	if !ok {
		return out
	}
	items, err := array.Values()
	if err != nil {
		return out
	}
	for _, item := range items {
		s, _ := item.StringValueOK()
		out = append(out, s)
	}
	return out
}
