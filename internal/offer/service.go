package offer

import (
	"context"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of offers.
type Service struct {
	core *usecase.Core
	rows *store.Collection[Offer]
	Nouns
}

// Nouns are the services that offers read, and propose by.
type Nouns struct {
	Divisions     *division.Service
	Organisations *organisation.Service
	Stations      *station.Service
	Resources     *resource.Service
	Requests      *request.Service
	Matching      *matching.Service
}

// New registers the noun; call it before the store starts. An offer ends with its resource
// or its station, and when its owner is stopped.
func New(core *usecase.Core, n Nouns) *Service {
	s := &Service{core: core, rows: store.Register(core.DB, spec()), Nouns: n}
	n.Resources.OnWithdraw(s.gone)
	n.Stations.OnClose(func(ctx context.Context, a access.Actor, st *station.Station) error {
		return s.endAll(ctx, a, of("station", st.ID), "", s.Matching.TakeBack)
	})
	return s
}

// Rows is the collection, for the feed and the history, which decode its entries.
func (s *Service) Rows() *store.Collection[Offer] { return s.rows }

// gone withdraws the offers of a resource that gives nothing any more, in its unit; what
// they have proposed ends with the resource.
func (s *Service) gone(ctx context.Context, resourceID, reason string, a access.Actor) error {
	return s.endAll(ctx, a, of("resource", resourceID), reason, func(context.Context, access.Actor, string, string) error { return nil })
}

// endAll withdraws the offers of a query; then is told of each.
func (s *Service) endAll(ctx context.Context, a access.Actor, which store.Query, reason string, then func(ctx context.Context, a access.Actor, offerID, reason string) error) error {
	return s.rows.Each(ctx, which, func(found *Offer) error {
		o, err := s.rows.Get(ctx, found.ID)
		if err != nil || !slices.Contains(open, o.State()) {
			return err
		}
		o.Header.State, o.Reason = string(Withdrawn), reason
		if err := s.rows.Replace(ctx, o, usecase.Note(a, "offer.withdrawn", o.ID, reason)); err != nil {
			return err
		}
		return then(ctx, a, o.ID, reason)
	})
}

// Expire says of offers whose last day is over that they have expired. The system calls it;
// it returns how many there were and what went wrong with the others.
func (s *Service) Expire(ctx context.Context, a access.Actor) (int, error) {
	now := s.core.Time()
	due := store.Query{Where: store.Below("ends", now.Add(time.Millisecond)), Sort: "ends"}
	return usecase.Sweep(ctx, s.core, s.rows, due, func(ctx context.Context, o *Offer) (bool, error) {
		if o.Now(now) == o.State() {
			return false, nil
		}
		o.Header.State = string(Expired)
		return true, s.rows.Touch(ctx, o, usecase.Note(a, "offer.expired", o.ID, ""))
	})
}

// OpenOf counts the offers of a resource, an owner or a station that are not over, inside a
// unit guarded against new ones; field names which.
func (s *Service) OpenOf(ctx context.Context, field, id string) (int, error) {
	q := of(field, id)
	q.Where = store.Both(q.Where, store.AnyOf("state", open...))
	return usecase.Count(ctx, s.rows, q)
}

// allowed lists the steps that actor and state allow now.
func allowed(sight *access.Sight, o *Offer, now time.Time) []Action {
	out := []Action{}
	for _, t := range life {
		if slices.Contains(t.from, o.Now(now)) && sight.Can(t.may, &o.Header) {
			out = append(out, t.act)
		}
	}
	return out
}
