package store

import (
	"encoding/binary"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// split takes the personal top-level fields out of a body. A field named for two
// subjects goes to the first.
func split(body bson.Raw, personal []Personal) (bson.Raw, []Part, error) {
	owner := map[string]int{}
	for i, p := range personal {
		for _, f := range p.Fields {
			if _, taken := owner[f]; !taken {
				owner[f] = i
			}
		}
	}
	if len(owner) == 0 {
		return body, nil, nil
	}
	elements, err := body.Elements()
	if err != nil {
		return nil, nil, fmt.Errorf("split body: %w", err)
	}
	public, parts := newDoc(len(body)), make([]bson.Raw, len(personal))
	for _, e := range elements {
		i, ok := owner[e.Key()]
		switch {
		case !ok:
			public = append(public, e...)
		case parts[i] == nil:
			parts[i] = append(newDoc(len(body)), e...)
		default:
			parts[i] = append(parts[i], e...)
		}
	}
	out := make([]Part, 0, len(parts))
	for i, d := range parts {
		if d != nil && personal[i].Subject != "" {
			out = append(out, Part{Subject: personal[i].Subject, Body: endDoc(d)})
		}
	}
	return endDoc(public), out, nil
}

// newDoc begins a document of about size bytes, to which elements are appended as they
// are; endDoc ends it.
func newDoc(size int) bson.Raw { return make(bson.Raw, 4, size) }

func endDoc(d bson.Raw) bson.Raw {
	d = append(d, 0)
	binary.LittleEndian.PutUint32(d, uint32(len(d))) //nolint:gosec // a part of a body, which has the same bound
	return d
}

// merge puts the parts that are left back into the public body.
func merge(public bson.Raw, parts []Part) (bson.Raw, error) {
	if len(parts) == 0 {
		return public, nil
	}
	doc := newDoc(len(public))
	for _, raw := range append([]bson.Raw{public}, bodies(parts)...) {
		elements, err := raw.Elements()
		if err != nil {
			return nil, fmt.Errorf("merge body: %w", err)
		}
		for _, e := range elements {
			doc = append(doc, e...)
		}
	}
	return endDoc(doc), nil
}

func bodies(parts []Part) []bson.Raw {
	out := make([]bson.Raw, len(parts))
	for i, p := range parts {
		out[i] = p.Body
	}
	return out
}
