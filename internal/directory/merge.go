package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// mergeBatch bounds what one unit of a merge moves, mergeUnits how many units a caller
// waits for: what is left the timer does.
const (
	mergeBatch = 100
	mergeUnits = 10
)

// Count is how many there are of one noun.
type Count struct {
	Noun  string `bson:"noun"`
	Count int    `bson:"n"`
}

// more adds to the counts; nothing when there is none.
func more(counts []Count, noun string, n int) []Count {
	if n == 0 {
		return counts
	}
	if i := slices.IndexFunc(counts, func(c Count) bool { return c.Noun == noun }); i >= 0 {
		counts[i].Count += n
		return counts
	}
	return append(counts, Count{noun, n})
}

// Merge is how two rows of a noun become one.
type Merge[T any] struct {
	// Same refuses two rows that contradict each other.
	Same func(duplicate, survivor *T) error
	// Give hands what the duplicate itself holds (Gives: members, say) to the survivor, and
	// says how many; nil when it holds nothing.
	Give  func(duplicate, survivor *T) (int, error)
	Gives string
	// Rest is Kind.Rest without an end for what hangs on the row: that goes on.
	Rest  func(duplicate *T) (was string)
	Moves []Move
}

// Move is one kind of live reference to a row.
type Move struct {
	noun  string
	some  func(ctx context.Context, n store.Note, from, into string, most int) (int, error)
	count func(ctx context.Context, from, into string) (int, error)
}

// Follow moves the references of one noun: to finds the rows that may refer to an id, turn
// takes one of them from one id to another and reports whether it referred to it.
func Follow[T any, P store.Stored[T]](core *usecase.Core, noun string, rows *store.Collection[T], to func(id string) store.Query, turn func(ctx context.Context, t *T, from, into string) (bool, error)) Move {
	live := func(ctx context.Context, from, into string, fn func(id string) error) error {
		return rows.Each(ctx, to(from), func(found *T) error {
			turned, err := turn(ctx, found, from, into)
			if err != nil || !turned {
				return err
			}
			return fn(P(found).StoreHead().ID)
		})
	}
	some := func(ctx context.Context, n store.Note, from, into string, most int) (moved int, err error) {
		err = live(ctx, from, into, func(id string) error {
			t, err := rows.Get(ctx, id)
			if err != nil {
				return err
			}
			if turned, err := turn(ctx, t, from, into); err != nil || !turned { // turned away since the search
				return err
			}
			if err := usecase.StateFact(ctx, core, rows, id); err != nil {
				return err
			}
			n.Kind, n.Root = rows.Definition().Name+".followed", id
			if err := rows.Replace(ctx, t, n); err != nil {
				return err
			}
			if moved++; moved == most {
				return store.ErrEnough
			}
			return nil
		})
		return moved, err
	}
	count := func(ctx context.Context, from, into string) (n int, err error) {
		err = live(ctx, from, into, func(string) error { n++; return nil })
		return n, err
	}
	return Move{noun, some, count}
}

// Quietly is a move that no answer tells of: some takes at most so many from one id to
// another, inside a unit, and says how many these were.
func Quietly(some func(ctx context.Context, n store.Note, from, into string, most int) (int, error)) Move {
	return Move{some: some, count: func(context.Context, string, string) (int, error) { return 0, nil }}
}

// MergeInput names two entries that are the same real thing.
type MergeInput struct {
	DuplicateID     string
	SurvivorID      string
	ExpectedVersion int64   // of the duplicate
	IdempotencyKey  *string `json:"-"`
}

// Merged is how far a merge has come.
type Merged struct {
	Moved []Count
	Done  bool
}

// Merge retires the duplicate, which says from then on what it was merged into, and moves
// its live references to the survivor: the first of them in the same unit, more in further
// ones, and what a caller would wait too long for when the timer comes. What is past keeps
// naming the duplicate. Errors: INVALID for one entry or two nouns, RETIRED, NOT_THE_SAME,
// WORK_OPEN; ID_INVALID for nouns that are not merged.
func (s *Service) Merge(ctx context.Context, a access.Actor, in MergeInput) (Merged, error) {
	e, err := s.pair(a, in.DuplicateID, in.SurvivorID, "input")
	if err != nil {
		return Merged{}, err
	}
	m := merging{Head: store.Head{ID: mergeID(in.DuplicateID)}, From: in.DuplicateID, Into: in.SurvivorID, By: a.ID, Via: a.Via, OnBehalf: a.OnBehalf}
	_, err = s.core.Run(ctx, a, "entry.merge", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		fresh := m // the unit may run again
		if err := s.still(ctx, in.DuplicateID); err != nil {
			return nil, err
		}
		n, err := e.merge(ctx, a, in)
		if err != nil {
			return nil, err
		}
		fresh.Moved = slices.Clone(n)
		if _, err := s.move(ctx, &fresh); err != nil {
			return nil, err
		}
		return []string{m.ID}, s.merges.Insert(ctx, &fresh, fresh.note("merge.started"))
	})
	if err != nil {
		return Merged{}, err
	}
	for range s.units {
		// The merge stands: an error in what follows it is the timer's, which tries again.
		if done, err := s.advance(ctx, m.ID); err != nil || done {
			break
		}
	}
	row, err := s.merges.Get(ctx, m.ID)
	if err != nil {
		return Merged{}, err
	}
	return Merged{row.Moved, row.Done}, nil
}

