package store

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
)

// Version is one past state of an object: the entry, and the object as it was
// after it. Erased personal parts read as zero values; Entry.Erased tells.
type Version[T any] struct {
	Entry *Entry
	After *T // nil when the entry removed the object
}

// History reads past states of one object in order of sequence (or newest first),
// after a sequence number, at most limit.
func (c *Collection[T]) History(ctx context.Context, id string, after int64, desc bool, limit int) ([]Version[T], error) {
	entries, err := c.db.Log(ctx, LogQuery{Noun: c.def.Name, ID: id, After: after, Desc: desc, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Version[T], len(entries))
	for i, e := range entries {
		out[i].Entry = e
		if out[i].After, err = c.Past(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AsOf is the object after its last entry at or before a sequence; NOT_FOUND when
// it did not exist then.
func (c *Collection[T]) AsOf(ctx context.Context, id string, seq int64) (*T, error) {
	entries, err := c.db.Log(ctx, LogQuery{Noun: c.def.Name, ID: id, Until: seq, Desc: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 || entries[0].After == nil {
		return nil, fault.New(fault.CodeNotFound)
	}
	return c.Past(entries[0])
}

// Past decodes the state that an entry of this noun left behind; nil for a removal.
func (c *Collection[T]) Past(e *Entry) (*T, error) {
	if e.After == nil {
		return nil, nil
	}
	body, err := merge(e.Body, e.Parts)
	if err != nil {
		return nil, err
	}
	return c.object(Record{ID: e.ID, Version: e.Version, Revision: e.Revision, Shape: e.Shape, Body: body})
}

// Erase removes all personal parts about a subject from the log, in this unit.
// The entries themselves stay. The caller also clears the live objects.
func (db *DB) Erase(ctx context.Context, subject string) error {
	u := unitOf(ctx)
	if u == nil {
		return ErrOutsideUnit
	}
	if u.over {
		return ErrOver
	}
	if subject == "" {
		return fmt.Errorf("store: erase needs a subject")
	}
	u.set.Erase = append(u.set.Erase, subject)
	return nil
}

// line is an Entry as stored, without its personal parts.
type line struct {
	Kind     string   `bson:"kind"`
	Noun     string   `bson:"noun"`
	ID       string   `bson:"id"`
	Root     string   `bson:"root"`
	Version  int64    `bson:"v"`
	Revision int64    `bson:"r"`
	Shape    int32    `bson:"shape"`
	Actor    string   `bson:"actor"`
	Via      string   `bson:"via"`
	OnBehalf string   `bson:"behalf"`
	Reason   string   `bson:"reason"`
	Before   bson.D   `bson:"before"`
	After    bson.D   `bson:"after"`
	Body     bson.Raw `bson:"body"`
	Subjects []string `bson:"subjects"`
}

// EncodeEntry is the stored form of an entry without sequence, time and parts,
// which adapters keep beside it. The definition names the routing fields.
func EncodeEntry(d *Definition, e *Entry) (bson.Raw, error) {
	l := line{
		Kind: e.Kind, Noun: e.Noun, ID: e.ID, Root: e.Root, Version: e.Version, Revision: e.Revision, Shape: e.Shape,
		Actor: e.Actor, Via: e.Via, OnBehalf: e.OnBehalf, Reason: e.Reason, Body: e.Body, Subjects: e.Subjects,
		Before: d.named(e.Before), After: d.named(e.After),
	}
	if l.Body == nil {
		l.Body, _ = bson.Marshal(bson.D{})
	}
	return bson.Marshal(l)
}

// DecodeEntry is the inverse of EncodeEntry. Fields declared since read as zero,
// fields no longer declared are dropped.
func DecodeEntry(d *Definition, raw bson.Raw) (*Entry, error) {
	var l line
	if err := bson.Unmarshal(raw, &l); err != nil {
		return nil, fmt.Errorf("decode entry: %w", err)
	}
	return &Entry{
		Kind: l.Kind, Noun: l.Noun, ID: l.ID, Root: l.Root, Version: l.Version, Revision: l.Revision, Shape: l.Shape,
		Actor: l.Actor, Via: l.Via, OnBehalf: l.OnBehalf, Reason: l.Reason, Body: l.Body, Subjects: l.Subjects,
		Before: d.aligned(l.Before), After: d.aligned(l.After),
	}, nil
}

func (d *Definition) named(v Values) bson.D {
	if v == nil {
		return nil
	}
	out := bson.D{}
	for i, f := range d.Fields {
		if f.Route {
			out = append(out, bson.E{Key: f.Name, Value: v[i]})
		}
	}
	return out
}

func (d *Definition) aligned(doc bson.D) Values {
	if doc == nil {
		return nil
	}
	v := make(Values, len(d.Fields))
	for i, f := range d.Fields {
		v[i] = settle(f.Kind, nil)
	}
	for _, e := range doc {
		i := d.Position(e.Key)
		if i < 0 {
			continue
		}
		value := e.Value
		if list, ok := value.(bson.A); ok {
			value = texts(list)
		}
		v[i] = settle(d.Fields[i].Kind, value)
	}
	return v
}

func texts(list bson.A) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
