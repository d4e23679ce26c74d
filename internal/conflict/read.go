package conflict

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// View is a conflict, in full or not at all.
type View struct {
	ID               string
	Version          int64
	RecipientID      *string
	ServiceRequestID *string
	PartyID          string
	Organisation     *organisation.View
	Volunteer        *volunteer.View
	SocialWorker     *socialworker.View
	Relation         codes.Code
	State            State
	Reason           *string
	LiftReason       *string
	LiftedAt         *time.Time
	AllowedActions   []Action
	CreatedAt        time.Time
}

// Get reads one conflict; NOT_FOUND when it is hidden.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (*View, error) {
	if err := usecase.ID(id, prefix, "id"); err != nil {
		return nil, err
	}
	return usecase.One(ctx, a, id, s.Views)
}

// Views reads conflicts for an actor; hidden and missing ones are not in the map.
func (s *Service) Views(ctx context.Context, a access.Actor, ids []string) (map[string]*View, error) {
	masked := func(rows []*Conflict) ([]*View, error) { return s.views(ctx, a, rows) }
	return usecase.ByID(ctx, s.rows, ids, masked, func(v *View) string { return v.ID })
}

// Past shows a conflict as it was at a moment, without steps to take; the party is as it is
// now. NOT_FOUND when the actor did not see it then.
func (s *Service) Past(ctx context.Context, a access.Actor, c *Conflict, _ time.Time) (*View, error) {
	was, err := usecase.Only(s.views(ctx, a, []*Conflict{c}))
	if err != nil {
		return nil, err
	}
	was.AllowedActions = nil
	return was, nil
}

// ListInput names a recipient or a request.
type ListInput struct {
	RecipientID      *string
	ServiceRequestID *string
}

// List reads who must not meet a recipient, or what holds for one request, those of its
// recipient among them: lifted ones too, the oldest first; nil for who may not read them. Who:
// as for Lift.
func (s *Service) List(ctx context.Context, a access.Actor, in ListInput) ([]*View, error) {
	if err := usecase.SignedIn(a); err != nil {
		return nil, err
	}
	m, err := s.matter(ctx, a, "conflict.lift", in.RecipientID, in.ServiceRequestID)
	if err != nil {
		if slices.Contains([]fault.Code{fault.CodeNotFound, fault.CodeForbidden, fault.CodeOfficerRequired}, fault.CodeOf(err)) {
			err = nil
		}
		return nil, err
	}
	var requests []string
	if m.request != nil {
		if requests, err = s.said(ctx, m.request); err != nil {
			return nil, err
		}
	}
	all, err := s.of(ctx, m.subject(), requests...)
	if err != nil {
		return nil, err
	}
	var rows []*Conflict
	for _, c := range all {
		if m.request == nil || c.Request == "" || slices.Contains(requests, c.Request) {
			rows = append(rows, c)
		}
	}
	return s.views(ctx, a, rows)
}

func (s *Service) views(ctx context.Context, a access.Actor, rows []*Conflict) ([]*View, error) {
	sight := access.See(a, Noun)
	var ids []string
	for _, c := range rows {
		ids = append(ids, c.Party)
	}
	org, err := s.Organisations.Views(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	vol, err := s.Volunteers.Views(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	wrk, err := s.Workers.Views(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	out := []*View{}
	for _, c := range rows {
		if !reads(sight.On(&c.Header)) {
			continue
		}
		v := &View{
			ID: c.ID, Version: c.Version, RecipientID: usecase.Opt(c.Recipient), ServiceRequestID: usecase.Opt(c.Request), PartyID: c.Party,
			Organisation: org[c.Party], Volunteer: vol[c.Party], SocialWorker: wrk[c.Party], Relation: codes.Code{List: codes.ConflictRelation, ID: c.Relation},
			State: c.State(), Reason: usecase.Opt(c.Private.Reason), LiftReason: usecase.Opt(c.Private.Lifted), LiftedAt: usecase.Moment(c.LiftedAt),
			AllowedActions: []Action{}, CreatedAt: c.CreatedAt,
		}
		if c.State() == InForce && may(sight, c) == nil {
			v.AllowedActions = append(v.AllowedActions, ActLift)
		}
		out = append(out, v)
	}
	return out, nil
}
