package matching

import (
	"context"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/request"
)

// rates are a version of the policy as scores are calculated by it.
type rates struct {
	id, label           string
	resource, volunteer []float64 // shares of the soft parts; the first of each is the distance
	near                [len(near)]float64
	unconfirmed         float64 // what the score of an offer is worth that was not confirmed lately
}

func ratesOf(v policy.Version) *rates {
	return &rates{
		id: v.ID, label: v.Label, near: v.Terms.Nearness.Scores(), unconfirmed: float64(v.Terms.Unconfirmed) / policy.Most,
		resource: policy.Shares(v.Terms.Resources, policy.ResourceParts), volunteer: policy.Shares(v.Terms.Volunteers, policy.VolunteerParts),
	}
}

// nearness is what the distance of a division to a place scores: by the longest level
// that they share.
func (x *rates) nearness(area, place string) (score float64, shared string) {
	last := len(near) - 1
	for i, l := range near[:last] {
		if len(area) >= l.digits && strings.HasPrefix(place, area[:l.digits]) {
			return x.near[i], area[:l.digits]
		}
	}
	return x.near[last], ""
}

// past reports whether scores ask who has helped whom before.
func (x *rates) past() bool { return x.weighs("CONTINUITY") || x.weighs("PAIRING") }

// weighs reports whether a part of a volunteer's score counts.
func (x *rates) weighs(part string) bool {
	return x.volunteer[slices.Index(policy.VolunteerParts, part)] > 0
}

// weighsOwner reports whether a resource's score asks how its owner's deliveries were answered.
func (x *rates) weighsOwner() bool {
	return x.resource[slices.Index(policy.ResourceParts, "PAST_CONFIRMATION")] > 0
}

// judge is the version that judges a request: the one that it is pinned to, before its
// acceptance the one in force at its place.
func (s *Service) judge(ctx context.Context, r *request.Request) (*rates, error) {
	read, key := s.policies.Pinned, r.PolicyID
	if r.Policy == "" {
		read, key = s.policies.For, r.Place
	}
	v, err := read(ctx, key)
	return ratesOf(v), err
}

// used are the policies to read: the built-in one is no row.
func used(ids ...string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}
