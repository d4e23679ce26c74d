package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Load writes everything in one transaction. Unlike a commit it can be cancelled.
func (a *Adapter) Load(caller context.Context, next func() (*store.Item, error)) error {
	return a.translate(a.writer.transact(caller, func(ctx context.Context) error {
		var batch int64
		if err := a.writer.drain(ctx, `SELECT batch FROM setting`, func(r *sql.Rows) error { return r.Scan(&batch) }); err != nil {
			return err
		}
		if batch != 0 {
			return fault.New(fault.CodeStoreNotEmpty)
		}
		for {
			i, err := next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = caller.Err()
			}
			if err == nil {
				err = a.load(ctx, i)
			}
			if err != nil {
				return err
			}
		}
	}))
}

func (a *Adapter) load(ctx context.Context, i *store.Item) error {
	run := a.writer.exec
	switch i.Kind {
	case store.ItemMark:
		return run(ctx, `UPDATE setting SET code = ?, seq = ?, at = ?, batch = ?`, i.ID, i.Seq, i.At, i.Epoch)
	case store.ItemRow:
		values, err := a.setup.Values(i.Noun, i.Shape, i.Body)
		if err != nil {
			return err
		}
		return a.nouns[i.Noun].add(ctx, run, &store.Record{ID: i.ID, Version: i.Version, Revision: i.Revision, Shape: i.Shape, Values: values, Body: i.Body})
	case store.ItemGuard:
		return run(ctx, `INSERT INTO guard (id, revision) VALUES (?, ?)`, i.ID, i.Revision)
	case store.ItemClaim:
		return run(ctx, `INSERT INTO claim (key, owner) VALUES (?, ?)`, i.ID, i.Owner)
	case store.ItemTally:
		return run(ctx, `INSERT INTO tally (name, n) VALUES (?, ?)`, i.ID, i.Count)
	case store.ItemEntry:
		if err := run(ctx, `INSERT INTO log (seq, at, noun, id, root, doc) VALUES (?, ?, ?, ?, ?, ?)`, i.Seq, i.At, i.Noun, i.ID, i.Root, []byte(i.Body)); err != nil {
			return err
		}
		for n, p := range i.Parts {
			if err := run(ctx, `INSERT INTO part (seq, n, subject, doc) VALUES (?, ?, ?, ?)`, i.Seq, n, p.Subject, []byte(p.Body)); err != nil {
				return err
			}
		}
		return nil
	}
	return fault.New(fault.CodeDumpInvalid, fault.P("what", "an item of kind "+string(i.Kind)))
}
