package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// loadSize is how many documents one command inserts; they are far below its bound.
const loadSize = 1000

// Load inserts everything, between a mark that a restore is under way and its
// removal: no transaction holds as much.
func (a *Adapter) Load(ctx context.Context, next func() (*store.Item, error)) error {
	settings := a.db.Collection(settingName)
	mine, err := settings.UpdateOne(ctx, bson.D{{Key: "_id", Value: theOne}, {Key: "batch", Value: 0}, {Key: "half", Value: bson.D{{Key: "$ne", Value: true}}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "half", Value: true}}}})
	if err != nil {
		return a.translate(err)
	}
	if mine.ModifiedCount == 0 {
		return fault.New(fault.CodeStoreNotEmpty)
	}
	mark, err := a.load(ctx, next)
	if err != nil {
		return a.translate(err)
	}
	_, err = settings.UpdateOne(ctx, id(theOne), bson.D{
		{Key: "$set", Value: bson.D{{Key: "code", Value: mark.ID}, {Key: "seq", Value: mark.Seq}, {Key: "at", Value: mark.At}, {Key: "batch", Value: mark.Epoch}}},
		{Key: "$unset", Value: bson.D{{Key: "half", Value: ""}}},
	})
	return a.translate(err)
}

// load inserts all items and answers with the mark.
func (a *Adapter) load(ctx context.Context, next func() (*store.Item, error)) (mark store.Item, err error) {
	into, docs := "", make([]any, 0, loadSize)
	flush := func() error {
		if len(docs) == 0 {
			return nil
		}
		_, err := a.db.Collection(into).InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		docs = docs[:0]
		return err
	}
	for {
		i, err := next()
		if errors.Is(err, io.EOF) {
			return mark, flush()
		}
		if err != nil {
			return mark, err
		}
		if i.Kind == store.ItemMark {
			mark = *i
			continue
		}
		name, doc, err := a.stored(i)
		if err != nil {
			return mark, err
		}
		if name != into || len(docs) == loadSize {
			if err := flush(); err != nil {
				return mark, fmt.Errorf("load %s: %w", into, err)
			}
		}
		into, docs = name, append(docs, doc)
	}
}

// stored is an item as a document of a collection.
func (a *Adapter) stored(i *store.Item) (collection string, doc any, err error) {
	switch i.Kind { //nolint:exhaustive // the mark is no document of its own
	case store.ItemRow:
		r := store.Record{ID: i.ID, Version: i.Version, Revision: i.Revision, Shape: i.Shape, Body: i.Body}
		if r.Values, err = a.setup.Values(i.Noun, i.Shape, i.Body); err != nil {
			return "", nil, err
		}
		return i.Noun, a.nouns[i.Noun].document(&r), nil
	case store.ItemGuard:
		return guardName, bson.D{{Key: "_id", Value: i.ID}, {Key: "r", Value: i.Revision}}, nil
	case store.ItemClaim:
		return claimName, bson.D{{Key: "_id", Value: i.ID}, {Key: "owner", Value: i.Owner}}, nil
	case store.ItemTally:
		return tallyName, bson.D{{Key: "_id", Value: i.ID}, {Key: "n", Value: i.Count}}, nil
	case store.ItemEntry:
		l := line{Seq: i.Seq, At: i.At, Noun: i.Noun, ID: i.ID, Root: i.Root, Doc: i.Body}
		for _, p := range i.Parts {
			l.Parts = append(l.Parts, part{p.Subject, p.Body})
		}
		return logName, l, nil
	}
	return "", nil, fault.New(fault.CodeDumpInvalid, fault.P("what", "an item of kind "+string(i.Kind)))
}
