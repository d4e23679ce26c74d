package sqlite

import (
	"context"
	"sync"
	"time"
)

// quietAfter is how long after the last bulk work what it needed is given back.
const quietAfter = 2 * time.Second

// quiet is what follows bulk work.
type quiet struct {
	writing sync.Mutex // whoever uses the writer
	ending  sync.Mutex // whoever gives back
	timer   *time.Timer
}

// later lets the store calm down once no bulk work has come for a while. Meanwhile people's
// commits go into the long log as they find it: none of them has to bring all of it into
// the file.
func (a *Adapter) later() {
	if a.timer == nil {
		a.timer = time.AfterFunc(quietAfter, func() { _ = a.calm(context.Background()) })
		return
	}
	a.timer.Reset(quietAfter)
}

// calm brings the log into the file beside the writer, and then gives the writer the
// cache and the log of ordinary work. What fails is left to the commits that follow.
func (a *Adapter) calm(ctx context.Context) error {
	a.ending.Lock()
	defer a.ending.Unlock()
	if a.closed.Load() {
		return nil
	}
	var busy, pages, done int
	if err := a.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &done); err != nil {
		return err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.writer.pace(ctx, normal)
}

// hush waits for what is being given back; after it nothing is any more.
func (a *Adapter) hush() {
	a.writing.Lock()
	if a.timer != nil {
		a.timer.Stop()
	}
	a.writing.Unlock()
	a.ending.Lock()
	defer a.ending.Unlock()
}
