package webhook_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/webhook"
)

func TestSignedAndInOrder(t *testing.T) {
	t.Parallel()
	both(t, signedAndInOrder)
}

func signedAndInOrder(t *testing.T, w *world) {
	got := newTarget(t, ok)
	h, key := w.hook(got.URL)
	w.stations(30, 3)
	k := w.worker()
	w.run(k, h.ID)
	if n := got.count(); n != 30 || got.inOrder() != "" {
		t.Fatalf("%d taken, out of order: %q", n, got.inOrder())
	}
	check := func(c call, key []byte) bool {
		at, _ := strconv.ParseInt(c.Stamp, 10, 64)
		return slices.Contains(strings.Fields(c.Signatures), webhook.Sign(key, c.ID, time.Unix(at, 0), c.Body))
	}
	if c := got.taken[0]; !check(c, key) || check(c, []byte("x")) {
		t.Errorf("the signature of %+v", c)
	}
	h, secret, err := w.p.Webhooks.SecretRotate(t.Context(), w.admin, webhook.Simple{WebhookID: h.ID, ExpectedVersion: h.Version})
	w.must(err)
	w.stations(1, 1)
	w.run(k, h.ID)
	if c := got.taken[30]; !check(c, key) || !check(c, keyOf(t, *secret)) || !w.get(h.ID).Rotating {
		t.Error("while rotating both secrets sign")
	}
	w.clock.Advance(25 * time.Hour)
	w.stations(1, 1)
	w.run(k, h.ID)
	if c := got.taken[31]; check(c, key) || !check(c, keyOf(t, *secret)) {
		t.Error("the old secret signs for a day only")
	}
	_, err = w.p.Webhooks.Replay(t.Context(), w.admin, webhook.Replay{WebhookID: h.ID, ExpectedVersion: h.Version})
	w.must(err)
	w.run(k, h.ID)
	ids := map[string]int{}
	for _, c := range got.taken {
		ids[c.ID]++
	}
	if n := got.count(); n != 64 || len(ids) != 32 {
		t.Errorf("a replay brings all again under the same ids: %d of %d", n, len(ids))
	}
}

func TestAnObjectThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Minute)
	sick := true
	got := newTarget(t, func(c call) int {
		if sick && c.Node == "sta_001" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	h, _ := w.hook(got.URL)
	w.stations(9, 3)
	k := w.worker()
	w.run(k, h.ID)
	v := w.get(h.ID)
	waiting, err := w.p.Webhooks.Letters(t.Context(), v, webhook.Waiting)
	w.must(err)
	if got.count() != 6 || len(waiting) != 3 || waiting[0].Attempts != 1 || waiting[1].Attempts != 0 || v.State != webhook.Active {
		t.Fatalf("%d taken, waiting %+v, %s", got.count(), waiting, v.State)
	}
	for range 200 { // past three days
		w.clock.Advance(time.Hour)
		w.run(k, h.ID)
	}
	dead, err := w.p.Webhooks.Letters(t.Context(), v, webhook.Dead)
	w.must(err)
	if len(dead) == 0 || dead[0].Result != "HTTP_500" || dead[0].Sequence != waiting[0].Sequence {
		t.Fatalf("dead %+v", dead)
	}
	sick = false
	_, err = w.p.Webhooks.Retry(t.Context(), w.admin, webhook.Letter{DeliveryID: dead[0].ID})
	w.must(err)
	w.clock.Advance(7 * time.Hour)
	w.run(k, h.ID)
	left, err := w.p.Webhooks.Letters(t.Context(), v, webhook.Waiting)
	w.must(err)
	if got.count() < 7 || len(left) != 0 {
		t.Errorf("%d taken, %d wait", got.count(), len(left))
	}
}

func TestTargetsThatMisbehave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300*time.Millisecond)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"redirects to a private address": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://169.254.169.254/latest", http.StatusTemporaryRedirect)
		}, "HTTP_307"},
		"never answers": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "TIMEOUT"},
		"a byte now and then": {func(rw http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = rw.Write([]byte("x"))
				_ = http.NewResponseController(rw).Flush()
				select {
				case <-time.After(20 * time.Millisecond):
				case <-r.Context().Done():
				}
			}
		}, "TIMEOUT"},
		"a huge body": {func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(make([]byte, 8<<20)) }, ""},
		"goes away":   {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusGone) }, "HTTP_410"},
	} {
		x := newTarget(t, ok)
		x.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // a server notices that the other side left only then
			c.answer(rw, r)
		})
		h, _ := w.hook(x.URL)
		w.stations(1, 1)
		w.run(w.worker(), h.ID)
		v := w.get(h.ID)
		if last := v.LastFailure; (last == nil) != (c.want == "") || (last != nil && *last != c.want) {
			t.Errorf("%s: %v, want %q", name, last, c.want)
		}
		if gone := c.want == "HTTP_410"; gone != (v.State == webhook.Stopped) {
			t.Errorf("%s: %s", name, v.State)
		}
	}
}

