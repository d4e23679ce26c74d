package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/request"
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
	lines.Parts, lines.PartOf = r.P.Requests.OpenParts(in), in.PartsName()
	m.Nouns = []feed.Interest{lines}
	return subscribe(ctx, r, m, false, r.needEvent)
}

// needEvent dresses an event: the line is shown as it was then, masked for this reader; a
// tombstone tells an id and nothing else.
func (r *Resolver) needEvent(ctx context.Context, a access.Actor, ev feed.Event) (graph.OpenNeedEvent, error) {
	if ev.Kind == feed.Left {
		return graph.OpenNeedLeft{Cursor: ev.Cursor, NeedLineID: ev.Part}, nil
	}
	past, err := r.P.Requests.Rows().Past(ev.Entry)
	if err != nil {
		return nil, err
	}
	view, err := r.P.Requests.Snapshot(ctx, a, past, ev.Mask, ev.Class)
	if err != nil {
		return nil, err
	}
	need := &request.Need{ServiceRequest: *view, NeedLine: *view.Line(ev.Part)}
	if ev.Kind == feed.Entered {
		return graph.OpenNeedEntered{Cursor: ev.Cursor, At: ev.At, OpenNeed: need}, nil
	}
	return graph.OpenNeedChanged{Cursor: ev.Cursor, At: ev.At, OpenNeed: need}, nil
}
