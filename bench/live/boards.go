package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/fivesociety/linkage/internal/console"
)

// bench runs boards.
type bench struct {
	options
	out   io.Writer
	frame string            // of an event of the product
	field map[string]*match // by kind
}

// match is a server and its readers.
type match struct {
	kind    string
	server  *process
	readers *process
	addr    string
	idle    usage // before anybody came
	n       int
	filters int
	left    int // who have been cut off
}

func (b *bench) close() {
	for _, m := range b.field {
		m.close()
	}
	b.field = nil
}

func (m *match) close() {
	m.readers.close()
	m.server.close()
}

// open starts a server and its readers.
func (b *bench) open(kind string, n, filters, small int) (*match, error) {
	var env []string
	if b.profile != "" {
		env = append(env, "LIVE_PROFILE="+b.profile)
	}
	m := &match{kind: kind, n: n, filters: filters}
	var err error
	if m.server, err = start(kind, env...); err != nil {
		return nil, err
	}
	if m.readers, err = start("readers"); err != nil {
		return nil, err
	}
	return m, b.fill(m, small)
}

func (b *bench) fill(m *match, small int) error {
	a, err := m.server.ask(order{Do: "address"})
	if err != nil {
		return err
	}
	m.addr = a.Addr
	o := order{Do: "dial", N: m.n, Addr: a.Addr, Text: "/", Filters: m.filters, Small: small}
	switch m.kind {
	case "ours":
		people, err := m.server.ask(order{Do: "tokens", N: m.n})
		if err != nil {
			return err
		}
		o.Kind, o.List, o.File, o.Text = "graphql", people.Tokens, console.Documents()["feed"], "/graphql"
	case "gqlgen":
		o.Kind, o.File = "graphql", console.Documents()["feed"]
	case "centrifuge":
		o.Kind = "centrifuge"
	}
	if m.kind != "ours" {
		if err := b.prepare(m); err != nil {
			return err
		}
	}
	if err := m.warm(o); err != nil {
		return err
	}
	if a, err = m.server.ask(order{Do: "settle"}); err != nil {
		return err
	}
	m.idle = a.Usage
	if _, err := m.readers.ask(o); err != nil {
		return err
	}
	return m.wait()
}

// warmers come and go before anything is measured: what a server loads and keeps because
// somebody has been there is not what one more reader costs.
const warmers = 200

func (m *match) warm(o order) error {
	early, err := start("readers")
	if err != nil {
		return err
	}
	o.N, o.Small = min(warmers, m.n), 0
	_, err = early.ask(o)
	if err == nil {
		err = m.until(func(readers int) bool { return readers >= o.N })
	}
	early.close()
	if err != nil {
		return err
	}
	return m.until(func(readers int) bool { return readers == 0 })
}

// until waits for so many readers as are wanted.
func (m *match) until(enough func(readers int) bool) error {
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a, err := m.server.ask(order{Do: "usage"})
		if err != nil || enough(a.Usage.Readers) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: %d readers are there after a minute", m.kind, a.Usage.Readers)
		}
	}
}

// prepare gives a server the bytes of an event.
func (b *bench) prepare(m *match) error {
	if b.frame == "" {
		own, err := b.open("ours", 1, 0, 0)
		if err != nil {
			return err
		}
		defer own.close()
		if _, _, err := own.tell(1); err != nil {
			return err
		}
		a, err := own.readers.ask(order{Do: "sample"})
		if err != nil {
			return err
		}
		b.frame = a.Payload
		say(b.out, "an event is %d bytes: %.120s…\n", len(b.frame), b.frame)
	}
	text := b.frame
	if m.kind == "centrifuge" {
		var frame struct{ Payload json.RawMessage }
		if err := json.Unmarshal([]byte(text), &frame); err != nil {
			return err
		}
		text = string(frame.Payload)
	}
	_, err := m.server.ask(order{Do: "event", Text: text})
	return err
}

// wait until all readers hear all.
func (m *match) wait() error {
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a, err := m.server.ask(order{Do: "usage"})
		if err != nil {
			return err
		}
		if m.kind == "ours" {
			r, err := m.readers.ask(order{Do: "ready"})
			if err != nil {
				return err
			}
			a.Usage.Readers = r.Count
		}
		if a.Usage.Readers >= m.n {
			break
		}
		if time.Now().After(until) {
			return fmt.Errorf("%s: %d of %d readers are there after a minute", m.kind, a.Usage.Readers, m.n)
		}
	}
	time.Sleep(200 * time.Millisecond) // what follows the acknowledgement
	return nil
}

