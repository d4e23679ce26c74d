package store

import (
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
	public, parts := bson.D{}, make([]bson.D, len(personal))
	for _, e := range elements {
		if i, ok := owner[e.Key()]; ok {
			parts[i] = append(parts[i], bson.E{Key: e.Key(), Value: e.Value()})
			continue
		}
		public = append(public, bson.E{Key: e.Key(), Value: e.Value()})
	}
	out := make([]Part, 0, len(parts))
	for i, d := range parts {
		if len(d) == 0 || personal[i].Subject == "" {
			continue
		}
		raw, err := bson.Marshal(d)
		if err != nil {
			return nil, nil, fmt.Errorf("split body: %w", err)
		}
		out = append(out, Part{Subject: personal[i].Subject, Body: raw})
	}
	raw, err := bson.Marshal(public)
	return raw, out, err
}

// merge puts the parts that are left back into the public body.
func merge(public bson.Raw, parts []Part) (bson.Raw, error) {
	if len(parts) == 0 {
		return public, nil
	}
	var doc bson.D
	for _, raw := range append([]bson.Raw{public}, bodies(parts)...) {
		elements, err := raw.Elements()
		if err != nil {
			return nil, fmt.Errorf("merge body: %w", err)
		}
		for _, e := range elements {
			doc = append(doc, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	return bson.Marshal(doc)
}

func bodies(parts []Part) []bson.Raw {
	out := make([]bson.Raw, len(parts))
	for i, p := range parts {
		out[i] = p.Body
	}
	return out
}
