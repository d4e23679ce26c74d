package main

import (
	"context"
	"fmt"
	"io"

	"github.com/fivesociety/linkage/internal/platform"
)

// tokenCmd opens a session for an account without its password: for operators and
// scripts beside the store, who could write to it anyway.
type tokenCmd struct {
	Account string `arg:"" help:"Account id (acc_…) or name."`
	Store   string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
}

// Run prints an access token, good for 15 minutes.
func (c *tokenCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	id, err := p.Accounts.Find(ctx, c.Account)
	if err != nil {
		return err
	}
	session, err := p.Accounts.OpenSession(ctx, id)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, session.AccessToken)
	return nil
}
