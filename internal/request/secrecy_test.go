package request_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/recipient"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
)

// A coordinator knows whose a request is that they entered, but not whose a protected
// one is: the hint must not tell.
func TestTheHintOfADuplicateTellsNothingThatAMaskHides(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.person(t, access.Restricted)
	earlier, _ := w.submit(t, w.System(), w.draft(t, w.System(), &person))
	_, like := w.submit(t, w.Coordinator(), w.draft(t, w.Coordinator(), &person))
	if len(like) != 1 || like[0].ServiceRequest.ID != earlier.ID {
		t.Fatalf("an open one: %+v", like)
	}
	w.triage(t, w.System(), earlier, access.Protected)
	_, like = w.submit(t, w.Coordinator(), w.draft(t, w.Coordinator(), &person))
	for _, l := range like {
		if l.ServiceRequest.ID == earlier.ID {
			t.Error("the hint tells whose a protected request is")
		}
	}
}

func TestALinkEndsWhenTheRequestIsSealed(t *testing.T) {
	t.Parallel()
	w := open(t)
	v, _ := w.submit(t, w.System(), w.draft(t, w.System(), nil))
	set := func(change func(h *access.Header)) {
		t.Helper()
		testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
			r, err := w.Rows().Get(ctx, v.ID)
			if err != nil {
				return err
			}
			change(&r.Header)
			return w.Rows().Replace(ctx, r, store.Note{})
		}), "")
	}
	set(func(h *access.Header) { h.State = string(request.Delivered) })
	secret, _, err := w.LinkIssue(ctx, w.Coordinator(), request.LinkIssueInput{ServiceRequestID: v.ID, For: recipient.ByRecipient})
	testkit.WantCode(t, err, "")
	_, err = w.LinkAbout(ctx, secret)
	testkit.WantCode(t, err, "")
	set(func(h *access.Header) { h.Class = access.Sealed })
	if _, err = w.LinkAbout(ctx, secret); err == nil {
		t.Error("the link still tells of it")
	}
	_, _, _, err = w.ConfirmByLink(ctx, request.ConfirmByLinkInput{Token: secret})
	testkit.WantCode(t, err, fault.CodeLinkInvalid)
}

// A guardian's link that waits ends once a person is barred, who may hold it; the recipient's
// own does not, and no link ends with an organisation.
func TestALinkEndsWhenItsHolderMayBeBarred(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, c := range []struct {
		whose  recipient.ConsentGiver
		barred string
		want   fault.Code
	}{
		{recipient.ByGuardian, "acc_kin", fault.CodeNotFound},
		{recipient.ByGuardian, "vol_kin", fault.CodeNotFound},
		{recipient.ByGuardian, "org_kin", ""},
		{recipient.ByRecipient, "acc_kin", ""},
	} {
		v, _ := w.submit(t, w.System(), w.draft(t, w.System(), nil))
		w.edit(t, v.ID, func(r *request.Request) { r.Header.State = string(request.Delivered) })
		secret, _, err := w.LinkIssue(ctx, w.Coordinator(), request.LinkIssueInput{ServiceRequestID: v.ID, For: c.whose})
		testkit.WantCode(t, err, "")
		testkit.WantCode(t, w.Core.DB.Tx(ctx, func(ctx context.Context) error {
			r, err := w.Rows().Get(ctx, v.ID)
			if err != nil {
				return err
			}
			return w.Screen(ctx, w.Coordinator(), r, []string{c.barred})
		}), "")
		_, err = w.LinkAbout(ctx, secret)
		if code := fault.CodeOf(err); (err != nil || c.want != "") && code != c.want {
			t.Errorf("%s's link when %s is barred: %v", c.whose, c.barred, err)
		}
	}
}

// Whether there is a person or a line is told in not even the details of the error.
func TestWhatIsHiddenIsAbsentToTheLetter(t *testing.T) {
	t.Parallel()
	w, a := open(t), testkit.As("asker")
	v := w.draft(t, a, nil)
	_, id, _, err := w.LineAdd(ctx, a, request.LineAddInput{ServiceRequestID: v.ID, Line: line("午餐"), ExpectedVersion: v.Version})
	testkit.WantCode(t, err, "")
	for _, c := range []struct {
		name, hidden, absent string
		call                 func(id string) error
	}{
		{"recipient", w.person(t, access.Restricted), w.Core.DB.NewBlindID("rcp"), func(id string) error {
			_, _, err := w.Draft(ctx, w.Stranger(), request.DraftInput{RecipientID: &id, Category: "MEAL_DELIVERY", Title: "送餐"})
			return err
		}},
		{"line", id, w.Core.DB.NewID("nl"), func(id string) error {
			_, _, err := w.LineCancel(ctx, w.Stranger(), request.LineCancelInput{NeedLineID: id, ExpectedVersion: 2})
			return err
		}},
	} {
		hidden, absent := c.call(c.hidden), c.call(c.absent)
		testkit.WantCode(t, hidden, fault.CodeNotFound)
		testkit.WantCode(t, absent, fault.CodeNotFound)
		h, _ := fault.As(hidden)
		n, _ := fault.As(absent)
		if !reflect.DeepEqual([]any{h.Path, h.Params}, []any{n.Path, n.Params}) {
			t.Errorf("%s: hidden %v %v, absent %v %v", c.name, h.Path, h.Params, n.Path, n.Params)
		}
	}
}
