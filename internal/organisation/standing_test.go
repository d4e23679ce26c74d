package organisation_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/organisation"
	"github.com/fivesociety/linkage/internal/testkit"
)

func TestOnlyAnotherPersonVerifiesAndOnlyTheVerifiedAreAdmitted(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	s := w.Organisations
	v, _, err := s.Create(ctx, w.Admin(), input())
	testkit.WantCode(t, err, "")
	if got := fmt.Sprint(v.AllowedActions); got != "[CHANGE BAR CREDIT_RECORD]" {
		t.Errorf("who entered it may %s", got)
	}
	_, _, err = s.Admit(ctx, w.Reviewer(), organisation.Admit{OrganisationID: v.ID, ExpectedVersion: 1})
	testkit.WantCode(t, err, fault.CodeTransition)
	if e, _ := fault.As(err); fmt.Sprint(e.Params["allowed"]) != "[CHANGE VERIFY BAR CREDIT_RECORD]" {
		t.Errorf("allowed %v", e.Params)
	}
	verify := organisation.Verify{OrganisationID: v.ID, Evidence: "登记证书原件", ExpectedVersion: 1}
	for _, c := range []struct {
		actor access.Actor
		want  fault.Code
	}{
		{access.Nobody(), fault.CodeUnauthenticated},
		{w.Stranger(), fault.CodeNotFound},
		{w.OtherAdmin(), fault.CodeNotFound},
		{w.Supervisor(), fault.CodeForbidden},
		{w.Admin(), fault.CodeSecondPersonRequired},
		{w.Reviewer(), ""},
		{w.Reviewer(), fault.CodeConflict},
	} {
		_, _, err = s.Verify(ctx, c.actor, verify)
		testkit.WantCode(t, err, c.want)
	}
	v, _, err = s.Admit(ctx, w.Admin(), organisation.Admit{OrganisationID: v.ID, ExpectedVersion: 2})
	if err != nil || v.Admission != organisation.Admitted {
		t.Fatalf("%+v, %v", v, err)
	}
}

// A corrected spelling stops nobody who was let in; a new code does, and before it is let
// in also a new name.
func TestACodeSaysWhoItIs(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	s, id := w.Organisations, w.Organisation
	v, _, err := s.Change(ctx, w.Admin(), organisation.Change{OrganisationID: id, Name: ptr("唐山市路南区暖阳社工服务中心（示例）"), ExpectedVersion: 3})
	if err != nil || v.Admission != organisation.Admitted {
		t.Fatalf("a new name: %+v, %v", v, err)
	}
	v, _, err = s.Change(ctx, w.Admin(), organisation.Change{OrganisationID: id, CreditCode: ptr("51130200MJ0000A11M"), ExpectedVersion: 4})
	if err != nil || v.Admission != organisation.Suspended {
		t.Fatalf("a new code: %+v, %v", v, err)
	}
	v, _, err = s.Create(ctx, w.Admin(), with(func(c *organisation.Create) { c.CreditCode = ptr("52130202MJ0000C30R") }))
	testkit.WantCode(t, err, "")
	_, _, err = s.Verify(ctx, w.Reviewer(), organisation.Verify{OrganisationID: v.ID, Evidence: "登记证书", ExpectedVersion: 1})
	testkit.WantCode(t, err, "")
	v, _, err = s.Change(ctx, w.Admin(), organisation.Change{OrganisationID: v.ID, Name: ptr("唐山市志愿者协会（示例）"), ExpectedVersion: 2})
	if err != nil || v.Admission != organisation.Applied {
		t.Fatalf("a new name before it is let in: %+v, %v", v, err)
	}
}

