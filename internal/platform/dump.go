package platform

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// Dump writes everything that a store holds to w, as store.DB.Dump says. It may run
// beside a server on MongoDB; an embedded store must not be open elsewhere.
func Dump(ctx context.Context, adapter store.Adapter, w io.Writer) (m store.Manifest, err error) {
	p, err := start(ctx, Config{Adapter: adapter, Now: time.Now})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return p.Core.DB.Dump(ctx, w)
}

// Restore makes an empty store the one that was dumped, on whatever engine: ids,
// versions, sequences, keys. So tokens, cursors and links stay good.
func Restore(ctx context.Context, adapter store.Adapter, r io.Reader) (m store.Manifest, err error) {
	dump, err := store.ReadDump(r)
	if err != nil {
		return m, err
	}
	p, err := start(ctx, Config{Adapter: adapter, Now: time.Now, Code: dump.Code()})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return p.Core.DB.Restore(ctx, dump)
}