// tell tells k events at once and waits for all readers to have them: CPU of the server
// for one event, and how long until the last one had the last one.
func (m *match) tell(k int) (cpu, last time.Duration, err error) {
	before, err := m.server.ask(order{Do: "usage"})
	if err != nil {
		return 0, 0, err
	}
	reading, err := m.readers.ask(order{Do: "expect", N: k})
	if err != nil {
		return 0, 0, err
	}
	m.left = m.n - reading.Count
	told, err := m.server.ask(order{Do: "publish", N: k})
	if err != nil {
		return 0, 0, err
	}
	at, err := m.readers.ask(order{Do: "await"})
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", m.kind, err)
	}
	after, err := m.server.ask(order{Do: "usage"})
	return (after.Usage.CPU - before.Usage.CPU) / time.Duration(k), time.Duration(at.At - told.Began[0]), err
}

// asking is what asking for the usage itself costs a server, which the metrics of the
// product make dear: it is taken off.
func (m *match) asking() (time.Duration, error) {
	var list []time.Duration
	for range 9 {
		before, err := m.server.ask(order{Do: "usage"})
		if err != nil {
			return 0, err
		}
		after, err := m.server.ask(order{Do: "usage"})
		if err != nil {
			return 0, err
		}
		list = append(list, after.Usage.CPU-before.Usage.CPU)
	}
	return middle(list), nil
}

// one round tells this many single events; a burst is this many at once.
const singles, burst = 10, 50

type figures struct{ cpu, last, burstCPU, burstLast []time.Duration }

