package feed

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Batch is what a pull brought.
type Batch struct {
	Events []Event      // none is a Checkpoint
	Actor  access.Actor // the reader with the rights of this moment
	Seq    int64        // how far the log was read
	Cursor string       // Seq, sealed: what the next pull takes
	End    string       // where the log ended, sealed
	More   bool         // the log goes on

	mark int64 // of the entry at Seq
}

// maxWalk bounds the entries that one pull reads, whatever few of them it keeps.
const maxWalk = 4096

// Pull reads at most limit events after m.After, from the log's beginning without
// it, and comes back at once: the walk, the rights and the masks are those of
// Subscribe. The log is kept whole, so no cursor is too old; when the rights have
// changed since the cursor, the first event is a Gap of RightsChanged. It needs no
// running hub. Errors as of Subscribe.
func (h *Hub) Pull(ctx context.Context, m Member, limit int) (Batch, error) {
	if !m.Actor.SignedIn() {
		return Batch{}, fault.New(fault.CodeUnauthenticated)
	}
	m.Personal = true // what a pull brings is one reader's
	f, err := h.following(m)
	if err != nil {
		return Batch{}, err
	}
	end, at, err := h.db.LogEnd(ctx)
	if err != nil {
		return Batch{}, err
	}
	// The rights are read after the end: whatever took them away stands before it, or
	// is obeyed already.
	a, err := m.Rights(ctx)
	if err != nil {
		return Batch{}, err
	}
	a = a.Live(h.now())
	v := f.under(a)
	out, err := h.begin(ctx, v, m.After, end)
	if err != nil {
		return Batch{}, err
	}
	if err := h.walk(ctx, v, &out, position{seq: end, mark: markOf(at)}, limit); err != nil {
		return Batch{}, err
	}
	for i := range out.Events {
		out.Events[i].Cursor = h.seal(out.Events[i].Seq, v.print, out.Events[i].mark)
	}
	out.Actor = a
	out.Cursor, out.End, out.More = h.seal(out.Seq, v.print, out.mark), h.seal(end, v.print, markOf(at)), out.Seq < end
	return out, nil
}

// begin opens the cursor and tells of rights that changed since.
func (h *Hub) begin(ctx context.Context, v *view, after string, end int64) (Batch, error) {
	if after == "" {
		return Batch{}, nil
	}
	from, err := h.open(ctx, after, end)
	if err != nil {
		return Batch{}, err
	}
	out := Batch{Seq: from.seq, mark: from.mark}
	if from.print != v.print {
		out.Events = []Event{{Kind: Gap, Reason: RightsChanged, Seq: from.seq, mark: from.mark, At: h.now()}}
	}
	return out, nil
}

// walk adds the events of the entries behind out.Seq.
func (h *Hub) walk(ctx context.Context, v *view, out *Batch, end position, limit int) error {
	for walked := 0; walked < maxWalk && len(out.Events) < limit && out.Seq < end.seq; {
		entries, err := h.db.Log(ctx, store.LogQuery{After: out.Seq, Until: end.seq, Limit: batch})
		if err != nil {
			return err
		}
		events, err := h.past(ctx, v, entries)
		if err != nil {
			return err
		}
		walked += len(entries)
		if room := limit - len(out.Events); len(events) > room {
			out.Events = append(out.Events, events[:room]...)
			out.Seq, out.mark = events[room-1].Seq, events[room-1].mark
			return nil
		}
		out.Events = append(out.Events, events...)
		if out.Seq, out.mark = end.seq, end.mark; len(entries) == batch {
			last := entries[len(entries)-1]
			out.Seq, out.mark = last.Seq, markOf(last.At)
		}
	}
	return nil
}
