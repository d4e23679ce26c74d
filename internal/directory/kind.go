package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// right is who may retire and restore.
const right access.Action = "entry.retire"

// Kind is what retiring has to know of a noun.
type Kind[T any] struct {
	Rows *store.Collection[T]
	May  func(a access.Actor, t *T) error
	Open []Open[T]
	// Rest ends the noun's own work before the row is saved, and says in which state it
	// was; Wake undoes it, never further than where somebody has to let it work again. Both
	// are nil for a noun without states.
	Rest func(ctx context.Context, a access.Actor, t *T) (was string, err error)
	Wake func(t *T, was string)
}

// Open counts the work of one kind that hangs on a row, guarded against more.
type Open[T any] struct {
	Noun  string // as the API calls it
	Count func(ctx context.Context, t *T) (int, error)
}

// Seen lets those retire a row whose relation to it has the right.
func Seen[T any](n access.Noun, header func(*T) *access.Header) func(access.Actor, *T) error {
	return func(a access.Actor, t *T) error { return access.See(a, n).May(right, header(t)) }
}

// At lets those retire a row of a public noun who have the right at its division code.
func At[T any](code func(*T) string) func(access.Actor, *T) error {
	return func(a access.Actor, t *T) error { return a.MayAt(right, code(t)) }
}

// Of makes a noun an entry.
func Of[T any, P store.Stored[T]](core *usecase.Core, k Kind[T]) Entry {
	return Entry{
		retire: func(ctx context.Context, a access.Actor, in Retire) error { return retire[T, P](ctx, core, k, a, in) },
		restore: func(ctx context.Context, a access.Actor, in Restore) error {
			return restore[T, P](ctx, core, k, a, in)
		},
	}
}

// Entry is a noun whose rows can be retired.
type Entry struct {
	retire  func(context.Context, access.Actor, Retire) error
	restore func(context.Context, access.Actor, Restore) error
}

func retire[T any, P store.Stored[T]](ctx context.Context, core *usecase.Core, k Kind[T], a access.Actor, in Retire) error {
	t, err := k.Rows.Get(ctx, in.NodeID)
	if err != nil {
		return err
	}
	if err := k.May(a, t); err != nil {
		return err
	}
	if err := k.Rows.Expect(t, in.ExpectedVersion); err != nil {
		return err
	}
	if err := k.idle(ctx, t); err != nil {
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
	if err := k.May(a, t); err != nil {
		return err
	}
	if err := k.Rows.ExpectVersion(t, in.ExpectedVersion); err != nil {
		return err
	}
	h := P(t).StoreHead()
	if h.Retired == nil {
		return fault.New(fault.CodeInvalid, fault.At("input", "nodeId"), fault.P("rule", "NOT_RETIRED"))
	}
	if k.Wake != nil {
		k.Wake(t, h.Retired.Was)
	}
	h.Retired = nil
	return k.save(ctx, core, a, t, in.NodeID, ".restored", "")
}

// idle refuses what work hangs on: WORK_OPEN with the nouns and how many of each.
func (k Kind[T]) idle(ctx context.Context, t *T) error {
	var open []string
	for _, o := range k.Open {
		n, err := o.Count(ctx, t)
		if err != nil {
			return fmt.Errorf("count %s: %w", o.Noun, err)
		}
		if n > 0 {
			open = append(open, fmt.Sprintf("%s %d", o.Noun, n))
		}
	}
	if len(open) > 0 {
		return fault.New(fault.CodeWorkOpen, fault.At("input", "nodeId"), fault.P("open", strings.Join(open, ", ")))
	}
	return nil
}

func (k Kind[T]) save(ctx context.Context, core *usecase.Core, a access.Actor, t *T, id, verb, reason string) error {
	if err := usecase.StateFact(ctx, core, k.Rows, id); err != nil {
		return err
	}
	return k.Rows.Replace(ctx, t, usecase.Note(a, k.Rows.Definition().Name+verb, id, reason))
}
