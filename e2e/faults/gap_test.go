package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/wsclient"
	"github.com/fivesociety/linkage/server"
)

// mirror keeps a copy of a station's requests as docs/live.md tells: a list, then the feed behind
// it, and the list again after a gap.
type mirror struct {
	*testing.T
	s      *site
	rows   map[string]row
	cursor string
	gaps   int
}

// read takes the list for what there is.
func (m *mirror) read(ctx context.Context) {
	m.Helper()
	rows, err := list(ctx, m.s.url, m.s.tokens["coordinator"])
	must(m.T, err)
	m.rows = rows
}

// catchUp connects with its cursor and reads until it holds a revision; then it is cut off.
func (m *mirror) catchUp(ctx context.Context, last row) {
	m.Helper()
	f := newFront(m.T, m.s.host)
	c, err := wsclient.Dial(ctx, "ws://"+f.Addr().String()+"/graphql", m.s.tokens["coordinator"], wsclient.Options{})
	must(m.T, err)
	defer func() { f.breakAll(reset); <-c.Done() }()
	sub, err := c.Subscribe(ctx, watch, nil, m.cursor)
	must(m.T, err)
	for m.rows[last.ID].Revision < last.Revision || m.cursor == "" {
		message, err := sub.Next(ctx)
		must(m.T, err)
		var got struct {
			RequestFeed struct {
				Type           string `json:"__typename"`
				Reason         string
				ServiceRequest row
			}
		}
		must(m.T, json.Unmarshal(message.Data, &got))
		m.cursor = message.Cursor
		switch ev := got.RequestFeed; ev.Type {
		case "FeedGap":
			if ev.Reason != "NOT_KEPT" {
				m.Errorf("a gap for %s", ev.Reason)
			}
			m.gaps++
			m.read(ctx)
		case "FeedCheckpoint":
		default:
			if ev.ServiceRequest.Revision > m.rows[ev.ServiceRequest.ID].Revision {
				m.rows[ev.ServiceRequest.ID] = ev.ServiceRequest
			}
		}
	}
}

// Who was away for longer than the log is kept for resuming is told so, reads the list again and
// holds in the end what there is, whatever is written while it reads; who was away for less has
// no gap.
func TestAGapIsBridgedByTheList(t *testing.T) {
	t.Parallel()
	const kept = 20
	s := newSite(t, clock.System(), func(c *server.Config) { c.ResumeWindow = kept })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m := &mirror{T: t, s: s}
	m.read(ctx)
	m.catchUp(ctx, row{})
	w := newWriter("w", s.tokens["coordinator"], newFront(t, s.host), rand.New(rand.NewPCG(1, 1)), new(atomic.Int64))
	for k := range subjects {
		w.rows = append(w.rows, m.rows[id("requests", subject(k))])
	}
	notes := 0
	write := func(n int) (err error) {
		for ; n > 0 && err == nil; n-- {
			notes++
			err = w.change(ctx, &w.rows[w.rand.IntN(subjects)], fmt.Sprint("n", notes), "NORMAL")
		}
		return err
	}
	for round, away := range []int{5, kept + 10, kept, 3 * kept, 0} {
		before := m.gaps
		must(t, write(away))
		beside := make(chan error, 1)
		go func() { beside <- write(10) }()
		if away > 0 {
			m.catchUp(ctx, w.acked[away-1])
		}
		must(t, <-beside)
		if gap := m.gaps > before; away > kept && !gap || away <= kept-10 && gap {
			t.Errorf("round %d: after %d entries away a gap is %v", round, away, gap)
		}
	}
	m.catchUp(ctx, w.acked[len(w.acked)-1])
	want, err := list(ctx, s.url, s.tokens["coordinator"])
	must(t, err)
	if held := versionless(m.rows); !maps.Equal(held, versionless(want)) {
		t.Errorf("it holds %v, there is %v", held, want)
	}
	if m.gaps < 2 {
		t.Errorf("%d gaps", m.gaps)
	}
}

// versionless leaves out what the feed does not ask for.
func versionless(rows map[string]row) map[string]row {
	out := map[string]row{}
	for id, r := range rows {
		r.Version = 0
		out[id] = r
	}
	return out
}
