package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
)

// Kind is the type of a declared field.
type Kind uint8

// The kinds. Times are Int (Unix milliseconds), truth is Int 0 or 1.
const (
	Text  Kind = iota // string, ordered by bytes
	Int               // int64
	Real              // float64
	Texts             // []string, asked with Has and Lacks
	Terms             // []string of search terms; never in a log entry
)

func (k Kind) holds(v any) bool {
	switch v.(type) {
	case string:
		return k == Text || k == Texts || k == Terms
	case int64:
		return k == Int
	case float64:
		return k == Real
	}
	return false
}

// Mask is the least mask a reader must have for a row before a condition or an
// order on the field may see that row. The store carries it and never reads it;
// package access gives the levels their meaning.
type Mask uint8

// Head is embedded in every stored type. Version counts what people edit and is
// what expectedVersion looks at; Revision counts every write and is what the
// store looks at. Times are UTC milliseconds.
type Head struct {
	ID        string      `bson:"_id"`
	Version   int64       `bson:"v"`
	Revision  int64       `bson:"r"`
	CreatedAt time.Time   `bson:"created"`
	UpdatedAt time.Time   `bson:"updated"`
	Retired   *Retirement `bson:"retired,omitempty"` // nil while it is in use
	Hushed    int64       `bson:"q,omitempty"`       // how many of the revisions came by Hush
}

// Shown is the revision as readers know it: it counts no write that shows nobody anything.
func (h *Head) Shown() int64 { return h.Revision - h.Hushed }

// StoreHead lets the store reach the embedded Head.
func (h *Head) StoreHead() *Head { return h }

// Retirement says that an object is out of use: it is kept, and nobody changes it.
type Retirement struct {
	At     time.Time `bson:"at"`
	By     string    `bson:"by"`             // actor
	Reason string    `bson:"reason"`         // a code
	Was    string    `bson:"was,omitempty"`  // its state until then, for who restores it
	Into   string    `bson:"into,omitempty"` // what it is a duplicate of, after a merge
}

// InUse refuses a retired object: RETIRED.
func (h *Head) InUse() error {
	if h.Retired != nil {
		if h.Retired.Into != "" {
			return fault.New(fault.CodeRetired, fault.P("merged", true))
		}
		return fault.New(fault.CodeRetired)
	}
	return nil
}

// RetiredField declares when an object was retired, 0 of one in use, for lists: most
// leave the retired out, and those of the retired alone walk it.
func RetiredField[T any, P Stored[T]](m Mask) Field[T] {
	return Field[T]{Name: "retired", Kind: Int, Mask: m, Get: func(t *T) any {
		if r := P(t).StoreHead().Retired; r != nil {
			return r.At
		}
		return int64(0)
	}}
}

// Field declares one value that filters, orders and routing may use.
type Field[T any] struct {
	Name  string
	Kind  Kind
	Get   func(*T) any // string, int, int64, bool, float64, time.Time or []string
	Mask  Mask
	Route bool // carried by log entries before and after a change; never for Terms
}

// Shape is one query of the closed set: equality on Where (in any order), then
// Sort. The contract suite asserts that an index serves it without a sort.
type Shape struct {
	Where []string
	Sort  string // "" means by id
}

// Personal names the top-level body fields whose content is about one data
// subject. They are kept apart in the log and can be erased alone.
type Personal struct {
	Subject string
	Fields  []string // names as in BSON
}

// Spec is all that a noun tells the store.
type Spec[T any] struct {
	Name         string
	Fields       []Field[T]
	Indexes      [][]string                              // field names; id is appended; at most one array a piece
	Unique       [][]string                              // a row with an empty text among them is not bound
	Queries      []Shape                                 // the closed set
	Personal     func(*T) []Personal                     // nil: nothing personal
	Counters     func(*T) []string                       // kept counters this row is counted in
	Guards       func(*T) []string                       // guard documents that every write of this row bumps
	ShapeVersion int32                                   // version of the body's shape, ≥ 1; 0 counts as 1
	Upcast       func(int32, bson.Raw) (bson.Raw, error) // older body → today's; nil while ShapeVersion is 1
}

