package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Format is the newest layout of stored data that this program knows. A store of
// a later format is refused.
const Format int64 = 1

// Options are a DB's settings; zero values are good defaults.
type Options struct {
	Code string           // two lower-case letters or digits for a new store; default "ts"
	Now  func() time.Time // default time.Now
	Sets int              // units that may share one commit; default 64. 1 is for measuring.
}

// DB is an open store. Register every noun, then Start, then use it; Close ends
// the committer after the queued units are answered.
type DB struct {
	adapter   Adapter
	rare      rarity
	now       func() time.Time
	code      string
	ids       *ids
	defs      map[string]*Definition
	order     []*Definition
	values    map[string]func(int32, bson.Raw) (Values, error)
	committer *committer
	bells     bells
	active    units
	started   bool
	wantCode  string
	closing   sync.Once
}

// New makes a DB over an adapter. Nothing is read before Start.
func New(a Adapter, o Options) *DB {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Code == "" {
		o.Code = "ts"
	}
	if o.Sets <= 0 {
		o.Sets = maxBatchSets
	}
	db := &DB{
		adapter: a, now: o.Now, wantCode: o.Code,
		defs: map[string]*Definition{}, values: map[string]func(int32, bson.Raw) (Values, error){},
	}
	db.committer = newCommitter(db, o.Sets)
	return db
}

// Start opens the adapter for the registered nouns and starts the committer. A start
// that fails gives everything back: another may follow.
func (db *DB) Start(ctx context.Context) error {
	code, err := db.adapter.Open(ctx, Setup{
		Definitions: db.order, Code: db.wantCode, Format: Format,
		Values: func(noun string, shape int32, body bson.Raw) (Values, error) { return db.values[noun](shape, body) },
	})
	if err != nil {
		_ = db.Close() // the reason to stop is the one above
		return fmt.Errorf("open store: %w", err)
	}
	db.code, db.ids = code, newIDs(code, db.now)
	db.started = true
	db.committer.start()
	db.bells.start(db.adapter.Wake())
	return nil
}

// Close answers the queued units, then closes the adapter. A second Close does nothing.
func (db *DB) Close() (err error) {
	db.closing.Do(func() {
		if db.started {
			db.committer.stop()
			db.bells.stop()
		}
		err = db.adapter.Close()
	})
	return err
}

// Code is the store's two-letter code, part of every id and cursor.
func (db *DB) Code() string { return db.code }

// Bulk is how many objects a unit of bulk work should write at most.
func (db *DB) Bulk() int { return db.adapter.Bulk() }

// NewID makes a time-sortable id: prefix, "_", store code, 26 characters.
func (db *DB) NewID(prefix string) string { return db.ids.sortable(prefix) }

// NewBlindID makes a random id of the same form that tells nothing of its time:
// for people and for what strangers see blinded.
func (db *DB) NewBlindID(prefix string) string { return db.ids.blind(prefix) }

// Definition finds a registered noun, nil if there is none.
func (db *DB) Definition(noun string) *Definition { return db.defs[noun] }

// Definitions lists the registered nouns in order of registration.
func (db *DB) Definitions() []*Definition { return db.order }

// Plan explains how the engine would run a declared shape, for the suite that
// asserts plans.
func (db *DB) Plan(ctx context.Context, s Scan) (Plan, error) { return db.adapter.Plan(ctx, s) }

// Tally reads kept counters by name; absent ones are 0.
func (db *DB) Tally(ctx context.Context, names ...string) (map[string]int64, error) {
	return db.adapter.Tally(ctx, names)
}

// Log reads entries in order of sequence.
func (db *DB) Log(ctx context.Context, q LogQuery) ([]*Entry, error) {
	if q.Limit <= 0 || q.Limit > maxLimit {
		q.Limit = maxLimit
	}
	return db.adapter.Log(ctx, q)
}

// LogEnd is the sequence and time of the last committed entry.
func (db *DB) LogEnd(ctx context.Context) (int64, time.Time, error) { return db.adapter.LogEnd(ctx) }

// View runs fn with a ctx whose reads all see one moment of the store. It is for
// reading only; a unit of work inside it is an error.
func (db *DB) View(ctx context.Context, fn func(ctx context.Context) error) error {
	if unitOf(ctx) != nil {
		return ErrViewInUnit
	}
	return db.adapter.View(context.WithValue(ctx, viewKey{}, true), fn)
}

// Bell returns a channel that rings after commits, of this process and of others,
// and a function that gives it back. A ring is only a wake-up: read the log.
func (db *DB) Bell() (ring <-chan struct{}, release func()) { return db.bells.add() }

// bells fans one wake-up out to all listeners without ever blocking.
type bells struct {
	mu   sync.Mutex
	next int
	list map[int]chan struct{}
	quit chan struct{}
	done chan struct{}
}

func (b *bells) add() (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.list == nil {
		b.list = map[int]chan struct{}{}
	}
	id, ch := b.next, make(chan struct{}, 1)
	b.next++
	b.list[id] = ch
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.list, id)
	}
}

func (b *bells) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ch := range b.list {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

func (b *bells) start(foreign <-chan struct{}) {
	b.quit, b.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(b.done)
		for {
			select {
			case <-b.quit:
				return
			case _, ok := <-foreign:
				if !ok {
					foreign = nil
					continue
				}
				b.ring()
			}
		}
	}()
}

func (b *bells) stop() {
	close(b.quit)
	<-b.done
}
