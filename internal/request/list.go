package request

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list; nil restricts nothing.
type Filter struct {
	State       *State
	Open        *bool
	Category    *string
	Urgency     *Urgency
	Escalated   *bool
	StationID   *string
	CommunityID *string
	RecipientID *string
	LeadID      *string
	Search      *string // part of the title; found ones come by id
}

// Sort is an order of the list.
type Sort string

// sorts are the declared orders.
var sorts = map[Sort]struct {
	field string
	desc  bool
}{
	"CREATED_AT_ASC": {"created", false}, "CREATED_AT_DESC": {"created", true},
	"UPDATED_AT_ASC": {"updated", false}, "UPDATED_AT_DESC": {"updated", true},
	"DUE_AT_ASC": {"due", false}, "DUE_AT_DESC": {"due", true},
}

// List reads a page of the requests that the actor may see. UNAUTHENTICATED for
// nobody. A search is ordered by id. Conditions on what a row's mask hides do not see that row.
func (s *Service) List(ctx context.Context, a access.Actor, f *Filter, order Sort, p usecase.Paging) (usecase.Page[*View], error) {
	var none usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return none, err
	}
	by, ok := sorts[order]
	if !ok {
		return none, fault.New(fault.CodeFilterUnsupported, fault.At("sort"))
	}
	where, err := f.where()
	if err != nil {
		return none, err
	}
	var text *string
	if f != nil {
		text = f.Search
	}
	search, err := usecase.NewTextSearch(text, "titleTerms", "filter", "search")
	if err != nil {
		return none, err
	}
	if search.On {
		by.field, by.desc = "", false
	}
	q := s.Sight(a).Query(s.rows.Definition(), store.Query{Where: store.Both(search.Where, where), Sort: by.field, Desc: by.desc})
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("request", f), q, p, func(r *Request) bool { return search.Finds(r.Private.Title) })
	if err != nil {
		return none, err
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return none, err
	}
	out := usecase.Convert(page, views)
	out.Total, err = s.total(ctx, a, f)
	return out, err
}

// where is the filter on declared fields.
func (f *Filter) where() (store.Filter, error) {
	if f == nil {
		return store.All(), nil
	}
	var parts []store.Filter
	ids := []struct {
		id            *string
		prefix, field string
		make          func(string) store.Filter
	}{
		{f.StationID, "sta", "stationId", func(id string) store.Filter { return store.Is("station", id) }},
		{f.CommunityID, "com", "communityId", func(id string) store.Filter { return store.Is("community", id[len("com_"):]) }},
		{f.RecipientID, "rcp", "recipientId", func(id string) store.Filter { return store.Is("subject", id) }},
		{f.LeadID, "wrk", "leadId", func(id string) store.Filter { return store.Holds("parties", access.PartyLead.Of(id)) }},
	}
	for _, x := range ids {
		if x.id == nil {
			continue
		}
		if err := usecase.ID(*x.id, x.prefix, "filter", x.field); err != nil {
			return store.None(), err
		}
		parts = append(parts, x.make(*x.id))
	}
	if f.State != nil {
		parts = append(parts, store.Is("state", string(*f.State)))
	}
	if f.Open != nil {
		parts = append(parts, store.Is("open", *f.Open))
	}
	if f.Category != nil {
		if err := usecase.InList(codes.NeedCategory, *f.Category, "filter", "category"); err != nil {
			return store.None(), err
		}
		parts = append(parts, store.Is("category", *f.Category))
	}
	if f.Urgency != nil {
		parts = append(parts, store.Is("urgency", string(*f.Urgency)))
	}
	if f.Escalated != nil {
		parts = append(parts, store.Is("escalated", *f.Escalated))
	}
	return store.Both(parts...), nil
}

// total answers from a kept counter where the whole list is one station's: a
// coordinator without other grants, who asks for no more than a state.
func (s *Service) total(ctx context.Context, a access.Actor, f *Filter) (*int, error) {
	if len(a.Grants) != 1 || a.Grants[0].Role != access.Coordinator {
		return nil, nil
	}
	name := "request:" + a.Grants[0].Scope
	if f != nil {
		if f.Open != nil || f.Category != nil || f.Urgency != nil || f.Escalated != nil || f.StationID != nil || f.CommunityID != nil || f.RecipientID != nil || f.LeadID != nil || f.Search != nil {
			return nil, nil
		}
		if f.State != nil {
			name += ":" + string(*f.State)
		}
	}
	m, err := s.core.DB.Tally(ctx, name)
	n := int(m[name])
	return &n, err
}
