package platform

import "github.com/fivesociety/linkage/internal/intake"

// Tables are the services whose objects stand in people's tables.
func (p *Platform) Tables() intake.Nouns {
	return intake.Nouns{
		Core: p.Core, Divisions: p.Divisions, Communities: p.Communities, Stations: p.Stations, Organisations: p.Organisations,
		Workers: p.Workers, Volunteers: p.Volunteers, Teams: p.Teams, Posts: p.Posts,
		Recipients: p.Recipients, Resources: p.Resources, Requests: p.Requests, Accounts: p.Accounts,
	}
}
