package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
)

// dress gives events the form of the API, in order. Each noun's objects are read once,
// as they stand now: what was hidden since is passed over, and its ObjectLeft is still
// to come.
func (r *Resolver) dress(ctx context.Context, a access.Actor, events []feed.Event) ([]graph.ChangeEvent, error) {
	now, err := r.P.Present(ctx, a, events)
	if err != nil {
		return nil, err
	}
	out := make([]graph.ChangeEvent, 0, len(events))
	for _, ev := range events {
		if e := dressed(ev, r.kindOf(ev.Noun), now[ev.ID]); e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

func (r *Resolver) kindOf(name string) string {
	n, _ := r.P.Nouns.ByName(name)
	return n.Kind
}

func dressed(ev feed.Event, noun string, node any) graph.ChangeEvent {
	switch ev.Kind {
	case feed.Gap:
		return gap(ev)
	case feed.Checkpoint:
		return graph.FeedCheckpoint{Cursor: ev.Cursor, At: ev.At}
	case feed.Left:
		return graph.ObjectLeft{Cursor: ev.Cursor, Noun: noun, NodeID: ev.ID}
	case feed.Changed, feed.Entered:
	}
	if node == nil {
		return nil
	}
	e := graph.ObjectChanged{
		Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.At, Noun: noun, NodeID: ev.ID, Version: int(ev.Entry.Version), Node: node,
	}
	switch {
	case ev.Erased():
		return graph.ObjectErased(e)
	case ev.Kind == feed.Entered:
		return graph.ObjectEntered(e)
	}
	return e
}

func gap(ev feed.Event) graph.FeedGap {
	if ev.Reason == feed.RightsChanged {
		return graph.FeedGap{Cursor: ev.Cursor, Reason: graph.FeedGapReasonRightsChanged, KeptSince: ev.At}
	}
	return graph.FeedGap{Cursor: ev.Cursor, Reason: graph.FeedGapReasonNotKept, KeptSince: ev.KeptSince}
}
