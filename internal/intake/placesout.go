package intake

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/place"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/team"
)

func teamsOut() outlet {
	return from(func(n Nouns) *store.Collection[team.Team] { return n.Teams.Rows() }, func(t *team.Team) string { return t.ID },
		func(_ speech, t *team.Team) (cellsOf, bool) {
			members := make([]string, len(t.Members))
			for i, m := range t.Members {
				members[i] = m.ID
			}
			return cellsOf{
				"name": t.Name, "station": t.Header.Station, "about": t.About, "leader": t.Leader, "members": strings.Join(members, ";"),
			}, t.State() == team.Active
		}).resting([]string{"station"}, []string{"leader", "members"})
}

func postsOut() outlet {
	return from(func(n Nouns) *store.Collection[post.Post] { return n.Posts.Rows() }, func(p *post.Post) string { return p.ID },
		func(s speech, p *post.Post) (cellsOf, bool) {
			people := make([]string, len(p.Holders))
			for i, h := range p.Holders {
				people[i] = h.ID
			}
			return cellsOf{
				"title": p.Title, "station": p.Header.Station, "kind": s.word(postKinds, string(p.Kind)), "duties": p.Duties, "skills": s.codes(codes.Skill, p.Skills),
				"withMinors": s.flag(p.WithMinors), "places": itoa(p.Places), "published": s.flag(p.State() != post.Draft), "holders": strings.Join(people, ";"),
			}, p.State() != post.Closed
		}).resting([]string{"station"}, []string{"holders"})
}

// byCode lets rows be found by their code, in any form of it.
func byCode(out outlet, id func(code string) string) outlet {
	byID := out.find
	out.find = func(ctx context.Context, n Nouns, s speech, key string) (map[string]string, string, bool, error) {
		cells, at, ok, err := byID(ctx, n, s, id(key))
		if err == nil {
			cells[keyColumn] = key
		}
		return cells, at, ok, err
	}
	return out
}

// divisionsOut writes what has ended, and what stands below it, behind what follows it.
func divisionsOut() outlet {
	out := byCode(from(func(n Nouns) *store.Collection[division.Division] { return n.Divisions.Rows() }, func(d *division.Division) string { return d.ID },
		func(_ speech, d *division.Division) (cellsOf, bool) {
			next := make([]string, len(d.Successors))
			for i, id := range d.Successors {
				next[i] = shortCode(id)
			}
			return cellsOf{keyColumn: d.Code, "name": d.Name, "validFrom": day(d.ValidFrom), "validTo": day(d.ValidTo), "successors": strings.Join(next, ";")}, true
		}), division.ID)
	all := out.each
	out.each = func(ctx context.Context, n Nouns, s speech, fn func(map[string]string) error) (int, error) {
		var late []cellsOf // by code, so what is above comes first
		waiting := map[string]bool{}
		left, err := all(ctx, n, s, func(cells map[string]string) error {
			if code := cells[keyColumn]; cells["successors"] != "" || waiting[division.Parent(code)] {
				late, waiting[code] = append(late, cells), true
				return nil
			}
			return fn(cells)
		})
		for len(late) > 0 && err == nil {
			i := max(0, slices.IndexFunc(late, func(c cellsOf) bool { return !waits(c, waiting) })) // of a circle, any
			delete(waiting, late[i][keyColumn])
			err = fn(late[i])
			late = slices.Delete(late, i, i+1)
		}
		return left, err
	}
	return out
}

// waits reports whether a division rests on one that is waiting: its parent, or what
// follows it.
func waits(c cellsOf, waiting map[string]bool) bool {
	code := c[keyColumn]
	return waiting[division.Parent(code)] || slices.ContainsFunc(strings.Split(c["successors"], ";"), func(next string) bool { return next != code && waiting[next] })
}

func communitiesOut() outlet {
	out := byCode(from(func(n Nouns) *store.Collection[community.Community] { return n.Communities.Rows() }, func(c *community.Community) string { return c.ID }, communityCells).resting(nil, []string{"serviceFacilities"}), community.ID)
	out.plain = func(ctx context.Context, n Nouns, key string) (bool, error) {
		c, err := n.Communities.Load(ctx, community.ID(key))
		return err == nil && c.Version == 1 && c.Plain(), err
	}
	return out
}

// communityCells writes a community. One with a mark inside a name that parts names in
// a cell cannot be written.
func communityCells(s speech, c *community.Community) (cellsOf, bool) {
	out := cellsOf{
		keyColumn: c.Code, "name": c.Name, "residents": s.word(bands, string(c.Residents)), "committee": c.Committee, "phone": c.Phone, "facilities": strings.Join(c.Facilities, ";"),
	}
	spot(out, c.Location)
	if c.Term.Number > 0 {
		out["term"], out["termFrom"], out["termTo"] = itoa(c.Term.Number), day(c.Term.ValidFrom), day(c.Term.ValidTo)
	}
	plain := !slices.ContainsFunc(c.Facilities, marked)
	var services, contacts []string
	for _, f := range c.Services {
		services = append(services, triple(s.code(codes.FacilityKind, f.Kind), f.Name, f.Station))
		plain = plain && !marked(f.Name)
	}
	for _, p := range c.Contacts {
		contacts = append(contacts, triple(p.Post, p.Name, p.Phone))
		plain = plain && !marked(p.Post) && !marked(p.Name) && !marked(p.Phone)
	}
	out["serviceFacilities"], out["contacts"] = strings.Join(services, ";"), strings.Join(contacts, ";")
	return out, plain
}

func triple(a, b, c string) string { return strings.TrimSuffix(a+":"+b+":"+c, ":") }

// marked reports whether a text holds a mark that parts texts in a cell.
func marked(text string) bool { return strings.ContainsAny(text, ";；:：") }

// spot writes a place in two cells.
func spot(cells map[string]string, p *place.Point) {
	if p != nil {
		cells["latitude"], cells["longitude"] = strconv.FormatFloat(p.Lat, 'f', -1, 64), strconv.FormatFloat(p.Lng, 'f', -1, 64)
	}
}
