package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
)

// childEnv makes this test binary a writing process: "path round".
const childEnv = "LINKAGE_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		child(path, os.Getenv(childEnv+"_ROUND"))
		return
	}
	os.Exit(m.Run())
}

// child writes until it is killed and says each acknowledged key on a line.
func child(path, round string) {
	ctx := context.Background()
	load, err := storetest.StartLoad(ctx, sqlite.New(sqlite.Config{Path: path}))
	if err == nil {
		err = load.Write(ctx, round, 12, 1_000_000, func(key string) { _, _ = fmt.Println(key) })
	}
	_, _ = fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// TestKilledUnderLoad kills a writing process, several times on one file: what it
// acknowledged is there, whole, once.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	rounds := 4
	if storetest.Long() {
		rounds = 60
	}
	var acked []string
	for round := range rounds {
		acked = append(acked, killed(t, path, round, 150+200*(round%4))...)
		load, err := storetest.StartLoad(t.Context(), sqlite.New(sqlite.Config{Path: path}))
		if err != nil {
			t.Fatalf("open after the kill: %v", err)
		}
		n, err := load.Verify(t.Context(), acked)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := load.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: %d acknowledged, %d there", round, len(acked), n)
	}
}

// killed runs a child until it has acknowledged n calls and kills it.
func killed(t *testing.T, path string, round, n int) (acked []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path, fmt.Sprintf("%s_ROUND=r%d", childEnv, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); { // to the end: all that it said before it died
		if acked = append(acked, lines.Text()); len(acked) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acked) < n {
		t.Fatalf("the child ended by itself after %d: %v", len(acked), err)
	}
	return acked
}
