package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
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
	setup  store.Setup
	nouns  map[string]*table
	mu     sync.Mutex
	stmts  map[string]*sql.Stmt // prepared on read
	wake   chan struct{}
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
		return "", translate(err)
	}
	a.write.SetMaxOpenConns(1)
	if a.writer, err = newWriter(ctx, a.write); err != nil {
		return "", translate(err)
	}
	code, err := a.prepare(ctx)
	if err != nil {
		return "", translate(err)
	}
	if a.read, err = sql.Open("sqlite", a.dsn(true)); err != nil {
		return "", translate(err)
	}
	a.read.SetMaxOpenConns(a.cfg.Readers)
	a.read.SetMaxIdleConns(a.cfg.Readers)
	return code, nil
}

func (a *Adapter) dsn(readOnly bool) string {
	q := url.Values{}
	for _, p := range []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(0)", "cache_size(-32000)", "temp_store(2)"} {
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

// settle makes the file, for its owner's eyes only, if it is not there, and follows
// links, so that one store has one lock by whatever name it is opened. The engine
// gives the files beside it the same permissions.
func (a *Adapter) settle() error {
	if err := touch(a.cfg.Path); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(a.cfg.Path); err == nil {
		a.cfg.Path = target
	}
	return touch(a.cfg.Path + ".lock")
}

func touch(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.New(fault.CodeConfiguration, fault.P("what", "sqlite: cannot open "+name), fault.Because(err))
	}
	return translate(f.Close())
}

// acquire holds an exclusive transaction on a side file for as long as this
// process lives. The operating system ends it with the process, however it dies.
func (a *Adapter) acquire(ctx context.Context) error {
	if err := a.settle(); err != nil {
		return err
	}
	path := (&url.URL{Path: filepath.ToSlash(a.cfg.Path + ".lock")}).EscapedPath()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(200)&_txlock=exclusive")
	if err != nil {
		return translate(err)
	}
	db.SetMaxOpenConns(1)
	if a.locked, err = db.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		_ = db.Close()
		if isBusy(err) {
			return fault.New(fault.CodeStoreLocked, fault.Because(err))
		}
		return translate(err)
	}
	a.lock = db
	return nil
}

// Wake never rings: one process has the file.
func (a *Adapter) Wake() <-chan struct{} { return a.wake }

// Close closes the connections and gives the file back: everything stands in the one
// file then, for a copy. Statements go first: the engine keeps a connection with open
// ones half alive, and would leave the last commits in the write-ahead log beside it.
func (a *Adapter) Close() error {
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
	return seq, time.UnixMilli(at).UTC(), translate(err)
}

// Tally reads kept counters.
func (a *Adapter) Tally(ctx context.Context, names []string) (map[string]int64, error) {
	out := make(map[string]int64, len(names))
	for _, name := range names {
		var n int64
		err := a.row(ctx, `SELECT n FROM tally WHERE name = ?`, []any{name}, &n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, translate(err)
		}
		out[name] = n
	}
	return out, nil
}
