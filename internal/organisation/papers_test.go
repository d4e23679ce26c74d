package organisation_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

func day(s string) *usecase.Date { return ptr(usecase.Date(s)) }

func TestTheRightToRaiseFundsEndsWithItsRevocation(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	version := int64(3)
	change := func(a access.Actor, q organisation.QualificationInput) (*organisation.View, error) {
		v, _, err := w.Organisations.Change(ctx, a, organisation.Change{OrganisationID: w.Organisation, Fundraising: &q, ExpectedVersion: version})
		if err == nil {
			version++
		}
		return v, err
	}
	q := organisation.QualificationInput{Certificate: "示例-1", ValidFrom: "2020-01-01"}
	_, err := change(w.Partner(), q)
	testkit.WantCode(t, err, fault.CodeForbidden)
	for _, c := range []struct {
		revoked *usecase.Date
		raises  bool
	}{{nil, true}, {day("2026-03-03"), true}, {day("2026-03-02"), false}} { // the world's day is 2026-03-02
		q.RevokedOn = c.revoked
		v, err := change(w.Admin(), q)
		if err != nil || v.PublicFundraising != c.raises || v.Fundraising.Certificate != "示例-1" {
			t.Errorf("%v: %+v, %v", c.revoked, v, err)
		}
	}
	for _, c := range []struct {
		in   organisation.QualificationInput
		want fault.Code
	}{
		{organisation.QualificationInput{Certificate: "示例-2", ValidFrom: "2031-03-01"}, fault.CodeInvalid},
		{organisation.QualificationInput{Certificate: "", ValidFrom: "2031-03-02"}, fault.CodeRequired},
		{organisation.QualificationInput{Certificate: "示例-2", ValidFrom: "2031-02-30"}, fault.CodeInvalid},
		{organisation.QualificationInput{Certificate: "示例-2", ValidFrom: "2031-03-02", RevokedOn: day("2031-03-01")}, fault.CodeWindowInvalid},
		{organisation.QualificationInput{Certificate: "示例-2", ValidFrom: "2031-03-02"}, ""},
	} {
		_, err := change(w.Admin(), c.in)
		testkit.WantCode(t, err, c.want)
	}
}

func TestOnlySocialOrganisationsAreRatedAndQualified(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	in := organisation.Create{
		Name: "邻里互助队", Kind: organisation.CommunityGroup, FilingNumber: ptr("路南备1"), DivisionID: input().DivisionID,
		RegistrationAuthority: ptr("学院南路街道办事处"), Rating: &organisation.RatingInput{Grade: "A3", ValidTo: "2027-01-01"},
	}
	_, _, err := w.Organisations.Create(ctx, w.Admin(), in)
	testkit.WantCode(t, err, fault.CodeInvalid)
	in.Rating = nil
	v, _, err := w.Organisations.Create(ctx, w.Admin(), in)
	if err != nil || *v.RegistrationAuthority != "学院南路街道办事处" || v.Rating != nil || v.Fundraising != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	rated, _, err := w.Organisations.Change(ctx, w.Admin(), organisation.Change{OrganisationID: w.Organisation, Rating: &organisation.RatingInput{Grade: "A5", ValidTo: "2027-01-01"}, ExpectedVersion: 3})
	if err != nil || *rated.Rating != (organisation.Rating{Grade: "A5", ValidTo: "2027-01-01"}) {
		t.Fatalf("%+v, %v", rated, err)
	}
	_, _, err = w.Organisations.Change(ctx, w.Admin(), organisation.Change{OrganisationID: w.Organisation, Rating: &organisation.RatingInput{Grade: "6A", ValidTo: "2027-01-01"}, ExpectedVersion: 4})
	testkit.WantCode(t, err, fault.CodeInvalid)
}

func TestWhoCheckedThePapersDoesNotAdmit(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	v, _, err := w.Organisations.Create(ctx, w.Admin(), input())
	testkit.WantCode(t, err, "")
	_, _, err = w.Organisations.Verify(ctx, w.Reviewer(), organisation.Verify{OrganisationID: v.ID, Evidence: "登记证书", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	_, _, err = w.Organisations.Admit(ctx, w.Reviewer(), organisation.Admit{OrganisationID: v.ID, ExpectedVersion: 2})
	testkit.WantCode(t, err, fault.CodeSecondPersonRequired)
	_, _, err = w.Organisations.Admit(ctx, w.Admin(), organisation.Admit{OrganisationID: v.ID, ExpectedVersion: 2})
	testkit.WantCode(t, err, "")
}

func TestAnOlderLookUpSaysNothingAnyMore(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	record := func(credit organisation.Credit, at time.Time, version int64) (*organisation.View, error) {
		v, _, err := w.Organisations.CreditRecord(ctx, w.Admin(), organisation.CreditRecord{
			OrganisationID: w.Organisation, Credit: credit, Source: "中国社会组织政务服务平台", Label: ptr("活动异常"), CheckedAt: &at, ExpectedVersion: version,
		})
		return v, err
	}
	_, err := record(organisation.AbnormalListed, testkit.Start.Add(time.Minute), 3)
	testkit.WantCode(t, err, fault.CodeInvalid)
	v, err := record(organisation.AbnormalListed, testkit.Start.Add(-time.Hour), 3)
	if err != nil || v.Admission != organisation.Suspended || *v.CreditLabel != "活动异常" || !v.CreditCheckedAt.Equal(testkit.Start.Add(-time.Hour)) || *v.CreditSource != "中国社会组织政务服务平台" {
		t.Fatalf("%+v, %v", v, err)
	}
	_, err = record(organisation.Normal, testkit.Start.Add(-2*time.Hour), 4)
	testkit.WantCode(t, err, fault.CodeInvalid)
	credit := organisation.AbnormalListed
	page, err := w.Organisations.List(ctx, w.Admin(), organisation.Filter{Credit: &credit}, usecase.Paging{})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != w.Organisation {
		t.Errorf("%+v, %v", page.Rows, err)
	}
}
