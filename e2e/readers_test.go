package e2e

import (
	"context"

	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// readers find versions, by the prefix of the ids.
func (e *env) readers() map[string]func(context.Context, string) (int64, error) {
	return map[string]func(context.Context, string) (int64, error){
		"req": reader(e.Requests.Rows(), func(t *request.Request) int64 { return t.Version }),
		"mat": reader(e.Matching.Rows(), func(t *matching.Proposal) int64 { return t.Version }),
		"clm": reader(e.Claims.Rows(), func(t *claim.Claim) int64 { return t.Version }),
		"cfl": reader(e.Conflicts.Rows(), func(t *conflict.Conflict) int64 { return t.Version }),
		"ofr": reader(e.Offers.Rows(), func(t *offer.Offer) int64 { return t.Version }),
		"alc": reader(e.Allocations.Rows(), func(t *allocation.Allocation) int64 { return t.Version }),
		"asg": reader(e.Assignments.Rows(), func(t *assignment.Assignment) int64 { return t.Version }),
		"div": reader(e.Divisions.Rows(), func(t *division.Division) int64 { return t.Version }),
		"com": reader(e.Communities.Rows(), func(t *community.Community) int64 { return t.Version }),
		"sta": reader(e.Stations.Rows(), func(t *station.Station) int64 { return t.Version }),
		"org": reader(e.Organisations.Rows(), func(t *organisation.Organisation) int64 { return t.Version }),
		"wrk": reader(e.Workers.Rows(), func(t *socialworker.SocialWorker) int64 { return t.Version }),
		"pst": reader(e.Posts.Rows(), func(t *post.Post) int64 { return t.Version }),
		"tem": reader(e.Teams.Rows(), func(t *team.Team) int64 { return t.Version }),
		"pol": reader(e.Policies.Rows(), func(t *policy.Policy) int64 { return t.Version }),
		"vol": reader(e.Volunteers.Rows(), func(t *volunteer.Volunteer) int64 { return t.Version }),
		"rcp": reader(e.Recipients.Rows(), func(t *recipient.Recipient) int64 { return t.Version }),
		"res": reader(e.Resources.Rows(), func(t *resource.Resource) int64 { return t.Version }),
	}
}
