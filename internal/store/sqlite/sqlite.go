package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Config names the database file and its bounds.
type Config struct {
	Path     string
	MaxPages int64 // of 4 KiB; 0 means the engine's own bound. A full file is STORE_FULL.
	Readers  int   // reading connections; default 4
}

// Adapter is the engine. Make it with New; the store opens and closes it.
type Adapter struct {
	cfg    Config
	lock   *sql.DB
	locked *sql.Tx // open as long as the file is ours
	write  *sql.DB
	writer *writer
	read   *sql.DB
	quiet
	setup  store.Setup
	nouns  map[string]*table
	mu     sync.Mutex
	stmts  map[string]*sql.Stmt // prepared on read
	wake   chan struct{}
	file   *os.File // of the database, locked by inode; closed last
	closed atomic.Bool
}

var _ store.Adapter = (*Adapter)(nil)

// New makes an adapter for a file; nothing is touched before Open.
func New(cfg Config) *Adapter {
	if cfg.Readers <= 0 {
		cfg.Readers = 4
	}
	return &Adapter{cfg: cfg, nouns: map[string]*table{}, stmts: map[string]*sql.Stmt{}, wake: make(chan struct{})}
}

// Open locks the file for this process (STORE_LOCKED if another has it), checks
// its format and makes tables and indexes.
func (a *Adapter) Open(ctx context.Context, s store.Setup) (string, error) {
	a.setup = s
	for _, d := range s.Definitions {
		a.nouns[d.Name] = newTable(d)
	}
	if err := a.acquire(ctx); err != nil {
		return "", err
	}
	var err error
	if a.write, err = sql.Open("sqlite", a.dsn(false)); err != nil {
		return "", a.translate(err)
	}
	a.write.SetMaxOpenConns(1)
	if a.writer, err = newWriter(ctx, a.write); err != nil {
		return "", a.translate(err)
	}
	code, err := a.prepare(ctx)
	if err != nil {
		return "", a.translate(err)
	}
	if a.read, err = sql.Open("sqlite", a.dsn(true)); err != nil {
		return "", a.translate(err)
	}
	a.read.SetMaxOpenConns(a.cfg.Readers)
	a.read.SetMaxIdleConns(a.cfg.Readers)
	return code, nil
}

func (a *Adapter) dsn(readOnly bool) string {
	q := url.Values{}
	for _, p := range []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(0)", "cache_size(-" + normalCache + ")", "journal_size_limit(" + normalKept + ")", "temp_store(2)"} {
		q.Add("_pragma", p)
	}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
		if a.cfg.MaxPages > 0 {
			q.Add("_pragma", fmt.Sprintf("max_page_count(%d)", a.cfg.MaxPages))
		}
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(a.cfg.Path)}).EscapedPath() + "?" + q.Encode()
}

// Bulk is 5000: what a unit writes lies scattered over the same pages, which each unit
// writes once.
func (a *Adapter) Bulk() int { return 5000 }

// Wake never rings: one process has the file.
func (a *Adapter) Wake() <-chan struct{} { return a.wake }

// Close closes the connections and gives the file back: everything stands in the one
// file then, for a copy. Statements go first: the engine keeps a connection with open
// ones half alive, and would leave the last commits in the write-ahead log beside it.
func (a *Adapter) Close() error {
	a.closed.Store(true)
	a.hush()
	var errs []error
	if a.writer != nil {
		errs = append(errs, a.writer.close())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, st := range a.stmts {
		errs = append(errs, st.Close())
	}
	if a.locked != nil {
		errs = append(errs, a.locked.Rollback())
	}
	for _, db := range []*sql.DB{a.read, a.write, a.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if a.file != nil {
		errs = append(errs, a.file.Close())
	}
	return errors.Join(errs...)
}

// prepare lays the tables in one transaction, so that a killed start leaves the
// file as it was.
func (a *Adapter) prepare(ctx context.Context) (code string, err error) {
	err = a.writer.transact(ctx, func(ctx context.Context) error {
		for _, ddl := range baseTables {
			if err := a.writer.exec(ctx, ddl); err != nil {
				return err
			}
		}
		if code, err = a.settings(ctx); err != nil {
			return err
		}
		for _, d := range a.setup.Definitions {
			if err := a.lay(ctx, a.nouns[d.Name]); err != nil {
				return fmt.Errorf("lay table of %s: %w", d.Name, err)
			}
		}
		return nil
	})
	return code, err
}

// settings reads the format and the store code, writing them in a new file.
func (a *Adapter) settings(ctx context.Context) (string, error) {
	format, code := int64(0), ""
	err := a.writer.drain(ctx, `SELECT format, code FROM setting`, func(r *sql.Rows) error { return r.Scan(&format, &code) })
	switch {
	case err != nil:
		return "", err
	case format > a.setup.Format:
		return "", fault.New(fault.CodeStoreNewer)
	case format == 0:
		code = a.setup.Code
		err = a.writer.exec(ctx, `INSERT INTO setting(format, code, seq, at, batch) VALUES (?, ?, 0, 0, 0)`, a.setup.Format, code)
	}
	return code, err
}

// LogEnd is the sequence and time of the last committed entry.
func (a *Adapter) LogEnd(ctx context.Context) (int64, time.Time, error) {
	var seq, at int64
	err := a.row(ctx, `SELECT seq, at FROM setting`, nil, &seq, &at)
	return seq, time.UnixMilli(at).UTC(), a.translate(err)
}

// Tally reads kept counters.
func (a *Adapter) Tally(ctx context.Context, names []string) (map[string]int64, error) {
	out := make(map[string]int64, len(names))
	for some := range slices.Chunk(names, chunk) {
		some = padded(some)
		rows, err := a.query(ctx, `SELECT name, n FROM tally WHERE name IN `+marks(len(some)), anys(some)...)
		if err != nil {
			return nil, a.translate(err)
		}
		err = walk(rows, func(rows *sql.Rows) error {
			var name string
			var n int64
			err := rows.Scan(&name, &n)
			out[name] = n
			return err
		})
		if err != nil {
			return nil, a.translate(err)
		}
	}
	return out, nil
}
