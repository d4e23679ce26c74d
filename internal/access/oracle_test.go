package access_test

import (
	"os"
	"slices"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
)

// oracle answers from testdata/sight.cedar, in which the rule stands a second time.
type oracle struct{ policies *cedar.PolicySet }

var actionOf = map[access.Mask]cedar.EntityUID{
	access.Blind: cedar.NewEntityUID("Action", "BLIND"), access.Limited: cedar.NewEntityUID("Action", "LIMITED"),
	access.Contact: cedar.NewEntityUID("Action", "CONTACT"), access.Full: cedar.NewEntityUID("Action", "FULL"),
}

// sees asks for each grant, and for the account without any.
func (o oracle) sees(a access.Actor, n access.Noun, h *access.Header, m access.Mask) bool {
	resource := o.resource(n, h)
	for _, g := range append([]access.Grant{{}}, a.Grants...) {
		if o.permits(principal(a, g), resource, actionOf[m]) {
			return true
		}
	}
	return false
}

func (o oracle) permits(principal, resource cedar.Entity, action cedar.EntityUID) bool {
	entities := cedar.EntityMap{principal.UID: principal, resource.UID: resource}
	decision, diagnostic := cedar.Authorize(o.policies, entities, cedar.Request{Principal: principal.UID, Action: action, Resource: resource.UID})
	if len(diagnostic.Errors) > 0 {
		panic(diagnostic.Errors[0])
	}
	return decision == cedar.Allow
}

func principal(a access.Actor, g access.Grant) cedar.Entity {
	attrs := cedar.RecordMap{"role": cedar.String(g.Role), "scope": cedar.String(g.Scope), "area": cedar.String(g.Area), "city": cedar.String("")}
	if g.Scope == "" {
		attrs["role"] = cedar.String("")
	}
	if len(g.Area) >= 4 {
		attrs["city"] = cedar.String(g.Area[:4])
	}
	persons := []string{}
	if a.ID != "" {
		persons = append(persons, a.ID)
	}
	for _, o := range a.Grants { // by any of their grants
		if o.Scope != "" && slices.Contains([]access.Role{access.Volunteer, access.SocialWorker, access.Partner}, o.Role) {
			persons = append(persons, o.Scope)
		}
	}
	attrs["persons"] = set(persons)
	attrs["besides"] = set(slices.DeleteFunc(slices.Clone(persons), func(id string) bool { return id == g.Scope }))
	attrs["creator"] = cedar.String("creator:" + a.ID)
	for _, p := range []string{"recipient", "guardian", "lead", "self", "owner", "help", "supply", "asked", "served", "referred"} {
		attrs[cedar.String(p)] = cedar.String(p + ":" + g.Scope)
	}
	return cedar.Entity{UID: cedar.NewEntityUID("Grant", "g"), Attributes: cedar.NewRecord(attrs)}
}

func (o oracle) resource(n access.Noun, h *access.Header) cedar.Entity {
	areas := []string{}
	for _, code := range []string{h.Province, h.City, h.County, h.Town, h.Community} {
		if code != "" {
			areas = append(areas, code)
		}
	}
	return cedar.Entity{UID: cedar.NewEntityUID("Row", "r"), Attributes: cedar.NewRecord(cedar.RecordMap{
		"class": cedar.String(h.Class), "station": cedar.String(h.Station), "city": cedar.String(h.City), "areas": set(areas),
		"parties": set(h.Parties), "screened": cedar.Boolean(n.Screened), "barred": set(h.Barred), "staff": cedar.Boolean(n.Staff), "desk": cedar.Boolean(n.Desk),
		"offered": cedar.Boolean(slices.Contains(n.Offered, h.State)), "shown": cedar.Boolean(slices.Contains(n.Shown, h.State)),
	})}
}

func set(list []string) cedar.Set {
	values := make([]cedar.Value, len(list))
	for i, s := range list {
		values[i] = cedar.String(s)
	}
	return cedar.NewSet(values...)
}

// Two rules written apart in two languages agree: hundreds of random triples always,
// tens of thousands with LINKAGE_LONG=1.
func TestCedarAgrees(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/sight.cedar")
	if err != nil {
		t.Fatal(err)
	}
	policies, err := cedar.NewPolicySetFromBytes("sight.cedar", text)
	if err != nil {
		t.Fatal(err)
	}
	o, rows := oracle{policies}, 10
	if os.Getenv("LINKAGE_LONG") != "" {
		rows = 500
	}
	rapid.Check(t, func(t *rapid.T) {
		a, n := drawActor(t), rapid.SampledFrom(nouns).Draw(t, "noun")
		sight := access.See(a, n)
		for range rows {
			h := drawNear(t, a)
			mask := sight.Of(&h)
			for _, m := range masks {
				if want := o.sees(a, n, &h, m); want != (mask >= m) {
					t.Fatalf("%+v of %s %+v: Go says mask %d, Cedar says %t to mask %d", a, n.Name, h, mask, want, m)
				}
			}
		}
	})
}
