// Command cmd is what scripts/mongod runs: it starts, names and ends the
// replica sets that the tests of this checkout share.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/fivesociety/linkage/internal/testkit/mongod"
)

type cli struct {
	Path  path  `cmd:"" help:"Print the path of a mongod, fetching the pinned one if there is none."`
	Start start `cmd:"" help:"Start the shared replica set, unless it runs, and print its URI."`
	URI   uri   `cmd:"" name:"uri" help:"Print the URI of the running set."`
	Stop  stop  `cmd:"" help:"End the shared sets that were started here."`
	Keep  keep  `cmd:"" hidden:"" help:"Be the keeper of a set; start uses this."`
}

// place is shared by the commands that mean one set.
type place struct {
	Members int `enum:"1,3" default:"1" help:"Members of the set: 1 or 3."`
}

func main() {
	var c cli
	parsed := kong.Parse(&c, kong.Name("scripts/mongod"), kong.Description("Real MongoDB replica sets for tests."))
	home, err := mongod.Home()
	if err == nil {
		err = parsed.Run(home)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "mongod:", err)
		os.Exit(1)
	}
}

type path struct{}

// Run prints the path.
func (path) Run(home string) error {
	found, err := mongod.Find(context.Background(), home, os.Stderr)
	if err == nil {
		fmt.Println(found)
	}
	return err
}

type start struct {
	place
	Dir  string        `help:"Keep the data here and open it again next time."`
	Idle time.Duration `help:"End the set when no test has used it for so long; 0 means never."`
}

// Run hands the work to a keeper process of its own session and waits for its
// first line, so that the set outlives this command.
func (s start) Run(home string) error {
	if given := os.Getenv("MONGO_URI"); given != "" {
		fmt.Println(given)
		return nil
	}
	binary, err := mongod.Find(context.Background(), home, os.Stderr)
	if err != nil {
		return err
	}
	if s.Dir != "" {
		if s.Dir, err = filepath.Abs(s.Dir); err != nil {
			return fmt.Errorf("find %s: %w", s.Dir, err)
		}
	}
	shared := mongod.At(home, s.Members)
	release, err := shared.Door()
	if err != nil {
		return err
	}
	defer release()
	state, ok := shared.State()
	if !ok {
		if state.URI, err = s.spawn(home, binary); err != nil {
			return err
		}
	}
	fmt.Println(state.URI)
	return nil
}

func (s start) spawn(home, binary string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	words, err := os.Create(filepath.Join(home, "run", strconv.Itoa(s.Members), "keeper.log"))
	if err != nil {
		return "", fmt.Errorf("open the keeper's log: %w", err)
	}
	defer words.Close()
	keeper := exec.CommandContext(context.Background(), self, "keep", "--binary", binary,
		"--members", strconv.Itoa(s.Members), "--dir", s.Dir, "--idle", s.Idle.String())
	keeper.Stderr = words
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	says, err := keeper.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("listen to the keeper: %w", err)
	}
	if err := keeper.Start(); err != nil {
		return "", fmt.Errorf("start the keeper: %w", err)
	}
	line, err := bufio.NewReader(says).ReadString('\n')
	if err != nil {
		_ = keeper.Wait()
		said, _ := os.ReadFile(words.Name())
		return "", fmt.Errorf("the set did not start: %s", strings.TrimSpace(string(said)))
	}
	return strings.TrimSpace(line), keeper.Process.Release()
}

type keep struct {
	place
	Binary string `required:""`
	Dir    string
	Idle   time.Duration
}

// Run is the keeper: one line on its standard output when the set is up, and
// then silence until it is told to stop or nobody needs it.
func (k keep) Run(home string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	return mongod.At(home, k.Members).Keep(ctx, k.Binary, k.Dir, k.Members, k.Idle, func(state mongod.State) {
		fmt.Println(state.URI)
		_ = os.Stdout.Close()
	})
}

type uri struct{ place }

// Run prints the URI or fails.
func (u uri) Run(home string) error {
	if given := os.Getenv("MONGO_URI"); given != "" {
		fmt.Println(given)
		return nil
	}
	state, ok := mongod.At(home, u.Members).State()
	if !ok {
		return fmt.Errorf("no set of %d runs here: scripts/mongod start --members %d", u.Members, u.Members)
	}
	fmt.Println(state.URI)
	return nil
}

type stop struct{}

// Run ends both sets, if they run.
func (stop) Run(home string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(mongod.At(home, 1).Stop(ctx), mongod.At(home, 3).Stop(ctx))
}
