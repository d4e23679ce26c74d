package main

import (
	"context"
	"fmt"
	"io"

	"github.com/fivesociety/linkage/internal/platform"
)

// migrateCmd brings a store to this program's format. Serving does it too; this is
// for who wants it done, and seen, before.
type migrateCmd struct {
	Store string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
}

// Run opens the store, which lays tables and indexes, and says how it stands.
func (c *migrateCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	seq, at, err := p.Core.DB.LogEnd(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s: code %s, %d log entries, last %s\n", platform.Redact(c.Store), p.Core.DB.Code(), seq, at.Format("2006-01-02T15:04:05Z"))
	return nil
}
