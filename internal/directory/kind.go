package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// The rights to entries.
const (
	mayRetire access.Action = "entry.retire"
	mayMerge  access.Action = "entry.merge"
	mayMove   access.Action = "entry.move"
)

// Kind is what retiring has to know of a noun.
type Kind[T any] struct {
	Rows *store.Collection[T]
	May  func(a access.Actor, right access.Action, t *T) error
	Open []Open[T]
	// Rest ends the noun's own work before the row is saved, and says in which state it
	// was; Wake undoes it, never further than where somebody has to let it work again. Both
	// are nil for a noun without states.
	Rest func(ctx context.Context, a access.Actor, t *T) (was string, err error)
	Wake func(t *T, was string)
	// Merge is how two rows become one; nil for a noun of which no two are the same thing.
	Merge *Merge[T]
	// Place is how a row goes elsewhere; nil for a noun that is where it is.
	Place *Place[T]
}

// Open counts the work of one kind that hangs on a row, guarded against more.
type Open[T any] struct {
	Noun  string // as the API calls it
	Count func(ctx context.Context, t *T) (int, error)
}

// Seen gives a right to those whose relation to a row has it.
func Seen[T any](n access.Noun, header func(*T) *access.Header) func(access.Actor, access.Action, *T) error {
	return func(a access.Actor, right access.Action, t *T) error { return access.See(a, n).May(right, header(t)) }
}

// At gives a right to rows of a public noun to those who have it at their division code.
func At[T any](code func(*T) string) func(access.Actor, access.Action, *T) error {
	return func(a access.Actor, right access.Action, t *T) error { return a.MayAt(right, code(t)) }
}

// Of makes a noun an entry.
func Of[T any, P store.Stored[T]](core *usecase.Core, k Kind[T]) Entry {
	e := Entry{
		retire:  func(ctx context.Context, a access.Actor, in Retire) error { return retire[T, P](ctx, core, k, a, in) },
		restore: func(ctx context.Context, a access.Actor, in Restore) error { return restore[T, P](ctx, core, k, a, in) },
	}
	if k.Merge != nil {
		e.merge = func(ctx context.Context, a access.Actor, in MergeInput) ([]Count, error) {
			return merge[T, P](ctx, core, k, a, in)
		}
		e.preview = func(ctx context.Context, a access.Actor, from, into string) (Preview, error) {
			return preview[T, P](ctx, k, a, from, into)
		}
		e.moves = k.Merge.Moves
	}
	if k.Place != nil {
		e.move = func(ctx context.Context, a access.Actor, in MoveInput) error { return move[T, P](ctx, core, k, a, in) }
	}
	return e
}

// Entry is a noun whose rows can be retired; merge is nil for one whose rows are not
// merged.
type Entry struct {
	retire  func(context.Context, access.Actor, Retire) error
	restore func(context.Context, access.Actor, Restore) error
	merge   func(context.Context, access.Actor, MergeInput) ([]Count, error)
	preview func(ctx context.Context, a access.Actor, from, into string) (Preview, error)
	moves   []Move
	move    func(context.Context, access.Actor, MoveInput) error // nil for one that stays
}

func retire[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, k Kind[T], a access.Actor, in Retire) error {
	t, err := k.Rows.Get(ctx, in.NodeID)
	if err != nil {
		return err
	}
	if err := k.May(a, mayRetire, t); err != nil {
		return err
	}
	if err := k.Rows.Expect(t, in.ExpectedVersion); err != nil {
		return err
	}
	open, err := k.hanging(ctx, t)
	if err != nil {
		return err
	}
	if err := workOpen(open, "input", "nodeId"); err != nil {
		return err
	}
	out := store.Retirement{At: core.Time(), By: a.ID, Reason: in.Reason}
	if k.Rest != nil {
		if out.Was, err = k.Rest(ctx, a, t); err != nil {
			return err
		}
	}
	P(t).StoreHead().Retired = &out
	return k.save(ctx, core, a, t, in.NodeID, ".retired", in.Reason)
}

func restore[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, k Kind[T], a access.Actor, in Restore) error {
	t, err := k.Rows.Get(ctx, in.NodeID)
	if err != nil {
		return err
	}
	if err := k.May(a, mayRetire, t); err != nil {
		return err
	}
	if err := k.Rows.ExpectVersion(t, in.ExpectedVersion); err != nil {
		return err
	}
	h := P(t).StoreHead()
	if h.Retired == nil {
		return fault.New(fault.CodeInvalid, fault.At("input", "nodeId"), fault.P("rule", "NOT_RETIRED"))
	}
	if h.Retired.Into != "" { // it would be there twice again, and what hung on it is gone
		return fault.New(fault.CodeInvalid, fault.At("input", "nodeId"), fault.P("rule", "MERGED"))
	}
	if k.Wake != nil {
		k.Wake(t, h.Retired.Was)
	}
	h.Retired = nil
	return k.save(ctx, core, a, t, in.NodeID, ".restored", "")
}

// hanging counts the work that hangs on a row, by noun, but for what goes on elsewhere.
func (k Kind[T]) hanging(ctx context.Context, t *T, moves ...Move) (open []Count, err error) {
	for _, o := range k.Open {
		if slices.ContainsFunc(moves, func(m Move) bool { return m.noun == o.Noun }) {
			continue
		}
		n, err := o.Count(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", o.Noun, err)
		}
		open = more(open, o.Noun, n)
	}
	return open, nil
}

// workOpen refuses what work hangs on: WORK_OPEN with the nouns and how many of each.
func workOpen(open []Count, path ...string) error {
	if len(open) == 0 {
		return nil
	}
	words := make([]string, len(open))
	for i, c := range open {
		words[i] = fmt.Sprintf("%s %d", c.Noun, c.Count)
	}
	return fault.New(fault.CodeWorkOpen, fault.At(path...), fault.P("open", strings.Join(words, ", ")))
}

func (k Kind[T]) save(ctx context.Context, core *usecase.Core, a access.Actor, t *T, id, verb, reason string) error {
	if err := usecase.StateFact(ctx, core, k.Rows, id); err != nil {
		return err
	}
	return k.Rows.Replace(ctx, t, usecase.Note(a, k.Rows.Definition().Name+verb, id, reason))
}
