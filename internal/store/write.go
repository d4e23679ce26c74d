package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
)

// Note is what the log says of a change. A Note without Kind writes no entry:
// for drafts and for the platform's own book-keeping.
type Note struct {
	Kind     string // "<noun>.<verb in the past>"
	Actor    string // account id; "system" for what no person did
	Via      string
	OnBehalf string
	Reason   string
	Root     string // id of the request or case that the change belongs to
}

// Insert adds an object; its Head.ID must be set. The unit asserts that the id is
// free. The version becomes 1; the revision starts above any that the id ever had,
// which the commit decides (the copy in hand says 1).
func (c *Collection[T]) Insert(ctx context.Context, t *T, n Note) error {
	h := c.head(t)
	u, before, err := c.begin(ctx, h.ID, true)
	if err != nil {
		return err
	}
	if before.Revision != 0 {
		return fault.New(fault.CodeDuplicate, fault.P("field", "id"))
	}
	h.Version, h.Revision, h.CreatedAt, h.UpdatedAt = 1, 1, u.now, u.now
	if w := u.pending[Key{c.def.Name, h.ID}]; w != nil { // deleted in this very unit
		h.Version, h.Revision = w.Record.Version+1, w.Record.Revision+1
	}
	return c.save(u, t, before, n)
}

// Replace saves a changed object that this unit has read. Version and revision grow.
func (c *Collection[T]) Replace(ctx context.Context, t *T, n Note) error {
	return c.replace(ctx, t, n, 1)
}

// Touch saves a change that no person edits (relations, computed values): the
// revision grows, the version stays, so that nobody's expectedVersion goes stale.
func (c *Collection[T]) Touch(ctx context.Context, t *T, n Note) error {
	return c.replace(ctx, t, n, 0)
}

// Hush saves a change that shows no reader anything: beside the version also the time of the
// last change and Head.Shown stay. It is logged, for whom it lets in or keeps out.
func (c *Collection[T]) Hush(ctx context.Context, t *T, n Note) error {
	return c.replace(ctx, t, n, hush)
}

// hush in place of a step of the version.
const hush = -1

func (c *Collection[T]) replace(ctx context.Context, t *T, n Note, step int64) error {
	h := c.head(t)
	u, before, err := c.begin(ctx, h.ID, false)
	if err != nil {
		return err
	}
	if before.Revision == 0 {
		return fault.New(fault.CodeNotFound)
	}
	h.Version, h.Revision = before.Version+step, before.Revision+1
	if step == hush {
		h.Version, h.Hushed = before.Version, h.Hushed+1
	} else {
		h.UpdatedAt = u.now
	}
	return c.save(u, t, before, n)
}

// Delete removes an object that this unit has read. Its log stays.
func (c *Collection[T]) Delete(ctx context.Context, id string, n Note) error {
	u, before, err := c.begin(ctx, id, false)
	if err != nil {
		return err
	}
	if before.Revision == 0 {
		return fault.New(fault.CodeNotFound)
	}
	old, err := c.object(before)
	if err != nil {
		return err
	}
	u.write(c.def, Key{c.def.Name, id}, Write{Change: Remove, Record: Record{ID: id, Version: before.Version, Revision: before.Revision + 1}})
	c.keeper().keep(u, old, nil, before.Values, nil)
	if n.Kind != "" {
		e := n.entry(c.def.Name, id)
		e.Version, e.Revision, e.Shape = before.Version, before.Revision+1, c.spec.ShapeVersion
		e.Before = c.def.routing(before.Values)
		u.set.Entries = append(u.set.Entries, e)
	}
	return nil
}