func TestARevokedOwnerStops(t *testing.T) {
	t.Parallel()
	w, got := newWorld(t, time.Minute), newTarget(t, ok)
	h, _ := w.hook(got.URL)
	w.stations(2, 1)
	_, err := w.p.Accounts.CreateAdmin(t.Context(), "hooks-heir", "a long and quiet river 8", city) // one stays
	w.must(err)
	row, err := w.p.Accounts.Load(t.Context(), w.admin.ID)
	w.must(err)
	_, _, err = w.p.Accounts.RoleRevoke(t.Context(), access.System("test"), account.RoleRevoke{GrantID: row.Grants[0].ID, Reason: "COMPLAINT"})
	w.must(err)
	w.run(w.worker(), h.ID)
	if v := w.get(h.ID); got.tries != 0 || v.State != webhook.Stopped || *v.Reason != webhook.ReasonRevoked {
		t.Errorf("%d sent, %+v", got.tries, v)
	}
}

// TestAnotherProcessTakesOver: one that dies between sending and storing is followed by
// another when its lease ends, which sends the same again under the same ids.
func TestAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	both(t, anotherProcessTakesOver)
}

func anotherProcessTakesOver(t *testing.T, w *world) {
	dying, kill := context.WithCancel(t.Context())
	got := newTarget(t, func(call) int { kill(); return http.StatusOK })
	h, _ := w.hook(got.URL)
	w.stations(1, 1)
	if _, err := w.worker().Step(dying, h.ID); err == nil {
		t.Fatal("the first was not killed")
	}
	got.busy.Wait() // it was killed while the target answered
	second := w.worker()
	next, err := second.Step(t.Context(), h.ID)
	w.must(err)
	if d := next.Sub(w.clock.Now()); got.tries != 1 || d <= 0 || d > time.Minute {
		t.Fatalf("%d sent, next in %s", got.tries, d)
	}
	w.clock.Advance(time.Minute)
	w.run(second, h.ID)
	if len(got.taken) != 2 || got.taken[0].ID != got.taken[1].ID || w.get(h.ID).Delivered != 1 {
		t.Errorf("taken %+v", got.taken)
	}
	w.clock.Advance(time.Hour)
	w.run(w.worker(), h.ID)
	if len(got.taken) != 2 {
		t.Error("sent once more")
	}
}

// TestManyEventsAndADeadTarget: 4,000 events, 10,000 with LINKAGE_LONG; two targets take
// them all, the third takes none, holds up nobody and stores a bounded number.
func TestManyEventsAndADeadTarget(t *testing.T) {
	t.Parallel()
	n := 4_000
	if storetest.Long() {
		n = 10_000
	}
	w := newWorld(t, time.Minute)
	one, two := newTarget(t, ok), newTarget(t, ok)
	dead := newTarget(t, func(call) int { return http.StatusServiceUnavailable })
	ids := map[string]*target{}
	for _, x := range []*target{one, two, dead} {
		h, _ := w.hook(x.URL)
		ids[h.ID] = x
	}
	w.stations(n, 500)
	k := w.worker()
	started := time.Now()
	for id, x := range ids {
		w.run(k, id)
		t.Logf("%d taken, %d tries after %s", x.count(), x.tries, time.Since(started).Round(time.Millisecond))
		v := w.get(id)
		if x != dead {
			if x.count() != n || x.inOrder() != "" || v.State != webhook.Active {
				t.Errorf("%d taken, out of order %q, %s", x.count(), x.inOrder(), v.State)
			}
			continue
		}
		for range 20 {
			w.clock.Advance(2 * time.Minute)
			w.run(k, id)
		}
		waiting, err := w.p.Webhooks.Letters(t.Context(), v, webhook.Waiting)
		w.must(err)
		if w.get(id).State != webhook.Failing || len(waiting) == 0 || x.tries > n {
			t.Errorf("%s, %d wait, %d tries", w.get(id).State, len(waiting), x.tries)
		}
	}
}
