package webhook_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/webhook"
)

// deliverEnv makes this test binary a process that delivers the webhooks of a store, lateEnv
// lets its clock go before the machine's by a time.
const (
	deliverEnv = "LINKAGE_TEST_DELIVER"
	lateEnv    = "LINKAGE_TEST_LATE"
)

func TestMain(m *testing.M) {
	if at := os.Getenv(deliverEnv); at != "" {
		if err := deliver(at); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// engine is the store at a file or a URI.
func engine(at string) store.Adapter {
	if strings.HasPrefix(at, "mongodb") {
		return mongo.New(mongo.Config{URI: at})
	}
	return sqlite.New(sqlite.Config{Path: at})
}

// ahead is the machine's clock and a time more.
type ahead struct {
	clock.Clock
	by time.Duration
}

func (a ahead) Now() time.Time { return a.Clock.Now().Add(a.by) }

// deliver is a process: it delivers until its input ends.
func deliver(at string) error {
	by, err := time.ParseDuration(os.Getenv(lateEnv))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	c := ahead{clock.System(), by}
	p, err := platform.Open(ctx, platform.Config{Adapter: engine(at), Now: c.Now, Seeded: testkit.Few, Webhooks: local(time.Minute)})
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	hub := feed.New(p.Core.DB, feed.Config{Box: p.Core.Box, Clock: c})
	p.Webhooks.Follow(hub)
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		stop()
	}()
	if err := p.Webhooks.NewWorker(webhook.WorkerConfig{Hub: hub, Clock: c, Render: bare}).Run(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// begin starts such a process.
func begin(t *testing.T, at string, by time.Duration) (*exec.Cmd, func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), deliverEnv+"="+at, lateEnv+"="+by.String()), os.Stderr
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, func() { _ = in.Close() }
}

// The process that delivers is killed while its attempts are under way. The next one brings
// every event, those again that were sent and not yet noted, under the same ids, and of each
// object none before an older one. 300 events, 10,000 with LINKAGE_LONG.
func TestAKilledProcessLosesNoEvent(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "x.db") },
		"mongo":  func(t *testing.T) string { return mongotest.URI(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed(t, at(t))
		})
	}
}

func killed(t *testing.T, at string) {
	n := 300
	if storetest.Long() {
		n = 10_000
	}
	reached, dead, all := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	calls, first := 0, map[string]int{} // how often each event came
	got := newTarget(t, func(c call) int {
		mu.Lock()
		calls++
		last := calls == n/3
		first[c.ID]++
		whole := first[c.ID] == 1 && len(first) == n
		mu.Unlock()
		if last {
			close(reached)
			<-dead // it dies while it waits for the answer
		}
		if whole {
			close(all)
		}
		return http.StatusNoContent
	})
	w := newWorldOn(t, engine(at), time.Minute, time.Now())
	_, _ = w.hook(got.URL)
	w.stations(n, 7)
	w.must(w.p.Close()) // one process has a file

	doomed, _ := begin(t, at, 0)
	<-reached
	w.must(doomed.Process.Kill())
	if err := doomed.Wait(); err == nil {
		t.Error("the process had ended before it was killed")
	}
	close(dead)
	heir, end := begin(t, at, 2*time.Minute) // the lease of the other is over
	<-all
	end()
	w.must(heir.Wait())

	mu.Lock()
	defer mu.Unlock()
	again := calls - len(first)
	if again == 0 {
		t.Error("nothing was under way when it was killed")
	}
	t.Logf("%d events, %d sent again", len(first), again)
	got.mu.Lock()
	defer got.mu.Unlock()
	newest, seen := map[string]int64{}, map[string]bool{}
	for _, c := range got.taken {
		if seen[c.ID] {
			continue
		}
		if seen[c.ID] = true; c.Sequence <= newest[c.Node] {
			t.Errorf("of %s %d came after %d", c.Node, c.Sequence, newest[c.Node])
		}
		newest[c.Node] = c.Sequence
	}
}
