package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/store/storetest"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server"
	"github.com/fivesociety/linkage/server/live"
)

// Websockets and streams of events are counted together, of each address and in all; who is over
// a bound is told so before anything is upgraded, and gets in once another has left. Addresses
// are those that listed proxies tell.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, clock.System(), func(c *server.Config) {
		c.Connections, c.AddressConnections = 7, 3
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})
	b := s.stand(t, 0) // one of the seven, of 127.0.0.1
	from := func(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }
	in := func(address string) *websocket.Conn {
		t.Helper()
		ws, _, err := s.dial(t, s.host, from(address))
		must(t, err)
		return ws
	}
	out := func(address string, status int, code string) {
		t.Helper()
		_, no, err := s.dial(t, s.host, from(address))
		if err == nil || no.status != status || no.header.Get("Retry-After") == "" {
			t.Fatalf("%s gets in: %+v %v", address, no, err)
		}
		h := from(address)
		h.Set("Content-Type", "application/json")
		h.Set("Accept", live.EventStream)
		got, body := answered(t, s.url, strings.NewReader(`{"query":"{ __typename }"}`), h)
		if got != status || !strings.Contains(body, code) {
			t.Errorf("%s opens a stream: %d %s", address, got, body)
		}
		h.Set("Accept", "application/json")
		if got, body := answered(t, s.url, strings.NewReader(`{"query":"{ __typename }"}`), h); got != http.StatusOK {
			t.Errorf("%s asks: %d %s", address, got, body)
		}
	}
	one := in("192.0.2.1")
	in("192.0.2.1")
	stream := s.stream(t, from("192.0.2.1"))
	out("192.0.2.1", http.StatusTooManyRequests, "RATE_LIMITED")
	out("198.51.100.9, 192.0.2.1", http.StatusTooManyRequests, "RATE_LIMITED") // what a client says of itself is not believed
	in("2001:db8::1")
	in("2001:db8::ffff") // the same /64
	must(t, one.Close())
	s.awaits(t, `linkage_connections{wire="websocket"}`, 4)
	stream()
	s.awaits(t, `linkage_connections{wire="events"}`, 0)
	in("192.0.2.1")
	in("192.0.2.2")
	in("192.0.2.3")
	out("192.0.2.4", http.StatusServiceUnavailable, "UNAVAILABLE")
	out("192.0.2.2", http.StatusServiceUnavailable, "UNAVAILABLE")
	if a, p := s.metric(t, `linkage_connections_refused_total{bound="address"}`), s.metric(t, `linkage_connections_refused_total{bound="process"}`); a != 4 || p != 4 {
		t.Errorf("%d and %d refusals are counted", a, p)
	}
	b.leave(t)
}

