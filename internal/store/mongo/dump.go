package mongo

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Dump reads everything at one cluster time. The servers keep that for five minutes
// unless they are told otherwise (minSnapshotHistoryWindowInSeconds).
func (a *Adapter) Dump(ctx context.Context, fn func(*store.Item) error) error {
	return a.View(ctx, func(ctx context.Context) error {
		var one setting
		if err := a.db.Collection(settingName).FindOne(ctx, id(theOne)).Decode(&one); err != nil {
			return a.translate(err)
		}
		if err := fn(&store.Item{Kind: store.ItemMark, ID: one.Code, Seq: one.Seq, At: one.At, Epoch: one.Batch}); err != nil {
			return err
		}
		nouns, err := a.kept(ctx)
		if err != nil {
			return a.translate(err)
		}
		for _, name := range nouns {
			if err := a.each(ctx, name, row(name), fn); err != nil {
				return a.translate(err)
			}
		}
		for _, of := range []struct {
			name string
			read func(bson.Raw) (*store.Item, error)
		}{{guardName, guard}, {claimName, claim}, {tallyName, tally}, {logName, entry}} {
			if err := a.each(ctx, of.name, of.read, fn); err != nil {
				return a.translate(err)
			}
		}
		return nil
	})
}

// kept are the nouns that the database has. One that this program does not know is
// refused: its rows would be lost without a word.
func (a *Adapter) kept(ctx context.Context) ([]string, error) {
	cursor, err := a.db.Collection(nounName).Find(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	var list []struct {
		Name string `bson:"_id"`
	}
	if err := cursor.All(ctx, &list); err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, l := range list {
		names[i] = l.Name
		if a.nouns[l.Name] == nil {
			return nil, fault.New(fault.CodeConfiguration, fault.P("what", "the store has a noun that this program does not know: "+l.Name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// each reads a collection by rising id.
func (a *Adapter) each(ctx context.Context, name string, read func(bson.Raw) (*store.Item, error), fn func(*store.Item) error) error {
	cursor, err := a.db.Collection(name).Find(ctx, bson.D{}, options.Find().SetHint("_id_").SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(ctx) }()
	for cursor.Next(ctx) {
		i, err := read(cursor.Current)
		if err == nil {
			err = fn(i)
		}
		if err != nil {
			return err
		}
	}
	return cursor.Err()
}

func row(noun string) func(bson.Raw) (*store.Item, error) {
	return func(raw bson.Raw) (*store.Item, error) {
		r, _, err := frame(raw)
		return &store.Item{Kind: store.ItemRow, Noun: noun, ID: r.ID, Version: r.Version, Revision: r.Revision, Shape: r.Shape, Body: r.Body}, err
	}
}

// small is a document of the engine's own collections.
type small struct {
	ID       string `bson:"_id"`
	Revision int64  `bson:"r,omitempty"`
	Owner    string `bson:"owner,omitempty"`
	Count    int64  `bson:"n"`
}

func guard(raw bson.Raw) (*store.Item, error) {
	var d small
	err := bson.Unmarshal(raw, &d)
	return &store.Item{Kind: store.ItemGuard, ID: d.ID, Revision: d.Revision}, err
}

func claim(raw bson.Raw) (*store.Item, error) {
	var d small
	err := bson.Unmarshal(raw, &d)
	return &store.Item{Kind: store.ItemClaim, ID: d.ID, Owner: d.Owner}, err
}

func tally(raw bson.Raw) (*store.Item, error) {
	var d small
	err := bson.Unmarshal(raw, &d)
	return &store.Item{Kind: store.ItemTally, ID: d.ID, Count: d.Count}, err
}

func entry(raw bson.Raw) (*store.Item, error) {
	var l line
	err := bson.Unmarshal(raw, &l)
	i := &store.Item{Kind: store.ItemEntry, Seq: l.Seq, At: l.At, Noun: l.Noun, ID: l.ID, Root: l.Root, Body: l.Doc}
	for _, p := range l.Parts {
		i.Parts = append(i.Parts, store.ItemPart{Subject: p.Subject, Body: p.Doc})
	}
	return i, err
}
