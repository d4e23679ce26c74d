package feed

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// catchUp fetches the next past entries, from memory or from the log, and queues
// those that the member may see today. The reader's goroutine does it, at the
// reader's pace: a long past fills no queue.
func (s *Subscription) catchUp(ctx context.Context) error {
	h := s.hub
	h.mu.Lock()
	from, upTo, round := s.pos, h.seq, s.rights
	v := s.own()
	entries, inMemory := h.ring.since(from, batch)
	h.mu.Unlock()
	if !inMemory {
		var err error
		// Not past what the hub has applied: rights take effect in sequence.
		if entries, err = h.db.Log(ctx, store.LogQuery{After: from, Until: upTo, Limit: batch}); err != nil {
			return err
		}
	}
	events, err := h.past(ctx, v, entries)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.err != nil || s.rights != round {
		return nil // ended, or to be judged again by the new rights
	}
	for _, ev := range events {
		s.queue = append(s.queue, h.item(ev))
	}
	if s.pos = upTo; len(entries) == batch {
		s.pos = entries[len(entries)-1].Seq
	}
	return nil
}

// past routes entries and holds each against the row's present state. A tombstone
// needs no such check: it tells nothing but that the row is gone.
func (h *Hub) past(ctx context.Context, v *view, entries []*store.Entry) ([]Event, error) {
	var out []Event
	now := map[string]store.Values{} // by id
	for _, e := range entries {
		for _, ev := range v.route(nil, e) {
			if ev.Kind != Left {
				values, known := now[e.ID]
				if !known {
					var err error
					if values, err = h.db.Peek(ctx, e.Noun, e.ID); err != nil {
						return nil, err
					}
					now[e.ID] = values
				}
				if l := v.lenses[e.Noun]; !l.hold(&ev, values) {
					continue
				}
				ev = v.told(ev, e.After, values)
			}
			out = append(out, ev)
		}
	}
	return out, nil
}

// hold holds an event against the row's present state: what is told of it goes by the
// stricter mask and the stricter class. It reports whether anything may be told. Of a row
// whose class is stricter by now nobody learns by a filter what only its old class told.
func (l *lens) hold(ev *Event, now store.Values) bool {
	ev.Mask = min(ev.Mask, l.rule(now))
	if ev.Mask == access.Hidden || ev.Mask < l.need {
		return false
	}
	if l.noun == nil {
		return true
	}
	was := ev.Class
	ev.Class = access.Stricter(was, access.ClassOf(now))
	return ev.Class == was || l.own(now)
}
