package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/store"
)

// line is an entry as stored. Personal parts stand beside the public document in
// an array of their own, from which one subject's can be pulled.
type line struct {
	Seq   int64    `bson:"_id"`
	At    int64    `bson:"at"`
	Noun  string   `bson:"noun"`
	ID    string   `bson:"id"`
	Root  string   `bson:"root,omitempty"`
	Doc   bson.Raw `bson:"doc"`
	Parts []part   `bson:"parts,omitempty"`
}

type part struct {
	Subject string   `bson:"subject"`
	Doc     bson.Raw `bson:"doc"`
}

func (a *Adapter) line(e *store.Entry) (line, error) {
	doc, err := store.EncodeEntry(a.nouns[e.Noun].def, e)
	l := line{Seq: e.Seq, At: e.At.UnixMilli(), Noun: e.Noun, ID: e.ID, Root: e.Root, Doc: doc}
	for _, p := range e.Parts {
		l.Parts = append(l.Parts, part{p.Subject, p.Body})
	}
	return l, err
}

// Log reads entries in order of sequence. Entries of nouns that are no longer
// registered are passed over.
func (a *Adapter) Log(ctx context.Context, q store.LogQuery) ([]*store.Entry, error) {
	filter, index := logFilter(q)
	dir := 1
	if q.Desc {
		dir = -1
	}
	cursor, err := a.db.Collection(logName).Find(ctx, filter, options.Find().SetHint(index).
		SetSort(bson.D{{Key: "_id", Value: dir}}).SetLimit(int64(q.Limit)))
	if err != nil {
		return nil, a.translate(err)
	}
	out, err := a.entries(ctx, cursor)
	return out, a.translate(err)
}

func logFilter(q store.LogQuery) (bson.D, string) {
	seq := bson.D{{Key: "$gt", Value: q.After}}
	if q.Until > 0 {
		seq = append(seq, bson.E{Key: "$lte", Value: q.Until})
	}
	filter, index := bson.D{{Key: "_id", Value: seq}}, "_id_"
	if q.Noun != "" {
		filter = append(filter, bson.E{Key: "noun", Value: q.Noun})
	}
	if q.ID != "" {
		filter = append(filter, bson.E{Key: "id", Value: q.ID})
	}
	if q.Noun != "" && q.ID != "" {
		index = "i_object"
	}
	if q.Root != "" {
		filter, index = append(filter, bson.E{Key: "root", Value: q.Root}), "i_root"
	}
	return filter, index
}

func (a *Adapter) entries(ctx context.Context, cursor *mongo.Cursor) ([]*store.Entry, error) {
	defer func() { _ = cursor.Close(ctx) }()
	var out []*store.Entry
	for cursor.Next(ctx) {
		var l line
		if err := cursor.Decode(&l); err != nil {
			return nil, err
		}
		t := a.nouns[l.Noun]
		if t == nil {
			continue
		}
		e, err := store.DecodeEntry(t.def, l.Doc)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", l.Seq, err)
		}
		e.Seq, e.At = l.Seq, time.UnixMilli(l.At).UTC()
		for _, p := range l.Parts {
			e.Parts = append(e.Parts, store.Part{Subject: p.Subject, Body: p.Doc})
		}
		out = append(out, e)
	}
	return out, cursor.Err()
}
