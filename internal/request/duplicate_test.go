package request_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/testkit"
)

// known is a person as the test knows them.
type known struct{ id, phone, address string }

func (w *world) knows(t *testing.T, phone, address string) known {
	t.Helper()
	v, _, err := w.recipients.Register(ctx, w.System(), recipient.Register{
		Name: "欧阳桂兰", Category: "ELDERLY", Class: access.Restricted, CommunityID: community.ID(testkit.Community1), Phone: &phone, Address: &address,
	})
	testkit.WantCode(t, err, "")
	return known{v.ID, phone, address}
}

// need is a request as the test knows it.
type need struct {
	id, category, title, place, address string
	who                                 known
	window                              *measure.Window
	class                               access.Class
	open                                bool
}

// alike is the rule written a second time, from what the documentation says.
func alike(x, y need, full, limited, desk bool) (score int, why []string) {
	add := func(ok bool, points int, reason string) {
		if ok {
			score, why = score+points, append(why, reason)
		}
	}
	persons := x.who.id != "" && y.who.id != ""
	person := persons && x.who.id == y.who.id
	contact := desk && persons && !person && strings.TrimPrefix(x.who.phone, "+86 ") == strings.TrimPrefix(y.who.phone, "+86 ")
	house := x.place == y.place && x.address != "" && x.address == y.address
	category := x.category == y.category
	switch {
	case !category && x.title != y.title:
		return 0, nil
	case !limited || persons && !full, !person && !contact && (!category || x.place != y.place), persons && !person && !contact && !house:
		return 0, nil
	}
	add(person, 40, "SAME_RECIPIENT")
	add(contact, 30, "SAME_CONTACT")
	add(category, 15, "SAME_CATEGORY")
	add(house && full, 15, "SAME_PLACE")
	gap := max(x.window.From.Sub(y.window.To), y.window.From.Sub(x.window.To))
	add(gap <= 24*time.Hour, 15, "NEAR_TIME")
	add(x.title == y.title, 15, "SAME_WORDS")
	return score, why
}

// The indexed search finds what a look at all rows finds, and tells each reader what they
// may see and no more.
func TestDuplicatesAreThoseOfAFullScan(t *testing.T) {
	t.Parallel()
	w, rng := open(t), rand.New(rand.NewPCG(6, 4)) //nolint:gosec // a test's own
	people := []known{{}, w.knows(t, "13800138000", "甲楼1"), w.knows(t, "+86 13800138000", "甲楼1"), w.knows(t, "13900139000", "乙楼2"), w.knows(t, "", "甲楼1")}
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	var all []need
	for range 40 {
		n := need{
			category: pick("MEAL_DELIVERY", "HOME_VISIT"), title: pick("每日送餐", "陪同散步", "修水管"), place: pick(testkit.Community1, testkit.Community1, testkit.Community2),
			who: people[rng.IntN(len(people))], class: access.Classes[min(3, rng.IntN(6)/2)], open: rng.IntN(8) > 0,
		}
		from := testkit.Start.Add(time.Duration(1+rng.IntN(6)*24) * time.Hour)
		n.window = &measure.Window{From: from, To: from.Add(time.Hour)}
		in := request.DraftInput{CommunityID: ptr(community.ID(n.place)), Category: n.category, Title: n.title, Window: n.window}
		if n.who.id != "" {
			in.RecipientID = &n.who.id
		} else {
			n.address = pick("", "甲楼1")
			in.Address = &n.address
		}
		v, _, err := w.Draft(ctx, w.System(), in)
		testkit.WantCode(t, err, "")
		v, _ = w.submit(t, w.System(), v)
		n.id = v.ID
		w.edit(t, n.id, func(r *request.Request) {
			n.address, n.class = r.Private.Address, access.Stricter(n.class, r.Header.Class)
			r.Header.Class = n.class
			if !n.open {
				r.Header.State = string(request.Cancelled)
			}
		})
		all = append(all, n)
	}
	shown := 0
	for _, a := range []access.Actor{w.System(), w.Coordinator(), w.Officer()} {
		sight := w.Sight(a)
		for _, x := range all {
			r, err := w.Load(ctx, x.id)
			testkit.WantCode(t, err, "")
			got, err := w.Duplicates(ctx, a, x.id)
			if code := fault.CodeOf(err); code == fault.CodeNotFound || code == fault.CodeOfficerRequired {
				continue
			}
			testkit.WantCode(t, err, "")
			want := map[string]string{}
			for _, y := range all {
				o, err := w.Load(ctx, y.id)
				testkit.WantCode(t, err, "")
				mask := min(sight.Of(&r.Header), sight.Of(&o.Header))
				if score, why := alike(x, y, mask >= access.Full, mask >= access.Limited, mask >= access.Limited); x.id != y.id && y.open && score >= 45 {
					want[y.id] = fmt.Sprint(score, why)
				}
			}
			last := 101
			for _, d := range got {
				var why []string
				for _, c := range d.Reasons {
					why = append(why, c.ID)
				}
				if id := d.ServiceRequest.ID; want[id] != fmt.Sprint(d.Score, why) || d.Score > last {
					t.Errorf("%s, %s and %s: %d %v, want %s", a.ID, x.id, id, d.Score, why, want[id])
				}
				last = d.Score
			}
			if len(got) != min(20, len(want)) {
				t.Errorf("%s, %s: %d of %d", a.ID, x.id, len(got), len(want))
			}
			shown += len(got)
		}
	}
	if shown < 50 {
		t.Errorf("only %d hints: the test tells little", shown)
	}
}

// Whoever writes a second need for somebody is told of the first, and it is handed in all
// the same; whoever may not see the first is told nothing.
func TestASubmissionIsNeverStopped(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.knows(t, "13800138000", "甲楼1")
	first, none := w.submit(t, w.System(), w.draft(t, w.System(), &p.id))
	second, like := w.submit(t, resident(p.id), w.draft(t, resident(p.id), &p.id))
	if len(none) != 0 || len(like) != 1 || like[0].ServiceRequest.ID != first.ID || like[0].Score != 100 || second.State != request.Submitted {
		t.Errorf("%+v, %+v", none, like)
	}
	if _, err := w.Duplicates(ctx, resident(p.id), second.ID); fault.CodeOf(err) != fault.CodeForbidden {
		t.Errorf("the query is the station's: %v", err)
	}
	neighbour := w.knows(t, "13800138000", "甲楼1")
	next := testkit.As("neighbour", access.Grant{Role: access.Resident, Scope: neighbour.id, Area: testkit.Community1})
	if _, like = w.submit(t, next, w.draft(t, next, &neighbour.id)); len(like) != 0 {
		t.Errorf("a neighbour is told %+v", like)
	}
	desk, err := w.Duplicates(ctx, w.Coordinator(), first.ID)
	testkit.WantCode(t, err, "")
	slices.SortFunc(desk, func(x, y request.Duplicate) int { return cmp.Compare(x.Score, y.Score) })
	if len(desk) != 2 || desk[0].Reasons[0].ID != "SAME_CONTACT" || desk[0].Score != 90 || desk[1].Reasons[0].ID != "SAME_RECIPIENT" {
		t.Errorf("the desk is told %+v", desk)
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	if desk, err = w.Duplicates(ctx, w.Coordinator(), first.ID); err != nil || len(desk) != 0 {
		t.Errorf("after a month %+v, %v", desk, err)
	}
}
