package access_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// header is the declared header alone, as rules see it.
var header = store.NewDefinition("header", access.HeaderFields())

// A rule compiled from its filter, as routing and single reads use it, and the mask
// that the branches give, are one answer.
func TestTheFilterMatchesWhatTheMaskShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawActor(t)
		sight := access.See(a, rapid.SampledFrom(nouns).Draw(t, "noun"))
		rules := map[access.Mask]store.Match{}
		for _, m := range masks {
			match, err := header.Compile(sight.Where(m), true) // true: on routing fields alone
			if err != nil {
				t.Fatalf("mask %d does not compile: %v", m, err)
			}
			rules[m] = match
		}
		for range 20 {
			h := drawNear(t, a)
			mask, before := sight.Of(&h), true
			for _, m := range masks {
				got := rules[m](h.Values())
				if got != (mask >= m) {
					t.Fatalf("the filter for mask %d says %t, the mask is %d", m, got, mask)
				}
				if got && !before {
					t.Fatalf("seen with mask %d and not with less", m)
				}
				before = got
			}
		}
	})
}

// kept reports whether a row's list of the barred names the actor, by whatever grant.
func kept(a access.Actor, n access.Noun, h *access.Header) bool {
	return n.Screened && slices.ContainsFunc(h.Barred, func(id string) bool {
		return id == a.ID || slices.ContainsFunc(a.Grants, func(g access.Grant) bool {
			return g.Scope == id && slices.Contains([]access.Role{access.Volunteer, access.SocialWorker, access.Partner}, g.Role)
		})
	})
}

// Who is kept from a row sees it by none of their grants, but for what is their own: more
// grants of one person open no way around.
func TestTheBarredSeeOnlyWhatIsTheirOwn(t *testing.T) {
	t.Parallel()
	n := nouns[0]
	rapid.Check(t, func(t *rapid.T) {
		a := drawActor(t)
		for range 20 {
			h := drawNear(t, a)
			if at := access.See(a, n).On(&h); kept(a, n, &h) && at.Relations&^access.Rel(access.ToSelf) != 0 {
				t.Fatalf("%+v stands to %+v in %b", a, h, at.Relations)
			}
		}
	})
}

// What an organisation owns is not shown to those of its people who are barred besides it; to
// the others it is, the organisation barred or not.
func TestAnOrganisationsOwnIsNotOfItsBarred(t *testing.T) {
	t.Parallel()
	grant := access.Grant{Role: access.Partner, Scope: "org_a", Area: "1302"}
	for _, x := range []struct {
		barred []string
		acts   []string
		want   access.Mask
	}{
		{nil, nil, access.Full},
		{[]string{"org_a"}, nil, access.Full},
		{[]string{"acc_a"}, nil, access.Hidden},
		{[]string{"acc_a", "org_a"}, nil, access.Hidden},
		{[]string{"vol_a"}, []string{"vol_a"}, access.Hidden},
		{[]string{"acc_b"}, nil, access.Full},
	} {
		h := access.Header{Class: access.Restricted, State: "PROPOSED", Barred: x.barred, Parties: []string{access.PartyOwner.Of("org_a")}}
		sight := access.See(access.Actor{ID: "acc_a", Grants: []access.Grant{grant}, Acts: x.acts}, access.Noun{Name: "part", Copied: true, Screened: true})
		if got := sight.Of(&h); got != x.want {
			t.Errorf("%v bars: mask %d, want %d", x.barred, got, x.want)
		}
		if beside := sight.Beside(h.Values()); (beside != access.Hidden) != (x.want != access.Hidden && x.barred == nil || len(x.barred) == 1 && x.barred[0] == "acc_b") {
			t.Errorf("%v bars: beside %d", x.barred, beside)
		}
	}
}

// Who is barred from a row reads no trail of it either.
func TestAnAuditorWhoIsBarredReadsNoTrail(t *testing.T) {
	t.Parallel()
	a := access.Actor{ID: "acc_a", Grants: []access.Grant{{Role: access.Auditor, Scope: "div_130200000000", Area: "1302"}}}
	h := access.Header{Class: access.Restricted, State: "MATCHING", City: "1302"}
	for bars, want := range map[string]bool{"acc_b": true, "acc_a": false, "vol_a": false} {
		h.Barred = []string{bars}
		a.Acts = []string{"vol_a"}
		if got := access.Audits(a, h.Values()); got != want {
			t.Errorf("%s is barred: %t", bars, got)
		}
	}
}

