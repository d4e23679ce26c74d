package account_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

func TestTheActorOfAContext(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	_, s := r.actor(t, "lifang")
	id, err := r.Identify(s.AccessToken)
	must(t, err)
	a, err := account.ActorFrom(r.ctx)
	must(t, err)
	if a.SignedIn() {
		t.Fatal("nobody is signed in")
	}
	ctx := account.WithMemo(r.WithCaller(r.ctx, id, "socket"))
	a, err = account.ActorFrom(ctx)
	must(t, err)
	if a.ID != id.Account || a.Via != "socket" || a.Session != id.Session {
		t.Fatalf("%+v", a)
	}
	_, err = r.SignOut(r.ctx, a, account.SignOut{})
	must(t, err)
	_, err = account.ActorFrom(ctx) // one response sees one moment
	must(t, err)
	_, err = account.ActorFrom(account.WithMemo(ctx))
	want(t, err, fault.CodeSessionEnded)
}

func TestRenewTakesATokenOfTheSameAccountOnly(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	r.account(t, "wangfang", "", "")
	_, s := r.actor(t, "lifang")
	_, o := r.actor(t, "wangfang")
	id, err := r.Identify(s.AccessToken)
	must(t, err)
	var got account.Identity
	ctx := account.WithRenew(r.WithCaller(r.ctx, id, "socket"), func(id account.Identity) error { got = id; return nil })
	r.Clock.Advance(10 * time.Minute)
	fresh, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: s.RefreshToken})
	must(t, err)
	until, err := r.Renew(ctx, account.Renew{AccessToken: fresh.AccessToken})
	must(t, err)
	if !until.Equal(fresh.AccessExpiresAt) || !got.Expires.Equal(until) {
		t.Fatalf("until %v, got %+v", until, got)
	}
	_, err = r.Renew(ctx, account.Renew{AccessToken: o.AccessToken})
	want(t, err, fault.CodeForbidden)
	_, err = r.Renew(r.ctx, account.Renew{AccessToken: fresh.AccessToken})
	want(t, err, fault.CodeUnauthenticated)
}
