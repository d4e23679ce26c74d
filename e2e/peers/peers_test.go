package peers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/server"
)

// packages are there once npm has laid them, as the lock file says.
var packages = sync.OnceValue(func() error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		return err
	}
	laid := filepath.Join("node_modules", ".laid")
	if of, err := os.ReadFile(laid); err == nil && bytes.Equal(of, lock) {
		return nil
	}
	if out, err := exec.CommandContext(context.Background(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, out)
	}
	return os.WriteFile(laid, lock, 0o600)
})

// peer runs a script of this folder and returns its lines. Where there is no node the
// test is skipped, loudly, but fails in CI.
func peer(t *testing.T, script string, args ...string) (lines [][]byte) {
	t.Helper()
	if err := packages(); err != nil {
		if os.Getenv("CI") == "true" || !errors.Is(err, exec.ErrNotFound) {
			t.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, "*** NO NODE ON THIS MACHINE: THE SERVER WILL NOT BE TRIED WITH ITS PEERS ***")
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	return lines
}

// serve serves an empty platform until the test ends.
func serve(t *testing.T, cfg server.Config) (url string, p *platform.Platform) {
	t.Helper()
	p, err := platform.Open(t.Context(), platform.Config{
		Adapter:  sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "peers.db")}),
		Accounts: account.Config{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}},
		Seeded:   testkit.Few,
	})
	must(t, err)
	cfg.Addr, cfg.Log = "127.0.0.1:0", slog.New(slog.DiscardHandler)
	s, err := server.New(t.Context(), p, cfg)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		must(t, <-served)
		must(t, p.Close())
	})
	return s.URL() + "/graphql", p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
