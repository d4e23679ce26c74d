package organisation_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

var ctx = context.Background()

func ptr[T any](v T) *T { return &v }

// input is a good new organisation.
func input() organisation.Create {
	return organisation.Create{
		Name: "唐山市爱心志愿者协会（示例）", Kind: organisation.Social, CreditCode: ptr("51130200MJ0000A11M"), DivisionID: division.ID(testkit.Lunan),
	}
}

func with(change func(*organisation.Create)) organisation.Create {
	in := input()
	change(&in)
	return in
}

func TestCreateTellsWhatDeservesALook(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	cases := []struct {
		name, code string
		kind       organisation.Kind
		social     organisation.SocialKind
		notices    string
	}{
		{"唐山市爱心志愿者协会（示例）", "51130200MJ0000A11M", organisation.Social, organisation.Association, "[]"},
		{"中国民间文艺家协会", "53130200MJ0000D450", organisation.Social, organisation.Foundation, "[NAME_NEAR_BANNED]"},
		{"中國人民文藝家協會", "52130200MJ0000B26Q", organisation.Social, organisation.ServiceInstitution, "[NAME_BANNED]"},
		{"示例村民委员会", "54130229ME0000E510", organisation.Government, "", "[]"},
		{"某研究会（示例）", "52100000500000784G", organisation.Social, organisation.ServiceInstitution, "[CREDIT_CODE_UNUSUAL]"},
		{"某公司（示例）", " ９１350100m000100y43 ", organisation.Company, "", "[]"},
	}
	for _, c := range cases {
		v, notices, err := w.Organisations.Create(ctx, w.Admin(), with(func(in *organisation.Create) {
			in.Name, in.CreditCode, in.Kind = c.name, &c.code, c.kind
		}))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := []string{}
		for _, n := range notices {
			got = append(got, n.Code)
		}
		if fmt.Sprint(got) != c.notices || usecase.Or(v.SocialKind, "") != c.social || v.Admission != organisation.Applied || v.Division.ID != division.ID(testkit.Lunan) {
			t.Errorf("%s: notices %v, %+v", c.name, got, v)
		}
	}
	group, _, err := w.Organisations.Create(ctx, w.Coordinator(), organisation.Create{
		Name: "楼门互助队（示例）", Kind: organisation.CommunityGroup, FilingNumber: ptr("学院南路备2026-1"), DivisionID: division.ID(testkit.Street),
		Profile: ptr("联系人身份证 130202199001010010"),
	})
	if err != nil || group.CreditCode != nil || strings.Contains(*group.Profile, "19900101") {
		t.Fatalf("%+v, %v", group, err)
	}
}

func TestCreateIsRefusedByReason(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	create := func(a access.Actor, change func(*organisation.Create)) error {
		_, _, err := w.Organisations.Create(ctx, a, with(change))
		return err
	}
	code := func(c string) func(*organisation.Create) {
		return func(in *organisation.Create) { in.CreditCode = &c }
	}
	none := func(*organisation.Create) {}
	cases := []struct {
		name string
		err  error
		want fault.Code
		rule string
	}{
		{"anonymous", create(access.Nobody(), none), fault.CodeUnauthenticated, ""},
		{"no grant", create(w.Stranger(), none), fault.CodeForbidden, ""},
		{"other area", create(w.OtherAdmin(), none), fault.CodeForbidden, ""},
		{"a coordinator's street is not the district", create(w.Coordinator(), none), fault.CodeForbidden, ""},
		{"no name", create(w.Admin(), func(in *organisation.Create) { in.Name = "" }), fault.CodeRequired, ""},
		{"unknown kind", create(w.Admin(), func(in *organisation.Create) { in.Kind = "CLUB" }), fault.CodeInvalid, "KIND"},
		{"no code", create(w.Admin(), func(in *organisation.Create) { in.CreditCode = nil }), fault.CodeRequired, ""},
		{"group without number", create(w.Admin(), func(in *organisation.Create) { in.Kind, in.CreditCode = organisation.CommunityGroup, nil }), fault.CodeRequired, ""},
		{"group with code", create(w.Admin(), func(in *organisation.Create) { in.Kind, in.FilingNumber = organisation.CommunityGroup, ptr("1") }), fault.CodeCreditCodeInvalid, "GROUP_WITHOUT_CODE"},
		{"number without group", create(w.Admin(), func(in *organisation.Create) { in.FilingNumber = ptr("1") }), fault.CodeInvalid, "GROUPS_ONLY"},
		{"check digit", create(w.Admin(), code("53100000500020462H")), fault.CodeCreditCodeInvalid, "CHECK_DIGIT"},
		{"letter O", create(w.Admin(), code("5310000050002O462H")), fault.CodeCreditCodeInvalid, "CHARACTER"},
		{"length", create(w.Admin(), code("5310")), fault.CodeCreditCodeInvalid, "LENGTH"},
		{"class", create(w.Admin(), code("12100000400009127B")), fault.CodeCreditCodeInvalid, "CLASS_OF_KIND"},
		{"division unknown", create(w.Admin(), func(in *organisation.Create) { in.DivisionID = "div_130299000000" }), fault.CodeDivisionUnknown, ""},
		{"division of another type", create(w.Admin(), func(in *organisation.Create) { in.DivisionID = "com_1" }), fault.CodeIDInvalid, ""},
		{"code taken", create(w.Admin(), code("52130202MJ0000C30R")), fault.CodeDuplicate, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			testkit.WantCode(t, c.err, c.want)
			if e, _ := fault.As(c.err); c.rule != "" && e.Params["rule"] != c.rule {
				t.Errorf("params %v", e.Params)
			}
		})
	}
}

