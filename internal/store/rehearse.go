package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// errRehearsed is the verdict on a set that would have been accepted.
var errRehearsed = errors.New("store: rehearsed, not written")

// Rehearse runs fn as a unit of work that is never committed, to learn whether a
// long row of use cases would succeed before the first of them is written. Unlike
// in Tx, searches see the unit's own writes, and an error of an inner unit does not
// end it: fn may go on and gather more. check answers DUPLICATE when what was
// written since the last check claims a unique key that is taken, in the store or
// earlier in the rehearsal. Hooks do not run. fn runs once.
func (db *DB) Rehearse(ctx context.Context, fn func(ctx context.Context, check func() error) error) error {
	if unitOf(ctx) != nil || ctx.Value(viewKey{}) != nil {
		return errRehearsalInside
	}
	leave, err := db.active.enter()
	if err != nil {
		return err
	}
	defer leave()
	u := &unit{
		db: db, now: db.now().UTC().Truncate(time.Millisecond), rehearsal: true,
		records: map[Key]Record{}, pending: map[Key]*Write{},
	}
	defer func() { u.over = true }()
	seen := 0
	return fn(context.WithValue(ctx, unitKey{}, u), func() error {
		fresh := u.claims[seen:]
		seen = len(u.claims)
		return errors.Join(u.twice(), db.probe(ctx, fresh))
	})
}

var errRehearsalInside = errors.New("store: a rehearsal cannot stand inside a unit of work or a view")

// twice finds a unique key that two objects of the rehearsal hold, and lets the
// first keep it.
func (u *unit) twice() error {
	for _, c := range u.claims {
		if len(c.holders) > 1 {
			c.holders = c.holders[:1]
			return fault.New(fault.CodeDuplicate, fault.P("field", c.field))
		}
	}
	return nil
}

// probe asks the committer whether claims would be granted.
func (db *DB) probe(ctx context.Context, claims []*claimState) error {
	var ask []Claim
	for _, c := range claims {
		if len(c.holders) > 0 && !c.freed {
			ask = append(ask, Claim{Key: c.key, Owner: c.holders[0], Field: c.field})
		}
	}
	if len(ask) == 0 {
		return nil
	}
	err := db.committer.submit(ctx, &Set{Claims: ask, Rehearsal: true})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// scan runs one branch of a search; in a rehearsal the unit's own writes count.
func (db *DB) scan(ctx context.Context, s Scan) ([]Record, error) {
	u := unitOf(ctx)
	if u == nil || !u.rehearsal {
		return db.adapter.Find(ctx, s)
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
	stored, err := db.adapter.Find(ctx, s)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(stored, func(r Record) bool { return u.pending[Key{s.Noun.Name, r.ID}] != nil })
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
