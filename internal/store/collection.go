package store

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
)

// Stored is met by a pointer to any type that embeds Head.
type Stored[T any] interface {
	*T
	StoreHead() *Head
}

// Collection reads and writes the objects of one noun. Reads inside a unit of
// work are asserted at its commit; writes happen only inside one. The objects
// returned are the caller's own copies.
type Collection[T any] struct {
	db   *DB
	spec Spec[T]
	def  *Definition
	head func(*T) *Head
}

// Register declares a noun before the DB starts. A contradictory Spec panics: it
// is a programming error that every start would meet.
func Register[T any, P Stored[T]](db *DB, spec Spec[T]) *Collection[T] {
	def, err := spec.define()
	if err != nil {
		panic(err)
	}
	if db.started || db.defs[spec.Name] != nil || spec.Name == guardNoun {
		panic(fmt.Sprintf("store: %s registered twice or too late", spec.Name))
	}
	if spec.ShapeVersion == 0 {
		spec.ShapeVersion = 1
	}
	c := &Collection[T]{db: db, spec: spec, def: def, head: func(t *T) *Head { return P(t).StoreHead() }}
	db.defs[spec.Name] = def
	db.order = append(db.order, def)
	db.values[spec.Name] = func(shape int32, body bson.Raw) (Values, error) {
		t, err := c.decode(shape, body)
		if err != nil {
			return nil, err
		}
		return spec.values(t), nil
	}
	return c
}

// Definition is the noun's untyped declaration.
func (c *Collection[T]) Definition() *Definition { return c.def }

// Values are the declared values of an object, for compiled rules.
func (c *Collection[T]) Values(t *T) Values { return c.spec.values(t) }

// Get reads one object. NOT_FOUND if there is none.
func (c *Collection[T]) Get(ctx context.Context, id string) (*T, error) {
	m, err := c.GetMany(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if t, ok := m[id]; ok {
		return t, nil
	}
	return nil, fault.New(fault.CodeNotFound)
}

// Version is the version of an object that is there; NOT_FOUND if there is none.
func (c *Collection[T]) Version(ctx context.Context, id string) (int64, error) {
	if r, known := unitOf(ctx).lookup(Key{c.def.Name, id}); known && r.Revision != 0 {
		return r.Version, nil
	}
	t, err := c.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	return c.head(t).Version, nil
}

// GetAt reads one object and refuses with CONFLICT unless it has the version that
// the caller saw. The answer carries both versions.
func (c *Collection[T]) GetAt(ctx context.Context, id string, expected int64) (*T, error) {
	t, err := c.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return t, c.Expect(t, expected)
}

// Expect refuses with CONFLICT unless the object has the version the caller saw, and
// with RETIRED what is out of use: every change asks it.
func (c *Collection[T]) Expect(t *T, expected int64) error {
	if err := c.ExpectVersion(t, expected); err != nil {
		return err
	}
	return c.head(t).InUse()
}

// ExpectVersion is Expect for what may be out of use.
func (c *Collection[T]) ExpectVersion(t *T, expected int64) error {
	if v := c.head(t).Version; v != expected {
		return fault.New(fault.CodeConflict, fault.At("input", "expectedVersion"),
			fault.P("expectedVersion", expected), fault.P("actualVersion", v))
	}
	return nil
}

// GetMany reads objects by id; absent ones are not in the map. Inside a unit both
// presence and absence are asserted at commit.
func (c *Collection[T]) GetMany(ctx context.Context, ids []string) (map[string]*T, error) {
	out := make(map[string]*T, len(ids))
	u := unitOf(ctx)
	if u != nil && u.over {
		return nil, ErrOver
	}
	missing := make([]string, 0, len(ids))
	for _, id := range ids {
		r, known := u.lookup(Key{c.def.Name, id})
		if !known {
			missing = append(missing, id)
			continue
		}
		if err := c.put(out, r); err != nil {
			return nil, err
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	records, err := c.records(ctx, u, missing)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", c.def.Name, err)
	}
	u.saw(c.def.Name, missing, records)
	for _, r := range records {
		if err := c.put(out, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// records reads what the unit has not read yet; outside of one, what the answer
// under way has not.
func (c *Collection[T]) records(ctx context.Context, u *unit, ids []string) ([]Record, error) {
	if u != nil {
		return c.db.adapter.Get(ctx, c.def.Name, ids)
	}
	return memoOf(ctx).get(ctx, c.db, c.def.Name, ids)
}

func (c *Collection[T]) put(out map[string]*T, r Record) error {
	if r.Revision == 0 {
		return nil
	}
	t, err := c.object(r)
	if err == nil {
		out[r.ID] = t
	}
	return err
}

func (c *Collection[T]) object(r Record) (*T, error) {
	t, err := c.decode(r.Shape, r.Body)
	if err != nil {
		return nil, err
	}
	h := c.head(t)
	h.ID, h.Version, h.Revision = r.ID, r.Version, r.Revision
	return t, nil
}

func (c *Collection[T]) decode(shape int32, body bson.Raw) (*T, error) {
	if shape < c.spec.ShapeVersion && c.spec.Upcast != nil {
		up, err := c.spec.Upcast(shape, body)
		if err != nil {
			return nil, fmt.Errorf("upcast %s from shape %d: %w", c.def.Name, shape, err)
		}
		body = up
	}
	t := new(T)
	if err := bson.Unmarshal(body, t); err != nil {
		return nil, fmt.Errorf("decode %s: %w", c.def.Name, err)
	}
	return t, nil
}

// lookup answers from the unit's own writes, then from what it has read. A nil
// unit knows nothing.
func (u *unit) lookup(k Key) (Record, bool) {
	if u == nil {
		return Record{}, false
	}
	if w, ok := u.pending[k]; ok {
		if w.Change == Remove {
			return Record{ID: k.ID}, true
		}
		return w.Record, true
	}
	if r, ok := u.records[k]; ok {
		return r, true
	}
	return u.readAhead(k)
}

// readAhead reads an object as a queued set will leave it, and remembers the set.
func (u *unit) readAhead(k Key) (Record, bool) {
	if u.rehearsal != nil {
		return Record{}, false
	}
	r, set, ok := u.db.committer.queue.peek(k)
	if ok {
		u.records[k] = r
		if !slices.Contains(u.set.deps, set) {
			u.set.deps = append(u.set.deps, set)
		}
	}
	return r, ok
}

func (u *unit) saw(noun string, ids []string, records []Record) {
	if u == nil {
		return
	}
	for _, id := range ids {
		u.records[Key{noun, id}] = Record{ID: id}
	}
	for _, r := range records {
		u.records[Key{noun, r.ID}] = r
	}
}
