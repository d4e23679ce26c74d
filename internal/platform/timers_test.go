package platform_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/mongo"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
)

// timersEnv makes this test binary a process that takes what is due on a store.
const timersEnv = "LINKAGE_TEST_TIMERS"

func TestMain(m *testing.M) {
	if uri := os.Getenv(timersEnv); uri != "" {
		if err := takeDue(uri); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// late is when all timers of the test are due.
func late() time.Time { return testkit.Start.Add(30 * 24 * time.Hour) }

// takeDue is a process: it waits for a word, then takes what is due until nothing is.
func takeDue(uri string) error {
	p, err := platform.Open(ctx, platform.Config{Adapter: mongo.New(mongo.Config{URI: uri}), Now: late, Seeded: testkit.Few})
	if err != nil {
		return err
	}
	_, _ = fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	for {
		n, err := p.Requests.Elapse(ctx, access.System("timer"))
		switch {
		case err != nil: // told, and tried again at the next turn, as a server does
			_, _ = fmt.Fprintln(os.Stderr, err)
		case n == 0:
			return p.Close()
		}
	}
}

// worker is such a process.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

func begin(t *testing.T, uri string) worker {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), timersEnv+"="+uri), os.Stderr
	in, err := cmd.StdinPipe()
	testkit.WantCode(t, err, "")
	out, err := cmd.StdoutPipe()
	testkit.WantCode(t, err, "")
	testkit.WantCode(t, cmd.Start(), "")
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the process says %q: %v", line, err)
	}
	return worker{cmd, in}
}

// Two processes take what is due on one store and one of them is killed in the middle:
// each timer has its effect once. 10,000 timers with LINKAGE_LONG, 200 otherwise.
func TestATimerHasItsEffectOnceHoweverManyProcessesRunAndDie(t *testing.T) {
	t.Parallel()
	uri, count := mongotest.URI(t), 200
	if storetest.Long() {
		count = 10_000
	}
	p, err := platform.Open(ctx, platform.Config{Adapter: mongo.New(mongo.Config{URI: uri}), Now: late, Seeded: testkit.Few})
	testkit.WantCode(t, err, "")
	t.Cleanup(func() { testkit.WantCode(t, p.Close(), "") })
	waits := []struct{ at, then, kind string }{
		{"SUBMITTED", "SUBMITTED", "request.escalated"},
		{"RETURNED", "CANCELLED", "request.cancelled"},
		{"ON_HOLD", "TRIAGED", "request.resumed"},
		{"DELIVERED", "DELIVERED", "request.reminded"},
	}
	ids := due(t, p, count, func(r *request.Request, i int) {
		r.Header.State, r.HeldFrom = waits[i%len(waits)].at, request.Triaged
	})
	before := last(t, p)

	workers := []worker{begin(t, uri), begin(t, uri)}
	began := time.Now()
	for _, w := range workers {
		_, err := io.WriteString(w.in, "go\n")
		testkit.WantCode(t, err, "")
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for last(t, p) < before+int64(count)/4 {
		<-look.C
	}
	testkit.WantCode(t, workers[0].cmd.Process.Kill(), "")
	if err := workers[0].cmd.Wait(); err == nil {
		t.Error("the process had ended before it was killed")
	}
	if err := workers[1].cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d timers in %s", count, time.Since(began))

	told := map[string][]string{}
	for _, e := range entries(t, p, before) {
		told[e.ID] = append(told[e.ID], e.Kind+" by "+e.Actor)
	}
	for i, id := range ids {
		r, err := p.Requests.Load(ctx, id)
		testkit.WantCode(t, err, "")
		if w := waits[i%len(waits)]; string(r.State()) != w.then || fmt.Sprint(told[id]) != "["+w.kind+" by system]" {
			t.Errorf("%s of %s is %s: %v", id, w.at, r.State(), told[id])
		}
	}
	if len(told) != count {
		t.Errorf("%d requests were told of, want %d", len(told), count)
	}
}

// due writes requests whose timers are due.
func due(t *testing.T, p *platform.Platform, count int, set func(r *request.Request, i int)) (ids []string) {
	t.Helper()
	for len(ids) < count {
		err := p.Core.DB.Tx(ctx, func(ctx context.Context) error {
			for range min(200, count-len(ids)) {
				r := &request.Request{Head: store.Head{ID: p.Core.DB.NewID("req")}, Category: "HOME_VISIT", Place: testkit.Community1, DueAt: testkit.Start}
				r.Number = r.ID
				r.Header.Class = access.Restricted
				r.Header.Place(r.Place)
				set(r, len(ids))
				if err := p.Requests.Rows().Insert(ctx, r, store.Note{}); err != nil {
					return err
				}
				ids = append(ids, r.ID)
			}
			return nil
		})
		testkit.WantCode(t, err, "")
	}
	return ids
}

// last is the sequence of the log's last entry, 0 of an empty one.
func last(t *testing.T, p *platform.Platform) int64 {
	t.Helper()
	found, err := p.Core.DB.Log(ctx, store.LogQuery{Desc: true, Limit: 1})
	testkit.WantCode(t, err, "")
	if len(found) == 0 {
		return 0
	}
	return found[0].Seq
}

// entries are the log's, from the one after a sequence on.
func entries(t *testing.T, p *platform.Platform, after int64) (all []*store.Entry) {
	t.Helper()
	q := store.LogQuery{After: after, Limit: 1000}
	for {
		found, err := p.Core.DB.Log(ctx, q)
		testkit.WantCode(t, err, "")
		if all = append(all, found...); len(found) < q.Limit {
			return all
		}
		q.After = found[len(found)-1].Seq
	}
}
