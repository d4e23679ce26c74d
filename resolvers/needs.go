package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/stream"
)

// openNeeds subscribes an actor to the open needs that it may see.
func (r *Resolver) openNeeds(ctx context.Context, in request.NeedsInput, after *string) (<-chan graph.OpenNeedEvent, error) {
	m, err := r.member(ctx, after)
	if err != nil {
		return nil, err
	}
	lines := feed.Protected(request.Noun)
	if lines.Where, lines.Coarse, err = in.Where(); err != nil {
		return nil, err
	}
	lines.Parts = r.P.Requests.OpenParts(in)
	m.Nouns = []feed.Interest{lines}
	sub, err := r.Hub.Subscribe(ctx, m)
	if err != nil {
		return nil, err
	}
	return stream.Of(ctx, func(ctx context.Context) (graph.OpenNeedEvent, string, error) {
		ev, err := sub.Next(ctx)
		if err != nil {
			return nil, "", err
		}
		out, err := r.needEvent(ctx, sub, ev)
		return out, ev.Cursor, err
	}), nil
}

// needEvent dresses an event: the line is shown as it was then, masked for this reader; a
// tombstone tells an id and nothing else.
func (r *Resolver) needEvent(ctx context.Context, sub *feed.Subscription, ev feed.Event) (graph.OpenNeedEvent, error) {
	switch ev.Kind {
	case feed.Gap:
		return gap(ev), nil
	case feed.Checkpoint:
		return graph.FeedCheckpoint{Cursor: ev.Cursor, At: ev.At}, nil
	case feed.Left:
		return graph.OpenNeedLeft{Cursor: ev.Cursor, NeedLineID: ev.Part}, nil
	case feed.Changed, feed.Entered:
	}
	past, err := r.P.Requests.Rows().Past(ev.Entry)
	if err != nil {
		return nil, err
	}
	view, err := r.P.Requests.Snapshot(ctx, sub.Actor(), past, ev.Mask, ev.Class)
	if err != nil {
		return nil, err
	}
	need := &request.Need{ServiceRequest: *view, NeedLine: *view.Line(ev.Part)}
	if ev.Kind == feed.Entered {
		return graph.OpenNeedEntered{Cursor: ev.Cursor, At: ev.At, OpenNeed: need}, nil
	}
	return graph.OpenNeedChanged{Cursor: ev.Cursor, At: ev.At, OpenNeed: need}, nil
}
