package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// writer is the one writing connection, with its statements prepared once. Only
// Open and the committer use it, never at the same time.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	wide  bool // set up for bulk work
}

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

// bulk is from how many objects on a batch is bulk work, which no person's call is: it
// dirties some twenty thousand pages, scattered over the same trees as the batch before.
const bulk = 4000

// pace sets the connection up for bulk work, and back for the first batch that is none.
// With room for all that a batch dirties no page is written twice in one commit, and a
// longer write-ahead log brings a page that many batches write into the file once for
// all of them. For a person's commit that log would be too long to wait for.
func (w *writer) pace(ctx context.Context, wide bool) error {
	if w.wide == wide {
		return nil
	}
	cache, pages := normalCache, normalLog
	if wide {
		cache, pages = wideCache, wideLog
	}
	for _, text := range []string{"PRAGMA cache_size = -" + cache, "PRAGMA wal_autocheckpoint = " + pages} {
		if err := w.drain(ctx, text, func(*sql.Rows) error { return nil }); err != nil { // both answer
			return err
		}
	}
	w.wide = wide
	return nil
}

// The page cache in KiB, and how many pages the write-ahead log may have.
const (
	normalCache, wideCache = "32000", "128000"
	normalLog, wideLog     = "1000", "65536"
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