// Nobody loses by being granted more, and what a grant opens it opens alone; who is kept
// from a row is so with all they are.
func TestGrantsOnlyAdd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, n := drawActor(t), rapid.SampledFrom(nouns).Draw(t, "noun")
		h := drawNear(t, a)
		if kept(a, n, &h) {
			return
		}
		all := access.See(a, n).Of(&h)
		best := access.See(access.Actor{ID: a.ID}, n).Of(&h)
		for _, g := range a.Grants {
			best = max(best, access.See(access.Actor{ID: a.ID, Grants: []access.Grant{g}}, n).Of(&h))
		}
		if all != best {
			t.Fatalf("together %d, the best alone %d", all, best)
		}
	})
}

// An action is allowed exactly to who sees the row and has one of its relations; a
// hidden row is not found, whatever the action.
func TestMayFollowsSightAndRelation(t *testing.T) {
	t.Parallel()
	actions := access.Actions()
	var names []access.Action
	for name := range actions {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := drawActor(t)
		sight := access.See(a, rapid.SampledFrom(nouns).Draw(t, "noun"))
		h := drawNear(t, a)
		for _, name := range names {
			want := ""
			switch {
			case sight.Of(&h) == access.Hidden:
				want = "NOT_FOUND"
			case sight.Relations(&h)&actions[name].Relations == 0:
				want = "FORBIDDEN"
			}
			got := ""
			if err := sight.May(name, &h); err != nil {
				got = err.Error()
			}
			if got != want || sight.Can(name, &h) != (want == "") {
				t.Fatalf("%s: %q, want %q", name, got, want)
			}
		}
	})
}

// No right comes from a relation to which the row is hidden: what all grants together
// may do, one of them may do alone, with what it sees.
func TestNoRightComesFromWhatIsHidden(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, n := drawActor(t), rapid.SampledFrom(nouns).Draw(t, "noun")
		h := drawNear(t, a)
		if kept(a, n, &h) {
			return
		}
		all := access.See(a, n).On(&h)
		var each access.Relations
		for _, g := range append([]access.Grant{{}}, a.Grants...) {
			one := access.See(access.Actor{ID: a.ID, Grants: []access.Grant{g}}, n).On(&h)
			if one.Mask == access.Hidden && one.Relations != 0 {
				t.Fatalf("%+v gives the relations %b to a hidden row", g, one.Relations)
			}
			each |= one.Relations
		}
		if all.Relations != each {
			t.Fatalf("together %b, one by one %b", all.Relations, each)
		}
	})
}

// A grant without a scope or an area opens nothing.
func TestEmptyGrantsOpenNothing(t *testing.T) {
	t.Parallel()
	var nowhere access.Header
	nowhere.Class, nowhere.State = access.Public, "MATCHING"
	for _, role := range access.Roles {
		a := access.Actor{ID: "acc_a", Grants: []access.Grant{{Role: role}}}
		for _, n := range []access.Noun{nouns[0], nouns[2], nouns[3]} {
			if m := access.See(a, n).Of(&nowhere); m != access.Hidden {
				t.Errorf("%s without scope sees a %s with mask %d", role, n.Name, m)
			}
		}
		for name, r := range access.Actions() {
			if !r.Anyone && a.MayAt(name, "130202") == nil {
				t.Errorf("%s without area may %s", role, name)
			}
		}
	}
}

func TestEndedGrantsGiveNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawActor(t)
		now := rapid.Int64Range(1, 1000).Draw(t, "now")
		kept := 0
		for i := range a.Grants {
			until := rapid.Int64Range(0, 1000).Draw(t, "until")
			if a.Grants[i].Until = at(until); until == 0 || now < until {
				kept++
			}
		}
		if live := a.Live(at(now)); len(live.Grants) != kept {
			t.Fatalf("%d live grants, want %d", len(live.Grants), kept)
		}
	})
}

var shut = access.Header{Class: access.Restricted, State: "CLOSED", Station: "sta_z"}

func TestALinkOpensItsOneRowAndNoList(t *testing.T) {
	t.Parallel()
	link := access.ByLink("req_a", "request.confirm")
	if m := access.See(link, nouns[1]).Of(&shut); m != access.Hidden {
		t.Errorf("a link lists with mask %d", m)
	}
	if f := access.See(link, nouns[1]).Where(access.Blind); f.Op != store.False {
		t.Errorf("a link's rule is %s", f)
	}
	linked := access.Linked(nouns[0])
	if m := linked.Of(&shut); m != access.Limited {
		t.Errorf("a link sees its row with mask %d", m)
	}
	if !linked.Can("request.confirm", &shut) || linked.Can("request.cancel", &shut) {
		t.Error("a link confirms, and no more")
	}
	if link.SignedIn() || link.MayAt("request.draft", "") == nil {
		t.Error("a link is no account")
	}
}
