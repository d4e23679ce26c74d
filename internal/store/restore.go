package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/fault"
)

// maxItem bounds one document of a dump: an entry is a body and its parts, each
// within what engines store.
const maxItem = 64 << 20

// DumpReader reads a dump file from its beginning to its end, once.
type DumpReader struct {
	from *bufio.Reader
	mark Item
	sum  hash.Hash
	m    Manifest
	done bool
}

// ReadDump opens a dump: DUMP_INVALID when it is none, STORE_NEWER when a later
// program wrote it.
func ReadDump(r io.Reader) (*DumpReader, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return nil, damaged("not a dump", err)
	}
	d := &DumpReader{from: bufio.NewReaderSize(zip, 1<<16), sum: sha256.New(), m: Manifest{Counts: map[string]int64{}}}
	raw, err := d.document()
	if err != nil {
		return nil, err
	}
	var h head
	if err := bson.Unmarshal(raw, &h); err != nil || h.Kind != itemHead {
		return nil, damaged("not a dump", err)
	}
	if h.Dump > dumpFormat || h.Format > Format {
		return nil, fault.New(fault.CodeStoreNewer)
	}
	mark, err := d.item()
	if err != nil {
		return nil, err
	}
	if mark.Kind != ItemMark {
		return nil, damaged("no mark", nil)
	}
	d.mark, d.m.Code, d.m.Seq = *mark, mark.ID, mark.Seq
	return d, nil
}

// Code is the code of the store that was dumped; ids carry it.
func (d *DumpReader) Code() string { return d.mark.ID }

// Restore loads a dump into this store, which must be empty (STORE_NOT_EMPTY) and
// used by nobody: start the DB, restore, close it. A damaged dump, or one of nouns
// that this program does not know, is DUMP_INVALID. After an error an embedded
// store is empty again; a database that was left half loaded refuses to open and
// has to be dropped.
func (db *DB) Restore(ctx context.Context, d *DumpReader) (Manifest, error) {
	first := true
	err := db.adapter.Load(ctx, func() (*Item, error) {
		if first {
			first = false
			return &d.mark, nil
		}
		i, err := d.next()
		if err == nil && i.Kind == ItemRow && db.defs[i.Noun] == nil {
			return nil, damaged("unknown noun "+i.Noun, nil)
		}
		return i, err
	})
	if err != nil {
		return d.m, fmt.Errorf("restore: %w", err)
	}
	return d.m, nil
}

// next is the next item; io.EOF after the last, when counts and digest are right.
func (d *DumpReader) next() (*Item, error) {
	if d.done {
		return nil, io.EOF
	}
	i, err := d.item()
	if err != nil {
		return nil, err
	}
	if i != nil {
		d.m.Counts[i.tag()]++
		return i, nil
	}
	d.done = true
	return nil, io.EOF
}

// item reads one item into the digest; nil at a right end.
func (d *DumpReader) item() (*Item, error) {
	raw, err := d.document()
	if err != nil {
		return nil, err
	}
	i := &Item{}
	if err := errors.Join(raw.Validate(), bson.Unmarshal(raw, i)); err != nil {
		return nil, damaged("a document is not an item", err)
	}
	if i.Kind == itemEnd {
		return nil, d.check(raw)
	}
	_, _ = d.sum.Write(raw) // a hash does not fail
	return i, nil
}

func (d *DumpReader) check(raw bson.Raw) error {
	d.m.Digest = hex.EncodeToString(d.sum.Sum(nil))
	if want, err := bson.Marshal(d.m.end()); err != nil || !bytes.Equal(raw, want) {
		return damaged("the digest is another", err)
	}
	// Reading on to the end lets gzip check its own sum.
	if _, err := d.from.ReadByte(); !errors.Is(err, io.EOF) {
		return damaged("something follows the end", err)
	}
	return nil
}

func (d *DumpReader) document() (bson.Raw, error) {
	size, err := d.from.Peek(4)
	if err != nil {
		return nil, damaged("it ends too early", err)
	}
	n := binary.LittleEndian.Uint32(size)
	if n < 5 || n > maxItem {
		return nil, damaged("a document has no size", nil)
	}
	raw := make(bson.Raw, n)
	if _, err := io.ReadFull(d.from, raw); err != nil {
		return nil, damaged("it ends too early", err)
	}
	return raw, nil
}

func damaged(what string, because error) error {
	return fault.New(fault.CodeDumpInvalid, fault.P("what", what), fault.Because(because))
}
