package webhook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/engines"
	"github.com/fivesociety/linkage/internal/webhook"
)

const city = "div_130200000000"

type world struct {
	t     testing.TB
	p     *platform.Platform
	clock *clock.Manual
	hub   *feed.Hub
	admin access.Actor
}

func newWorld(t testing.TB, within time.Duration) *world {
	t.Helper()
	return newWorldOn(t, sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), within, time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))
}

func newWorldOn(t testing.TB, a store.Adapter, within time.Duration, now time.Time) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(now)}
	var err error
	w.p, err = platform.Open(t.Context(), platform.Config{Adapter: a, Now: w.clock.Now, Seeded: testkit.Few, Webhooks: local(within)})
	w.must(err)
	t.Cleanup(func() { _ = w.p.Close() })
	v, err := w.p.Accounts.CreateAdmin(t.Context(), "hooks-admin", "a long and quiet river 7", city)
	w.must(err)
	row, err := w.p.Accounts.Load(t.Context(), v.ID)
	w.must(err)
	w.admin = access.Actor{ID: v.ID, Grants: row.Rights(w.clock.Now())}
	w.hub = feed.New(w.p.Core.DB, feed.Config{Box: w.p.Core.Box, Clock: w.clock})
	w.p.Webhooks.Follow(w.hub)
	return w
}

// local are targets on this machine.
func local(within time.Duration) webhook.Targets {
	return webhook.Targets{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Within: within}
}

// both runs a test in a world on each of the two stores.
func both(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	engines.Both(t, func(t *testing.T, a store.Adapter) {
		fn(t, newWorldOn(t, a, time.Minute, time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)))
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) worker() *webhook.Worker {
	return w.p.Webhooks.NewWorker(webhook.WorkerConfig{Hub: w.hub, Clock: w.clock, Render: bare})
}

// bare shows of an object its id.
func bare(_ context.Context, _ access.Actor, ids []string) (map[string]json.RawMessage, error) {
	return map[string]json.RawMessage{ids[0]: json.RawMessage(`{"id":"` + ids[0] + `"}`)}, nil
}

// hook sets a webhook up and returns it with its key.
func (w *world) hook(to string) (*webhook.View, []byte) {
	w.t.Helper()
	v, secret, err := w.p.Webhooks.Create(w.t.Context(), w.admin, webhook.Create{Name: "test", OwnerID: city, URL: to, Nouns: []string{"STATION"}})
	w.must(err)
	return v, keyOf(w.t, *secret)
}

func keyOf(t testing.TB, secret string) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (w *world) get(id string) *webhook.View {
	w.t.Helper()
	v, err := w.p.Webhooks.Get(w.t.Context(), w.admin, id)
	w.must(err)
	return v
}

// stations writes n events, about so many stations in turn.
func (w *world) stations(n, among int) {
	w.t.Helper()
	rows := w.p.Stations.Rows()
	for from := 0; from < n; from += 200 {
		w.must(w.p.Core.DB.Tx(w.t.Context(), func(ctx context.Context) error {
			for i := from; i < min(n, from+200); i++ {
				id := fmt.Sprintf("sta_%03d", i%among)
				found, err := rows.GetMany(ctx, []string{id})
				if err != nil {
					return err
				}
				if s := found[id]; s != nil {
					s.Phone = fmt.Sprint(i)
					err = rows.Replace(ctx, s, store.Note{Kind: "station.changed"})
				} else {
					err = rows.Insert(ctx, &station.Station{Head: store.Head{ID: id}, Division: city, Kind: station.SocialWork, State: station.Operating}, store.Note{Kind: "station.created"})
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// run steps a webhook until nothing is to be done at this moment.
func (w *world) run(k *webhook.Worker, id string) {
	w.t.Helper()
	for range 1000 {
		next, err := k.Step(w.t.Context(), id)
		w.must(err)
		if next.IsZero() || next.After(w.clock.Now()) {
			return
		}
	}
	w.t.Fatal("no end of steps")
}

// call is one message as a target received it.
type call struct {
	ID, Signatures, Stamp string
	Body                  []byte
	Node                  string
	Sequence              int64
}

// target answers with what status says and notes what it took.
type target struct {
	*httptest.Server
	busy  sync.WaitGroup
	mu    sync.Mutex
	taken []call
	tries int
}

func newTarget(t testing.TB, status func(call) int) *target {
	x := &target{}
	x.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		x.busy.Add(1)
		defer x.busy.Done()
		body, _ := io.ReadAll(r.Body)
		var m struct {
			Data struct {
				NodeID   string
				Sequence int64
			}
		}
		_ = json.Unmarshal(body, &m)
		c := call{r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Signature"), r.Header.Get("Webhook-Timestamp"), body, m.Data.NodeID, m.Data.Sequence}
		code := status(c)
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.tries++; code/100 == 2 {
			x.taken = append(x.taken, c)
		}
		rw.WriteHeader(code)
	}))
	t.Cleanup(x.Close)
	return x
}

func ok(call) int { return http.StatusNoContent }

// inOrder reports the first object whose events came out of order or twice.
func (x *target) inOrder() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	last := map[string]int64{}
	for _, c := range x.taken {
		if c.Sequence <= last[c.Node] {
			return c.Node
		}
		last[c.Node] = c.Sequence
	}
	return ""
}

func (x *target) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.taken)
}
