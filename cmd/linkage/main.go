// Command linkage is the platform as one program: it serves, plays the demo,
// imports, migrates and makes the first administrator. Each subcommand has a
// file of its own; what it does stands in server and internal.
//
// The rule it keeps: flags, environment (LINKAGE_…) and exit codes are decided
// here and nowhere else.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/fivesociety/linkage/internal/fault"
)

// cli is the whole command line: one field a subcommand.
type cli struct {
	Config kong.ConfigFlag `placeholder:"FILE" help:"Read flags from a JSON file, such as {\"addr\": \":8080\"}; environment and command line win over it."`

	Serve     serveCmd     `cmd:"" help:"Serve the platform."`
	Admin     adminCmd     `cmd:"" help:"What only the operator of a store does."`
	Migrate   migrateCmd   `cmd:"" help:"Bring a store to this program's format."`
	Token     tokenCmd     `cmd:"" help:"Print an access token for an account."`
	Demo      demoCmd      `cmd:"" help:"Show the platform at work without any set-up: a world, the thread played live, an explorer."`
	Import    importCmd    `cmd:"" help:"Take people's tables (CSV, XLSX) into a store: all of them or nothing."`
	Export    exportCmd    `cmd:"" help:"Write the store's tables for people (CSV, XLSX)."`
	Form      formCmd      `cmd:"" name:"template" help:"Write an empty table with its rules, to fill in and import."`
	Divisions divisionsCmd `cmd:"" help:"Administrative divisions of other provinces, or of the country."`
	Dump      dumpCmd      `cmd:"" help:"Write a whole store into one file, with ids, versions and the log."`
	Restore   restoreCmd   `cmd:"" help:"Make an empty store the one that was dumped, on whatever engine."`
	Check     checkCmd     `cmd:"" help:"Ask a running server whether it is ready; exit code 0 says yes."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// settings is how the command line is read; the tests read it the same way.
func settings() []kong.Option {
	return []kong.Option{
		kong.Name("linkage"),
		kong.Description("Where communities, social organisations, social workers, volunteers and charity meet a need."),
		kong.UsageOnError(),
		// Every flag is also an environment variable: --addr is LINKAGE_ADDR.
		kong.DefaultEnvars("LINKAGE"),
		kong.Configuration(file),
	}
}

func main() {
	// The first signal asks for an orderly end; a second one ends at once.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(ctx, cancel)
	parsed := kong.Parse(&cli{}, append(settings(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(os.Stdout, (*io.Writer)(nil)))...)
	for _, name := range strange(parsed.Model, os.Environ()) {
		fmt.Fprintf(os.Stderr, "linkage: warning: the environment sets %s, and there is no such setting\n", name)
	}
	parsed.FatalIfErrorf(spoken(parsed.Run()))
}

// spoken says a coded error in both languages; whoever runs the program may read
// either. The operation that failed and its cause stay in front.
func spoken(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s %s\n  (%w)", f.Message("zh"), f.Message("en"), err)
}
