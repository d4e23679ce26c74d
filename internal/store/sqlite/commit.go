package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// exec runs a prepared statement inside the writing transaction.
type exec func(ctx context.Context, text string, args ...any) error

// Commit makes a batch durable in one immediate transaction.
func (a *Adapter) Commit(ctx context.Context, b *store.Batch) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	if isBulk(b) {
		if err := a.writer.pace(context.WithoutCancel(ctx), wide); err != nil {
			return a.translate(err)
		}
		defer a.later()
	}
	return a.translate(a.writer.transact(ctx, func(ctx context.Context) error { return a.commit(ctx, b) }))
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
	return a.bump(ctx, accepted)
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
	run, added := a.writer.exec, sideRows{}
	writes := inKeyOrder(s.Writes)
	fresh := aside(len(writes), func() (sideRows, error) { return a.freshSides(writes), nil })
	docs := aside(len(s.Entries), func() ([]bson.Raw, error) { return a.encode(s.Entries) })
	defer func() { _, _ = fresh(); _, _ = docs() }() // they read the set: not beyond this
	if err := a.writeAll(ctx, run, writes, added); err != nil {
		return err
	}
	more, _ := fresh()
	for _, rows := range []sideRows{added, more} {
		if err := rows.write(ctx, run); err != nil {
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
	encoded, err := docs()
	if err != nil {
		return err
	}
	return appendLog(ctx, run, s.Entries, encoded)
}

// many is from how many objects on it pays to prepare them beside the writing.
const many = 128

// aside runs fn in another goroutine if there is much to do, and gives its answer, each
// time the same.
func aside[T any](size int, fn func() (T, error)) func() (T, error) {
	fn = sync.OnceValues(fn)
	if size < many {
		return fn
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = fn() // kept for who asks
	}()
	return func() (T, error) {
		<-done
		return fn()
	}
}

// inKeyOrder are the writes of objects as they lie together in the trees: new ids are
// random, and the order in a set means nothing. Guards are bumped with the batch.
func inKeyOrder(writes []*store.Write) []*store.Write {
	out := make([]*store.Write, 0, len(writes))
	for _, w := range writes {
		if w.Change != store.Bump {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *store.Write) int {
		return cmp.Or(strings.Compare(a.Key.Noun, b.Key.Noun), strings.Compare(a.Key.ID, b.Key.ID))
	})
	return out
}
