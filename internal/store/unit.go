package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

type (
	unitKey struct{}
	viewKey struct{}
)

// Misuse of units of work: errors of the program, never of its input.
var (
	ErrViewInUnit   = errors.New("store: a view and a unit of work cannot be inside one another")
	ErrOutsideUnit  = errors.New("store: a write outside of a unit of work")
	ErrFreshContext = errors.New("store: a fresh context inside a unit of work escapes it; pass on the context that Tx gave")
	ErrDoomed       = errors.New("store: an inner unit failed, so the outer cannot commit")
	ErrOver         = errors.New("store: this unit of work has ended")
	errPanicked     = errors.New("store: an inner unit panicked")
)

// maxRuns bounds how often a unit runs when others keep changing what it read.
const (
	maxRuns      = 64
	maxOvertaken = 4096 // such a run costs no commit
)

// unit gathers what one run of a Tx function reads and writes. It belongs to one
// goroutine.
type unit struct {
	db      *DB
	now     time.Time
	run     int // how often it was found stale before
	set     Set
	records map[Key]Record // as read, absence as Revision 0
	pending map[Key]*Write // as written
	claims  []*claimState
	claimed map[string]*claimState // claims by key
	hooks   []func()
	doomed  error
	over    bool

	rehearsal *Rehearsal // never committed; its searches see its own writes
	own       map[*Definition][]*Write
	sorted    int                 // how many of set.Writes stand in own
	found     map[string][]Record // what its searches found, by search
	worked    map[Key]worked      // what Once keeps
	changes   map[string]int      // writes by noun
}

// Tx runs fn as one unit of work: all it writes is committed at once or not at
// all. fn may run again when what it read was changed meanwhile, so draw ids,
// time and random before. A Tx inside a Tx joins it. An error or panic of fn
// writes nothing. An error, and the end of a unit without writes, stands only if all
// that fn read by id was true at one moment; else fn runs again, so that no "already
// taken" rests on reads from before and after a change. Searches count when guarded. After the hand-over to the committer a cancelled ctx no longer
// withdraws: the error is then OUTCOME_UNKNOWN.
func (db *DB) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if u := unitOf(ctx); u != nil {
		return u.join(ctx, fn)
	}
	if ctx.Value(viewKey{}) != nil {
		return ErrViewInUnit
	}
	hooks, err := db.repeat(ctx, fn)
	memoOf(ctx).forget() // also of a commit whose outcome is unknown
	if err != nil {
		return err
	}
	for _, h := range hooks { // outside of the unit: a hook may begin another
		h()
	}
	return nil
}

// repeat runs fn until what it read is not stale at its commit.
func (db *DB) repeat(ctx context.Context, fn func(ctx context.Context) error) ([]func(), error) {
	leave, err := db.active.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	for run, overtaken := 0, 0; run < maxRuns && overtaken < maxOvertaken; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hooks, err := db.attempt(ctx, fn, run)
		switch {
		case errors.Is(err, errOvertaken):
			overtaken++ // somebody else got on: no need to wait
		case errors.Is(err, errStale):
			run++
			pause(ctx, run)
		default:
			return hooks, err
		}
	}
	return nil, fault.New(fault.CodeUnavailable, fault.Because(errStale))
}

// attempt runs fn once and hands its set over.
func (db *DB) attempt(ctx context.Context, fn func(ctx context.Context) error, run int) ([]func(), error) {
	u := &unit{db: db, run: run, now: db.now().UTC().Truncate(time.Millisecond), records: map[Key]Record{}, pending: map[Key]*Write{}}
	defer func() { u.over = true }()
	err := fn(context.WithValue(ctx, unitKey{}, u))
	if err == nil && u.doomed != nil {
		err = errors.Join(ErrDoomed, u.doomed)
	}
	if err != nil || u.idle() {
		return u.hooks, u.confirm(ctx, err)
	}
	set, err := u.finish()
	if err != nil {
		return nil, u.confirm(ctx, err)
	}
	return u.hooks, db.committer.submit(ctx, set)
}