// events is the first board.
func (b *bench) events() error {
	for _, n := range b.readers {
		if err := b.eventsOf(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) eventsOf(n int) error {
	b.field = map[string]*match{}
	defer b.close()
	found := map[string]*figures{}
	for _, kind := range b.kinds {
		m, err := b.open(kind, n, 0, 0)
		if err != nil {
			return err
		}
		b.field[kind], found[kind] = m, &figures{}
		if _, _, err := m.tell(1); err != nil { // warm
			return err
		}
	}
	for range b.rounds {
		for _, kind := range b.kinds {
			if err := found[kind].round(b.field[kind]); err != nil {
				return err
			}
		}
	}
	base := found["raw"]
	if base == nil {
		base = found[b.kinds[0]]
	}
	say(b.out, "\nEvents, %d readers, median of %d rounds of %d single events and a burst of %d\n", n, b.rounds, singles, burst)
	t := b.table("server", "CPU/event", "to "+b.kinds0(), "to last", "CPU/event in bursts", "to "+b.kinds0(), "burst to last", "deliveries/s in bursts", "cut off")
	for _, kind := range b.kinds {
		f := found[kind]
		t.row(kind, ms(middle(f.cpu)), ratio(middle(f.cpu), middle(base.cpu)), ms(middle(f.last)),
			ms(middle(f.burstCPU)), ratio(middle(f.burstCPU), middle(base.burstCPU)), ms(middle(f.burstLast)),
			fmt.Sprintf("%.0f", float64(n*burst)/middle(f.burstLast).Seconds()), fmt.Sprint(b.field[kind].left))
	}
	return t.print()
}

func (b *bench) kinds0() string {
	if slices.Contains(b.kinds, "raw") {
		return "raw"
	}
	return b.kinds[0]
}

func (f *figures) round(m *match) error {
	asking, err := m.asking()
	if err != nil {
		return err
	}
	var cpu, last time.Duration
	for range singles {
		c, l, err := m.tell(1)
		if err != nil {
			return err
		}
		cpu, last = cpu+c-asking, last+l
	}
	f.cpu, f.last = append(f.cpu, cpu/singles), append(f.last, last/singles)
	c, l, err := m.tell(burst)
	f.burstCPU, f.burstLast = append(f.burstCPU, c-asking/burst), append(f.burstLast, l)
	return err
}

// many is how many different filters the readers have.
const many = 200

// filters tells what many filters cost beside one.
func (b *bench) filters() error {
	n := b.readers[0]
	b.field = map[string]*match{}
	defer b.close()
	found := map[string]*figures{}
	names := []string{"one filter", "200 filters"}
	for i, name := range names {
		m, err := b.open("ours", n, []int{1, many}[i], 0)
		if err != nil {
			return err
		}
		b.field[name], found[name] = m, &figures{}
		if _, _, err := m.tell(1); err != nil {
			return err
		}
	}
	for range b.rounds {
		for _, name := range names {
			if err := found[name].round(b.field[name]); err != nil {
				return err
			}
		}
	}
	say(b.out, "\nFilters, %d readers of the product\n", n)
	t := b.table("readers have", "CPU/event", "to one", "to last", "CPU/event in bursts", "to one")
	one := found[names[0]]
	for _, name := range names {
		f := found[name]
		t.row(name, ms(middle(f.cpu)), ratio(middle(f.cpu), middle(one.cpu)), ms(middle(f.last)), ms(middle(f.burstCPU)), ratio(middle(f.burstCPU), middle(one.burstCPU)))
	}
	return t.print()
}

// connections is the second board.
func (b *bench) connections() error {
	for _, n := range b.readers {
		say(b.out, "\nConnections, %d readers that are subscribed and idle\n", n)
		t := b.table("server", "kB of RSS/connection", "kB of heap", "kB of stacks", "goroutines/connection")
		for _, kind := range b.kinds {
			m, err := b.open(kind, n, 0, 0)
			if err != nil {
				return err
			}
			time.Sleep(500 * time.Millisecond)
			a, err := m.server.ask(order{Do: "settle"})
			m.close()
			if err != nil {
				return err
			}
			each := func(x int64) string { return fmt.Sprintf("%.1f", float64(x)/float64(n)/1024) }
			t.row(kind, each(a.Usage.RSS-m.idle.RSS), each(a.Usage.Heap-m.idle.Heap), each(a.Usage.Stacks-m.idle.Stacks),
				fmt.Sprintf("%.2f", float64(a.Usage.Goroutines-m.idle.Goroutines)/float64(n)))
		}
		if err := t.print(); err != nil {
			return err
		}
	}
	return nil
}

// a troubled run tells paced events.
const pace, paced = 100, 1200

// trouble is the third board: readers that stop reading.
func (b *bench) trouble() error {
	n := min(b.readers[0], 200) // so that the slowest server keeps the pace
	say(b.out, "\nTrouble, %d readers, %d events a second for %d s; some stop reading at the start\n", n, pace, paced/pace)
	t := b.table("server", "stopped", "p50", "p99", "longest", "delivered", "gone after", "RSS grew by", "kernel memory at most")
	for _, kind := range b.kinds {
		if kind != "ours" && kind != "centrifuge" {
			continue // whose publisher waits for the reader that stopped, for good
		}
		for _, stopped := range []int{0, 1, 50} {
			if err := b.troubled(t, kind, n, stopped); err != nil {
				return err
			}
		}
	}
	return t.print()
}

func (b *bench) troubled(t *table, kind string, n, stopped int) error {
	m, err := b.open(kind, n, 0, stopped)
	if err != nil {
		return err
	}
	defer m.close()
	if _, _, err := m.tell(1); err != nil {
		return err
	}
	if _, err := m.readers.ask(order{Do: "record", N: paced}); err != nil {
		return err
	}
	if _, err := m.readers.ask(order{Do: "stall", N: stopped}); err != nil {
		return err
	}
	if _, err := m.readers.ask(order{Do: "expect", N: paced}); err != nil {
		return err
	}
	before, err := m.server.ask(order{Do: "settle"})
	if err != nil {
		return err
	}
	w := watch(m, stopped)
	told, err := m.server.ask(order{Do: "paced", N: paced, Skip: pace})
	if err != nil {
		return err
	}
	_, late := m.readers.ask(order{Do: "await"})
	w.end()
	took, err := m.readers.ask(order{Do: "took", Began: told.Began})
	if err != nil {
		return err
	}
	after, err := m.server.ask(order{Do: "settle"})
	if err != nil {
		return err
	}
	if len(took.Took) == 0 {
		took.Took = make([]float64, 4)
	}
	delivered := fmt.Sprintf("%.0f of %d", took.Took[3], (n-stopped)*paced)
	if late != nil {
		delivered += ", stalled"
	}
	t.row(kind, fmt.Sprint(stopped), fmt.Sprintf("%.1f ms", took.Took[0]), fmt.Sprintf("%.1f ms", took.Took[1]), fmt.Sprintf("%.1f ms", took.Took[2]),
		delivered, w.gone(), mb(max(w.rss-before.Usage.RSS, after.Usage.RSS-before.Usage.RSS)), mb(w.kernel))
	return nil
}

// watcher looks at the server's process from outside, as its orders wait for the load.
type watcher struct {
	stop, done chan struct{}
	began      time.Time
	left       time.Duration // when the last of those that stopped was gone
	stopped    int
	rss        int64
	kernel     int64
}

func watch(m *match, stopped int) *watcher {
	w := &watcher{stop: make(chan struct{}), done: make(chan struct{}), began: time.Now(), stopped: stopped}
	files := descriptors(m.server.cmd.Process.Pid)
	go func() {
		defer close(w.done)
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			w.rss = max(w.rss, rssOf(m.server.cmd.Process.Pid))
			if k, ok := kernelMemory(); ok {
				w.kernel = max(w.kernel, k)
			}
			if w.left == 0 && stopped > 0 && descriptors(m.server.cmd.Process.Pid) <= files-stopped {
				w.left = time.Since(w.began)
			}
		}
	}()
	return w
}

func (w *watcher) end() {
	close(w.stop)
	<-w.done
}

func (w *watcher) gone() string {
	switch {
	case w.stopped == 0:
		return "-"
	case w.left == 0:
		return "never"
	}
	return fmt.Sprintf("%.1f s", w.left.Seconds())
}

// page is the query page: 50 requests with 15 fields, over HTTP, the product beside the
// same resolvers behind gqlgen's own transport.
func (b *bench) page() error {
	s, err := start("ours")
	if err != nil {
		return err
	}
	defer s.close()
	people, err := s.ask(order{Do: "tokens", N: 1})
	if err != nil {
		return err
	}
	urls, err := s.ask(order{Do: "pages"})
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"query": pageDocument})
	if err != nil {
		return err
	}
	names := []string{"ours", "stock gqlgen, same resolvers"}
	cpu, rate := [2][]time.Duration{}, [2][]time.Duration{}
	var size int
	for range b.rounds {
		for i, url := range urls.Page {
			before, err := s.ask(order{Do: "usage"})
			if err != nil {
				return err
			}
			n, bytes, took, err := pages(url, people.Tokens[0], body, 2*time.Second)
			if err != nil {
				return err
			}
			after, err := s.ask(order{Do: "usage"})
			if err != nil {
				return err
			}
			size = bytes
			cpu[i], rate[i] = append(cpu[i], (after.Usage.CPU-before.Usage.CPU)/time.Duration(n)), append(rate[i], took/time.Duration(n))
		}
	}
	say(b.out, "\nPage of 50 requests with 15 fields over HTTP, 8 clients, %d bytes\n", size)
	t := b.table("server", "CPU/page", "pages/s", "speed to stock")
	for i, name := range names {
		t.row(name, ms(middle(cpu[i])), fmt.Sprintf("%.0f", 1/middle(rate[i]).Seconds()), ratio(middle(rate[1]), middle(rate[i])))
	}
	return t.print()
}

