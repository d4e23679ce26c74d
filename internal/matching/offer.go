package matching

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// offer is a resource that is to be had, with its owner.
type offer struct {
	resource *resource.Resource
	owner    *organisation.Organisation
	stale    bool
	record   record // of the owner; zero where nobody asks
}

// pair puts the offer to a line; served are the resources that served its recipient.
func (o offer) pair(r *request.Request, line *request.Line, by *rates, group string, served map[string]bool, now time.Time) pair {
	return pair{by: by, request: r, line: line, resource: o.resource, owner: o.owner, group: group, now: now, served: served[o.resource.ID], stale: o.stale, record: o.record}
}

// known are the resources that have served the request's recipient, if one of the offers
// asks for that.
func (s *Service) known(ctx context.Context, r *request.Request, found []offer) (map[string]bool, error) {
	if !slices.ContainsFunc(found, func(o offer) bool { return o.resource.Known() }) {
		return nil, nil
	}
	return s.allocations.Served(ctx, r.Header.Subject)
}

// onOffer selects the resources of a kind and category that are on offer.
func onOffer(kind request.Kind, category string) store.Query {
	return store.Query{Where: store.Both(store.Is("category", category), store.Is("kind", string(kind)), store.Is("state", string(resource.Published))), Sort: "created"}
}

// atWork selects the volunteers of a county who take assignments.
func atWork(county string) store.Query {
	return store.Query{Where: store.Both(store.Is("county", county), store.Is("state", string(volunteer.Active))), Sort: "created"}
}

// owners are organisations by id, each read once for a question; nil is one that is not there.
type owners map[string]*organisation.Organisation

// offers are the resources that are to be had now, with their owners.
func (s *Service) offers(ctx context.Context, found []*resource.Resource, known owners, now time.Time) ([]offer, error) {
	var ids []string
	for _, res := range found {
		if _, ok := known[res.Owner]; !ok {
			known[res.Owner] = nil
			ids = append(ids, res.Owner)
		}
	}
	if len(ids) > 0 {
		read, err := s.organisations.Rows().GetMany(ctx, ids)
		if err != nil {
			return nil, err
		}
		maps.Copy(known, read)
	}
	var out []offer
	for _, res := range found {
		if owner := known[res.Owner]; owner != nil && res.Available(now) == nil {
			out = append(out, offer{resource: res, owner: owner, stale: s.resources.Stale(res, now)})
		}
	}
	return out, nil
}

// taken is what each volunteer of a county has promised, as far as the actor may know.
func (s *Service) taken(ctx context.Context, a access.Actor, county string, now time.Time) (map[string][]Taken, error) {
	out := map[string][]Taken{}
	err := s.helpers.Taken(ctx, a, county, now, func(volunteerID string, promised measure.Task, shown bool) {
		out[volunteerID] = append(out[volunteerID], Taken{promised, shown})
	})
	return out, err
}
