package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/fivesociety/linkage/internal/fault"
)

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

// touch makes a file that is not there. One that is there is not opened: closing any
// handle of a file gives back all locks that this process has on it.
func touch(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fault.New(fault.CodeConfiguration, fault.P("what", "sqlite: cannot open "+name), fault.Because(err))
	}
	return translate(f.Close())
}

// acquire takes two locks for as long as this process lives; the operating system
// ends both with the process, however it dies. One is on a file beside the database,
// known by name; the other is on the database itself, known by inode, so that a hard
// link or a mount under another name leads to the same lock.
func (a *Adapter) acquire(ctx context.Context) error {
	if err := a.settle(); err != nil {
		return err
	}
	if err := a.acquireName(ctx); err != nil {
		return err
	}
	f, err := os.OpenFile(a.cfg.Path, os.O_RDWR, 0)
	if err != nil {
		return fault.New(fault.CodeConfiguration, fault.P("what", "sqlite: cannot open "+a.cfg.Path), fault.Because(err))
	}
	a.file = f
	return lockInode(f)
}

// acquireName holds an exclusive transaction on the file beside the database.
func (a *Adapter) acquireName(ctx context.Context) error {
	path := (&url.URL{Path: filepath.ToSlash(a.cfg.Path + ".lock")}).EscapedPath()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(200)&_txlock=exclusive")
	if err != nil {
		return a.translate(err)
	}
	db.SetMaxOpenConns(1)
	if a.locked, err = db.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		_ = db.Close()
		if isBusy(err) {
			return fault.New(fault.CodeStoreLocked, fault.Because(err))
		}
		return a.translate(err)
	}
	a.lock = db
	return nil
}
