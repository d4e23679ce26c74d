package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/access"
)

// errOvertaken: another process has taken the webhook over meanwhile, or its manager
// moved it. What this one sent may be sent again.
var errOvertaken = errors.New("webhook: overtaken")

// message is the body that is sent.
type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

// data is the change in the API's form.
type data struct {
	Typename string          `json:"__typename"`
	Sequence int64           `json:"sequence"`
	Cursor   string          `json:"cursor"`
	At       time.Time       `json:"at"`
	Noun     string          `json:"noun,omitempty"`
	NodeID   string          `json:"nodeId,omitempty"`
	Kind     string          `json:"kind,omitempty"`
	Version  int64           `json:"version,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Withheld bool            `json:"withheld,omitempty"`
	Node     json.RawMessage `json:"node,omitempty"`
}

// attempt sends what is due: the queues of several objects at a time, each in its
// order and only up to its first failure, so that one object never holds up another.
func (w *Worker) attempt(ctx context.Context, rd *round) outcome {
	var all sync.WaitGroup
	var mu sync.Mutex
	var out outcome
	started, slots := 0, make(chan struct{}, parallel)
	for _, object := range rd.order {
		queue := rd.queues[object]
		if started >= batchSize || !due(queue[0].Next, rd.now) {
			mu.Lock()
			out.keep(queue, rd.now)
			mu.Unlock()
			continue
		}
		started++
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			taken, ok, failed := w.send(ctx, rd, queue)
			mu.Lock()
			defer mu.Unlock()
			out.taken, out.ok = append(out.taken, queue[:taken]...), out.ok+ok
			if failed != "" {
				out.failed, out.last, out.gone = out.failed+1, failed, out.gone || failed == "HTTP_410"
			}
			out.keep(queue[taken:], rd.now)
		})
	}
	all.Wait()
	return out
}

// keep leaves a queue for later. Of one too long the oldest behind the first become
// dead letters: the newest tells more.
func (o *outcome) keep(queue []*Delivery, now time.Time) {
	for i, d := range queue {
		if i > 0 && i <= len(queue)-maxOfObject {
			d.Status, d.Result = Dead, "QUEUE_FULL"
		}
		if d.Since.IsZero() {
			d.Since = now
		}
		o.kept = append(o.kept, d)
	}
}

// send sends a queue in order until something is refused. It returns how many are
// done with, how many of them the target took, and how the next was refused.
func (w *Worker) send(ctx context.Context, rd *round, queue []*Delivery) (done, ok int, failed string) {
	for _, d := range queue {
		if w.clock.Now().Sub(rd.now) >= lastStart || ctx.Err() != nil {
			return done, ok, ""
		}
		result := w.sendOne(ctx, rd, d)
		switch result {
		case "":
			ok++
		case hidden: // it has left the reader's sight since: the feed tells so
		default:
			w.refused(rd, d, result)
			return done, ok, result
		}
		done++
	}
	return done, ok, ""
}

// refused notes a failure: later again, or never.
func (w *Worker) refused(rd *round, d *Delivery, result string) {
	if d.Since.IsZero() {
		d.Since = rd.now
	}
	d.Attempts, d.Result = d.Attempts+1, result
	d.Next = rd.now.Add(wait(d.Attempts, w.chance()))
	if rd.now.Sub(d.Since) >= tryFor {
		d.Status = Dead
	}
}

const hidden = "HIDDEN"

func (w *Worker) sendOne(ctx context.Context, rd *round, d *Delivery) string {
	a, err := w.s.actor(ctx, rd.hook) // the rights of this very moment
	if err != nil || !a.SignedIn() {
		return ReasonRevoked
	}
	body, err := w.body(ctx, a, d.Event)
	if err != nil {
		return "NOT_RENDERED"
	}
	if body == nil {
		return hidden
	}
	at := w.clock.Now()
	signed, err := rd.run.signatures(w.s.core.Box, d.Event.ID, at, body)
	if err != nil {
		return "NOT_SIGNED"
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "linkage-webhooks")
	h.Set("Webhook-Id", d.Event.ID)
	h.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("Webhook-Signature", signed)
	return told(w.s.targets.post(ctx, rd.hook.URL, h, bytes.NewReader(body)))
}

// body is the message about an event; nil when the object is hidden by now.
func (w *Worker) body(ctx context.Context, a access.Actor, e Event) ([]byte, error) {
	m := message{Type: e.Kind, Timestamp: e.At, Data: data{
		Typename: e.Type, Sequence: e.Seq, Cursor: e.Cursor, At: e.At, Noun: e.Noun, NodeID: e.Node, Kind: e.Kind, Version: e.Version,
	}}
	switch e.Type {
	case "FeedGap":
		m.Type, m.Data.Reason = "feed.gap", "RIGHTS_CHANGED"
		return json.Marshal(m)
	case "ObjectLeft":
		m.Type = "object.left"
		return json.Marshal(m)
	}
	guarded, there, err := w.guarded(ctx, a, e)
	switch {
	case err != nil || !there:
		return nil, err
	case guarded:
		m.Data.Withheld = true
		return json.Marshal(m)
	}
	nodes, err := w.render(ctx, a, []string{e.Node})
	if err != nil || nodes[e.Node] == nil {
		return nil, err
	}
	m.Data.Node = nodes[e.Node]
	return json.Marshal(m)
}

// guarded reports whether a row is of a class whose content leaves only for its
// protection officers, and whether the actor sees the row at all.
func (w *Worker) guarded(ctx context.Context, a access.Actor, e Event) (guarded, there bool, err error) {
	n, ok := w.s.nouns.ByKind(e.Noun)
	if !ok {
		return false, false, nil
	}
	values, err := w.s.core.DB.Peek(ctx, n.Name, e.Node)
	if err != nil || values == nil || n.Access == nil {
		return false, values != nil, err
	}
	if access.See(a, *n.Access).Mask(values) < max(access.Blind, n.Least) {
		return false, false, nil
	}
	class, _ := values[w.s.core.DB.Definition(n.Name).Position("class")].(string)
	open := class == string(access.Public) || class == string(access.Restricted)
	return !open && !a.Has(access.ProtectionOfficer), true, nil
}
