package account_test

import (
	"context"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

const recipientID = "rcp_ts00000000000000000000000000"

func TestAnErasedPersonsAccountGoesToo(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	r.ctx = account.WithDevice(account.WithAddress(r.ctx, "203.0.113.77"), firefox)
	resident := r.account(t, "wangdaye", access.Resident, recipientID)
	guardian := r.account(t, "wangfang", access.Guardian, recipientID)
	a, session := r.actor(t, "wangdaye")
	g, _ := r.actor(t, "wangfang")
	r.own(t, p, a, mine)
	codes, err := r.RecoveryCodesPrint(r.ctx, a, account.RecoveryCodesPrint{})
	must(t, err)
	must(t, r.Core.DB.Tx(r.ctx, func(ctx context.Context) error { return r.RecipientErased(ctx, recipientID, r.System()) }))

	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "wangdaye", Password: password})
	want(t, err, fault.CodeSignInFailed)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: resident.ID, Password: password})
	want(t, err, fault.CodeSignInFailed)
	want(t, r.reset(codes[0], another), fault.CodeOneTimeCode)
	r.own(t, p, g, mine) // the phone is free for whoever has it now
	v, err := r.Get(r.ctx, r.System(), resident.ID)
	must(t, err)
	if v.State != account.Disabled || v.Name != v.ID || v.DisplayName != "" || len(v.Grants) != 1 {
		t.Fatalf("left %+v", v)
	}
	for _, e := range r.entries(t, 0) {
		if e.ID == guardian.ID {
			continue
		}
		for _, part := range parts(e.Parts) {
			if s := string(part); strings.Contains(s, "wangdaye") || strings.Contains(s, "203.0.113") {
				t.Errorf("%s still says of whom", e.Kind)
			}
		}
	}
}
