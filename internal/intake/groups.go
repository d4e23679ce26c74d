package intake

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/post"
	"github.com/fivesociety/linkage/internal/team"
	"github.com/fivesociety/linkage/internal/usecase"
)

// refs are the ids of several rows of an earlier file, each given by its key.
func (c *cells) refs(column, prefix string) []string {
	var out []string
	for _, key := range parts(c.Text(column)) {
		if id := c.refer(column, prefix, key); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// teams are volunteers who work together. Members join on the day of the import.
func teams() table {
	return table{
		name: "teams", zh: "志愿队伍", prefix: "tem", rests: []string{"sta", "vol"},
		out: teamsOut(),
		columns: columns(
			need("name", "队伍名称", "名称"), named(need("station", "站点"), "站点", "stations"), may("about", "简介"),
			is(may("leader", "队长"), "队员之一，志愿者表中的标识", "one of the members, a key in volunteers"), is(may("members", "队员"), "志愿者表中的标识，可多个", "keys in volunteers, parted by ;"),
		),
		make: func(c *cells) act {
			in := team.Create{Name: c.Text("name"), StationID: c.ref("station", "sta"), About: c.opt("about")}
			leader, members := c.optRef("leader", "vol"), c.refs("members", "vol")
			if leader != nil && !slices.Contains(members, *leader) {
				c.wrong("leader", fault.CodeNotFound, "队长应是队员之一。", "The leader is to be one of the members.")
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Teams.Create(ctx, r.actor, in)
				for _, id := range members {
					if err == nil {
						v, _, err = r.Teams.Join(ctx, r.actor, team.Join{TeamID: v.ID, VolunteerID: id, ExpectedVersion: v.Version})
					}
				}
				if err == nil && leader != nil {
					v, _, err = r.Teams.Lead(ctx, r.actor, team.Lead{TeamID: v.ID, VolunteerID: leader, ExpectedVersion: v.Version})
				}
				if err != nil {
					return "", nil, err
				}
				return v.ID, notices, nil
			}
		},
	}
}

var postKinds = []word{{string(post.ForVolunteer), []string{"志愿者"}}, {string(post.ForSocialWorker), []string{"社会工作者", "社工"}}}

// holders are the prefixes of the ids of those who may hold a post of a kind.
var holders = map[post.Kind]string{post.ForVolunteer: "vol", post.ForSocialWorker: "wrk"}

// posts are what stations have to be done; they are published unless the file says
// otherwise. Holders are appointed on the day of the import.
func posts() table {
	return table{
		name: "posts", zh: "岗位", prefix: "pst", rests: []string{"sta", "vol", "wrk"},
		out: postsOut(),
		columns: columns(
			need("title", "岗位名称", "名称"), named(need("station", "站点"), "站点", "stations"), listed(need("kind", "类型"), postKinds), may("duties", "职责"), several(may("skills", "技能"), codes.Skill),
			listed(may("withMinors", "接触未成年人"), yesNo), is(may("places", "人数"), "名额，默认 1", "how many may hold it, 1 by itself"), listed(may("published", "已发布"), yesNo),
			is(may("holders", "任职者"), "志愿者表或社会工作者表中的标识，可多个", "keys in volunteers or socialworkers, parted by ;"),
		),
		make: func(c *cells) act {
			in := post.Create{
				Title: c.Text("title"), StationID: c.ref("station", "sta"), Kind: post.Kind(c.choice("kind", "", postKinds)), Duties: c.opt("duties"),
				Skills: c.codes("skills", codes.Skill), WithMinors: c.flag("withMinors"), Places: 1,
			}
			if n := c.number("places"); n != nil {
				in.Places = *n
			}
			published := c.choice("published", "yes", yesNo) == "yes"
			var people []string
			if prefix := holders[in.Kind]; prefix != "" {
				people = c.refs("holders", prefix)
			}
			return func(ctx context.Context, r *run) (string, []usecase.Notice, error) {
				v, notices, err := r.Posts.Create(ctx, r.actor, in)
				if err == nil && published {
					v, _, err = r.Posts.Publish(ctx, r.actor, post.Simple{PostID: v.ID, ExpectedVersion: v.Version})
				}
				for _, id := range people {
					if err == nil {
						v, _, err = r.Posts.Appoint(ctx, r.actor, post.Appoint{PostID: v.ID, HolderID: id, ExpectedVersion: v.Version})
					}
				}
				if err != nil {
					return "", nil, err
				}
				return v.ID, notices, nil
			}
		},
	}
}
