package bench

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/play"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/wsclient"
)

// frames is how many events a round sends to the subscriber.
const frames = 200

// BenchmarkCommitToFrame is the way from a commit to the frame on the coordinator's
// live board, over a real websocket, one event at a time; and from the call that
// leads to the commit. The ratio is to the embedded store in the same run.
func BenchmarkCommitToFrame(b *testing.B) {
	own := watching(b, embedded(b))
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			there := own
			if e.name != "sqlite" {
				there = watching(b, e.address(b))
			}
			var committed, called, compared []time.Duration
			for b.Loop() {
				for range frames {
					c, f := there.event(b)
					committed, called = append(committed, f), append(called, c)
				}
				for range frames {
					_, f := own.event(b)
					compared = append(compared, f)
				}
			}
			b.ReportMetric(millis(at(committed, 0.5)), "ms-p50")
			b.ReportMetric(millis(at(committed, 0.99)), "ms-p99")
			b.ReportMetric(millis(at(called, 0.5)), "ms-from-call-p50")
			b.ReportMetric(float64(at(committed, 0.5))/float64(at(compared, 0.5)), "to-sqlite")
		})
	}
}

// board is a site with a coordinator who watches.
type board struct {
	*site
	sub  *wsclient.Subscription
	need *request.Request
	as   access.Actor
}

func watching(b *testing.B, address string) *board {
	b.Helper()
	w := &board{site: open(b, address, 0)}
	w.serve(b)
	w.as = w.actor(b, "coordinator")
	w.need = w.needs(b, 1, "qiaotun")[0]
	client, err := wsclient.Dial(b.Context(), "ws"+strings.TrimPrefix(w.url, "http")+"/graphql", w.tokens["coordinator"], wsclient.Options{})
	must(b, err)
	b.Cleanup(func() { _ = client.Close() })
	w.sub, err = client.Subscribe(b.Context(), play.Document("feed"), nil, "")
	must(b, err)
	for w.next(b) != "FeedCheckpoint" { // the past
		continue
	}
	return w
}

// event changes the request once and waits for its frame: how long that took from
// the call, and from the commit.
func (w *board) event(b *testing.B) (called, committed time.Duration) {
	b.Helper()
	began := time.Now()
	done := make(chan time.Time, 1)
	go func() { // a reader does not wait for the writer's answer
		err := w.Core.DB.Tx(context.WithoutCancel(b.Context()), func(ctx context.Context) error {
			r, err := w.Requests.Rows().Get(ctx, w.need.ID)
			if err != nil {
				return err
			}
			store.After(ctx, func() { done <- time.Now() })
			return w.Requests.Rows().Replace(ctx, r, usecase.Note(w.as, "request.changed", r.ID, ""))
		})
		if err != nil {
			b.Error(err)
			close(done)
		}
	}()
	for w.next(b) == "FeedCheckpoint" { // of a silence
		continue
	}
	arrived := time.Now()
	return arrived.Sub(began), arrived.Sub(<-done)
}

func (w *board) next(b *testing.B) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	m, err := w.sub.Next(ctx)
	must(b, err)
	var data struct {
		RequestFeed struct {
			Type string `json:"__typename"`
		} `json:"requestFeed"`
	}
	must(b, json.Unmarshal(m.Data, &data))
	if len(m.Errors) > 0 || data.RequestFeed.Type == "" {
		b.Fatalf("%v: %s", m.Errors, m.Data)
	}
	return data.RequestFeed.Type
}
