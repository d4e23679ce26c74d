package resolvers

import (
	"context"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// requestFeed subscribes an actor to the requests that it may see.
func (r *Resolver) requestFeed(ctx context.Context, f *graph.RequestFeedFilter, after *string) (<-chan graph.RequestFeedEvent, error) {
	m, err := r.member(ctx, after)
	if err != nil {
		return nil, err
	}
	requests := feed.Protected(request.Noun)
	if requests.Where, err = feedFilter(f); err != nil {
		return nil, err
	}
	m.Nouns = []feed.Interest{requests}
	if f != nil {
		m.ID = usecase.Or(f.ServiceRequestID, "")
	}
	return subscribe(ctx, r, m, false, r.feedEvent)
}

// maxCategories bounds the categories of one feed.
const maxCategories = 20

// feedFilter is the reader's own conditions on the routing fields.
func feedFilter(f *graph.RequestFeedFilter) (store.Filter, error) {
	if f == nil {
		return store.All(), nil
	}
	where, err := division.InsideID(f.DivisionID, "filter", "divisionId")
	if err != nil {
		return where, err
	}
	if f.StationID != nil {
		if err := usecase.ID(*f.StationID, "sta", "filter", "stationId"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Is("station", *f.StationID))
	}
	if f.CommunityID != nil {
		if err := usecase.ID(*f.CommunityID, "com", "filter", "communityId"); err != nil {
			return where, err
		}
		where = store.Both(where, store.Is("community", (*f.CommunityID)[len("com_"):]))
	}
	if len(f.Categories) > maxCategories {
		return where, fault.New(fault.CodeTooMany, fault.At("filter", "categories"), fault.P("max", maxCategories))
	}
	if f.ServiceRequestID != nil {
		if err := usecase.ID(*f.ServiceRequestID, "req", "filter", "serviceRequestId"); err != nil {
			return where, err
		}
	}
	for _, c := range f.Categories {
		if err := usecase.InList(codes.NeedCategory, c, "filter", "categories"); err != nil {
			return where, err
		}
	}
	if len(f.Categories) > 0 {
		where = store.Both(where, store.AnyOf("category", f.Categories...))
	}
	if len(f.Urgencies) > 0 {
		where = store.Both(where, store.AnyOf("urgency", texts(f.Urgencies)...))
	}
	return where, nil
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// feedEvent dresses an event: what happened is shown as it was then, masked for this
// reader; a tombstone tells an id and nothing else.
func (r *Resolver) feedEvent(ctx context.Context, a access.Actor, ev feed.Event) (graph.RequestFeedEvent, error) {
	if ev.Kind == feed.Left {
		return graph.RequestLeft{Cursor: ev.Cursor, ServiceRequestID: ev.ID}, nil
	}
	past, err := r.P.Requests.Rows().Past(ev.Entry)
	if err != nil {
		return nil, err
	}
	view, err := r.P.Requests.Snapshot(ctx, a, past, ev.Mask, ev.Class)
	if err != nil {
		return nil, err
	}
	if ev.Kind == feed.Entered {
		return graph.RequestEntered{Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.Entry.At, ServiceRequest: view}, nil
	}
	return graph.RequestChanged{Cursor: ev.Cursor, Kind: ev.Entry.Kind, At: ev.Entry.At, ServiceRequest: view}, nil
}
