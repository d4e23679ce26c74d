package access_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/access"
)

// Whom a row does not name by their account sees it as anybody with the same rights: the
// live feed decides for all of them at once.
func TestWhoIsNotNamedSeesWhatItsRightsShow(t *testing.T) {
	t.Parallel()
	copied := append(slices.Clone(nouns), access.Noun{Name: "copied", Copied: true, Screened: true, Offered: []string{"MATCHING"}})
	rapid.Check(t, func(t *rapid.T) {
		a, twin := drawActor(t), access.Actor{ID: "acc_twin"}
		if a.ID == "" {
			return
		}
		a.Acts = rapid.SliceOfN(rapid.SampledFrom(people), 0, 2).Draw(t, "acts")
		twin.Grants, twin.Acts = rapid.Permutation(a.Grants).Draw(t, "order"), a.Acts
		if a.Rights() != twin.Rights() {
			t.Fatalf("%q and %q", a.Rights(), twin.Rights())
		}
		h := drawNear(t, a)
		v := h.Values()
		if slices.Contains(access.Naming(nil, v), a.ID) {
			return
		}
		for _, n := range copied {
			own := access.See(a, n)
			for _, other := range []*access.Sight{access.See(twin, n), access.See(a.Nameless(), n)} {
				if own.Upon(v) != other.Upon(v) || own.Mask(v) != other.Mask(v) || own.Beside(v) != other.Beside(v) || own.Mask(v) >= access.Limited && own.Passing(v) != other.Passing(v) {
					t.Fatalf("%+v sees %+v as %v, others as %v", a, h, own.Upon(v), other.Upon(v))
				}
			}
		}
	})
}

func TestRightsTellApart(t *testing.T) {
	t.Parallel()
	g := access.Grant{Role: access.Volunteer, Scope: "vol_a", Area: "1302"}
	seen := map[string]int{}
	for i, a := range []access.Actor{
		{},
		{Grants: []access.Grant{g}},
		{Grants: []access.Grant{{Role: access.Partner, Scope: "vol_a", Area: "1302"}}},
		{Grants: []access.Grant{{Role: access.Volunteer, Scope: "vol_b", Area: "1302"}}},
		{Grants: []access.Grant{{Role: access.Volunteer, Scope: "vol_a"}}},
		{Acts: []string{"vol_a"}},
		{Grants: []access.Grant{g}, Acts: []string{"vol_a"}},
		access.System("test"), access.ByLink("req_a", "confirm"),
		access.Actor{Grants: []access.Grant{g}}.Under(access.Blind), access.Actor{Grants: []access.Grant{g}}.Under(access.Limited),
	} {
		if other, there := seen[a.Rights()]; there {
			t.Errorf("%d and %d have the rights %q", other, i, a.Rights())
		}
		seen[a.Rights()] = i
	}
}

// A row of no class, which none should have, is as closed as the most closed, and no panic.
func TestARowOfNoClassIsPassedBy(t *testing.T) {
	t.Parallel()
	worker := access.Actor{ID: "acc_a", Grants: []access.Grant{{Role: access.SocialWorker, Scope: "wrk_a", Area: "1302"}}}
	h := access.Header{Parties: []string{access.PartyLead.Of("wrk_a")}}
	s := access.See(worker, access.Noun{Name: "request", Offered: []string{"MATCHING"}})
	if v := h.Values(); s.Mask(v) != access.Full || s.Passing(v) {
		t.Errorf("who leads it sees %v, passing by: %v", s.Mask(v), s.Passing(v))
	}
}
