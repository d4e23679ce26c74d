package mongo

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/store"
)

// models gathers the writes of a batch, one list a collection, so that each is one
// command. What several sets write to one document is the last state.
type models struct {
	a     *Adapter
	rows  map[store.Key]*store.Write
	keys  []store.Key
	twice map[store.Key]bool // written by several sets: what is stored is not the last one's Before
	owner map[string]string
	adds  map[string]int64
	erase []string
	log   []any
}

// write puts the accepted sets into the transaction.
func (a *Adapter) write(ctx context.Context, b *store.Batch, present map[store.Key]int64, owners map[string]string) error {
	m := models{a: a, rows: map[store.Key]*store.Write{}, twice: map[store.Key]bool{}, owner: map[string]string{}, adds: map[string]int64{}}
	for _, s := range b.Accepted() {
		if err := m.take(s); err != nil {
			return err
		}
	}
	for name, list := range m.lists(present, owners) {
		if _, err := a.db.Collection(name).BulkWrite(ctx, list, options.BulkWrite().SetOrdered(false)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := a.erase(ctx, m.erase); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	if len(m.log) == 0 {
		return nil
	}
	if _, err := a.db.Collection(logName).InsertMany(ctx, m.log); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

func (m *models) take(s *store.Set) error {
	for _, w := range s.Writes {
		if m.rows[w.Key] == nil {
			m.keys = append(m.keys, w.Key)
		} else {
			m.twice[w.Key] = true
		}
		m.rows[w.Key] = w
	}
	for _, c := range s.Claims {
		m.owner[c.Key] = c.Owner
	}
	for name, n := range s.Adds {
		m.adds[name] += n
	}
	m.forget(s.Erase)
	for _, e := range s.Entries {
		l, err := m.a.line(e)
		if err != nil {
			return err
		}
		m.log = append(m.log, l)
	}
	return nil
}

// forget erases subjects, also from what earlier sets of this batch say of them.
func (m *models) forget(subjects []string) {
	m.erase = append(m.erase, subjects...)
	for i, l := range m.log {
		entry := l.(line) //nolint:forcetypeassert // only lines are put there
		entry.Parts = slices.DeleteFunc(entry.Parts, func(p part) bool { return slices.Contains(subjects, p.Subject) })
		m.log[i] = entry
	}
}

// lists are the write models by collection. What is known to be new is inserted: the server
// takes insertions many at a time, and replacements one by one.
func (m *models) lists(present map[store.Key]int64, owners map[string]string) map[string][]mongo.WriteModel {
	out := map[string][]mongo.WriteModel{}
	for _, k := range m.keys {
		out[k.Noun] = append(out[k.Noun], m.row(m.rows[k], present[k] != 0))
	}
	for key, owner := range m.owner {
		if owner == "" {
			out[claimName] = append(out[claimName], mongo.NewDeleteOneModel().SetFilter(id(key)))
			continue
		}
		claim := bson.D{{Key: "owner", Value: owner}}
		if owners[key] == "" {
			out[claimName] = append(out[claimName], mongo.NewInsertOneModel().SetDocument(append(id(key), claim...)))
			continue
		}
		out[claimName] = append(out[claimName], put(key, claim))
	}
	for name, n := range m.adds {
		add := bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: n}}}}
		out[tallyName] = append(out[tallyName], mongo.NewUpdateOneModel().SetFilter(id(name)).SetUpdate(add).SetUpsert(true))
	}
	return out
}

func (m *models) row(w *store.Write, there bool) mongo.WriteModel {
	switch w.Change {
	case store.Bump:
		return put(w.Key.ID, bson.D{{Key: "r", Value: w.Record.Revision}})
	case store.Remove:
		return mongo.NewDeleteOneModel().SetFilter(id(w.Key.ID))
	case store.Put:
	}
	t := m.a.nouns[w.Noun.Name]
	if !there {
		return mongo.NewInsertOneModel().SetDocument(t.document(&w.Record))
	}
	if w.Before == nil || m.twice[w.Key] {
		return mongo.NewReplaceOneModel().SetFilter(id(w.Key.ID)).SetReplacement(t.document(&w.Record))
	}
	return mongo.NewUpdateOneModel().SetFilter(id(w.Key.ID)).SetUpdate(bson.D{{Key: "$set", Value: t.change(&w.Record, w.Before)}})
}

// change is what differs from the stored row. The server does not look at an index
// none of whose fields are named, which is most of the cost of a replacement.
func (t *table) change(r *store.Record, before store.Values) bson.D {
	out := bson.D{{Key: "v", Value: r.Version}, {Key: "r", Value: r.Revision}, {Key: "shape", Value: r.Shape}, {Key: "b", Value: r.Body}}
	for i, f := range t.def.Fields {
		if !reflect.DeepEqual(before[i], r.Values[i]) {
			out = append(out, bson.E{Key: "f." + f.Name, Value: r.Values[i]})
		}
	}
	return out
}

func put(key string, doc bson.D) mongo.WriteModel {
	return mongo.NewReplaceOneModel().SetFilter(id(key)).SetReplacement(doc).SetUpsert(true)
}

// erase pulls the personal parts of data subjects out of all entries written
// before; what this batch itself writes comes after it.
func (a *Adapter) erase(ctx context.Context, subjects []string) error {
	if len(subjects) == 0 {
		return nil
	}
	of := bson.D{{Key: "$in", Value: subjects}}
	_, err := a.db.Collection(logName).UpdateMany(ctx, bson.D{{Key: "parts.subject", Value: of}},
		bson.D{{Key: "$pull", Value: bson.D{{Key: "parts", Value: bson.D{{Key: "subject", Value: of}}}}}})
	return err
}
