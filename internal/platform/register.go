package platform

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/allocation"
	"github.com/fivesociety/linkage/internal/assignment"
	"github.com/fivesociety/linkage/internal/claim"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/conflict"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/history"
	"github.com/fivesociety/linkage/internal/importjob"
	"github.com/fivesociety/linkage/internal/matching"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/policy"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/volunteer"
	"github.com/fivesociety/linkage/internal/webhook"
)

// register makes every service, each after those it reads.
func register(core *usecase.Core, cfg Config) (*Platform, error) {
	p := &Platform{Core: core}
	p.Divisions = division.New(core)
	p.Organisations = organisation.New(core, p.Divisions)
	p.Stations = station.New(core, p.Divisions, p.Organisations)
	p.Communities = community.New(core, p.Divisions, p.Stations)
	p.Workers = socialworker.New(core, p.Organisations, p.Stations)
	p.Volunteers = volunteer.New(core, p.Divisions, p.Communities, p.Stations)
	p.Posts = post.New(core, p.Stations, p.Workers, p.Volunteers)
	p.Teams = team.New(core, p.Stations, p.Volunteers)
	p.Recipients = recipient.New(core, p.Divisions, p.Communities, p.Stations, p.Organisations)
	p.Resources = resource.New(core, p.Divisions, p.Organisations, p.Stations)
	if cfg.Fresh > 0 {
		p.Resources.KeepFresh(cfg.Fresh)
	}
	p.Policies = policy.New(core, p.Divisions)
	p.Requests = request.New(core, request.Nouns{
		Divisions: p.Divisions, Communities: p.Communities, Stations: p.Stations, Workers: p.Workers, Recipients: p.Recipients, Volunteers: p.Volunteers, Policies: p.Policies,
	})
	p.Allocations = allocation.New(core, p.Requests, p.Resources)
	p.Matching = matching.New(core, matching.Nouns{
		Requests: p.Requests, Resources: p.Resources, Organisations: p.Organisations, Allocations: p.Allocations, Volunteers: p.Volunteers, Divisions: p.Divisions, Policies: p.Policies, Stations: p.Stations,
	})
	p.Claims = claim.New(core, p.Requests, p.Organisations, p.Matching)
	p.Offers = offer.New(core, offer.Nouns{
		Divisions: p.Divisions, Organisations: p.Organisations, Stations: p.Stations, Resources: p.Resources, Requests: p.Requests, Matching: p.Matching,
	})
	p.Assignments = assignment.New(core, p.Requests, p.Volunteers, p.Workers, p.Recipients)
	p.Conflicts = conflict.New(core, conflict.Nouns{
		Recipients: p.Recipients, Requests: p.Requests, Organisations: p.Organisations, Volunteers: p.Volunteers, Workers: p.Workers, Persons: p.persons,
	})
	p.Matching.Assist(p.Assignments)
	var err error
	if p.Accounts, err = account.New(core, cfg.Accounts, p.Divisions, p.objects()); err != nil {
		return nil, err
	}
	p.Recipients.OnErase(p.Accounts.RecipientErased)
	p.Accounts.OnGrant(p.barredAs)
	p.Nouns = p.nouns()
	p.Directory = directory.New(core, p.directory())
	p.History = history.New(core, p.Accounts.Names, p.Nouns)
	p.Webhooks = webhook.New(core, p.Accounts, p.Nouns, p.Interests, &cfg.Webhooks)
	p.Imports = importjob.New(core, p.Accounts, p.Tables())
	return p, nil
}

// persons are the volunteers and workers that an account is or was, and whether it looks after
// the work of others.
func (p *Platform) persons(ctx context.Context, accountID string) (ids []string, above bool, err error) {
	row, err := p.Accounts.Load(ctx, accountID)
	if err != nil {
		return nil, false, err
	}
	now := p.Core.Time()
	above = slices.ContainsFunc(row.Rights(now), func(g access.Grant) bool {
		return slices.Contains([]access.Role{access.Supervisor, access.ProtectionOfficer, access.Admin}, g.Role)
	})
	return slices.DeleteFunc(row.Acts(now), func(id string) bool { return store.IDPrefix(id) == "org" }), above, nil
}

// barredAs bars whom a barred account has become from what the account is barred from.
func (p *Platform) barredAs(ctx context.Context, a access.Actor, accountID string, role access.Role, scope string) error {
	if role != access.Volunteer && role != access.SocialWorker {
		return nil
	}
	_, err := p.Conflicts.Follow(ctx, a, accountID, scope, math.MaxInt)
	return err
}

// objects are the things that roles are over, by the prefix of their ids.
func (p *Platform) objects() account.Objects {
	return account.Objects{
		"sta": func(ctx context.Context, id string) (account.Object, error) {
			s, err := p.Stations.Load(ctx, id)
			if err != nil {
				return account.Object{}, err
			}
			return account.Object{Name: s.Name, Division: s.Area(), Retired: s.Retired}, nil
		},
		"org": func(ctx context.Context, id string) (account.Object, error) {
			o, err := p.Organisations.Load(ctx, id)
			if err != nil {
				return account.Object{}, err
			}
			return account.Object{Name: o.Name, Division: narrowest(o.Header.City, o.Header.County, o.Header.Town), Retired: o.Retired}, nil
		},
		"wrk": func(ctx context.Context, id string) (account.Object, error) {
			w, err := p.Workers.Load(ctx, id)
			if err != nil {
				return account.Object{}, err
			}
			return account.Object{Name: w.DisplayName(), Division: narrowest(w.Header.City, w.Header.County, w.Header.Town), Retired: w.Retired}, nil
		},
		"vol": func(ctx context.Context, id string) (account.Object, error) {
			v, err := p.Volunteers.Load(ctx, id)
			if err != nil {
				return account.Object{}, err
			}
			return account.Object{Name: v.DisplayName(), Division: narrowest(v.Header.City, v.Header.County, v.Header.Town), Retired: v.Retired}, nil
		},
		"rcp": func(ctx context.Context, id string) (account.Object, error) {
			r, err := p.Recipients.Load(ctx, id)
			if err != nil {
				return account.Object{}, err
			}
			return account.Object{Name: r.Code, Division: narrowest(r.Header.City, r.Header.County, r.Header.Town)}, nil
		},
	}
}

func narrowest(codes ...string) (code string) {
	for _, c := range codes {
		if c != "" {
			code = c
		}
	}
	return code
}

// prepare reads the store's keys and plants what every store has: the divisions
// and the communities below them.
func (p *Platform) prepare(ctx context.Context, seeded func(division.Fact) bool) error {
	key, err := p.Accounts.Open(ctx)
	if err != nil {
		return err
	}
	if p.Core.Box, err = seal.New(key); err != nil {
		return fmt.Errorf("open seal: %w", err)
	}
	if _, err := p.Divisions.Seed(ctx, seeded); err != nil {
		return fmt.Errorf("seed divisions: %w", err)
	}
	if _, err := p.Communities.Seed(ctx, seeded); err != nil {
		return fmt.Errorf("seed communities: %w", err)
	}
	return nil
}