// stream opens a stream of events that lasts, and gives what ends it.
func (s *site) stream(t *testing.T, h http.Header) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	body := strings.NewReader(`{"query":"subscription { requestFeed { __typename } }"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", body)
	must(t, err)
	req.Header = h.Clone()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", live.EventStream)
	req.Header.Set("Authorization", "Bearer "+s.tokens["coordinator"])
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("a stream: %d", resp.StatusCode)
	}
	end := func() { cancel(); _ = resp.Body.Close() }
	t.Cleanup(end)
	return end
}

// awaits waits until a metric is as it should be.
func (s *site) awaits(t *testing.T, name string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got := s.metric(t, name)
	for ; got != want && ctx.Err() == nil; got = s.metric(t, name) {
		pause(ctx)
	}
	if got != want {
		t.Errorf("%s is %d, want %d", name, got, want)
	}
}

// A connection has 16 subscriptions; what is over is refused and the others go on. A thousand
// that differ in one variable, over many connections, get each what it asked for, and leave
// nothing behind.
func TestAThousandSubscriptionsOfOneVariable(t *testing.T) {
	t.Parallel()
	s := newSite(t, clock.System(), nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b := s.stand(t, 1)
	before, members := heap(), s.metric(t, "linkage_feed_members")
	const connections, each = 63, 16
	var clients []*wsclient.Client
	of := map[string][]*wsclient.Subscription{} // by the request they are for
	for range connections {
		c, err := wsclient.Dial(ctx, "ws://"+s.host+"/graphql", s.tokens["coordinator"], wsclient.Options{Buffer: 16})
		must(t, err)
		defer func() { _ = c.Close() }()
		clients = append(clients, c)
		for i := range each {
			one := id("requests", subject(2+i))
			sub, err := c.Subscribe(ctx, watch, map[string]any{"filter": map[string]any{"serviceRequestId": one}}, "")
			must(t, err)
			of[one] = append(of[one], sub)
		}
	}
	for _, subs := range of {
		for _, sub := range subs {
			_, err := sub.Next(ctx) // the checkpoint with which it begins
			must(t, err)
		}
	}
	full := heap()
	t.Logf("%d subscriptions hold %d kB each, with their clients", connections*each, (full-before)/connections/each/1024)
	over, err := clients[0].Subscribe(ctx, watch, map[string]any{"filter": map[string]any{"serviceRequestId": id("requests", subject(0))}}, "")
	must(t, err)
	if m, err := over.Next(ctx); err == nil || !strings.Contains(err.Error(), "TOO_MANY") {
		t.Errorf("one more: %s %v", m.Data, err)
	}
	told := id("requests", subject(2))
	rows, err := list(ctx, s.url, s.tokens["coordinator"])
	must(t, err)
	row := rows[told]
	w := newWriter("thousand", s.tokens["coordinator"], b.w.front, nil, b.w.done)
	must(t, w.change(ctx, &row, "to some", "HIGH"))
	for one, subs := range of {
		for _, sub := range subs {
			if one != told {
				continue
			}
			m, err := sub.Next(ctx)
			must(t, err)
			if !strings.Contains(string(m.Data), "to some") {
				t.Fatalf("%s", m.Data)
			}
		}
	}
	for _, c := range clients {
		must(t, c.Ping(ctx))
		must(t, c.Close())
	}
	for one, subs := range of {
		for _, sub := range subs {
			if m, err := sub.Next(ctx); err == nil {
				t.Fatalf("a subscription to %s hears %s", one, m.Data)
			}
		}
	}
	s.awaits(t, "linkage_feed_members", members)
	b.leave(t)
}

// heap is what is in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}

// Ten thousand sockets, each with a subscription, on a process of their own: all hear an event,
// and who behaves is served meanwhile.
func TestTenThousandSockets(t *testing.T) {
	if !storetest.Long() {
		t.Skip("LINKAGE_LONG=1")
	}
	const n = 10_000
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	p := begin(t, onSQLite(t))
	s := &site{url: "http://" + p.host, host: p.host, tokens: template().tokens}
	b := s.standing(t, 0, 5*time.Minute)
	t.Logf("before: %s", resident(t, p.cmd.Process.Pid))
	var opened, heard sync.WaitGroup
	gate := make(chan struct{}, 64)
	opened.Add(n)
	subscribe, err := json.Marshal(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{
		"query": watch, "variables": map[string]any{"filter": map[string]any{"serviceRequestId": id("requests", subject(1))}},
	}})
	must(t, err)
	for range n {
		gate <- struct{}{}
		heard.Go(func() { one(t, s, subscribe, gate, opened.Done) })
	}
	opened.Wait()
	t.Logf("%d sockets: %s", n, resident(t, p.cmd.Process.Pid))
	rows, err := list(ctx, s.url, s.tokens["coordinator"])
	must(t, err)
	row := rows[id("requests", subject(1))]
	from := time.Now()
	w := newWriter("all", s.tokens["coordinator"], b.w.front, nil, b.w.done)
	must(t, w.change(ctx, &row, "to all", "HIGH"))
	heard.Wait()
	t.Logf("all have heard after %v: %s", time.Since(from).Round(time.Millisecond), resident(t, p.cmd.Process.Pid))
	b.leave(t)
	must(t, p.end())
}

// one is a socket that waits for its event.
func one(t *testing.T, s *site, subscribe []byte, gate <-chan struct{}, opened func()) {
	d := websocket.Dialer{Subprotocols: []string{live.Subprotocol}, ReadBufferSize: 1024, WriteBufferSize: 1024}
	ws, resp, err := d.DialContext(t.Context(), "ws://"+s.host+"/graphql", nil)
	if err != nil {
		t.Error(err)
		<-gate
		opened()
		return
	}
	_ = resp.Body.Close()
	defer func() { _ = ws.Close() }()
	init := fmt.Sprintf(`{"type":"connection_init","payload":{"authorization":"Bearer %s"}}`, s.tokens["coordinator"])
	_ = ws.WriteMessage(websocket.TextMessage, []byte(init))
	begun := false
	for {
		_, m, err := ws.ReadMessage()
		switch {
		case err != nil:
			t.Error(err)
			if !begun {
				<-gate
				opened()
			}
			return
		case strings.Contains(string(m), "FeedCheckpoint") && !begun:
			begun = true
			<-gate
			opened()
		case strings.Contains(string(m), `"connection_ack"`):
			_ = ws.WriteMessage(websocket.TextMessage, subscribe)
		case strings.Contains(string(m), "to all"):
			return
		}
	}
}

// resident is how much memory a process holds, and how long it has computed.
func resident(t *testing.T, pid int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	fields := strings.Fields(string(stat)) // of proc_pid_stat(5), the name has no space
	user, err := strconv.Atoi(fields[13])
	must(t, err)
	system, err := strconv.Atoi(fields[14])
	must(t, err)
	pages, err := strconv.Atoi(fields[23])
	must(t, err)
	return fmt.Sprintf("RSS %d MB, CPU %.1f s", pages*os.Getpagesize()>>20, float64(user+system)/100)
}
