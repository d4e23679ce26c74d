package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Dump reads everything in one read transaction.
func (a *Adapter) Dump(ctx context.Context, fn func(*store.Item) error) error {
	return a.View(ctx, func(ctx context.Context) error {
		tx, _ := ctx.Value(viewKey{}).(*sql.Tx)
		d := &dump{tx: tx, fn: fn}
		steps := []func(context.Context) error{d.mark, func(ctx context.Context) error { return d.rows(ctx, a.nouns) }, d.guards, d.claims, d.tallies, d.log}
		for _, step := range steps {
			if err := step(ctx); err != nil {
				return a.translate(err)
			}
		}
		return nil
	})
}

type dump struct {
	tx *sql.Tx
	fn func(*store.Item) error
}

// each scans every row of a query into the item's fields and hands it on.
func (d *dump) each(ctx context.Context, text string, args []any, read func(*sql.Rows) (*store.Item, error)) error {
	rows, err := d.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	return walk(rows, func(r *sql.Rows) error {
		i, err := read(r)
		if err != nil {
			return err
		}
		return d.fn(i)
	})
}

func (d *dump) mark(ctx context.Context) error {
	return d.each(ctx, `SELECT code, seq, at, batch FROM setting`, nil, func(r *sql.Rows) (*store.Item, error) {
		i := &store.Item{Kind: store.ItemMark}
		return i, r.Scan(&i.ID, &i.Seq, &i.At, &i.Epoch)
	})
}

// rows dumps every noun that the file has. One that this program does not know is
// refused: its rows would be lost without a word.
func (d *dump) rows(ctx context.Context, nouns map[string]*table) error {
	var names []string
	rows, err := d.tx.QueryContext(ctx, `SELECT name FROM noun`)
	if err != nil {
		return err
	}
	err = walk(rows, func(r *sql.Rows) error {
		names = append(names, "")
		return r.Scan(&names[len(names)-1])
	})
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		t := nouns[name]
		if t == nil {
			return fault.New(fault.CodeConfiguration, fault.P("what", "the store has a noun that this program does not know: "+name))
		}
		err := d.each(ctx, "SELECT id, version, revision, shape, doc FROM "+t.name+" ORDER BY id", nil, func(r *sql.Rows) (*store.Item, error) {
			i := &store.Item{Kind: store.ItemRow, Noun: name}
			return i, r.Scan(&i.ID, &i.Version, &i.Revision, &i.Shape, (*[]byte)(&i.Body))
		})
		if err != nil {
			return fmt.Errorf("dump %s: %w", name, err)
		}
	}
	return nil
}

func (d *dump) guards(ctx context.Context) error {
	return d.each(ctx, `SELECT id, revision FROM guard ORDER BY id`, nil, func(r *sql.Rows) (*store.Item, error) {
		i := &store.Item{Kind: store.ItemGuard}
		return i, r.Scan(&i.ID, &i.Revision)
	})
}

func (d *dump) claims(ctx context.Context) error {
	return d.each(ctx, `SELECT key, owner FROM claim ORDER BY key`, nil, func(r *sql.Rows) (*store.Item, error) {
		i := &store.Item{Kind: store.ItemClaim}
		return i, r.Scan(&i.ID, &i.Owner)
	})
}

func (d *dump) tallies(ctx context.Context) error {
	return d.each(ctx, `SELECT name, n FROM tally ORDER BY name`, nil, func(r *sql.Rows) (*store.Item, error) {
		i := &store.Item{Kind: store.ItemTally}
		return i, r.Scan(&i.ID, &i.Count)
	})
}

// log dumps entries some at a time: their parts stand in another table, and one
// connection answers one query at once.
func (d *dump) log(ctx context.Context) error {
	for last := int64(0); ; {
		var entries []*store.Item
		rows, err := d.tx.QueryContext(ctx, `SELECT seq, at, noun, id, root, doc FROM log WHERE seq > ? ORDER BY seq LIMIT ?`, last, chunk)
		if err != nil {
			return err
		}
		err = walk(rows, func(r *sql.Rows) error {
			i := &store.Item{Kind: store.ItemEntry}
			entries = append(entries, i)
			return r.Scan(&i.Seq, &i.At, &i.Noun, &i.ID, &i.Root, (*[]byte)(&i.Body))
		})
		if err != nil || len(entries) == 0 {
			return err
		}
		first := last
		last = entries[len(entries)-1].Seq
		if err := d.parts(ctx, entries, first, last); err != nil {
			return err
		}
		for _, i := range entries {
			if err := d.fn(i); err != nil {
				return err
			}
		}
	}
}

func (d *dump) parts(ctx context.Context, entries []*store.Item, after, until int64) error {
	bySeq := make(map[int64]*store.Item, len(entries))
	for _, i := range entries {
		bySeq[i.Seq] = i
	}
	rows, err := d.tx.QueryContext(ctx, `SELECT seq, subject, doc FROM part WHERE seq > ? AND seq <= ? ORDER BY seq, n`, after, until)
	if err != nil {
		return err
	}
	return walk(rows, func(r *sql.Rows) error {
		var seq int64
		var p store.ItemPart
		if err := r.Scan(&seq, &p.Subject, (*[]byte)(&p.Body)); err != nil {
			return err
		}
		bySeq[seq].Parts = append(bySeq[seq].Parts, p)
		return nil
	})
}