func TestANameNearABannedOneStopsUntilItIsVerifiedAndAdmittedAgain(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	s, id := w.Organisations, w.Organisation
	change := organisation.Change{OrganisationID: id, Phone: ptr("0315-0000000"), ExpectedVersion: 3}
	v, _, err := s.Change(ctx, w.Partner(), change)
	if err != nil || *v.Phone != "0315-0000000" || v.Admission != organisation.Admitted {
		t.Fatalf("%+v, %v", v, err)
	}
	change.Name, change.ExpectedVersion = ptr("中国包装联盟唐山分会"), 4
	for _, c := range []struct {
		actor access.Actor
		want  fault.Code
	}{{access.Nobody(), fault.CodeUnauthenticated}, {w.Stranger(), fault.CodeForbidden}, {w.Coordinator(), fault.CodeForbidden}, {w.Partner(), fault.CodeForbidden}} {
		_, _, err = s.Change(ctx, c.actor, change)
		testkit.WantCode(t, err, c.want)
	}
	v, notices, err := s.Change(ctx, w.Admin(), change)
	if err != nil || v.Admission != organisation.Suspended || len(notices) != 1 || notices[0].Code != "NAME_NEAR_BANNED" {
		t.Fatalf("%+v, %v, %v", v, notices, err)
	}
	_, _, err = s.Admit(ctx, w.Admin(), organisation.Admit{OrganisationID: id, ExpectedVersion: 5})
	testkit.WantCode(t, err, fault.CodeTransition)
	_, _, err = s.Verify(ctx, w.Reviewer(), organisation.Verify{OrganisationID: id, Evidence: "变更批复", ExpectedVersion: 5})
	testkit.WantCode(t, err, "")
	v, _, err = s.Admit(ctx, w.Admin(), organisation.Admit{OrganisationID: id, ExpectedVersion: 6})
	if err != nil || v.Admission != organisation.Admitted {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestWhoIsStoppedReleasesInTheSameUnitAndTakesNoPart(t *testing.T) {
	t.Parallel()
	var released []string
	var refuse error
	w := testkit.Open(t, func(w *testkit.World) {
		w.Organisations.OnStop(func(_ context.Context, _ access.Actor, o *organisation.Organisation) error {
			released = append(released, string(o.Admission()))
			return refuse
		})
	})
	s, id := w.Organisations, w.Organisation
	credit := organisation.CreditRecord{OrganisationID: id, Credit: organisation.AbnormalListed, Source: "公告 2026-1", ExpectedVersion: 3}
	refuse = errors.New("cannot release")
	if _, _, err := s.CreditRecord(ctx, w.Admin(), credit); !errors.Is(err, refuse) {
		t.Fatal(err)
	}
	refuse = nil
	v, _, err := s.CreditRecord(ctx, w.Admin(), credit) // the version shows that nothing was saved before
	if err != nil || v.Admission != organisation.Suspended || v.Credit != organisation.AbnormalListed {
		t.Fatalf("%+v, %v", v, err)
	}
	row, err := s.Load(ctx, id)
	testkit.WantCode(t, err, "")
	testkit.WantCode(t, row.CanTakePart(), fault.CodeOrganisationBarred)
	_, _, err = s.Admit(ctx, w.Admin(), organisation.Admit{OrganisationID: id, ExpectedVersion: 4})
	testkit.WantCode(t, err, fault.CodeOrganisationBarred)
	_, _, err = s.Bar(ctx, w.Admin(), organisation.Bar{OrganisationID: id, Reason: "NO_SUCH", ExpectedVersion: 4})
	testkit.WantCode(t, err, fault.CodeCodeUnknown)
	v, _, err = s.Bar(ctx, w.Admin(), organisation.Bar{OrganisationID: id, Reason: "ABNORMAL_LISTED", ExpectedVersion: 4})
	if err != nil || v.Admission != organisation.Barred || fmt.Sprint(v.AllowedActions) != "[CREDIT_RECORD]" {
		t.Fatalf("%+v, %v", v, err)
	}
	_, _, err = s.Suspend(ctx, w.Admin(), organisation.Suspend{OrganisationID: id, Reason: "OTHER", ExpectedVersion: 5})
	testkit.WantCode(t, err, fault.CodeTransition)
	if fmt.Sprint(released) != "[SUSPENDED SUSPENDED BARRED]" {
		t.Errorf("released at %v", released)
	}
}

func TestAGoodRecordStopsNobody(t *testing.T) {
	t.Parallel()
	w := testkit.Open(t)
	in := organisation.CreditRecord{OrganisationID: w.Organisation, Credit: organisation.Normal, Source: "年检合格", ExpectedVersion: 3}
	v, _, err := w.Organisations.CreditRecord(ctx, w.Admin(), in)
	if err != nil || v.Admission != organisation.Admitted {
		t.Fatalf("%+v, %v", v, err)
	}
	in.Credit, in.ExpectedVersion = "GOOD", 4
	_, _, err = w.Organisations.CreditRecord(ctx, w.Admin(), in)
	testkit.WantCode(t, err, fault.CodeInvalid)
}

func TestOnlyTheAdmittedTakePart(t *testing.T) {
	t.Parallel()
	for _, state := range organisation.Admissions {
		for _, credit := range organisation.Credits {
			o := &organisation.Organisation{Credit: credit}
			o.Header.State = string(state)
			if free := o.CanTakePart() == nil; free != (state == organisation.Admitted && credit == organisation.Normal) {
				t.Errorf("%s, %s: %v", state, credit, free)
			}
		}
	}
}
