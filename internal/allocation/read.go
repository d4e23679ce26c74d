package allocation

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is an allocation as one reader may see it.
type View struct {
	ID                        string
	Version                   int64
	Fence                     int
	State                     State
	Lapsed                    bool
	HeldUntil                 *time.Time
	ServiceRequest            *request.View
	NeedLine                  *request.LineView
	CharityResource           *resource.View
	MatchProposalID           string
	Quantity                  measure.Quantity
	Parts                     []PartView // once promised, where the resource has batches
	Delivered                 *measure.Quantity
	Returned, Lost            *measure.Quantity // known once it is over
	Reason                    *codes.Code
	Note                      *string
	AllowedActions            []Step
	Hidden                    []string
	CreatedAt, UpdatedAt      time.Time
	DispatchedAt, DeliveredAt *time.Time
}

// PartView is how much of it is of a batch.
type PartView struct {
	BatchID   string
	Lot       *string
	ExpiresOn *usecase.Date
	Quantity  measure.Quantity
}

// Get reads one allocation for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads allocations for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Allocation) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows an allocation as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, l *Allocation, at time.Time) (*View, error) {
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Allocation{l}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Allocation) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Allocation, now time.Time) ([]*View, error) {
	sight := access.See(a, Noun)
	var requests, resources []string
	var kept []*Allocation
	for _, l := range rows {
		if sight.Of(&l.Header) != access.Hidden {
			kept = append(kept, l)
			requests, resources = append(requests, l.Request), append(resources, l.Resource)
		}
	}
	req, err := s.requests.Views(ctx, a, requests)
	if err != nil {
		return nil, err
	}
	res, err := s.resources.Views(ctx, a, resources)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, l := range kept {
		out[i] = s.view(a, sight, l, req[l.Request], res[l.Resource], now)
	}
	return out, nil
}

func (s *Service) view(a access.Actor, sight *access.Sight, l *Allocation, r *request.View, res *resource.View, now time.Time) *View {
	v := &View{
		ID: l.ID, Version: l.Version, Fence: l.Fence, State: l.State(), Lapsed: l.Lapsed(now), HeldUntil: usecase.Moment(l.Until),
		ServiceRequest: r, NeedLine: r.Line(l.Line), CharityResource: res, MatchProposalID: l.Proposal, Quantity: l.Quantity,
		Reason: codes.Of(l.reasons(), l.Reason), Hidden: []string{}, AllowedActions: []Step{},
		CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, DispatchedAt: usecase.Moment(l.DispatchedAt), DeliveredAt: usecase.Moment(l.DeliveredAt),
	}
	if !l.DeliveredAt.IsZero() {
		q := l.Quantity.Of(l.Arrived)
		v.Delivered = &q
	}
	if l.over() {
		lost, back := l.Quantity.Of(l.Lost), l.Quantity.Of(l.Quantity.Value-l.Arrived-l.Lost)
		v.Lost, v.Returned = &lost, &back
	}
	mask := sight.Of(&l.Header)
	if mask < access.Limited && l.Header.Class == access.Sealed {
		v.CharityResource, res = nil, nil // what is given would tell what is needed
	}
	v.Parts = l.parts(v.CharityResource)
	if mask >= access.Contact {
		if l.Private.Note != "" {
			v.Note = &l.Private.Note
		}
	} else {
		v.Hidden = append(v.Hidden, "note")
	}
	if r == nil {
		v.Hidden = append(v.Hidden, "serviceRequest", "needLine")
	}
	if res == nil {
		v.Hidden = append(v.Hidden, "charityResource")
	}
	for _, t := range life {
		if slices.Contains(t.from, l.State()) && s.may(a, l, t.step) == nil {
			v.AllowedActions = append(v.AllowedActions, t.step)
		}
	}
	return v
}

// parts are its batches, as far as the reader sees those of the resource.
func (l *Allocation) parts(res *resource.View) []PartView {
	out := []PartView{}
	for _, p := range l.Parts {
		if res == nil {
			continue
		}
		if i := slices.IndexFunc(res.Batches, func(b resource.BatchView) bool { return b.ID == p.Batch }); i >= 0 {
			out = append(out, PartView{BatchID: p.Batch, Lot: res.Batches[i].Lot, ExpiresOn: res.Batches[i].ExpiresOn, Quantity: l.Quantity.Of(p.Value)})
		}
	}
	return out
}

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	State             *State
	ServiceRequestID  *string
	CharityResourceID *string
	OwnerID           *string
}

// List reads a page of allocations, newest first.
func (s *Service) List(ctx context.Context, a access.Actor, f *Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return none, err
	}
	where, err := f.where()
	if err != nil {
		return none, err
	}
	q := access.See(a, Noun).Query(s.rows.Definition(), store.Query{Where: where, Sort: "created", Desc: true})
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("allocation", f), q, p)
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

// Of reads what belongs to a request, newest first, at most 100, as the actor may see it.
func (s *Service) Of(ctx context.Context, a access.Actor, requestID string) ([]*View, error) {
	return usecase.OfRequest(ctx, s.rows, requestID, func(rows []*Allocation) ([]*View, error) { return s.views(ctx, a, rows) })
}

// Served are the resources of which something was delivered to a recipient before.
func (s *Service) Served(ctx context.Context, recipientID string) (map[string]bool, error) {
	out := map[string]bool{}
	if recipientID == "" {
		return out, nil
	}
	q := store.Query{Where: store.Both(store.Is("subject", recipientID), store.AnyOf("state", Delivered, Settled)), Sort: "created"}
	err := s.rows.Each(ctx, q, func(l *Allocation) error {
		out[l.Resource] = true
		return nil
	})
	return out, err
}

// where is the filter on declared fields.
func (f *Filter) where() (store.Filter, error) {
	if f == nil {
		return store.All(), nil
	}
	where, err := usecase.Refs(
		usecase.Ref{Field: "request", Prefix: "req", Name: "serviceRequestId", ID: f.ServiceRequestID},
		usecase.Ref{Field: "resource", Prefix: "res", Name: "charityResourceId", ID: f.CharityResourceID},
		usecase.Ref{Field: "owner", Prefix: "org", Name: "ownerId", ID: f.OwnerID},
	)
	if f.State != nil {
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	return where, err
}
