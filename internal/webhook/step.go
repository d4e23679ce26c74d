package webhook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// round is one step of one webhook.
type round struct {
	hook    *Webhook
	run     *run
	actor   access.Actor
	now     time.Time
	waiting []*Delivery            // as stored, oldest first
	queues  map[string][]*Delivery // of the step, by object
	order   []string               // of the queues
	cursor  string                 // of the feed after the step
	more    bool
}

// Step does one step of one webhook: tries what waits and is due, reads what is new,
// and stores the outcome in one commit. It returns when the next step is due; zero
// when the webhook is not delivered any more. What is sent and not yet stored when the
// process dies is sent again, with the same webhook-id.
func (w *Worker) Step(ctx context.Context, id string) (time.Time, error) {
	h, r, mine, err := w.take(ctx, id)
	if err != nil || h == nil || h.State != Active {
		return time.Time{}, err
	}
	if !mine {
		return r.Until, nil
	}
	rd := &round{hook: h, run: r, now: w.clock.Now().UTC().Truncate(time.Millisecond), queues: map[string][]*Delivery{}, cursor: r.Cursor}
	if rd.actor, err = w.s.actor(ctx, h); err != nil {
		return time.Time{}, err
	}
	if !rd.actor.SignedIn() {
		return time.Time{}, w.stop(ctx, id, ReasonRevoked)
	}
	if rd.waiting, err = w.s.letter(ctx, id, Waiting, maxWaiting+maxOfObject); err != nil {
		return time.Time{}, err
	}
	for _, d := range rd.waiting {
		rd.queue(d)
	}
	if len(rd.waiting) < maxWaiting && due(r.Probe, rd.now) {
		if err := w.read(ctx, rd); err != nil {
			return time.Time{}, err
		}
	}
	out := w.attempt(ctx, rd)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err() // what was sent is sent again
	}
	return w.settle(ctx, rd, out)
}

func (rd *round) queue(d *Delivery) {
	if _, known := rd.queues[d.Event.Node]; !known {
		rd.order = append(rd.order, d.Event.Node)
	}
	rd.queues[d.Event.Node] = append(rd.queues[d.Event.Node], d)
}

// read adds the next events of the feed to the queues.
func (w *Worker) read(ctx context.Context, rd *round) error {
	nouns, err := w.s.interests(rd.hook.Nouns, rd.hook.Divisions)
	if err != nil {
		return err
	}
	m := feed.Member{
		Actor: rd.actor, Nouns: nouns, After: rd.run.Cursor, Mirror: true,
		Rights: func(context.Context) (access.Actor, error) { return rd.actor, nil },
	}
	b, err := w.hub.Pull(ctx, m, batchSize)
	if err != nil {
		return err
	}
	rd.cursor, rd.more = b.Cursor, b.More
	for _, ev := range b.Events {
		rd.queue(&Delivery{Webhook: rd.hook.ID, Event: w.event(ev), Status: Waiting, Next: rd.now})
	}
	return nil
}

func (w *Worker) event(ev feed.Event) Event {
	out := Event{ID: fmt.Sprintf("evt_%s%d", w.s.core.DB.Code(), ev.Seq), Seq: ev.Seq, Cursor: ev.Cursor, At: ev.At, Node: ev.ID}
	if ev.Kind == feed.Gap {
		out.ID = fmt.Sprintf("gap_%s%d_%d", w.s.core.DB.Code(), ev.Seq, ev.At.UnixMilli())
		out.Type = "FeedGap"
		return out
	}
	n, _ := w.s.nouns.ByName(ev.Noun)
	out.Noun = n.Kind
	switch {
	case ev.Kind == feed.Left:
		out.Type = "ObjectLeft"
		return out
	case ev.Erased():
		out.Type = "ObjectErased"
	case ev.Kind == feed.Entered:
		out.Type = "ObjectEntered"
	default:
		out.Type = "ObjectChanged"
	}
	out.Kind, out.Version = ev.Entry.Kind, ev.Entry.Version
	return out
}

// outcome is what the attempts of a step came to.
type outcome struct {
	taken, kept []*Delivery
	ok, failed  int
	gone        bool
	last        string
}

