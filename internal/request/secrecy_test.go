package request_test

import (
	"context"
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
	if len(like) != 1 || like[0].ID != earlier.ID {
		t.Fatalf("an open one: %+v", like)
	}
	w.triage(t, w.System(), earlier, access.Protected)
	_, like = w.submit(t, w.Coordinator(), w.draft(t, w.Coordinator(), &person))
	for _, l := range like {
		if l.ID == earlier.ID {
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
