package platform

import (
	"context"
	"errors"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/directory"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/offer"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/resource"
	"github.com/fivesociety/linkage/internal/socialworker"
	"github.com/fivesociety/linkage/internal/station"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/volunteer"
)

// directory says of each noun of the directory what keeps an entry in use, and what it
// is out of use.
func (p *Platform) directory() map[string]directory.Entry {
	return map[string]directory.Entry{
		"com": directory.Of(p.Core, directory.Kind[community.Community]{
			Rows: p.Communities.Rows(), May: directory.At(func(c *community.Community) string { return c.Code }),
			Open: []directory.Open[community.Community]{
				open("SERVICE_REQUEST", func(c *community.Community) string { return c.Code }, p.Requests.OpenIn),
			},
		}),
		"sta": directory.Of(p.Core, directory.Kind[station.Station]{
			Rows: p.Stations.Rows(), May: directory.At((*station.Station).Code), Rest: p.Stations.Rest, Wake: p.Stations.Wake,
			Place: &directory.Place[station.Station]{To: "div", Settle: p.Stations.Move, After: p.stationMoved},
			Open: []directory.Open[station.Station]{
				open("SERVICE_REQUEST", func(s *station.Station) string { return s.ID }, p.Requests.OpenAt),
				open("OFFER", func(s *station.Station) string { return s.ID }, func(ctx context.Context, id string) (int, error) { return p.Offers.OpenOf(ctx, "station", id) }),
			},
		}),
		"org": directory.Of(p.Core, directory.Kind[organisation.Organisation]{
			Rows: p.Organisations.Rows(), Rest: p.Organisations.Rest,
			May: directory.Seen(organisation.Noun, func(o *organisation.Organisation) *access.Header { return &o.Header }),
			Place: &directory.Place[organisation.Organisation]{To: "div", Settle: p.Organisations.Move, After: func(ctx context.Context, a access.Actor, o *organisation.Organisation) error {
				return p.Accounts.Moved(ctx, a, o.ID)
			}},
			Open: append(supply(p, "owner", func(o *organisation.Organisation) string { return o.ID }),
				open("CLAIM", func(o *organisation.Organisation) string { return o.ID }, p.Claims.OpenOf)),
			Merge: &directory.Merge[organisation.Organisation]{
				Same: organisation.Same, Rest: (*organisation.Organisation).Stop,
				Moves: []directory.Move{
					p.conflicts(),
					follow(p, "STATION", p.Stations.Rows(), station.OperatedBy, (*station.Station).Follow),
					follow(p, "SOCIAL_WORKER", p.Workers.Rows(), socialworker.EmployedBy, (*socialworker.SocialWorker).Follow),
					follow(p, "CHARITY_RESOURCE", p.Resources.Rows(), resource.OwnedBy, (*resource.Resource).Follow),
					p.roles(),
				},
			},
		}),
		"res": directory.Of(p.Core, directory.Kind[resource.Resource]{
			Rows: p.Resources.Rows(), Rest: p.Resources.Rest, Wake: p.Resources.Wake,
			May:  directory.Seen(resource.Noun, func(r *resource.Resource) *access.Header { return &r.Header }),
			Open: supply(p, "resource", func(r *resource.Resource) string { return r.ID }),
		}),
		"wrk": directory.Of(p.Core, directory.Kind[socialworker.SocialWorker]{
			Rows: p.Workers.Rows(), Rest: p.Workers.Rest,
			Place: toStation(p, func(w *socialworker.SocialWorker) *access.Header { return &w.Header }, func(ctx context.Context, a access.Actor, w *socialworker.SocialWorker) error {
				return p.Accounts.Moved(ctx, a, w.ID)
			}),
			May: directory.Seen(socialworker.Noun, func(w *socialworker.SocialWorker) *access.Header { return &w.Header }),
			Open: []directory.Open[socialworker.SocialWorker]{
				open("SERVICE_REQUEST", func(w *socialworker.SocialWorker) string { return w.ID }, p.Requests.OpenLed),
				open("POST", func(w *socialworker.SocialWorker) string { return w.ID }, p.Posts.HeldBy),
			},
			Merge: &directory.Merge[socialworker.SocialWorker]{
				Same: socialworker.Same, Give: socialworker.Learn, Rest: (*socialworker.SocialWorker).Stop,
				Moves: []directory.Move{p.conflicts(), p.posts(), p.roles()},
			},
		}),
		"vol": directory.Of(p.Core, directory.Kind[volunteer.Volunteer]{
			Rows: p.Volunteers.Rows(), Rest: p.Volunteers.Rest, Wake: p.Volunteers.Wake,
			Place: &directory.Place[volunteer.Volunteer]{To: "com", Settle: p.Volunteers.Move, After: func(ctx context.Context, a access.Actor, v *volunteer.Volunteer) error {
				return p.Accounts.Moved(ctx, a, v.ID)
			}},
			May: directory.Seen(volunteer.Noun, func(v *volunteer.Volunteer) *access.Header { return &v.Header }),
			Open: []directory.Open[volunteer.Volunteer]{
				open("ASSIGNMENT", func(v *volunteer.Volunteer) string { return v.ID }, p.Assignments.OpenOf),
			},
			Merge: &directory.Merge[volunteer.Volunteer]{
				Same: volunteer.Same, Give: volunteer.Learn, Rest: (*volunteer.Volunteer).Stop,
				Moves: []directory.Move{p.conflicts(), p.posts(), follow(p, "TEAM", p.Teams.Rows(), team.With, (*team.Team).Follow), p.roles()},
			},
		}),
		"pst": directory.Of(p.Core, directory.Kind[post.Post]{
			Rows: p.Posts.Rows(), Rest: p.Posts.Rest, Wake: p.Posts.Wake,
			Place: toStation(p, func(t *post.Post) *access.Header { return &t.Header }, nil),
			May:   directory.Seen(post.Noun, func(t *post.Post) *access.Header { return &t.Header }),
		}),
		"tem": directory.Of(p.Core, directory.Kind[team.Team]{
			Rows: p.Teams.Rows(), Rest: p.Teams.Rest, Wake: p.Teams.Wake,
			Place: toStation(p, func(t *team.Team) *access.Header { return &t.Header }, nil),
			May:   directory.Seen(team.Noun, func(t *team.Team) *access.Header { return &t.Header }),
			Merge: &directory.Merge[team.Team]{Same: team.Same, Give: team.Take, Gives: "MEMBER", Rest: (*team.Team).Stop},
		}),
	}
}