// still refuses to merge away an entry to which another merge is still moving: what that
// moves later would be left behind. WORK_OPEN.
func (s *Service) still(ctx context.Context, duplicate string) error {
	n := 0
	open := store.Query{Where: store.Is("done", false), Sort: "created", Guard: openMerges}
	err := s.merges.Each(ctx, open, func(m *merging) error {
		if m.Into == duplicate {
			n++
		}
		return nil
	})
	if err != nil {
		return err
	}
	return workOpen(more(nil, "MERGE", n), "input", "duplicateId")
}

// Preview is what a merge would do.
type Preview struct {
	Moves    []Count
	Open     []Count
	Refusals []error
}

// MergePreview says what Merge would do; it changes nothing. Errors: as of Merge, but for
// what the entries themselves say: those are Refusals.
func (s *Service) MergePreview(ctx context.Context, a access.Actor, duplicateID, survivorID string) (Preview, error) {
	e, err := s.pair(a, duplicateID, survivorID)
	if err != nil {
		return Preview{}, err
	}
	return e.preview(ctx, a, duplicateID, survivorID)
}

// pair checks two ids as far as they themselves tell.
func (s *Service) pair(a access.Actor, duplicate, survivor string, outer ...string) (Entry, error) {
	e, err := s.entry(a, duplicate, append(outer, "duplicateId")...)
	switch {
	case err != nil:
		return e, err
	case e.merge == nil:
		return e, s.wanted(func(e Entry) bool { return e.merge != nil }, append(outer, "duplicateId"))
	case duplicate == survivor:
		return e, fault.New(fault.CodeInvalid, fault.At(append(outer, "survivorId")...), fault.P("rule", "MERGE_ITSELF"))
	case store.IDPrefix(duplicate) != store.IDPrefix(survivor):
		return e, fault.New(fault.CodeInvalid, fault.At(append(outer, "survivorId")...), fault.P("rule", "MERGE_OTHER_NOUN"))
	}
	return e, usecase.ID(survivor, store.IDPrefix(duplicate), append(outer, "survivorId")...)
}

// both loads the two rows, for who may merge them.
func (k Kind[T]) both(ctx context.Context, a access.Actor, duplicate, survivor string, outer ...string) (from, into *T, err error) {
	one := func(id, name string) *T {
		if err != nil {
			return nil
		}
		var t *T
		if t, err = k.Rows.Get(ctx, id); err == nil {
			err = k.May(a, mayMerge, t)
		}
		err = fault.Under(err, append(outer, name)...)
		return t
	}
	from, into = one(duplicate, "duplicateId"), one(survivor, "survivorId")
	return from, into, err
}

func merge[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, k Kind[T], a access.Actor, in MergeInput) ([]Count, error) {
	from, into, err := k.both(ctx, a, in.DuplicateID, in.SurvivorID, "input")
	if err != nil {
		return nil, err
	}
	if err := k.Rows.Expect(from, in.ExpectedVersion); err != nil {
		return nil, err
	}
	if err := fault.Under(P(into).StoreHead().InUse(), "input", "survivorId"); err != nil {
		return nil, err
	}
	if err := fault.Under(k.Merge.Same(from, into), "input", "survivorId"); err != nil {
		return nil, err
	}
	open, err := k.hanging(ctx, from, k.Merge.Moves...)
	if err != nil {
		return nil, err
	}
	if err := workOpen(open, "input", "duplicateId"); err != nil {
		return nil, err
	}
	given, err := k.Merge.give(from, into)
	if err != nil {
		return nil, fault.Under(err, "input", "survivorId")
	}
	P(from).StoreHead().Retired = &store.Retirement{At: core.Time(), By: a.ID, Reason: "DUPLICATE", Was: k.Merge.Rest(from), Into: in.SurvivorID}
	if err := k.save(ctx, core, a, from, in.DuplicateID, ".merged", "DUPLICATE"); err != nil {
		return nil, err
	}
	return given, k.save(ctx, core, a, into, in.SurvivorID, ".absorbed", "DUPLICATE")
}

