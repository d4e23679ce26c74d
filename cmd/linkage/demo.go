package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/play"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// demoCmd shows the platform at work without any set-up.
type demoCmd struct {
	Addr   string `placeholder:"HOST:PORT" help:"Where to listen; default 127.0.0.1:8080, or a free port if that is taken."`
	Store  string `placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://…; default an embedded store in a temporary folder."`
	Once   bool   `help:"End after the play; the exit code says whether every step was as it should be."`
	NoPlay bool   `help:"Only load the demonstration world and serve."`
	Tokens string `type:"path" placeholder:"FILE" help:"Write the actors' access tokens to a file, as JSON."`
	Locale string `default:"zh" enum:"zh,en" help:"Language of what is told: zh or en."`
}

// demoToken is how long the demo's access tokens live: a day of looking around.
const demoToken = 24 * time.Hour

// Run loads the world, serves it, plays the thread, and goes on serving.
func (c *demoCmd) Run(ctx context.Context, out io.Writer) error {
	d := &demo{demoCmd: c, out: out}
	defer d.close()
	if err := d.open(ctx); err != nil {
		return err
	}
	srv, err := d.listen(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	played := d.perform(ctx, srv.URL())
	if c.Once {
		stop()
	} else if ctx.Err() == nil {
		d.invite(srv.URL())
	}
	return errors.Join(<-served, played)
}

// demo is one demo under way.
type demo struct {
	*demoCmd
	out      io.Writer
	folder   string // temporary, "" if the store is elsewhere
	platform *platform.Platform
	report   *intake.Report
	tokens   map[string]string
}

func (d *demo) pick(zh, en string) string {
	if d.Locale == "en" {
		return en
	}
	return zh
}

func (d *demo) say(zh, en string, args ...any) {
	_, _ = fmt.Fprintf(d.out, d.pick(zh, en)+"\n", args...)
}

// open makes the store, loads the world by the importer and signs the actors in. An
// address that is taken is found out before anything is written.
func (d *demo) open(ctx context.Context) error {
	if d.Addr != "" {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", d.Addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", d.Addr, err)
		}
		_ = l.Close() // it was only tried
	}
	address := d.Store
	if address == "" {
		var err error
		if d.folder, err = os.MkdirTemp("", "linkage-demo-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		address = "sqlite:" + filepath.Join(d.folder, "demo.db")
	}
	adapter, err := platform.Adapter(address)
	if err != nil {
		return err
	}
	if d.platform, err = platform.Open(ctx, platform.Config{Adapter: adapter, Accounts: account.Config{AccessTTL: demoToken}}); err != nil {
		return err
	}
	d.say("五社联动演示：唐山市路北区乔屯街道。区划是真实的；组织、人员、资源都是虚构的示例。", "A demonstration in Qiaotun street, Lubei district, Tangshan. Divisions are real; organisations, people and resources are invented.")
	if d.report, err = intake.ImportFolder(ctx, world.Files(), d.platform.Tables(), bar(os.Stderr)); err != nil {
		return fmt.Errorf("load the demonstration world: %w", err)
	}
	for _, f := range d.report.Files {
		_, _ = fmt.Fprintf(d.out, "  %-20s %d\n", f.File, f.Made+f.Known)
	}
	return d.signIn(ctx)
}

func (d *demo) signIn(ctx context.Context) error {
	d.tokens = map[string]string{}
	for name, id := range d.report.IDs["accounts"] {
		s, err := d.platform.Accounts.OpenSession(ctx, id)
		if err != nil {
			return fmt.Errorf("sign %s in: %w", name, err)
		}
		d.tokens[name] = s.AccessToken
	}
	if d.Tokens == "" {
		return nil
	}
	raw, err := json.MarshalIndent(d.tokens, "", "  ")
	if err == nil {
		err = os.WriteFile(d.Tokens, append(raw, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the tokens: %w", err)
	}
	return nil
}

// listen takes the asked address; without one the usual port, or a free one.
func (d *demo) listen(ctx context.Context) (*server.Server, error) {
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	config := server.Config{
		Addr: d.Addr, Log: quiet, Version: version(), OpenIntrospection: true,
		ActorCost: -1, AddressCost: -1, Connections: -1, AddressConnections: -1, // bench/load drives it
	}
	if d.Addr != "" {
		return server.New(ctx, d.platform, config)
	}
	config.Addr = "127.0.0.1:8080"
	srv, err := server.New(ctx, d.platform, config)
	if errors.Is(err, syscall.EADDRINUSE) {
		config.Addr = "127.0.0.1:0"
		return server.New(ctx, d.platform, config)
	}
	return srv, err
}

func (d *demo) perform(ctx context.Context, url string) error {
	if d.NoPlay {
		return nil
	}
	err := play.Run(ctx, play.Config{URL: url, Locale: d.Locale, Out: d.out, Tokens: d.tokens, IDs: d.report.IDs})
	if err != nil && !d.Once {
		d.say("演示中断：%v", "The play stopped: %v", err)
	}
	return err
}

// close gives everything back.
func (d *demo) close() {
	if d.platform != nil {
		_ = d.platform.Close()
	}
	if d.folder != "" {
		_ = os.RemoveAll(d.folder)
	}
}
