package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// exec runs a prepared statement inside the writing transaction.
type exec func(ctx context.Context, text string, args ...any) error

// Commit makes a batch durable in one immediate transaction.
func (a *Adapter) Commit(ctx context.Context, b *store.Batch) error {
	return translate(a.writer.transact(ctx, func(ctx context.Context) error { return a.commit(ctx, b) }))
}

func (a *Adapter) commit(ctx context.Context, b *store.Batch) error {
	var seq, last, batch int64
	if err := a.writer.drain(ctx, `SELECT seq, at, batch FROM setting`, func(r *sql.Rows) error { return r.Scan(&seq, &last, &batch) }); err != nil {
		return err
	}
	revisions, owners, err := a.present(ctx, b)
	if err != nil {
		return err
	}
	at := max(b.Now.UnixMilli(), last)
	b.Epoch = batch + 1
	n := b.Judge(revisions, owners, seq+1, time.UnixMilli(at).UTC())
	accepted := b.Accepted()
	if len(accepted) == 0 {
		return nil
	}
	if n == 0 {
		at = last // the time of the last entry
	}
	if err := a.writer.exec(ctx, `UPDATE setting SET seq = seq + ?, at = ?, batch = ?`, n, at, b.Epoch); err != nil {
		return err
	}
	for _, s := range accepted {
		if err := a.writeSet(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// present reads the revisions and owners that the batch wants to know.
func (a *Adapter) present(ctx context.Context, b *store.Batch) (map[store.Key]int64, map[string]string, error) {
	keys, claims := b.Wants()
	byNoun := map[string][]string{}
	for _, k := range keys {
		byNoun[k.Noun] = append(byNoun[k.Noun], k.ID)
	}
	revisions := make(map[store.Key]int64, len(keys))
	for noun, ids := range byNoun {
		name := "guard"
		if t := a.nouns[noun]; t != nil {
			name = t.name
		}
		err := a.writer.each(ctx, "SELECT id, revision FROM "+name+" WHERE id IN ", ids, func(rows *sql.Rows) error {
			k := store.Key{Noun: noun}
			var r int64
			if err := rows.Scan(&k.ID, &r); err != nil {
				return err
			}
			revisions[k] = r
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	owners := make(map[string]string, len(claims))
	err := a.writer.each(ctx, "SELECT key, owner FROM claim WHERE key IN ", claims, func(rows *sql.Rows) error {
		var k, o string
		if err := rows.Scan(&k, &o); err != nil {
			return err
		}
		owners[k] = o
		return nil
	})
	return revisions, owners, err
}

func (a *Adapter) writeSet(ctx context.Context, s *store.Set) error {
	run := a.writer.exec
	for _, w := range s.Writes {
		if err := a.writeOne(ctx, run, w); err != nil {
			return err
		}
	}
	for _, c := range s.Claims {
		text, args := `INSERT OR REPLACE INTO claim (key, owner) VALUES (?, ?)`, []any{c.Key, c.Owner}
		if c.Owner == "" {
			text, args = `DELETE FROM claim WHERE key = ?`, args[:1]
		}
		if err := run(ctx, text, args...); err != nil {
			return err
		}
	}
	for name, n := range s.Adds {
		if err := run(ctx, `INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n`, name, n); err != nil {
			return err
		}
	}
	for _, subject := range s.Erase {
		if err := run(ctx, `DELETE FROM part WHERE subject = ?`, subject); err != nil {
			return err
		}
	}
	for _, e := range s.Entries {
		if err := a.append(ctx, run, e); err != nil {
			return err
		}
	}
	return nil
}

func (a *Adapter) writeOne(ctx context.Context, run exec, w *store.Write) error {
	switch w.Change {
	case store.Bump:
		return run(ctx, `INSERT OR REPLACE INTO guard (id, revision) VALUES (?, ?)`, w.Key.ID, w.Record.Revision)
	case store.Remove:
		t := a.nouns[w.Noun.Name]
		if err := t.clear(ctx, run, w.Key.ID, w.Before, nil); err != nil {
			return err
		}
		return run(ctx, "DELETE FROM "+t.name+" WHERE id = ?", w.Key.ID)
	}
	return a.nouns[w.Noun.Name].put(ctx, run, &w.Record, w.Before)
}

// put saves a row and brings its side tables up to date.
func (t *table) put(ctx context.Context, run exec, r *store.Record, before store.Values) error {
	args, err := t.bind(r)
	if err != nil {
		return err
	}
	if err := run(ctx, t.insert, args...); err != nil {
		return err
	}
	return t.clear(ctx, run, r.ID, before, r.Values)
}

// clear removes side rows that are no longer right and adds those that are missing.
func (t *table) clear(ctx context.Context, run exec, id string, before, after store.Values) error {
	for _, ix := range t.sides {
		old, now := t.rowSet(ix, id, before), t.rowSet(ix, id, after)
		for k, row := range old {
			if _, stays := now[k]; stays {
				continue
			}
			if err := run(ctx, "DELETE FROM "+t.side(ix)+" WHERE "+t.sideKey(ix), row...); err != nil {
				return err
			}
		}
		for k, row := range now {
			if _, there := old[k]; there {
				continue
			}
			if err := run(ctx, "INSERT INTO "+t.side(ix)+" VALUES "+marks(len(row)), row...); err != nil {
				return err
			}
		}
	}
	return nil
}
