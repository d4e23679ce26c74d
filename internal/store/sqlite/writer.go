package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/fivesociety/linkage/internal/store"
)

// writer is the one writing connection, with its statements prepared once. Only
// Open and the committer use it, never at the same time.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	paced pace
}

// pace is what the connection is set up for.
type pace uint8

// The paces. What is unknown is set again: a setting may have failed half-way.
const (
	normal pace = iota // as the connection was opened
	wide               // for bulk work
	unknown
)

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &writer{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// close gives the statements back and then the connection.
func (w *writer) close() error {
	var errs []error
	for _, st := range w.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// bulk is how many objects one unit writes that is bulk work of the program itself: no
// person's call writes so many, nor does a unit of an import over the API. It dirties some
// twenty thousand pages, scattered over the same trees as the unit before.
const bulk = 5000

// isBulk reports whether a unit of a batch is bulk work. Guards that it bumps do not count.
func isBulk(b *store.Batch) bool {
	return slices.ContainsFunc(b.Sets, func(s *store.Set) bool {
		n := 0
		for _, w := range s.Writes {
			if w.Change != store.Bump {
				n++
			}
		}
		return n >= bulk
	})
}

// pace sets the connection up for bulk work, or back. With room for all that a batch
// dirties no page is written twice in one commit, and a longer write-ahead log brings a
// page that many batches write into the file once for all of them.
func (w *writer) pace(ctx context.Context, to pace) error {
	if w.paced == to {
		return nil
	}
	w.paced = unknown
	cache, pages, kept := normalCache, normalLog, normalKept
	if to == wide {
		cache, pages, kept = wideCache, wideLog, wideKept
	}
	for _, text := range []string{"PRAGMA cache_size = -" + cache, "PRAGMA wal_autocheckpoint = " + pages, "PRAGMA journal_size_limit = " + kept} {
		if err := w.drain(ctx, text, func(*sql.Rows) error { return nil }); err != nil { // the last two answer
			return err
		}
	}
	w.paced = to
	return nil
}

// The page cache in KiB, how many pages the write-ahead log may have, and how many bytes
// its file keeps when it begins anew.
const (
	normalCache, wideCache = "32000", "128000"
	normalLog, wideLog     = "1000", "65536"
	normalKept, wideKept   = "16777216", "-1"
)

// transact runs fn between BEGIN IMMEDIATE and COMMIT. It does not follow a
// cancelled ctx: what the committer has begun it ends.
func (w *writer) transact(ctx context.Context, fn func(ctx context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := fn(ctx); err != nil {
		// A full disk makes the engine roll back by itself; then ROLLBACK fails.
		_ = w.exec(ctx, "ROLLBACK")
		return err
	}
	if err := w.exec(ctx, "COMMIT"); err != nil {
		_ = w.exec(ctx, "ROLLBACK")
		return err
	}
	return nil
}

func (w *writer) exec(ctx context.Context, text string, args ...any) error {
	st, err := w.prepared(ctx, text)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

func (w *writer) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	st, err := w.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// prepared keeps one statement a text. A text too many begins anew: only the
// combinations of changed columns are many, and most never come.
func (w *writer) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if st, ok := w.stmts[text]; ok {
		return st, nil
	}
	if len(w.stmts) >= maxPrepared {
		for kept, st := range w.stmts {
			if err := st.Close(); err != nil {
				return nil, err
			}
			delete(w.stmts, kept)
		}
	}
	st, err := w.conn.PrepareContext(ctx, text)
	if err == nil {
		w.stmts[text] = st
	}
	return st, err
}

// each reads rows of "… IN " ids, in chunks.
func (w *writer) each(ctx context.Context, text string, ids []string, fn func(*sql.Rows) error) error {
	for len(ids) > 0 {
		n := min(len(ids), chunk)
		some := padded(ids[:n])
		rows, err := w.query(ctx, text+marks(len(some)), anys(some)...)
		if err != nil {
			return err
		}
		if err := walk(rows, fn); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// drain reads all rows of a query without arguments before anything else runs on
// the connection.
func (w *writer) drain(ctx context.Context, text string, fn func(*sql.Rows) error, args ...any) error {
	rows, err := w.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	return walk(rows, fn)
}

// walk gives each row to fn and closes rows, whatever fn does.
func walk(rows *sql.Rows, fn func(*sql.Rows) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
