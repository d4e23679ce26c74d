package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store"
)

// dumpCmd writes a whole store into one file. Tables for people are another thing:
// see export.
type dumpCmd struct {
	File  string `arg:"" help:"File to write, which must not be there yet; - is the standard output."`
	Store string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
}

// Run dumps, and tells on the standard error what the file holds: the file itself
// may go to the standard output.
func (c *dumpCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := there(c.Store)
	if err != nil {
		return err
	}
	if c.File == "-" {
		m, err := platform.Dump(ctx, adapter, out)
		return told(os.Stderr, m, err)
	}
	// Everything that the store protects stands in it: for its owner's eyes only.
	file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the dump: %w", err)
	}
	m, err := platform.Dump(ctx, adapter, file)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(c.File) // a part of a dump is of no use
	}
	return told(out, m, err)
}

// there is the engine of a store that is to be read: a database file that is not there
// would be made by opening it, and an empty one told of as if it were the wanted one.
func there(address string) (store.Adapter, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, fault.New(fault.CodeConfiguration, fault.P("what", "store: "+path+" is not there"), fault.Because(err))
		}
	}
	return platform.Adapter(address)
}

// restoreCmd makes an empty store the dumped one.
type restoreCmd struct {
	File  string `arg:"" help:"File that dump wrote; - is the standard input."`
	Store string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME. It must be empty."`
}

// Run restores and tells what the store holds now.
func (c *restoreCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	from := os.Stdin
	if c.File != "-" {
		if from, err = os.Open(c.File); err != nil {
			return fmt.Errorf("read the dump: %w", err)
		}
		defer func() { _ = from.Close() }()
	}
	m, err := platform.Restore(ctx, adapter, from)
	return told(out, m, err)
}

// told says what a dump holds; the digest is the same for the same store.
func told(out io.Writer, m store.Manifest, err error) error {
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Counts)) {
		_, _ = fmt.Fprintf(out, "%10d %s\n", m.Counts[name], name)
	}
	_, err = fmt.Fprintf(out, "code %s, log to %d, digest %s\n", m.Code, m.Seq, m.Digest)
	return err
}