func (m *Merge[T]) give(from, into *T) ([]Count, error) {
	if m.Give == nil {
		return nil, nil
	}
	n, err := m.Give(from, into)
	return more(nil, m.Gives, n), err
}

func preview[T any, P store.Stored[T]](ctx context.Context, k Kind[T], a access.Actor, duplicate, survivor string) (Preview, error) {
	from, into, err := k.both(ctx, a, duplicate, survivor)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	refuse := func(err error) {
		if err != nil {
			p.Refusals = append(p.Refusals, err)
		}
	}
	refuse(fault.Under(P(from).StoreHead().InUse(), "duplicateId"))
	refuse(fault.Under(P(into).StoreHead().InUse(), "survivorId"))
	refuse(fault.Under(k.Merge.Same(from, into), "survivorId"))
	if p.Open, err = k.hanging(ctx, from, k.Merge.Moves...); err != nil {
		return p, err
	}
	refuse(workOpen(p.Open, "duplicateId"))
	p.Moves, err = k.Merge.give(from, into)
	refuse(fault.Under(err, "survivorId"))
	for _, m := range k.Merge.Moves {
		n, err := m.count(ctx, duplicate, survivor)
		if err != nil {
			return p, err
		}
		p.Moves = more(p.Moves, m.noun, n)
	}
	return p, nil
}

// merging is one merge: how far it has come. Its id is made of the duplicate's, which is
// merged once.
type merging struct {
	store.Head `bson:",inline"`
	From       string  `bson:"from"`
	Into       string  `bson:"into"`
	By         string  `bson:"by"` // account
	Via        string  `bson:"via"`
	OnBehalf   string  `bson:"onBehalf"`
	Moved      []Count `bson:"moved"`
	Done       bool    `bson:"done"`
}

func mergingSpec() store.Spec[merging] {
	return store.Spec[merging]{
		Name: "merge",
		Fields: []store.Field[merging]{
			{Name: "done", Kind: store.Int, Get: func(m *merging) any { return m.Done }},
			{Name: "created", Kind: store.Int, Get: func(m *merging) any { return m.CreatedAt }},
		},
		Indexes: [][]string{{"done", "created"}},
		Queries: []store.Shape{{Where: []string{"done"}, Sort: "created"}},
		Guards:  func(*merging) []string { return []string{openMerges} },
	}
}

// openMerges is what every write of a merge bumps.
var openMerges = store.GuardName("merge", "open")

func mergeID(duplicate string) string { return "mrg_" + duplicate }

// note is what the log says of a part of the merge: by who began it, whoever goes on.
func (m *merging) note(kind string) store.Note {
	return store.Note{Kind: kind, Actor: m.By, Via: m.Via, OnBehalf: m.OnBehalf, Root: m.Into}
}

// move takes a batch of references along, in the caller's unit.
func (s *Service) move(ctx context.Context, m *merging) (moved int, err error) {
	for _, move := range s.entries[store.IDPrefix(m.From)].moves {
		if moved == s.batch {
			break
		}
		n, err := move.some(ctx, m.note(""), m.From, m.Into, s.batch-moved)
		if err != nil {
			return moved, err
		}
		if moved += n; move.noun != "" {
			m.Moved = more(m.Moved, move.noun, n)
		}
	}
	return moved, nil
}

// advance moves a batch in a unit. Since the duplicate is retired nothing new refers to
// it: a unit that finds nothing is the last.
func (s *Service) advance(ctx context.Context, id string) (done bool, err error) {
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		m, err := s.merges.Get(ctx, id)
		if err != nil || m.Done {
			done = true
			return err
		}
		n, err := s.move(ctx, m)
		if err != nil {
			return err
		}
		m.Done, done = n == 0, n == 0
		kind := "merge.moved"
		if done {
			kind = "merge.ended"
		}
		return s.merges.Replace(ctx, m, m.note(kind))
	})
	return done, err
}

// Follow goes on with merges that are not done, some units of each. The timer calls it; it
// returns how many it went on with.
func (s *Service) Follow(ctx context.Context, _ access.Actor) (int, error) {
	page, err := s.merges.Find(ctx, store.Query{Where: store.Is("done", false), Sort: "created"})
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, m := range page.Items {
		for range s.units {
			done, err := s.advance(ctx, m.ID)
			if errs = append(errs, err); err != nil || done {
				break
			}
		}
	}
	return len(page.Items), errors.Join(errs...)
}