// begin finds the unit and the object's present state in it, reading it if need be.
// An object that is to be fresh, with an id that the store has made, it takes to be
// absent: the commit looks, and if it is there the unit runs again and reads.
func (c *Collection[T]) begin(ctx context.Context, id string, fresh bool) (*unit, Record, error) {
	u := unitOf(ctx)
	if u == nil {
		return nil, Record{}, ErrOutsideUnit
	}
	if u.over {
		return nil, Record{}, ErrOver
	}
	k := Key{c.def.Name, id}
	if r, known := u.lookup(k); known {
		return u, r, nil
	}
	if fresh && u.trusts(id) {
		u.saw(c.def.Name, []string{id}, nil)
		return u, Record{ID: id}, nil
	}
	records, err := c.db.adapter.Get(ctx, c.def.Name, []string{id})
	if err != nil {
		return nil, Record{}, fmt.Errorf("get %s: %w", c.def.Name, err)
	}
	u.saw(c.def.Name, []string{id}, records)
	r, _ := u.lookup(k)
	return u, r, nil
}

// trusts reports whether a fresh id need not be looked up: one of the store's own
// making, until a commit has found it taken.
func (u *unit) trusts(id string) bool {
	_, rest, _ := strings.Cut(id, "_")
	return u.run == 0 && len(rest) == len(u.db.code)+ulid.EncodedSize && strings.HasPrefix(rest, u.db.code)
}

func (c *Collection[T]) save(u *unit, t *T, before Record, n Note) error {
	h := c.head(t)
	body, err := bson.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode %s: %w", c.def.Name, err)
	}
	var old *T
	if before.Revision != 0 {
		if old, err = c.object(before); err != nil {
			return err
		}
	}
	r := Record{ID: h.ID, Version: h.Version, Revision: h.Revision, Shape: c.spec.ShapeVersion, Values: c.spec.values(t), Body: body}
	u.write(c.def, Key{c.def.Name, h.ID}, Write{Change: Put, Record: r})
	c.keeper().keep(u, old, t, before.Values, r.Values)
	if n.Kind == "" || u.rehearsal != nil { // a rehearsal leaves no trace
		return nil
	}
	e, err := c.entry(t, r, before, n)
	if err == nil {
		u.set.Entries = append(u.set.Entries, e)
	}
	return err
}

func (c *Collection[T]) entry(t *T, r, before Record, n Note) (*Entry, error) {
	e := n.entry(c.def.Name, r.ID)
	e.Version, e.Revision, e.Shape = r.Version, r.Revision, r.Shape
	if before.Revision != 0 {
		e.Before = c.def.routing(before.Values)
	}
	e.After = c.def.routing(r.Values)
	var personal []Personal
	if c.spec.Personal != nil {
		personal = c.spec.Personal(t)
	}
	var err error
	e.Body, e.Parts, err = split(r.Body, personal)
	for _, p := range e.Parts {
		e.Subjects = append(e.Subjects, p.Subject)
	}
	return e, err
}

func (n Note) entry(noun, id string) *Entry {
	return &Entry{Kind: n.Kind, Noun: noun, ID: id, Root: n.Root, Actor: n.Actor, Via: n.Via, OnBehalf: n.OnBehalf, Reason: n.Reason}
}

// routing keeps the routing fields and zeroes the others.
func (d *Definition) routing(v Values) Values {
	out := make(Values, len(v))
	for i, f := range d.Fields {
		if f.Route {
			out[i] = v[i]
		} else {
			out[i] = settle(f.Kind, nil)
		}
	}
	return out
}

// write keeps one Write an object: the last state, and what is stored now.
func (u *unit) write(d *Definition, k Key, w Write) {
	w.Noun, w.Key = d, k
	if u.changes == nil {
		u.changes = map[string]int{}
	}
	u.changes[d.Name]++
	if earlier, ok := u.pending[k]; ok {
		w.Before = earlier.Before
		*earlier = w
		return
	}
	if r := u.records[k]; r.Revision != 0 {
		w.Before = r.Values
	}
	p := &w
	u.pending[k] = p
	u.set.Writes = append(u.set.Writes, p)
}

func uniqueKey(noun string, fields []string, d *Definition, v Values) string {
	parts := append([]string{noun}, fields...)
	for _, f := range fields {
		s := fmt.Sprint(v[d.position[f]])
		if s == "" {
			return ""
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "\x1f")
}