// settle stores the outcome, if the lease still is this worker's.
func (w *Worker) settle(ctx context.Context, rd *round, out outcome) (time.Time, error) {
	r := rd.run
	switch {
	case out.ok > 0:
		r.Misses, r.Since, r.Probe = 0, time.Time{}, time.Time{}
		r.LastAt = rd.now
	case out.failed > 0:
		if r.Misses++; r.Misses == 1 {
			r.Since = rd.now
		}
		r.Probe = rd.now.Add(min(wait(r.Misses, w.chance()), probeMax))
	}
	if out.last != "" {
		r.Last = out.last
	}
	r.Delivered += int64(len(out.taken))
	r.Cursor = rd.cursor
	err := w.s.core.DB.Tx(ctx, func(ctx context.Context) error { return w.save(ctx, rd, out) })
	if err != nil {
		return time.Time{}, err
	}
	if out.ok+out.failed > 0 {
		w.log.InfoContext(ctx, "webhook", "webhook", rd.hook.ID, "delivered", out.ok, "failed", out.failed, "waiting", len(out.kept), "last", out.last)
	}
	if out.gone {
		return time.Time{}, w.stop(ctx, rd.hook.ID, ReasonGone)
	}
	if dead, err := w.s.letter(ctx, rd.hook.ID, Dead, maxDead); err != nil || len(dead) >= maxDead {
		if err == nil {
			err = w.stop(ctx, rd.hook.ID, ReasonDead)
		}
		return time.Time{}, err
	}
	return w.next(rd, out), nil
}

// save is settle's unit: NOT_FOUND or FENCED when somebody else changed the run.
func (w *Worker) save(ctx context.Context, rd *round, out outcome) error {
	if err := w.fence(ctx, rd); err != nil {
		return err
	}
	for _, d := range out.taken {
		if d.ID != "" {
			if err := w.s.letters.Delete(ctx, d.ID, store.Note{}); err != nil {
				return err
			}
		}
	}
	for _, d := range out.kept {
		row := *d
		if d.ID == "" {
			row.ID = w.s.core.DB.NewID(letterPrefix)
			if err := w.s.letters.Insert(ctx, &row, store.Note{}); err != nil {
				return err
			}
			continue
		}
		if _, err := w.s.letters.Get(ctx, d.ID); err != nil {
			return err
		}
		if err := w.s.letters.Replace(ctx, &row, store.Note{}); err != nil {
			return err
		}
	}
	return nil
}

// fence stores the run unless it changed since the lease was taken: another process
// took over, or somebody replays.
func (w *Worker) fence(ctx context.Context, rd *round) error {
	now, err := w.s.runs.Get(ctx, rd.hook.ID)
	if err != nil {
		return err
	}
	if now.Revision != rd.run.Revision {
		return errOvertaken
	}
	row := *rd.run
	return w.s.runs.Replace(ctx, &row, store.Note{})
}

// next is when there is something to do again.
func (w *Worker) next(rd *round, out outcome) time.Time {
	if rd.more && rd.run.Misses == 0 && len(out.kept) < maxWaiting {
		return rd.now
	}
	next := rd.now.Add(pollEvery)
	heads := map[string]bool{}
	for _, d := range out.kept {
		if d.Status == Waiting && !heads[d.Event.Node] && d.Next.Before(next) {
			next = d.Next
		}
		heads[d.Event.Node] = true
	}
	if rd.more && rd.run.Probe.Before(next) && rd.run.Misses > 0 {
		next = rd.run.Probe
	}
	return next
}

// stop ends a webhook and says why.
func (w *Worker) stop(ctx context.Context, id, reason string) error {
	w.log.InfoContext(ctx, "webhook stopped", "webhook", id, "reason", reason)
	return w.s.core.DB.Tx(ctx, func(ctx context.Context) error {
		h, err := w.s.rows.Get(ctx, id)
		if err != nil || h.State != Active {
			return err
		}
		h.State, h.Reason = Stopped, reason
		return w.s.rows.Replace(ctx, h, usecase.Note(access.System("webhook"), "webhook.stopped", id, ""))
	})
}

// letter reads the refused events of a webhook with a status, oldest first.
func (s *Service) letter(ctx context.Context, id string, status Status, most int) ([]*Delivery, error) {
	var out []*Delivery
	q := store.Query{Where: store.Both(store.Is("webhook", id), store.Is("status", status)), Sort: "seq"}
	for len(out) < most {
		q.Limit = min(most-len(out), 500)
		page, err := s.letters.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if !page.HasNext {
			break
		}
		q.After = page.Last
	}
	return slices.Clip(out), nil
}
