package history

import (
	"context"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Past is how an object was at a moment.
type Past struct {
	Entry *store.Entry // what left it so; nil for a fact that nobody has changed
	told  *store.Entry // the last by then that tells the reader anything
	Mask  access.Mask  // the most that the reader may see of it
}

// Sequence of the last entry by then that tells the reader anything; nil for a fact.
func (p Past) Sequence() *int64 {
	if p.told == nil {
		return nil
	}
	return &p.told.Seq
}

// Erased reports whether personal parts of that state were erased since.
func (p Past) Erased() bool { return p.Entry != nil && p.Entry.Erased() }

// AsOf finds how an object was at a moment, for who may read its history. The reader's
// mask is that of the object as it is now: whoever shows the state also asks for the
// mask of the row as it was then, and the stricter counts. NOT_FOUND when the object
// was not there then or is hidden now, FORBIDDEN as for the history, INVALID for a
// moment to come.
func (s *Service) AsOf(ctx context.Context, a access.Actor, id string, at time.Time) (Past, error) {
	sub, ok := s.nouns.OfID(id)
	switch {
	case !ok:
		return Past{}, fault.New(fault.CodeIDInvalid, fault.At("nodeId"), fault.P("want", "object"))
	case at.After(s.core.Time()):
		return Past{}, fault.New(fault.CodeInvalid, fault.At("at"), fault.P("rule", "NOT_IN_THE_FUTURE"))
	}
	mask, _, err := s.mask(ctx, a, sub, id)
	if err != nil {
		return Past{}, err
	}
	if sub.Access == nil {
		mask = access.Full // public facts mask themselves
	}
	if mask == access.Hidden {
		return Past{}, fault.New(fault.CodeNotFound)
	}
	entry, err := s.entryAt(ctx, sub, id, at)
	if err == nil && entry != nil && entry.After == nil {
		err = fault.New(fault.CodeNotFound)
	}
	told := entry
	if err == nil && entry != nil && access.Silent(s.core.DB.Definition(sub.Name), entry) {
		var before []*store.Entry
		before, err = s.told(ctx, store.LogQuery{Noun: sub.Name, ID: id, Until: entry.Seq, Desc: true, Limit: 1})
		if len(before) > 0 {
			told = before[0]
		}
	}
	return Past{Entry: entry, Mask: mask, told: told}, err
}

// entryAt is the entry that left the state of a moment. Before the first entry of a
// fact stands the one that was written to say what it had been.
func (s *Service) entryAt(ctx context.Context, sub catalog.Noun, id string, at time.Time) (*store.Entry, error) {
	e, err := s.core.DB.EntryAt(ctx, sub.Name, id, at)
	if err != nil || e != nil {
		return e, err
	}
	first, err := s.core.DB.Log(ctx, store.LogQuery{Noun: sub.Name, ID: id, Limit: 1})
	switch {
	case err != nil || len(first) == 0:
		return nil, err
	case strings.HasSuffix(first[0].Kind, usecase.Stated):
		return first[0], nil
	}
	return nil, fault.New(fault.CodeNotFound)
}

// Guarded is Row for a protected noun: the state stands under the stricter of the class
// that it had and the class that the object has now, so that nothing of what was sealed
// since is told by what it was before.
func Guarded[T any, P store.Stored[T]](ctx context.Context, p Past, rows *store.Collection[T], id string, at time.Time, header func(*T) *access.Header) (*T, error) {
	t, err := Row[T, P](ctx, p, rows, id, at)
	if err != nil {
		return nil, err
	}
	now, err := rows.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	header(t).Class = access.Stricter(header(t).Class, header(now).Class)
	return t, nil
}

// Row decodes the state of a moment. A fact is as it stands; NOT_FOUND if it was not
// in the store yet.
func Row[T any, P store.Stored[T]](ctx context.Context, p Past, rows *store.Collection[T], id string, at time.Time) (*T, error) {
	var t *T
	var err error
	if p.Entry != nil {
		t, err = rows.Past(p.Entry)
	} else {
		t, err = rows.Get(ctx, id)
	}
	if err == nil && P(t).StoreHead().CreatedAt.After(at) {
		return nil, fault.New(fault.CodeNotFound)
	}
	return t, err
}