const pageDocument = `{ serviceRequests(filter: {}, first: 50) { nodes {
  id number revision state coverage urgency class title escalated disputed dueAt createdAt updatedAt category { id label } area { name } } } }`

// pages asks from 8 connections for a while.
func pages(url, token string, body []byte, length time.Duration) (n, size int, took time.Duration, err error) {
	const clients = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for time.Since(began) < length {
				got, bad := ask(client, url, token, body)
				mu.Lock()
				n, size = n+1, got
				if bad != nil {
					err = bad
				}
				stop := err != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	return n, size, time.Since(began), err
}

func ask(client *http.Client, url, token string, body []byte) (int, error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body)) //nolint:noctx // the client has a timeout
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || bytes.Contains(raw, []byte(`"errors"`))) {
		err = errors.New(res.Status + ": " + string(raw[:min(len(raw), 300)]))
	}
	return len(raw), err
}

func middle(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

func ratio(a, b time.Duration) string {
	if b <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(b))
}

// table is rows under a head.
type table struct {
	w *tabwriter.Writer
}

func (b *bench) table(head ...string) *table {
	t := &table{tabwriter.NewWriter(b.out, 0, 0, 3, ' ', 0)}
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		if i > 0 {
			say(t.w, "\t")
		}
		say(t.w, "%s", c)
	}
	say(t.w, "\n")
}

func (t *table) print() error { return t.w.Flush() }

func rssOf(pid int) int64 { return statm(fmt.Sprintf("/proc/%d/statm", pid)) }

// descriptors is how many files and connections a process has open.
func descriptors(pid int) int {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(list)
}
