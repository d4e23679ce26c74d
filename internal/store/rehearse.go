package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// errRehearsed is the verdict on a set that would have been accepted.
var errRehearsed = errors.New("store: rehearsed, not written")

// Rehearsal is a long row of use cases under rehearsal, part by part.
type Rehearsal struct {
	u     *unit
	part  int
	fresh []*claimState // touched since Taken was last asked
	kept  int           // how many writes Keep has made last
}

// Rehearse runs fn as a unit of work that is never committed, to learn whether a
// long row of use cases would succeed before the first of them is written. Unlike
// in Tx, searches see the unit's own writes, and an error of an inner unit does not
// end it: fn may go on and gather more. Hooks do not run. fn runs once.
func (db *DB) Rehearse(ctx context.Context, fn func(ctx context.Context, r *Rehearsal) error) error {
	if unitOf(ctx) != nil || ctx.Value(viewKey{}) != nil {
		return errRehearsalInside
	}
	leave, err := db.active.enter()
	if err != nil {
		return err
	}
	defer leave()
	u := &unit{db: db, now: db.now().UTC().Truncate(time.Millisecond), records: map[Key]Record{}, pending: map[Key]*Write{}}
	u.rehearsal = &Rehearsal{u: u}
	defer func() { u.over = true }()
	return fn(context.WithValue(ctx, unitKey{}, u), u.rehearsal)
}

// Part begins the part with a number, which Taken will name.
func (r *Rehearsal) Part(n int) { r.part = n }

// Taken answers DUPLICATE for each part since the last question that claims a unique
// key which is taken, in the store or by an earlier part.
func (r *Rehearsal) Taken(ctx context.Context) (map[int]error, error) {
	out := map[int]error{}
	var ask []Claim
	parts := map[string]int{}
	for _, c := range r.fresh {
		c.fresh = false
		for len(c.holders) > 1 { // the first keeps it
			last := len(c.holders) - 1
			out[c.parts[last]] = fault.New(fault.CodeDuplicate, fault.P("field", c.field))
			c.holders, c.parts = c.holders[:last], c.parts[:last]
		}
		if len(c.holders) == 1 && !c.freed {
			ask = append(ask, Claim{Key: c.key, Owner: c.holders[0], Field: c.field})
			parts[c.key] = c.parts[0]
		}
	}
	r.fresh = r.fresh[:0]
	if len(ask) == 0 {
		return out, nil
	}
	set := &Set{Claims: ask, Rehearsal: true}
	if err := r.u.db.committer.submit(ctx, set); !errors.Is(err, errRehearsed) {
		return nil, err
	}
	for _, c := range set.taken {
		out[parts[c.Key]] = fault.New(fault.CodeDuplicate, fault.P("field", c.Field))
	}
	return out, nil
}

// Keep says that what was written so far may be read by what comes.
func (r *Rehearsal) Keep() { r.kept = len(r.u.set.Writes) }

// Forget drops what was written since Keep, but for the unique keys that it took:
// what nothing refers to needs no room.
func (r *Rehearsal) Forget() {
	u := r.u
	for _, w := range u.set.Writes[r.kept:] {
		delete(u.pending, w.Key)
		delete(u.records, w.Key)
	}
	clear(u.set.Writes[r.kept:])
	u.set.Writes = u.set.Writes[:r.kept]
	u.own, u.sorted, u.worked = nil, 0, nil
}

// part is the part of a rehearsal under way.
func (u *unit) part() int {
	if u.rehearsal == nil {
		return 0
	}
	return u.rehearsal.part
}

var errRehearsalInside = errors.New("store: a rehearsal cannot stand inside a unit of work or a view")

// scan runs one branch of a search; in a rehearsal the unit's own writes count.
func (db *DB) scan(ctx context.Context, s Scan) ([]Record, error) {
	u := unitOf(ctx)
	if u == nil || u.rehearsal == nil {
		return u.find(ctx, db, s)
	}
	match, err := s.Noun.Compile(Both(s.Where...), false)
	if err != nil {
		return nil, err
	}
	own, limit := u.written(s.Noun), s.Limit
	for _, w := range own {
		if w.Before != nil {
			s.Limit++ // it may take the place of a row that counts
		}
	}
	stored, err := u.find(ctx, db, s)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(slices.Clone(stored), func(r Record) bool { return u.pending[Key{s.Noun.Name, r.ID}] != nil })
	for _, w := range own {
		if w.Change == Put && match(w.Record.Values) && (s.After == nil || s.After.before(s.Noun.posOf(w.Record, s.Sort), s.Desc)) {
			out = append(out, w.Record)
		}
	}
	slices.SortFunc(out, func(a, b Record) int {
		if s.Noun.posOf(a, s.Sort).before(s.Noun.posOf(b, s.Sort), s.Desc) {
			return -1
		}
		return 1
	})
	return out[:min(len(out), limit)], nil
}

// find asks the engine, once for each search that stands on a guard: what has changed
// since then fails the commit. Other searches ask each time, but for those of a
// rehearsal, which asks the same of each of its rows and sees the last commit of when
// it was first asked.
func (u *unit) find(ctx context.Context, db *DB, s Scan) ([]Record, error) {
	if u == nil || u.rehearsal == nil && s.guard == "" {
		return db.adapter.Find(ctx, s)
	}
	key := fmt.Sprintf("%s %#v %q %q %t %d %q", s.Noun.Name, s.Where, s.Index, s.Sort, s.Desc, s.Limit, s.guard)
	if s.After != nil {
		key += fmt.Sprintf(" %#v", *s.After)
	}
	if found, ok := u.found[key]; ok {
		return found, nil
	}
	found, err := db.adapter.Find(ctx, s)
	if err == nil {
		if u.found == nil {
			u.found = map[string][]Record{}
		}
		u.found[key] = found
	}
	return found, err
}

// written are the unit's writes of a noun, sorted out once each: a rehearsal makes
// very many.
func (u *unit) written(d *Definition) []*Write {
	if u.own == nil {
		u.own = map[*Definition][]*Write{}
	}
	for _, w := range u.set.Writes[u.sorted:] {
		u.own[w.Noun] = append(u.own[w.Noun], w)
	}
	u.sorted = len(u.set.Writes)
	return u.own[d]
}