// toStation puts what belongs to a station into another one.
func toStation[T any](p *Platform, header func(*T) *access.Header, after func(context.Context, access.Actor, *T) error) *directory.Place[T] {
	return &directory.Place[T]{To: "sta", After: after, Settle: func(ctx context.Context, t *T, to string) error {
		st, err := p.Stations.Named(ctx, to)
		if err != nil {
			return err
		}
		header(t).Station = st.ID
		header(t).Place(division.Short(st.Code()))
		return nil
	}}
}

// stationMoved takes those who belong to a station, and the roles at it, along.
func (p *Platform) stationMoved(ctx context.Context, a access.Actor, st *station.Station) error {
	of, code := store.Query{Where: store.Is("station", st.ID), Sort: "created"}, division.Short(st.Code())
	return errors.Join(
		directory.Rehead(ctx, p.Core, a, p.Workers.Rows(), of, func(w *socialworker.SocialWorker) { w.Header.Place(code) }),
		directory.Rehead(ctx, p.Core, a, p.Posts.Rows(), of, func(t *post.Post) { t.Header.Place(code) }),
		directory.Rehead(ctx, p.Core, a, p.Teams.Rows(), of, func(t *team.Team) { t.Header.Place(code) }),
		directory.Rehead(ctx, p.Core, a, p.Offers.Rows(), of, func(o *offer.Offer) { o.Header.Place(code) }),
		p.Accounts.Moved(ctx, a, st.ID),
	)
}

// follow moves references that are a matter of the row alone.
func follow[T any, P store.Stored[T]](p *Platform, noun string, rows *store.Collection[T], to func(id string) store.Query, turn func(t *T, from, into string) bool) directory.Move {
	return directory.Follow[T, P](p.Core, noun, rows, to, func(_ context.Context, t *T, from, into string) (bool, error) { return turn(t, from, into), nil })
}

func (p *Platform) posts() directory.Move {
	return follow(p, "POST", p.Posts.Rows(), post.Held, (*post.Post).Follow)
}

// roles are those that accounts have over an entry.
func (p *Platform) roles() directory.Move {
	return directory.Follow(p.Core, "ACCOUNT", p.Accounts.Rows(), account.Over, p.Accounts.Follow)
}

// conflicts bar the survivor too, first of all that follows: no answer tells that there are any.
func (p *Platform) conflicts() directory.Move {
	return directory.Quietly(func(ctx context.Context, n store.Note, from, into string, most int) (int, error) {
		return p.Conflicts.Follow(ctx, access.Actor{ID: n.Actor, Via: n.Via, OnBehalf: n.OnBehalf}, from, into, most)
	})
}

// open counts the work of one noun that hangs on a row, by an id or code of the row.
func open[T any](noun string, key func(*T) string, count func(context.Context, string) (int, error)) directory.Open[T] {
	return directory.Open[T]{Noun: noun, Count: func(ctx context.Context, t *T) (int, error) { return count(ctx, key(t)) }}
}

// supply is what hangs on who or what supplies: field names which of the two.
func supply[T any](p *Platform, field string, key func(*T) string) []directory.Open[T] {
	return []directory.Open[T]{
		open("MATCH_PROPOSAL", key, func(ctx context.Context, id string) (int, error) { return p.Matching.OpenOf(ctx, field, id) }),
		open("ALLOCATION", key, func(ctx context.Context, id string) (int, error) { return p.Allocations.OpenOf(ctx, field, id) }),
		open("OFFER", key, func(ctx context.Context, id string) (int, error) { return p.Offers.OpenOf(ctx, field, id) }),
	}
}
