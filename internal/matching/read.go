package matching

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a proposal as one reader may see it.
type View struct {
	ID                   string
	Version              int64
	State                State
	Side                 Side
	ServiceRequest       *request.View
	NeedLine             *request.LineView
	CharityResource      *resource.View
	Quantity             measure.Quantity
	Window               *measure.Window
	Reasons              []ReasonView
	Score                float64
	PolicyVersion        string
	MatchingPolicy       *policy.View // nil for the built-in one
	OfferID              *string
	Note                 *string
	ExpiresAt            time.Time
	Reason               *codes.Code
	Allocation           *allocation.View
	AllowedActions       []Step
	Hidden               []string
	CreatedAt, UpdatedAt time.Time
	DecidedAt            *time.Time
}

// Get reads one proposal for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads proposals for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Proposal) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a proposal as it was at a moment, without steps to take; what it points to is as it
// is now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, p *Proposal, at time.Time) (*View, error) {
	was, err := usecase.Only(s.viewsAt(ctx, a, []*Proposal{p}, at))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Proposal) ([]*View, error) {
	return s.viewsAt(ctx, a, rows, s.core.Time())
}

func (s *Service) viewsAt(ctx context.Context, a access.Actor, rows []*Proposal, now time.Time) ([]*View, error) {
	sight := access.See(a, Noun)
	var kept []*Proposal
	var requests, resources, allocations, policies []string
	for _, p := range rows {
		if sight.Of(&p.Header) == access.Hidden {
			continue
		}
		kept = append(kept, p)
		requests, resources, policies = append(requests, p.Request), append(resources, p.Resource), append(policies, p.PolicyID)
		if p.Allocation != "" {
			allocations = append(allocations, p.Allocation)
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
	alc, err := s.allocations.Views(ctx, a, allocations)
	if err != nil {
		return nil, err
	}
	pol, err := s.policies.Views(ctx, a, used(policies...))
	if err != nil {
		return nil, err
	}
	out, reasons := make([]*View, len(kept)), make([][]ReasonView, len(kept))
	for i, p := range kept {
		out[i] = p.view(sight.Of(&p.Header), req[p.Request], res[p.Resource], alc[p.Allocation], now)
		out[i].MatchingPolicy = pol[p.PolicyID]
		out[i].AllowedActions, reasons[i] = s.actions(a, p, req[p.Request]), out[i].Reasons
	}
	return out, s.named(ctx, a, reasons...)
}

func (p *Proposal) view(mask access.Mask, r *request.View, res *resource.View, l *allocation.View, now time.Time) *View {
	v := &View{
		ID: p.ID, Version: p.Version, State: p.Now(now), Side: p.Side, ServiceRequest: r, NeedLine: r.Line(p.Line),
		CharityResource: res, Quantity: p.Quantity, Window: p.Window, Score: p.Score, PolicyVersion: p.Policy,
		ExpiresAt: p.ExpiresAt, Reason: codes.Of(codes.List(p.ReasonList), p.Reason), Allocation: l, Hidden: []string{},
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
	if mask < access.Limited && p.Header.Class == access.Sealed {
		// What is given would tell what is needed.
		v.CharityResource = nil
		v.Reasons, v.Hidden = []ReasonView{}, append(v.Hidden, "charityResource", "reasons")
		return v.rest(p, r, mask)
	}
	v.OfferID = usecase.Opt(p.offer())
	for _, x := range p.Reasons {
		v.Reasons = append(v.Reasons, reasonView(x, p.Quantity.Unit))
	}
	if res == nil {
		v.Hidden = append(v.Hidden, "charityResource")
	}
	return v.rest(p, r, mask)
}

// rest fills in what does not depend on the resource.
func (v *View) rest(p *Proposal, r *request.View, mask access.Mask) *View {
	if !p.DecidedAt.IsZero() {
		v.DecidedAt = &p.DecidedAt
	}
	switch {
	case mask < access.Contact:
		v.Hidden = append(v.Hidden, "note")
	case p.Private.Note != "":
		v.Note = &p.Private.Note
	}
	if r == nil {
		v.Hidden = append(v.Hidden, "serviceRequest", "needLine")
	}
	return v
}

// actions lists what the actor may do with a proposal now. The request's view
// stands for the request: who can't see it can't act.
func (s *Service) actions(a access.Actor, p *Proposal, r *request.View) []Step {
	out := []Step{}
	if r == nil || p.Now(s.core.Time()) != Proposed {
		return out
	}
	head := &request.Request{Header: p.Header}
	for _, step := range []Step{Accept, Decline, Withdraw} {
		if s.may(a, p, head, step) == nil {
			out = append(out, step)
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

// List reads a page of proposals, newest first.
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
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("proposal", f), q, p)
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

// Of reads what belongs to a request, newest first, at most 100, as the actor may see it.
func (s *Service) Of(ctx context.Context, a access.Actor, requestID string) ([]*View, error) {
	return usecase.OfRequest(ctx, s.rows, requestID, func(rows []*Proposal) ([]*View, error) { return s.views(ctx, a, rows) })
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
