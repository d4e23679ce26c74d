package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// dumpFormat is the newest form of a dump file that this program writes and reads: a
// gzip stream of BSON documents, one head, the items, one end.
const dumpFormat = 1

// Manifest says what a dump holds.
type Manifest struct {
	Code   string           // of the store
	Seq    int64            // of the last log entry
	Counts map[string]int64 // rows by noun; "guard", "claim", "tally", "entry"
	Digest string           // SHA-256 of the items: equal for equal stores, on whatever engine
}

// head opens a dump file.
type head struct {
	Kind   ItemKind `bson:"k"`
	Dump   int      `bson:"dump"`
	Format int64    `bson:"format"` // of the stored data
}

// end closes it: without one, something is missing.
type end struct {
	Kind   ItemKind `bson:"k"`
	Counts bson.D   `bson:"counts"` // in order of name, so that equal stores make equal files
	Digest string   `bson:"digest"`
}

func (m Manifest) end() end {
	e := end{Kind: itemEnd, Digest: m.Digest}
	for _, name := range slices.Sorted(maps.Keys(m.Counts)) {
		e.Counts = append(e.Counts, bson.E{Key: name, Value: m.Counts[name]})
	}
	return e
}

// Dump writes the whole store as it is at one moment: every object with its id,
// version and revision, the log with its sequences, unique keys, counters, guards,
// and the personal parts that have not been erased. Writing may go on meanwhile.
// Erasing in the store does not reach a dump: keep it as the store itself is kept.
func (db *DB) Dump(ctx context.Context, w io.Writer) (Manifest, error) {
	zip := gzip.NewWriter(w)
	d := &dumper{to: bufio.NewWriterSize(zip, 1<<16), sum: sha256.New(), m: Manifest{Counts: map[string]int64{}}}
	if err := d.put(head{itemHead, dumpFormat, Format}, false); err != nil {
		return d.m, err
	}
	if err := db.adapter.Dump(ctx, d.item); err != nil {
		return d.m, fmt.Errorf("dump: %w", err)
	}
	d.m.Digest = hex.EncodeToString(d.sum.Sum(nil))
	if err := d.put(d.m.end(), false); err != nil {
		return d.m, err
	}
	if err := d.to.Flush(); err != nil {
		return d.m, fmt.Errorf("write dump: %w", err)
	}
	if err := zip.Close(); err != nil {
		return d.m, fmt.Errorf("write dump: %w", err)
	}
	return d.m, nil
}

type dumper struct {
	to  *bufio.Writer
	sum hash.Hash
	m   Manifest
}

func (d *dumper) item(i *Item) error {
	if i.Kind == ItemMark {
		d.m.Code, d.m.Seq = i.ID, i.Seq
	} else {
		d.m.Counts[i.tag()]++
	}
	return d.put(i, true)
}

func (d *dumper) put(v any, counts bool) error {
	raw, err := bson.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode dump: %w", err)
	}
	if counts {
		_, _ = d.sum.Write(raw) // a hash does not fail
	}
	if _, err := d.to.Write(raw); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}
