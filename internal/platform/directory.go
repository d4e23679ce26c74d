package platform

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// directory says of each noun of the directory what keeps an entry in use, and what it
// is out of use.
func (p *Platform) directory() map[string]directory.Entry {
	return map[string]directory.Entry{
		"com": directory.Of(p.Core, directory.Kind[community.Community]{
			Rows: p.Communities.Rows(),
			May:  directory.At(func(c *community.Community) string { return c.Code }),
			Open: []directory.Open[community.Community]{
				{Noun: "SERVICE_REQUEST", Count: func(ctx context.Context, c *community.Community) (int, error) { return p.Requests.OpenIn(ctx, c.Code) }},
			},
		}),
		"vol": directory.Of(p.Core, directory.Kind[volunteer.Volunteer]{
			Rows: p.Volunteers.Rows(),
			May:  directory.Seen(volunteer.Noun, func(v *volunteer.Volunteer) *access.Header { return &v.Header }),
			Open: []directory.Open[volunteer.Volunteer]{
				{Noun: "ASSIGNMENT", Count: func(ctx context.Context, v *volunteer.Volunteer) (int, error) { return p.Assignments.OpenOf(ctx, v.ID) }},
			},
			Rest: p.Volunteers.Rest, Wake: p.Volunteers.Wake,
		}),
	}
}