func TestAnApplicationIsSeenByItsOwnPeopleOnly(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	v, _, err := w.Organisations.Create(ctx, w.Admin(), input())
	if err != nil {
		t.Fatal(err)
	}
	own := testkit.As("own", access.Grant{Role: access.Partner, Scope: v.ID, Area: testkit.City})
	for name, c := range map[string]struct {
		actor access.Actor
		sees  bool
	}{
		"nobody": {access.Nobody(), false}, "stranger": {w.Stranger(), false}, "other partner": {w.Partner(), false}, "other admin": {w.OtherAdmin(), false},
		"own partner": {own, true}, "admin": {w.Reviewer(), true}, "supervisor": {w.Supervisor(), true},
	} {
		_, err := w.Organisations.Get(ctx, c.actor, v.ID)
		page, listErr := w.Organisations.List(ctx, c.actor, organisation.Filter{}, usecase.Paging{})
		found, searchErr := w.Organisations.List(ctx, c.actor, organisation.Filter{Search: ptr("爱心志愿")}, usecase.Paging{})
		if listErr != nil || searchErr != nil {
			t.Fatal(listErr, searchErr)
		}
		if (err == nil) != c.sees || (len(page.Rows) == 2) != c.sees || (len(found.Rows) == 1) != c.sees {
			t.Errorf("%s: get %v, list %d, search %d", name, err, len(page.Rows), len(found.Rows))
		}
	}
}

func TestListNarrowsSearchesAndPages(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	second := w.AddOrganisation(t, "唐山市爱心志愿者协会（示例）", "51130200MJ0000A11M")
	all := []string{second, w.Organisation} // newest first
	cases := []struct {
		name   string
		filter organisation.Filter
		want   []string
	}{
		{"all", organisation.Filter{}, all},
		{"place above", organisation.Filter{DivisionID: ptr(division.ID("13"))}, all},
		{"another place", organisation.Filter{DivisionID: ptr(division.ID(testkit.Lubei))}, nil},
		{"kind and standing", organisation.Filter{Kind: ptr(organisation.Social), Admission: ptr(organisation.Admitted)}, all},
		{"another kind", organisation.Filter{Kind: ptr(organisation.Company)}, nil},
		{"another standing", organisation.Filter{Admission: ptr(organisation.Barred)}, nil},
		{"search", organisation.Filter{Search: ptr("暖陽社會"), Kind: ptr(organisation.Social)}, []string{w.Organisation}},
	}
	for _, c := range cases {
		page, err := w.Organisations.List(ctx, access.Nobody(), c.filter, usecase.Paging{})
		if got := ids(page); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	first, err := w.Organisations.List(ctx, access.Nobody(), organisation.Filter{}, usecase.Paging{First: ptr(1)})
	if err != nil || !first.HasNext {
		t.Fatalf("%+v, %v", first, err)
	}
	next, err := w.Organisations.List(ctx, access.Nobody(), organisation.Filter{}, usecase.Paging{First: ptr(1), After: first.End})
	if got := append(ids(first), ids(next)...); err != nil || !slices.Equal(got, all) || next.HasNext || !next.HasPrev {
		t.Fatalf("%v, %v", got, err)
	}
	_, err = w.Organisations.List(ctx, w.Stranger(), organisation.Filter{}, usecase.Paging{After: first.End})
	testkit.WantCode(t, err, fault.CodeCursorInvalid) // another reader's cursor
}

func ids(p usecase.Page[*organisation.View]) (out []string) {
	for _, v := range p.Rows {
		out = append(out, v.ID)
	}
	return out
}
