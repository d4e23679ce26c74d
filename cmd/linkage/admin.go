package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/platform"
)

// adminCmd gathers what only the operator of a store may do.
type adminCmd struct {
	Create adminCreateCmd `cmd:"" help:"Make the first administrator."`
}

// adminCreateCmd makes an account with the role ADMIN over a division.
type adminCreateCmd struct {
	Name         string `arg:"" help:"Name to sign in with."`
	Division     string `default:"13" help:"Division that it administers, by code: 13, 1302, 130202 …"`
	PasswordFile string `type:"existingfile" placeholder:"FILE" help:"Read the password from a file; else it is asked for."`
	Store        string `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
}

// Run makes the account. The password never stands on the command line, where other
// users of the machine could read it.
func (c *adminCreateCmd) Run(ctx context.Context, out io.Writer) error {
	password, err := c.password(out)
	if err != nil {
		return err
	}
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: adapter})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	view, err := p.Accounts.CreateAdmin(ctx, c.Name, password, division.ID(c.Division))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s: ADMIN %s\n", view.ID, c.Division)
	return nil
}

func (c *adminCreateCmd) password(out io.Writer) (string, error) {
	if c.PasswordFile != "" {
		raw, err := os.ReadFile(c.PasswordFile)
		return strings.TrimRight(string(raw), "\r\n"), err
	}
	_, _ = fmt.Fprint(out, "密码 Password: ")
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) { //nolint:gosec // a file descriptor fits an int
		raw, err := term.ReadPassword(fd)
		_, _ = fmt.Fprintln(out)
		return string(raw), err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