// confirm lets an outcome that no commit will check stand only if what the unit read
// ahead was committed and all it read was once true together; else the unit is stale.
func (u *unit) confirm(ctx context.Context, outcome error) error {
	for _, d := range u.set.deps {
		select {
		case <-d.done:
			if d.Err != nil {
				return errStale
			}
		case <-ctx.Done():
			return errors.Join(outcome, ctx.Err())
		}
	}
	if ctx.Err() != nil || outcome != nil && !decided(outcome) || !u.torn() {
		return outcome
	}
	return u.compare(ctx, outcome)
}

// decided reports whether an error may rest on what was read, rather than tell that
// the store or the program failed.
func decided(err error) bool {
	k := fault.KindOf(err)
	return k != fault.Unavailable && !errors.Is(err, ErrDoomed)
}

// torn reports whether the unit's reads may be of different moments: one object alone
// is of one, a guard stands for a search that followed it.
func (u *unit) torn() bool {
	if len(u.records) != 1 {
		return len(u.records) > 1
	}
	for k := range u.records {
		return k.Noun == guardNoun
	}
	return false
}

// compare reads the revisions of all that the unit read anew, of one moment: when they
// are the same, the unit read what was true then.
func (u *unit) compare(ctx context.Context, outcome error) error {
	ids := map[string][]string{}
	for k := range u.records {
		ids[k.Noun] = append(ids[k.Noun], k.ID)
	}
	now := make(map[Key]int64, len(u.records))
	err := u.db.adapter.View(ctx, func(ctx context.Context) error {
		for noun, list := range ids {
			records, err := u.db.adapter.Get(ctx, noun, list)
			if err != nil {
				return fmt.Errorf("confirm what was read: %w", err)
			}
			for _, r := range records {
				now[Key{noun, r.ID}] = r.Revision
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k, r := range u.records {
		if now[k] != r.Revision {
			return errStale
		}
	}
	return outcome
}

func (u *unit) idle() bool {
	return len(u.set.Writes) == 0 && len(u.set.Adds) == 0 && len(u.set.Erase) == 0
}

// finish completes the set: reads are what was seen first, writes the last state.
func (u *unit) finish() (*Set, error) {
	u.set.Reads = make(map[Key]int64, len(u.records))
	for k, r := range u.records {
		u.set.Reads[k] = r.Revision
	}
	return &u.set, u.settleClaims()
}

func (u *unit) join(ctx context.Context, fn func(ctx context.Context) error) error {
	if u.over {
		return ErrOver
	}
	err := errPanicked // what a panic leaves behind, even if the caller recovers it
	defer func() {
		if err != nil && u.doomed == nil {
			u.doomed = err
		}
	}()
	err = fn(ctx)
	return err
}

// After registers a hook that runs once the unit has been committed, in the
// caller's goroutine, in order. Outside of a unit it runs at once.
func After(ctx context.Context, hook func()) {
	if u := unitOf(ctx); u != nil {
		u.hooks = append(u.hooks, hook)
		return
	}
	hook()
}

func unitOf(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{}).(*unit)
	return u
}

// pause lets the others finish; waiting grows with each lost race.
func pause(ctx context.Context, run int) {
	limit := time.Duration(min(run+1, 16)) * 500 * time.Microsecond
	t := time.NewTimer(rand.N(limit))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// units knows which goroutines are inside a unit, so that a Tx called with a
// fresh context there is refused instead of becoming a silent second unit.
type units struct {
	mu   sync.Mutex
	list map[string]bool
}

func (s *units) enter() (leave func(), err error) {
	id := goroutine()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list[id] {
		return nil, ErrFreshContext
	}
	if s.list == nil {
		s.list = map[string]bool{}
	}
	s.list[id] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.list, id)
	}, nil
}

// goroutine is the running goroutine's number, from the first line of its stack:
// Go offers no other way, and only this guard uses it.
func goroutine() string {
	var buf [40]byte
	line := buf[:runtime.Stack(buf[:], false)]
	return string(bytes.Fields(line)[1])
}
