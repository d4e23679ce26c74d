package store

import "go.mongodb.org/mongo-driver/v2/bson"

// ItemKind says what an Item is of.
type ItemKind string

// The kinds, in the order of a dump.
const (
	ItemMark  ItemKind = "mark"  // ID: the store's code; Seq, At, Epoch: where it stands
	ItemRow   ItemKind = "row"   // an object: Noun, ID, Version, Revision, Shape, Body
	ItemGuard ItemKind = "guard" // ID, Revision
	ItemClaim ItemKind = "claim" // a unique key: ID, Owner
	ItemTally ItemKind = "tally" // a kept counter: ID, Count
	ItemEntry ItemKind = "entry" // of the log: Seq, At, Noun, ID, Root, Body (as EncodeEntry makes it), Parts
	itemHead  ItemKind = "head"  // of the file
	itemEnd   ItemKind = "end"   // of the file
)

// Item is one stored thing, the same whatever engine keeps it. Declared values are
// not in it: they follow from the body.
type Item struct {
	Kind     ItemKind   `bson:"k"`
	Noun     string     `bson:"noun,omitempty"`
	ID       string     `bson:"id,omitempty"`
	Version  int64      `bson:"v,omitempty"`
	Revision int64      `bson:"r,omitempty"`
	Shape    int32      `bson:"shape,omitempty"`
	Owner    string     `bson:"owner,omitempty"`
	Count    int64      `bson:"n,omitempty"`
	Seq      int64      `bson:"seq,omitempty"`
	At       int64      `bson:"at,omitempty"` // Unix milliseconds
	Epoch    int64      `bson:"epoch,omitempty"`
	Root     string     `bson:"root,omitempty"`
	Body     bson.Raw   `bson:"body,omitempty"`
	Parts    []ItemPart `bson:"parts,omitempty"`
}

// ItemPart is the personal part of an entry about one subject.
type ItemPart struct {
	Subject string   `bson:"subject"`
	Body    bson.Raw `bson:"body"`
}

// tag groups items for counting.
func (i *Item) tag() string {
	if i.Kind == ItemRow {
		return i.Noun
	}
	return string(i.Kind)
}
