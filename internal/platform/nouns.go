package platform

import (
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/catalog"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// nouns registers each noun for node(id), histories, the change feed and webhooks: a
// line a noun, in the order of the API's enum Noun.
func (p *Platform) nouns() catalog.Nouns {
	return catalog.Nouns{
		{Kind: "DIVISION", Name: "division", Prefix: "div", Views: catalog.Of(p.Divisions.Views)},
		{Kind: "COMMUNITY", Name: "community", Prefix: "com", Views: catalog.Of(p.Communities.Views)},
		{Kind: "STATION", Name: "station", Prefix: "sta", Views: catalog.Of(p.Stations.Views)},
		{Kind: "ORGANISATION", Name: organisation.Noun.Name, Prefix: "org", Access: &organisation.Noun, Trail: true, Views: catalog.Of(p.Organisations.Views)},
		{Kind: "SOCIAL_WORKER", Name: socialworker.Noun.Name, Prefix: "wrk", Access: &socialworker.Noun, Trail: true, Views: catalog.Of(p.Workers.Views)},
		{Kind: "VOLUNTEER", Name: volunteer.Noun.Name, Prefix: "vol", Access: &volunteer.Noun, Trail: true, Views: catalog.Of(p.Volunteers.Views)},
		{Kind: "POST", Name: post.Noun.Name, Prefix: "pst", Access: &post.Noun, Trail: true, Views: catalog.Of(p.Posts.Views)},
		{Kind: "TEAM", Name: team.Noun.Name, Prefix: "tem", Access: &team.Noun, Trail: true, Views: catalog.Of(p.Teams.Views)},
		{Kind: "RECIPIENT", Name: recipient.Noun.Name, Prefix: "rcp", Access: &recipient.Noun, Trail: true, Views: catalog.Of(p.Recipients.Views)},
		{Kind: "CONSENT", Name: recipient.ConsentNoun.Name, Prefix: "cns", Access: &recipient.ConsentNoun, Least: access.Full, Views: catalog.Of(p.Recipients.ConsentViews)},
		{Kind: "CONFLICT", Name: conflict.Noun.Name, Prefix: "cfl", Access: &conflict.Noun, Least: access.Full, Views: catalog.Of(p.Conflicts.Views)},
		{Kind: "CHARITY_RESOURCE", Name: resource.Noun.Name, Prefix: "res", Access: &resource.Noun, Trail: true, Views: catalog.Of(p.Resources.Views)},
		{Kind: "MATCHING_POLICY", Name: policy.Noun.Name, Prefix: "pol", Access: &policy.Noun, Trail: true, Views: catalog.Of(p.Policies.Views)},
		{Kind: "OFFER", Name: offer.Noun.Name, Prefix: "ofr", Access: &offer.Noun, Trail: true, Views: catalog.Of(p.Offers.Views)},
		{Kind: "SERVICE_REQUEST", Name: request.Noun.Name, Prefix: "req", Access: &request.Noun, Views: catalog.Of(p.Requests.Views)},
		{Kind: "MATCH_PROPOSAL", Name: matching.Noun.Name, Prefix: "mat", Access: &matching.Noun, Views: catalog.Of(p.Matching.Views)},
		{Kind: "CLAIM", Name: claim.Noun.Name, Prefix: "clm", Access: &claim.Noun, Views: catalog.Of(p.Claims.Views)},
		{Kind: "ALLOCATION", Name: allocation.Noun.Name, Prefix: "alc", Access: &allocation.Noun, Views: catalog.Of(p.Allocations.Views)},
		{Kind: "ASSIGNMENT", Name: assignment.Noun.Name, Prefix: "asg", Access: &assignment.Noun, Views: catalog.Of(p.Assignments.Views)},
	}
}