// FieldDef is the untyped part of a Field, for adapters.
type FieldDef struct {
	Name  string
	Kind  Kind
	Mask  Mask
	Route bool
}

// Definition is the untyped part of a Spec: all that adapters see of a noun.
type Definition struct {
	Name    string
	Fields  []FieldDef
	Indexes [][]string
	Queries []Shape

	position map[string]int
}

// Position is the place of a field in Values, or -1.
func (d *Definition) Position(field string) int {
	if i, ok := d.position[field]; ok {
		return i
	}
	return -1
}

// Digest changes when fields or indexes change, so that an adapter knows when to
// lay a table anew.
func (d *Definition) Digest() string {
	h := sha256.New()
	for _, f := range d.Fields {
		fmt.Fprintf(h, "%s %d\n", f.Name, f.Kind)
	}
	for _, ix := range d.Indexes {
		fmt.Fprintf(h, "%q\n", ix)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Values are a row's declared values in the order of Definition.Fields: string,
// int64, float64 or []string, never nil.
type Values []any

func (s *Spec[T]) define() (*Definition, error) {
	d := &Definition{Name: s.Name, Indexes: s.Indexes, Queries: s.Queries, position: map[string]int{}}
	for i, f := range s.Fields {
		if _, twice := d.position[f.Name]; twice || f.Name == "id" {
			return nil, fmt.Errorf("store: %s declares field %q twice", s.Name, f.Name)
		}
		if f.Route && f.Kind == Terms {
			return nil, fmt.Errorf("store: %s.%s: search terms do not route", s.Name, f.Name)
		}
		d.position[f.Name] = i
		d.Fields = append(d.Fields, FieldDef{f.Name, f.Kind, f.Mask, f.Route})
	}
	for _, list := range append(append([][]string{}, s.Indexes...), s.Unique...) {
		if err := d.checkIndex(list); err != nil {
			return nil, err
		}
	}
	for _, q := range s.Queries {
		if _, ok := d.indexFor(setOf(q.Where), q.sort()); !ok {
			return nil, fmt.Errorf("store: %s: no index serves %v by %q", s.Name, q.Where, q.Sort)
		}
	}
	return d, nil
}

func (d *Definition) checkIndex(list []string) error {
	arrays := 0
	for _, name := range list {
		i, ok := d.position[name]
		if !ok {
			return fmt.Errorf("store: %s: index on unknown field %q", d.Name, name)
		}
		if k := d.Fields[i].Kind; k == Texts || k == Terms {
			arrays++
		}
	}
	if arrays > 1 {
		return fmt.Errorf("store: %s: two arrays cannot share the index %v", d.Name, list)
	}
	return nil
}

func (s *Spec[T]) values(t *T) Values {
	v := make(Values, len(s.Fields))
	for i, f := range s.Fields {
		v[i] = settle(f.Kind, plain(f.Get(t)))
	}
	return v
}

// plain brings the Go types that nouns use to the three that engines store.
func plain(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case int32:
		return int64(x)
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		if x.IsZero() {
			return int64(0)
		}
		return x.UnixMilli()
	case fmt.Stringer:
		return x.String()
	}
	return text(v)
}

// settle replaces absent values by the kind's zero: declared fields are never null.
func settle(k Kind, v any) any {
	if list, ok := v.([]string); ok && (k == Texts || k == Terms) {
		if list == nil {
			return []string{}
		}
		return list
	}
	if v != nil && k != Texts && k != Terms && k.holds(v) {
		return v
	}
	switch k {
	case Int:
		return int64(0)
	case Real:
		return float64(0)
	case Texts, Terms:
		return []string{}
	}
	return ""
}
