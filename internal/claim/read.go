package claim

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// View is a claim as one reader may see it.
type View struct {
	ID                   string
	Version              int64
	State                State
	Organisation         *organisation.View
	ServiceRequest       *request.View
	NeedLine             *request.LineView
	Quantity, Given      measure.Quantity
	TakeOver             bool
	DueAt                *time.Time
	Reason               *codes.Code
	AllowedActions       []Step
	Hidden               []string
	CreatedAt, UpdatedAt time.Time
	DecidedAt, EndedAt   *time.Time
}

// Get reads one claim for an actor; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads claims for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Claim) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a claim as it was, without steps to take; what it points to is as it is now.
// NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, c *Claim, _ time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Claim{c}))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Claim) ([]*View, error) {
	ctx = store.Remember(ctx) // a page's claims share their places and organisations
	sight := access.See(a, Noun)
	var kept []*Claim
	var requests, organisations []string
	for _, c := range rows {
		if sight.Of(&c.Header) == access.Hidden {
			continue
		}
		kept = append(kept, c)
		requests, organisations = append(requests, c.Request), append(organisations, c.Organisation)
	}
	req, err := s.requests.Views(ctx, a, requests)
	if err != nil {
		return nil, err
	}
	org, err := s.organisations.Views(ctx, a, organisations)
	if err != nil {
		return nil, err
	}
	out := make([]*View, len(kept))
	for i, c := range kept {
		// Who takes a sealed need on would tell what it is about.
		by := org[c.Organisation]
		if c.Header.Class == access.Sealed && sight.Of(&c.Header) < access.Limited {
			by = nil
		}
		out[i] = c.view(req[c.Request], by)
		out[i].AllowedActions = s.actions(a, c, req[c.Request])
	}
	return out, nil
}

func (c *Claim) view(r *request.View, by *organisation.View) *View {
	v := &View{
		ID: c.ID, Version: c.Version, State: c.State(), Organisation: by, ServiceRequest: r, NeedLine: r.Line(c.Line),
		Quantity: c.Quantity, Given: c.Quantity.Of(c.Given), TakeOver: c.TakeOver, DueAt: usecase.Moment(c.DueAt),
		Reason: codes.Of(codes.List(c.ReasonList), c.Reason), Hidden: []string{}, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		DecidedAt: usecase.Moment(c.DecidedAt), EndedAt: usecase.Moment(c.EndedAt),
	}
	if by == nil {
		v.Hidden = append(v.Hidden, "organisation")
	}
	if r == nil {
		v.Hidden = append(v.Hidden, "serviceRequest", "needLine")
	}
	return v
}

// actions lists what the actor may do with a claim now. Who can't see its request can't
// decide about it.
func (s *Service) actions(a access.Actor, c *Claim, r *request.View) []Step {
	out := []Step{}
	if r == nil {
		return out
	}
	for _, step := range []Step{Grant, Decline, Release} {
		if c.allows(step) && s.may(a, c, step) == nil {
			out = append(out, step)
		}
	}
	return out
}

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	State            *State
	ServiceRequestID *string
	NeedLineID       *string
	OrganisationID   *string
}

// List reads a page of claims, newest first.
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
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("claim", f), q, p)
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	return usecase.Convert(page, views), err
}

// Of reads what belongs to a request, newest first, at most 100, as the actor may see it.
func (s *Service) Of(ctx context.Context, a access.Actor, requestID string) ([]*View, error) {
	return usecase.OfRequest(ctx, s.rows, requestID, func(rows []*Claim) ([]*View, error) { return s.views(ctx, a, rows) })
}

// where is the filter on declared fields.
func (f *Filter) where() (store.Filter, error) {
	if f == nil {
		return store.All(), nil
	}
	where, err := usecase.Refs(
		usecase.Ref{Field: "request", Prefix: "req", Name: "serviceRequestId", ID: f.ServiceRequestID},
		usecase.Ref{Field: "line", Prefix: "nl", Name: "needLineId", ID: f.NeedLineID},
		usecase.Ref{Field: "organisation", Prefix: "org", Name: "organisationId", ID: f.OrganisationID},
	)
	if f.State != nil {
		where = store.Both(where, store.Is("state", string(*f.State)))
	}
	return where, err
}
