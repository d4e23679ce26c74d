package account_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

func TestTheOwnerSeesWhereItIsSignedIn(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	r.account(t, "wangfang", "", "")
	r.ctx = account.WithDevice(account.WithAddress(r.ctx, "203.0.113.77"), firefox)
	first, session := r.actor(t, "lifang")
	stranger, _ := r.actor(t, "wangfang")
	r.Clock.Advance(90 * time.Minute)
	r.ctx = account.WithDevice(account.WithAddress(r.ctx, "2001:db8:1:2::/64"), "curl/8.5.0")
	second, _ := r.actor(t, "lifang")
	_, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: session.RefreshToken})
	must(t, err)

	page, err := r.Sessions(r.ctx, second, usecase.Paging{})
	must(t, err)
	if len(page.Rows) != 2 {
		t.Fatalf("%d sessions", len(page.Rows))
	}
	now, older := page.Rows[0], page.Rows[1]
	if !now.Current || older.Current || now.ID != second.Session || older.ID != first.Session {
		t.Fatalf("sessions %+v and %+v", now, older)
	}
	if now.Device != "" || now.Network != "2001:db8:1::/48" || older.Device != "Firefox · Linux" || older.Network != "203.0.113.0/24" {
		t.Fatalf("clients %+v and %+v", now, older)
	}
	if want := r.Core.Time().Truncate(time.Hour); !older.LastUsedAt.Equal(want) || older.Method != account.ByPassword {
		t.Fatalf("used at %v, want %v", older.LastUsedAt, want)
	}
	// Another's session is as one that there is not.
	for _, id := range []string{first.Session, "ses_ts00000000000000000000000000"} {
		n, err := r.SessionEnd(r.ctx, stranger, account.SessionEnd{SessionID: id})
		want(t, err, fault.CodeNotFound)
		if n != 0 {
			t.Fatal("something was ended")
		}
	}
	n, err := r.SessionEnd(r.ctx, second, account.SessionEnd{SessionID: first.Session})
	must(t, err)
	again, err := r.SessionEnd(r.ctx, second, account.SessionEnd{SessionID: first.Session})
	must(t, err)
	if n != 1 || again != 0 {
		t.Fatalf("ended %d, then %d", n, again)
	}
	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	want(t, err, fault.CodeTokenExpired)
	r.actor(t, "lifang")
	if n, err = r.SessionEndOthers(r.ctx, second, account.SessionEndOthers{}); err != nil || n != 1 {
		t.Fatalf("ended %d others: %v", n, err)
	}
	page, err = r.Sessions(r.ctx, second, usecase.Paging{})
	must(t, err)
	if len(page.Rows) != 1 || !page.Rows[0].Current {
		t.Fatalf("left %+v", page.Rows)
	}
	for _, a := range []access.Actor{access.Nobody(), r.System()} {
		_, err = r.SessionEndOthers(r.ctx, a, account.SessionEndOthers{})
		want(t, err, fault.CodeUnauthenticated)
	}
}

func TestTheOwnerSeesWhoTriedToSignIn(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	r.ctx = account.WithDevice(account.WithAddress(r.ctx, "203.0.113.77"), firefox)
	_, _, err := r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: "wrong"})
	want(t, err, fault.CodeSignInFailed)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "nobody", Password: "wrong"})
	want(t, err, fault.CodeSignInFailed)
	r.Clock.Advance(time.Minute)
	a, _ := r.actor(t, "lifang")
	page, err := r.Attempts(r.ctx, a, usecase.Paging{})
	must(t, err)
	if len(page.Rows) != 2 || !page.Rows[0].Succeeded || page.Rows[1].Succeeded {
		t.Fatalf("tries %+v", page.Rows)
	}
	if x := page.Rows[1]; x.Device != "Firefox · Linux" || x.Network != "203.0.113.0/24" || x.Method != account.ByPassword {
		t.Fatalf("a failed try %+v", x)
	}
	// Six months are kept whole, and not a day longer.
	r.Clock.Advance(account.KeepAttempts - time.Minute)
	_, err = r.Tidy(r.ctx)
	must(t, err)
	if page, err = r.Attempts(r.ctx, a, usecase.Paging{}); err != nil || len(page.Rows) != 2 {
		t.Fatalf("kept %d: %v", len(page.Rows), err)
	}
	r.Clock.Advance(time.Second)
	_, err = r.Tidy(r.ctx)
	must(t, err)
	if page, err = r.Attempts(r.ctx, a, usecase.Paging{}); err != nil || len(page.Rows) != 1 {
		t.Fatalf("kept %d: %v", len(page.Rows), err)
	}
}
