package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"github.com/fivesociety/linkage/internal/store"
)

// table knows the collection of one noun.
type table struct {
	def *store.Definition
	col *mongo.Collection
}

func newTable(d *store.Definition, db *mongo.Database) *table {
	return &table{def: d, col: db.Collection(d.Name)}
}

// reserved are the names that a noun cannot have here.
var reserved = []string{settingName, nounName, guardName, claimName, tallyName, logName}

// logIndexes serve the history of one object, the entries of one case, and erasing.
// They are made anew each time: the driver writes into their options.
func logIndexes() []mongo.IndexModel {
	return []mongo.IndexModel{
		{Keys: bson.D{{Key: "noun", Value: 1}, {Key: "id", Value: 1}, {Key: "_id", Value: 1}}, Options: options.Index().SetName("i_object")},
		{
			Keys:    bson.D{{Key: "root", Value: 1}, {Key: "_id", Value: 1}},
			Options: options.Index().SetName("i_root").SetPartialFilterExpression(bson.D{{Key: "root", Value: bson.D{{Key: "$exists", Value: true}}}}),
		},
		{Keys: bson.D{{Key: "parts.subject", Value: 1}}, Options: options.Index().SetName("i_subject")},
	}
}

// layers is how many collections are laid at once: each step waits for the server's
// journal, which one wait serves for all of them.
const layers = 8

// lay makes every collection before the first transaction needs it, and every index.
func (a *Adapter) lay(ctx context.Context) error {
	for _, name := range reserved {
		if err := a.create(ctx, name); err != nil {
			return err
		}
	}
	if _, err := a.db.Collection(logName).Indexes().CreateMany(ctx, logIndexes()); err != nil {
		return fmt.Errorf("index the log: %w", err)
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(layers)
	for _, d := range a.setup.Definitions {
		work.Go(func() error {
			if slices.Contains(reserved, d.Name) {
				return fmt.Errorf("%q is the name of a collection of the engine's own", d.Name)
			}
			if err := a.layNoun(ctx, a.nouns[d.Name]); err != nil {
				return fmt.Errorf("lay collection of %s: %w", d.Name, err)
			}
			return nil
		})
	}
	return work.Wait()
}

func (a *Adapter) create(ctx context.Context, name string) error {
	err := a.db.CreateCollection(ctx, name)
	if hasCode(err, codeNamespaceExists) {
		return nil
	}
	return err
}

// layNoun brings one noun's indexes and values up to date: first the new
// indexes, then the values, then the digest, last what is no longer declared. Each
// step may be repeated, so a killed or a second process does no harm.
func (a *Adapter) layNoun(ctx context.Context, t *table) error {
	if err := a.create(ctx, t.def.Name); err != nil {
		return err
	}
	if err := t.index(ctx); err != nil {
		return err
	}
	var kept struct {
		Digest string `bson:"digest"`
	}
	err := a.db.Collection(nounName).FindOne(ctx, id(t.def.Name)).Decode(&kept)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	if kept.Digest == t.def.Digest() {
		return nil
	}
	if kept.Digest != "" {
		if err := a.rebuild(ctx, t); err != nil {
			return err
		}
	}
	_, err = a.db.Collection(nounName).UpdateOne(ctx, id(t.def.Name),
		bson.D{{Key: "$set", Value: bson.D{{Key: "digest", Value: t.def.Digest()}}}}, options.UpdateOne().SetUpsert(true))
	return err
}

// index makes the declared indexes and drops those that are declared no more or
// otherwise.
func (t *table) index(ctx context.Context) error {
	present, err := t.col.Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	want := map[string]bson.D{}
	for _, ix := range t.def.Indexes {
		want[indexName(ix)] = keys(ix)
	}
	for _, p := range present {
		wanted, ok := want[p.Name]
		if ok && same(wanted, p.KeysDocument) {
			delete(want, p.Name)
			continue
		}
		if strings.HasPrefix(p.Name, "i_") {
			if err := t.col.Indexes().DropOne(ctx, p.Name); err != nil {
				return err
			}
		}
	}
	models := make([]mongo.IndexModel, 0, len(want))
	for name, k := range want {
		models = append(models, mongo.IndexModel{Keys: k, Options: options.Index().SetName(name)})
	}
	if len(models) == 0 {
		return nil
	}
	_, err = t.col.Indexes().CreateMany(ctx, models)
	return err
}

func same(keys bson.D, present bson.Raw) bool {
	elements, err := present.Elements()
	return err == nil && slices.EqualFunc(keys, elements, func(k bson.E, e bson.RawElement) bool { return k.Key == e.Key() })
}

// rebuild computes every row's values anew. A row that another process changes
// meanwhile is left to that process, whose values are right already.
func (a *Adapter) rebuild(ctx context.Context, t *table) error {
	cursor, err := t.col.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(ctx) }()
	var models []mongo.WriteModel
	flush := func() error {
		if len(models) == 0 {
			return nil
		}
		_, err := t.col.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
		models = models[:0]
		return err
	}
	for cursor.Next(ctx) {
		r, err := t.record(cursor.Current)
		if err != nil {
			return err
		}
		values, err := a.setup.Values(t.def.Name, r.Shape, r.Body)
		if err != nil {
			return err
		}
		models = append(models, mongo.NewUpdateOneModel().
			SetFilter(bson.D{{Key: "_id", Value: r.ID}, {Key: "r", Value: r.Revision}}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "f", Value: t.fields(values)}}}}))
		if len(models) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return errors.Join(cursor.Err(), flush())
}

func indexName(index []string) string {
	if len(index) == 0 {
		return "_id_"
	}
	return "i_" + strings.Join(index, "_")
}

// keys are an index's fields and the id that breaks ties.
func keys(index []string) bson.D {
	out := make(bson.D, 0, len(index)+1)
	for _, f := range index {
		out = append(out, bson.E{Key: "f." + f, Value: 1})
	}
	return append(out, bson.E{Key: "_id", Value: 1})
}

func (t *table) fields(v store.Values) bson.D {
	out := make(bson.D, len(v))
	for i, f := range t.def.Fields {
		out[i] = bson.E{Key: f.Name, Value: v[i]}
	}
	return out
}

// document is a record as stored.
func (t *table) document(r *store.Record) bson.D {
	return bson.D{
		{Key: "_id", Value: r.ID},
		{Key: "v", Value: r.Version},
		{Key: "r", Value: r.Revision},
		{Key: "shape", Value: r.Shape},
		{Key: "f", Value: t.fields(r.Values)},
		{Key: "b", Value: r.Body},
	}
}
